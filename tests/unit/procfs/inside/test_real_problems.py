"""What real processes do not tell, or not to everybody."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.model.snapshot import ReadProblem
from nstui.procfs.host import PROC
from nstui.procfs.machine import LocalMachine
from nstui.procfs.network import read_interfaces, read_routes
from nstui.procfs.sockets import read_held_sockets, read_namespace_sockets
from tests.unit.procfs.inside import as_nobody
from tests.unit.procfs.inside.networks import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.procfs.process import Process
    from tests.unit.procfs.inside.networks import Networks

READERS: dict[str, Callable[[Process], object]] = {
    "interfaces": read_interfaces,
    "routes": read_routes,
    "sockets": read_namespace_sockets,
    "held sockets": lambda process: read_held_sockets(process, 1),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_process_that_ends_after_it_was_opened_has_vanished(
    networks: Networks, read: Callable[[Process], object]
) -> None:
    pid = networks.start(CONTAINER)
    with LocalMachine(PROC).process(pid) as process:
        assert not isinstance(read(process), ReadProblem)
        networks.kill(pid)
        as_zombie = read(process)
        networks.end(pid)
        in_the_end = read(process)

    assert as_zombie is in_the_end is ReadProblem.VANISHED


def read_as_nobody(pid: int, *, mount: str = "true") -> dict[str, str]:
    """Read as the user nobody, after a command in a mount namespace of its own."""
    script = f'{mount} && exec "$@"'
    program = [sys.executable, as_nobody.__file__, f"{pid}"]
    command = ["unshare", "-m", "sh", "-c", script, "sh", *program]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    said: dict[str, str] = json.loads(done.stdout)
    return said


def test_nobody_reads_all_but_who_holds_a_socket(networks: Networks) -> None:
    pid = networks.start(CONTAINER)

    assert read_as_nobody(pid) == {
        "interfaces": "read",
        "routes": "read",
        "sockets": "read",
        "held": "denied",
    }


def test_hidepid_refuses_everything(networks: Networks) -> None:
    pid = networks.start(CONTAINER)

    said = read_as_nobody(pid, mount="mount -t proc -o hidepid=1 proc /proc")

    assert set(said.values()) == {"denied"}
    assert len(said) == len(READERS)
