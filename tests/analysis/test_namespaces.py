"""Every namespace with all that holds it."""

from __future__ import annotations

from types import MappingProxyType

from nstui.analysis.namespaces import find_held
from nstui.model.holders import (
    HolderKind,
    Holders,
    MountHolder,
    MountScan,
    ProcessHolder,
    ProcessScan,
    Unread,
)
from nstui.model.namespace import Namespace, NamespaceKind
from nstui.render.held_text import held_lines
from nstui.render.text import words_of
from tests.builders import container, report

NET = NamespaceKind.NET
REPORT = report(container("own"), net={"own": 7})


def net(inode: int) -> Namespace:
    """Return a network namespace."""
    return Namespace(NET, 4, inode)


def process(inode: int, pid: int, count: int = 1, command: str = "sh") -> ProcessHolder:
    """Return the processes in a namespace."""
    return ProcessHolder(namespace=net(inode), count=count, pid=pid, command=command)


def mount(inode: int, path: str, kind: HolderKind = HolderKind.NAMED) -> MountHolder:
    """Return a mount of a namespace."""
    return MountHolder(namespace=net(inode), kind=kind, path=path)


def holders(
    *found: ProcessHolder | MountHolder,
    refused: int = 0,
    leftovers: tuple[str, ...] = (),
) -> Holders:
    """Return what was found on a machine."""
    processes = tuple(one for one in found if isinstance(one, ProcessHolder))
    mounts = tuple(one for one in found if isinstance(one, MountHolder))
    unread = MappingProxyType({NET: Unread(refused=refused)})
    return Holders(
        ProcessScan(holders=processes, unread=unread, hides_others=False),
        MountScan(holders=mounts, leftovers=leftovers),
    )


def lines(of: Holders) -> list[str]:
    """Return what is said of namespaces without a container."""
    return [
        words_of(line) for line in held_lines(find_held(REPORT, of, (NET,)), of, NET)
    ]


def test_all_that_holds_a_namespace_is_put_together() -> None:
    found = find_held(
        REPORT, holders(process(7, 40, 2), mount(7, "/run/netns/a")), (NET,)
    )
    (held,) = found
    assert held.containers == tuple(c.id for c in REPORT.snapshot.containers)
    assert held.processes is not None
    assert (held.processes.count, len(held.mounts)) == (2, 1)


def test_those_with_the_lowest_pids_come_first_and_the_empty_last() -> None:
    of = holders(process(9, 80), process(8, 2), mount(5, "/run/netns/a"))
    found = [held.namespace.inode for held in find_held(REPORT, of, (NET,))]
    assert found == [8, 9, 5, 7]


def test_another_kind_is_left_out() -> None:
    assert find_held(REPORT, holders(process(9, 80)), (NamespaceKind.IPC,)) == ()


def test_containers_have_a_tree_of_their_own() -> None:
    assert lines(holders(process(7, 40))) == []


def test_what_holds_the_others_in_words() -> None:
    of = holders(
        process(7, 40),
        process(8, 2, 41, "systemd"),
        mount(8, "/run/netns/blue"),
        mount(9, "/run/docker/netns/0123456789ab", HolderKind.ENGINE),
    )
    assert lines(of) == [
        "net namespaces without a container",
        "  net:[8]  41 processes, the first 2 systemd; named blue",
        "  net:[9]  no process; kept by the engine's /run/docker/netns/0123456789ab",
    ]


def test_what_could_not_be_looked_at_is_said() -> None:
    assert lines(holders(refused=3, leftovers=("old",))) == [
        "3 processes would not tell their namespace: that needs root",
        "/run/netns/old is a name without a namespace",
    ]
    blind = Holders(
        ProcessScan(holders=None, unread=MappingProxyType({}), hides_others=True),
        MountScan(holders=None, leftovers=None),
    )
    assert lines(blind) == [
        "the machine's processes could not be listed",
        "what is mounted could not be read",
    ]


def test_a_hostile_command_does_nothing_to_the_terminal() -> None:
    (_, line) = lines(holders(process(8, 2, command="a\x1b[31m")))
    assert line.isprintable()
