"""The ways by which the readers reach a machine: its files, or a shell on it.

The tests of the readers take all of them. The way is in the environment, so that a
program that a test starts takes the same.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind
from nstui.procfs import script
from nstui.procfs.host import ProcHost
from nstui.procfs.machine import LocalMachine
from nstui.procfs.namespaces import LOCAL_WORDS, REMOTE_WORDS
from nstui.procfs.remote import RemoteMachine, remote_host
from tests.support.local_shell import LocalShell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from nstui.ports import HostEvidence, HostNamespaces
    from nstui.procfs.machine import Machine
    from nstui.procfs.namespaces import LevelWords

    class AnyHost(HostNamespaces, HostEvidence, Protocol):
        """What reads a machine."""


PROC = Path("/proc")
VARIABLE = "NSTUI_TEST_WAY"
HERE = "here"
SHELLS = {"sh": ("sh",), "ash": ("busybox", "ash")}
WAYS = (HERE, *SHELLS)

_started: dict[str, LocalShell] = {}


def way() -> str:
    """Return the way that is taken now."""
    return os.environ.get(VARIABLE, HERE)


def shell() -> LocalShell:
    """Return the shell of this way, which is kept from test to test."""
    if way() not in _started:
        _started[way()] = LocalShell(SHELLS[way()])
    return _started[way()]


def close_shells() -> None:
    """End all shells."""
    while _started:
        _started.popitem()[1].close()


def host_at(root: Path = PROC) -> AnyHost:
    """Return what reads the processes below a root."""
    if way() == HERE:
        return ProcHost(root)
    return remote_host(shell(), f"{root}")


def machine_at(root: Path = PROC) -> Machine:
    """Return the machine with this root; nothing is fetched ahead."""
    if way() == HERE:
        return LocalMachine(root)
    return RemoteMachine(shell(), f"{root}")


def scanned(root: Path, kinds: Iterable[NamespaceKind] = NamespaceKind) -> Machine:
    """Return the machine with this root, with what a scan of some kinds needs."""
    machine = machine_at(root)
    if isinstance(machine, RemoteMachine):
        machine.fetch(script.holders(kinds))
    return machine


def words() -> LevelWords:
    """Return the sentences for what cannot be read on this way."""
    return LOCAL_WORDS if way() == HERE else REMOTE_WORDS
