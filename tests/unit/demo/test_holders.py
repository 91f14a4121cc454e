"""What keeps the namespaces of a simulated machine alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.faults import add_foreign_process
from nstui.demo.home import leave_sandbox, name_network, unshare
from nstui.model.holders import HolderKind
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from nstui.demo.host import SimHost
    from nstui.demo.world import World
    from nstui.model.holders import Holders

NET, PID = NamespaceKind.NET, NamespaceKind.PID


def processes(found: Holders) -> list[tuple[int, list[str | None]]]:
    """Return how many processes are in each namespace, and the first of them."""
    return [
        (one.count, [each.command for each in one.first])
        for one in found.processes.holders or ()
    ]


def test_all_that_lives_there(host: SimHost, world: World) -> None:
    world.run(Spec("own", "nginx:1"))
    world.run(Spec("dep", network="container:own"))
    add_foreign_process(world, "own", "/usr/bin/tcpdump -n")
    unshare(world, NET, "python3 -m http.server")
    assert processes(host.holders([NET])) == [
        (1, ["systemd"]),
        (5, ["nginx", "nginx", "nginx", "busybox", "tcpdump"]),
        (1, ["python3"]),
    ]
    assert processes(host.holders([PID])) == [
        (3, ["systemd", "tcpdump", "python3"]),
        (1, ["busybox"]),
        (3, ["nginx"] * 3),
    ]


def test_a_process_from_outside_keeps_the_network_of_one_that_is_gone(
    host: SimHost, world: World
) -> None:
    world.run(Spec("own"))
    network = world.records.get("own").namespaces[NET].value
    add_foreign_process(world, "own", "tcpdump")
    world.remove("own", force=True)
    found = host.holders([NET]).processes.holders or ()
    (kept,) = [one for one in found if one.namespace == network]
    assert [each.command for each in kept.first] == ["tcpdump"]
    world.run(Spec("next"))
    assert world.records.get("next").namespaces[NET].value != network


def test_what_is_mounted(host: SimHost, world: World) -> None:
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.run(Spec("a", network="host"))
    world.run(Spec("b", network="host"))
    name_network(world, "lab")
    leave_sandbox(world, "0123456789ab")
    found = host.holders([NET]).mounts.holders or ()
    assert [one.path for one in found] == sorted(one.path for one in found)
    assert [one.name for one in found if one.kind is HolderKind.NAMED] == ["lab"]
    sandboxes = [one for one in found if one.is_sandbox]
    assert len(sandboxes) == 2
    own = world.records.get("own").namespaces[NET].value
    assert [one.namespace == own for one in sandboxes].count(True) == 1
    rest = [one.name for one in found if one not in sandboxes]
    assert rest == ["default", "lab"]


@pytest.mark.parametrize(
    ("level", "listed", "refused", "mounted"),
    [
        (NamespacesRead.INODE, 2, 0, 1),
        (NamespacesRead.FINGERPRINT, 0, 2, 1),
        (NamespacesRead.DECLARED, 1, 0, 0),
    ],
)
def test_what_a_reader_may_see(  # noqa: PLR0913 - two fixtures and four columns
    host: SimHost,
    world: World,
    level: NamespacesRead,
    *,
    listed: int,
    refused: int,
    mounted: int,
) -> None:
    world.run(Spec("own"))
    host.level = level
    found = host.holders([NET])
    assert len(found.processes.holders or ()) == listed
    assert found.processes.unread[NET].refused == refused
    assert len(found.mounts.holders or ()) == mounted
