"""What a name that has changed hands means for those that joined by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import EngineRefused
from nstui.model.container import Join
from nstui.model.namespace import NamespaceKind
from tests.contract.look import look_at, run

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from tests.contract.host import ContractHost

NET = NamespaceKind.NET


def renamed(host: ContractHost) -> tuple[ContainerId, ContainerId]:
    """Let one join by a name that its owner then gives up; return both ids."""
    dependent = host.create(Spec("dep", network="container:own"))
    owner = run(host, Spec("own", ipc="shareable"))
    host.start("dep")
    host.rename("own", "own-old")
    return owner, dependent


def test_a_rename_moves_nobody(host: ContractHost) -> None:
    _, dependent = renamed(host)
    look = look_at(host)
    assert look.share(NET, "own-old", "dep")
    assert look.interfaces("dep") == ("lo", "eth0")
    assert look.containers["dep"].joins == (Join(NET, "own"),)
    assert look.containers["dep"].id == dependent


@pytest.mark.parametrize("action", ["stop", "kill", "restart", "rm"])
def test_what_ends_the_renamed_one_cuts_off_who_joined_its_old_name(
    host: ContractHost, action: str
) -> None:
    owner, _ = renamed(host)
    match action:
        case "stop":
            host.engine.stop(owner, timeout=0)
        case "kill":
            host.engine.kill(owner)
        case "restart":
            host.engine.restart(owner, timeout=0)
        case _:
            host.engine.remove(owner, force=True)
    look = look_at(host)
    assert look.is_running("dep")
    assert look.interfaces("dep") == ("lo",)
    assert not look.share(NET, "own-old", "dep")


def test_it_starts_again_once_somebody_has_the_name(host: ContractHost) -> None:
    _, dependent = renamed(host)
    with pytest.raises(EngineRefused, match="No such container: own"):
        host.engine.restart(dependent, timeout=0)
    host.rename("own-old", "own")
    host.start("dep")
    assert look_at(host).share(NET, "own", "dep")


def test_a_name_that_means_another_leads_to_that_at_the_next_start(
    host: ContractHost,
) -> None:
    _, dependent = renamed(host)
    newer = run(host, Spec("own"))
    look = look_at(host)
    assert look.share(NET, "own-old", "dep")
    assert not look.share(NET, "own", "dep")
    host.engine.stop(newer, timeout=0)
    assert look_at(host).interfaces("dep") == ("lo", "eth0")
    host.start("own")
    host.engine.restart(dependent, timeout=0)
    look = look_at(host)
    assert look.share(NET, "own", "dep")
    assert not look.share(NET, "own-old", "dep")


@pytest.mark.parametrize("kind", [NET, NamespaceKind.PID, NamespaceKind.IPC])
def test_who_joined_through_one_that_is_gone_stays_where_it_is(
    host: ContractHost, kind: NamespaceKind
) -> None:
    own = run(host, Spec("own", ipc="shareable"))
    middle = run(host, spec("mid", kind, "own"))
    run(host, spec("far", kind, "mid"))
    host.engine.remove(middle, force=True)
    assert look_at(host).share(kind, "own", "far")
    host.engine.stop(own, timeout=0)
    assert not look_at(host).share(kind, "own", "far")


@pytest.mark.parametrize("kind", [NET, NamespaceKind.IPC])
def test_the_end_of_an_owner_is_the_end_for_its_guests(
    host: ContractHost, kind: NamespaceKind
) -> None:
    owner = run(host, Spec("own", ipc="shareable"))
    host.run_in(Spec("guest"), "own", kind)
    look = look_at(host)
    assert look.share(kind, "own", "guest")
    assert look.containers["guest"].joins == ()
    host.engine.stop(owner, timeout=0)
    look = look_at(host)
    assert look.is_running("guest")
    if kind is NET:
        assert look.interfaces("guest") == ("lo",)


def test_the_end_of_a_guest_is_nothing_to_its_host(host: ContractHost) -> None:
    run(host, Spec("own"))
    guest = host.run_in(Spec("guest"), "own", NET)
    kept = host.namespaces.kept(sandboxes(host))
    look = look_at(host)
    assert kept[look.containers["own"].id] == look.namespace("own", NET)
    assert kept[guest] != look.namespace("guest", NET)
    host.engine.remove(guest, force=True)
    assert look_at(host).interfaces("own") == ("lo", "eth0")


def sandboxes(host: ContractHost) -> dict[ContainerId, str]:
    """Return where the engine keeps the network of each container."""
    found = {c.id: c.inspection for c in look_at(host).containers.values()}
    return {c: each.sandbox for c, each in found.items() if each is not None}


def spec(name: str, kind: NamespaceKind, whose: str) -> Spec:
    """Return one that joins another, and that can be joined itself."""
    mode = f"container:{whose}"
    return {
        NET: Spec(name, network=mode),
        NamespaceKind.PID: Spec(name, pid=mode),
        NamespaceKind.IPC: Spec(name, ipc=mode),
    }[kind]
