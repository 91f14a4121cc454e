"""Measures a list of real engines, each behind an sshd in its network namespace."""

from __future__ import annotations

import shlex
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.keys import Keys, measure_keys
from bench.measure.processes import children_mib, memory_mib
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from tests.support.busybox_image import find_static_busybox
from tests.support.private_engine import PrivateEngine
from tests.support.ssh_server import SshServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.extent import Extent
    from bench.measure.emulator import Emulator
    from bench.subjects import Subject

FEW = 2
"""How many hosts the memory of all is compared with."""

_NAME = "host-{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealHosts:
    """nstui with a list of real hosts."""

    hosts: int
    down: Keys
    host_mib: float
    """The memory that each host takes besides the first ones, without ssh's."""

    ssh_mib: float
    """The memory of ssh itself for each of them."""


def measure_real_hosts(
    subject: Subject, environ: Mapping[str, str], extent: Extent, folder: Path
) -> RealHosts:
    """Measure nstui with a list of engines behind ssh.

    Args:
        subject: nstui.
        environ: Its environment.
        extent: How many hosts there are.
        folder: Where the keys and settings are.

    Raises:
        SshMissing: There is no sshd here, or it does not start.

    """
    with _served(extent.real_hosts, folder) as (addresses, client):
        given = {**environ, **client}
        with _shown(subject, addresses[:FEW], given) as terminal:
            few = _own_mib(terminal.pid), children_mib(terminal.pid)
        with _shown(subject, addresses, given) as terminal:
            many = _own_mib(terminal.pid), children_mib(terminal.pid)
            down = measure_keys(terminal, extent.keys)
    own, ssh = (
        (after - before) / (len(addresses) - FEW)
        for before, after in zip(few, many, strict=True)
    )
    return RealHosts(hosts=len(addresses), down=down, host_mib=own, ssh_mib=ssh)


def _own_mib(pid: int) -> float:
    return memory_mib(pid) - children_mib(pid)


@contextmanager
def _served(
    number: int, folder: Path
) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Run engines; yield their addresses, and the environment of who asks them."""
    settings: list[str] = []
    addresses: list[str] = []
    with ExitStack() as stack:
        for place in range(number):
            engine = PrivateEngine()
            stack.callback(engine.stop)
            engine.start()
            engine.run("vpn")
            engine.run("web", "--network=container:vpn")
            own = folder / _NAME.format(place)
            own.mkdir()
            server = SshServer(own)
            prefix = tuple(engine.in_network())
            stack.enter_context(server.serving(prefix=prefix))
            settings += _settings(_NAME.format(place), server, prefix)
            addresses.append(f"ssh://{_NAME.format(place)}{engine.socket}")
        yield tuple(addresses), server.client(*settings, "Host *", has_key=False)


def _settings(name: str, server: SshServer, prefix: Sequence[str]) -> tuple[str, ...]:
    """Return what ssh is told of a host in a network namespace."""
    # Nothing leads into the namespace but a program that runs in it.
    into = shlex.join((*prefix, str(find_static_busybox()), "nc", "127.0.0.1"))
    return (
        f"Host {name}",
        "User root",
        f"ProxyCommand {into} {server.port}",
        f"IdentityFile {server.key}",
        "StrictHostKeyChecking no",
        "LogLevel ERROR",
    )


def _shown(
    subject: Subject, addresses: Sequence[str], environ: Mapping[str, str]
) -> Terminal:
    """Start nstui; return when it has seen every host."""
    words = [word for address in addresses for word in ("-H", address)]
    terminal = Terminal((*subject.command, *words), environ)
    terminal.wait_until(_is_known, LIMIT_S)
    return terminal


def _is_known(screen: Emulator) -> bool:
    title = screen.text().partition("\n")[0]
    return "hosts" in title and "asking" not in title
