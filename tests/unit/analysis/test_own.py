"""Which containers a watch leaves alone because it runs in them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.own import protected_containers
from nstui.analysis.report import Report
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.own import OwnProcess
from nstui.model.snapshot import HostReading, ProcessReading
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container

NAMES = ("vpn", "web", "watch", "far", "other", "self-made")
MACHINE_UTS = 1
PIDS = {name: 100 + index for index, name in enumerate(NAMES)}
"""The first process of each; its UTS namespace has the same number."""


def uts(number: int) -> Namespace:
    """Return a UTS namespace."""
    return Namespace(NamespaceKind.UTS, 4, number)


def host(
    level: NamespacesRead = NamespacesRead.INODE,
    *,
    machine: int | None = MACHINE_UTS,
    shares_machine: tuple[str, ...] = (),
) -> Report:
    """Return a chain of three behind a VPN, a debugger of the last, and two others.

    Args:
        level: How namespaces were identified.
        machine: The machine's UTS namespace; None if it could not be read.
        shares_machine: The containers with the machine's UTS namespace.

    """
    found = snapshot(
        container("vpn"),
        container("web", joins="vpn"),
        container("watch", joins="vpn", joins_pid="other"),
        container("far", joins="watch"),
        container("other"),
        container("self-made"),
    )
    processes = {}
    for name, pid in PIDS.items():
        number = MACHINE_UTS if name in shares_machine else pid
        read = {NamespaceKind.UTS: uts(number)}
        if level is not NamespacesRead.INODE:
            read = {NamespaceKind.NET: Namespace(NamespaceKind.NET, 4, pid)}
        processes[cid(name)] = ProcessReading(pid, MappingProxyType(read), ("lo",))
    containers = tuple(_with_pid(each, PIDS[each.name]) for each in found.containers)
    own = {} if machine is None else {NamespaceKind.UTS: uts(machine)}
    reading = HostReading(level, MappingProxyType(processes), own=MappingProxyType(own))
    return Report(replace(found, containers=containers, host=reading))


def _with_pid(one: Container, pid: int) -> Container:
    assert one.inspection is not None
    return replace(one, inspection=replace(one.inspection, pid=pid))


CHAIN = ("watch", "vpn", "other")
"""The watch, and what it has joined."""


@pytest.mark.parametrize(
    ("own", "report", "expected"),
    [
        pytest.param(OwnProcess(), host(), (), id="on the machine itself"),
        pytest.param(
            OwnProcess(uts=uts(MACHINE_UTS), pids=(7, 1), hostname="nas"),
            host(shares_machine=("web",)),
            (),
            id="on the machine, whose UTS namespace a container uses too",
        ),
        pytest.param(
            OwnProcess(cgroups=(cid("watch"),)), host(), CHAIN, id="its control group"
        ),
        pytest.param(
            OwnProcess(cgroups=(cid("other"), cid("inner"))),
            host(),
            ("other",),
            id="its control group names one of another engine too",
        ),
        pytest.param(
            OwnProcess(pids=(4000, PIDS["watch"], 50, 1)),
            host(),
            CHAIN,
            id="an ancestor is the first process",
        ),
        pytest.param(
            OwnProcess(pids=(PIDS["watch"],)),
            host(NamespacesRead.FINGERPRINT),
            CHAIN,
            id="its pid, with fingerprints",
        ),
        pytest.param(
            OwnProcess(pids=(PIDS["watch"],)),
            host(NamespacesRead.DECLARED),
            (),
            id="a pid of another machine",
        ),
        pytest.param(
            OwnProcess(uts=uts(PIDS["watch"])), host(), CHAIN, id="its UTS namespace"
        ),
        pytest.param(
            OwnProcess(uts=uts(PIDS["watch"])),
            host(machine=None),
            (),
            id="its UTS namespace may be the machine's",
        ),
        pytest.param(
            OwnProcess(uts=uts(PIDS["watch"]), files=(cid("vpn"),), hostname="vpn"),
            host(),
            CHAIN,
            id="the kernel's word ends the guessing",
        ),
        pytest.param(
            OwnProcess(files=(cid("self-made"),)),
            host(),
            ("self-made",),
            id="its files, and it has no dependents",
        ),
        pytest.param(
            OwnProcess(files=(cid("vpn"),)),
            host(),
            ("vpn", "web", "watch", "far", "other"),
            id="its files are the owner's: it may be any of the group",
        ),
        pytest.param(
            OwnProcess(files=(cid("gone"),), hostname=cid("self-made")[:12]),
            host(),
            ("self-made",),
            id="its host name",
        ),
        pytest.param(
            OwnProcess(hostname=cid("self-made")[:11]), host(), (), id="another name"
        ),
        pytest.param(
            OwnProcess(hostname="deadbeef0123"), host(), (), id="a name like an id"
        ),
    ],
)
def test_what_the_watch_runs_in_is_protected(
    own: OwnProcess, report: Report, expected: tuple[str, ...]
) -> None:
    assert protected_containers(report.snapshot, report.graph, own) == {
        cid(name) for name in expected
    }


def test_an_orphan_protects_itself() -> None:
    report = Report(snapshot(container("watch", joins="gone")))
    own = OwnProcess(cgroups=(cid("watch"),))

    assert protected_containers(report.snapshot, report.graph, own) == {cid("watch")}
