"""An ssh server in the network namespace of an engine, where nothing else leads."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import HASTY, NSTUI, run_nstui
from tests.engine.ssh.behind import explained, seen
from tests.support.busybox_image import find_static_busybox
from tests.support.ssh_server import SshServer
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]


@pytest.fixture
def address(
    engine: PrivateEngine,
    folder: Path,
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """Yield the address of the engine, as the user's ssh knows the host."""
    assert runtime.exists()
    own = folder / "inside"
    own.mkdir()
    server, prefix = SshServer(own), tuple(engine.in_network())
    into = shlex.join((*prefix, str(find_static_busybox()), "nc", "127.0.0.1"))
    settings = (
        *("Host nas", "User ash", f"ProxyCommand {into} {server.port}"),
        *(f"IdentityFile {server.key}", "StrictHostKeyChecking no", "Host *"),
    )
    with server.serving(prefix=prefix, has_users=True):
        for name, value in server.client(*settings, has_key=False).items():
            monkeypatch.setenv(name, value)
        yield f"ssh://nas{engine.socket}"


def test_all_is_as_on_the_host(address: str, engine: PrivateEngine) -> None:
    assert seen("-H", address) == seen("-H", engine.url)
    assert explained("-H", address) == explained("-H", engine.url)

    engine.docker("restart", "-t", "0", "own")
    broken = run_nstui("-H", address, "check")
    assert (broken.returncode, "own was restarted" in broken.stdout) == (1, True)
    healed = run_nstui("-H", address, "heal", "--yes", "own", program=HASTY)
    assert healed.returncode == 0, healed.stderr
    assert run_nstui("-H", engine.url, "check").returncode == 0

    with Terminal((*NSTUI, "-H", address)) as terminal:
        terminal.wait_for("● own", "● dep", "nothing wrong", "? Help")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
