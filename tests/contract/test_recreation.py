"""What an engine offers to replace a container by an equal one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId, ContainerState, Join, PublishedPort
from nstui.model.healing import Renewal
from nstui.model.namespace import NamespaceKind
from tests.contract.look import look_at, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import Inspection
    from nstui.ports import ContainerEngine
    from tests.contract.host import ContractHost

UNKNOWN = ContainerId("0" * 64)
KINDS = (NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC)
PORTS = (PublishedPort(80, "tcp", "127.0.0.1", 8080),)


def dependent_on(own: str, kind: NamespaceKind, name: str = "dep") -> Spec:
    """Return a container that joins another one."""
    mode = f"container:{own}"
    match kind:
        case NamespaceKind.NET:
            return Spec(name, network=mode)
        case NamespaceKind.PID:
            return Spec(name, pid=mode)
        case _:
            return Spec(name, ipc=mode)


def inspection_of(host: ContractHost, name: str) -> Inspection:
    inspection = look_at(host).containers[name].inspection
    assert inspection is not None
    return inspection


@pytest.mark.parametrize(
    "act",
    [
        lambda engine: engine.rename(UNKNOWN, "other"),
        lambda engine: engine.create_like(UNKNOWN, "other", ()),
        lambda engine: engine.create_renewed(UNKNOWN, "other", (), Renewal("bb:1")),
        lambda engine: engine.left_out(UNKNOWN, ()),
        lambda engine: engine.changes(UNKNOWN),
        lambda engine: engine.commit(UNKNOWN, "kept:1"),
    ],
    ids=["rename", "create", "create anew", "left out", "changes", "commit"],
)
def test_nobody_is_like_one_that_is_not_there(
    host: ContractHost, act: Callable[[ContainerEngine], object]
) -> None:
    with pytest.raises(ContainerVanished, match=f"No such container: {UNKNOWN}"):
        act(host.engine)
    assert look_at(host).containers == {}


def test_a_rename(host: ContractHost) -> None:
    container = run(host, Spec("own"))
    host.engine.rename(container, "other")
    look = look_at(host)
    assert list(look.containers) == ["other"]
    assert look.containers["other"].id == container
    assert look.is_running("other")


def test_a_name_that_is_taken(host: ContractHost) -> None:
    first, second = host.create(Spec("own")), host.create(Spec("other"))
    taken = f"Conflict.*/own.* already in use by container.*{first}"
    with pytest.raises(EngineRefused, match=taken):
        host.engine.rename(second, "own")
    with pytest.raises(EngineRefused, match=taken):
        host.engine.create_like(second, "own", ())
    image = look_at(host).containers["own"].image
    with pytest.raises(EngineRefused, match=taken):
        host.engine.create_placeholder("own", image)
    assert set(look_at(host).containers) == {"own", "other"}


@pytest.mark.parametrize("kind", KINDS)
def test_an_orphan_is_made_again_on_another_owner(
    host: ContractHost, kind: NamespaceKind
) -> None:
    gone = run(host, Spec("own", ipc="shareable"))
    old = run(host, dependent_on("own", kind))
    host.engine.remove(gone, force=True)
    owner = run(host, Spec("own", ipc="shareable"))

    new = host.engine.create_like(old, "new", (Join(kind, owner),))

    look = look_at(host)
    assert set(look.containers) == {"own", "dep", "new"}
    assert look.containers["new"].id == new
    assert look.containers["new"].state is ContainerState.CREATED
    assert look.containers["new"].image == look.containers["dep"].image
    assert look.containers["new"].joins == (Join(kind, owner),)
    assert look.containers["dep"].joins == (Join(kind, gone),)
    host.engine.start(new)
    assert look_at(host).share(kind, "own", "new")


def test_a_name_to_join_becomes_an_id(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    old = host.create(Spec("dep", network="container:nobody"))
    host.engine.create_like(old, "new", (Join(NamespaceKind.NET, "own"),))
    joins = look_at(host).containers["new"].joins
    assert joins == (Join(NamespaceKind.NET, owner),)


def test_nobody_need_be_there_to_join_a_network(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    old = host.create(Spec("dep", network="container:own"))
    new = host.engine.create_like(old, "new", (Join(NamespaceKind.NET, "later"),))
    with pytest.raises(EngineRefused, match="No such container: later"):
        host.engine.start(new)
    host.engine.rename(owner, "later")
    host.engine.start(new)
    assert look_at(host).share(NamespaceKind.NET, "later", "new")


def test_the_other_kinds_need_somebody(host: ContractHost) -> None:
    run(host, Spec("own", ipc="shareable"))
    old = host.create(Spec("dep", ipc="container:own"))
    with pytest.raises(EngineRefused, match=f"No such container: {UNKNOWN}"):
        host.engine.create_like(old, "new", (Join(NamespaceKind.IPC, UNKNOWN),))
    assert set(look_at(host).containers) == {"own", "dep"}


def test_the_joins_replace_all_that_there_were(host: ContractHost) -> None:
    owner = run(host, Spec("own", ipc="shareable"))
    mode = "container:own"
    old = host.create(Spec("dep", network=mode, pid=mode, ipc=mode))
    joins = (Join(NamespaceKind.PID, owner),)
    host.engine.start(host.engine.create_like(old, "new", joins))
    look = look_at(host)
    assert look.containers["new"].joins == joins
    assert look.interfaces("new") == ("lo", "eth0")


def test_what_else_was_asked_for_stays(host: ContractHost) -> None:
    owner = run(host, Spec("own", ipc="shareable"))
    spec = Spec(
        "dep",
        ipc="container:own",
        ports=PORTS,
        links=("own:alias",),
        volumes_from=("own",),
        restart="unless-stopped",
    )
    old = host.create(spec)
    joins = (Join(NamespaceKind.IPC, owner),)
    assert host.engine.left_out(old, joins) == ()

    host.engine.start(host.engine.create_like(old, "new", joins))

    before, after = inspection_of(host, "dep"), inspection_of(host, "new")
    assert after.links == before.links != ()
    assert after.volumes_from == before.volumes_from == ("own",)
    assert after.restart_policy == "unless-stopped"
    look = look_at(host)
    assert look.containers["new"].ports == PORTS
    assert look.containers["new"].networks == look.containers["own"].networks


def test_what_a_joined_network_has_no_room_for_is_said(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    old = host.create(Spec("it", ports=PORTS, links=("own:alias",)))
    joins = (Join(NamespaceKind.NET, owner),)
    lost = host.engine.left_out(old, joins)
    assert lost == ("ports 80/tcp", "links own:alias")

    host.engine.start(host.engine.create_like(old, "new", joins))

    look = look_at(host)
    assert look.share(NamespaceKind.NET, "own", "new")
    assert look.containers["new"].ports == ()
    assert inspection_of(host, "new").links == ()


def test_a_dependent_loses_nothing(host: ContractHost) -> None:
    owner = run(host, Spec("own", ports=PORTS))
    old = run(host, Spec("dep", network="container:own"))
    assert host.engine.left_out(old, (Join(NamespaceKind.NET, owner),)) == ()


def test_whoever_lent_its_volumes_may_be_gone(host: ContractHost) -> None:
    lender = host.create(Spec("lender"))
    old = host.create(Spec("it", volumes_from=("lender",)))
    host.engine.remove(lender)
    host.engine.start(host.engine.create_like(old, "new", ()))
    assert look_at(host).is_running("new")
    assert inspection_of(host, "new").volumes_from == ()


def test_what_a_container_wrote_is_in_its_image_alone(host: ContractHost) -> None:
    old = run(host, Spec("it"))
    assert host.engine.changes(old) == ()
    host.write("it", "/root/notes")
    host.write("it", "/etc/added")
    assert host.engine.changes(old) == ("/etc/added", "/root/notes")

    plain = host.engine.create_like(old, "plain", ())
    host.engine.commit(old, "nstui-kept/it:1")
    kept = host.engine.create_like(old, "kept", (), "nstui-kept/it:1")

    for container in (plain, kept):
        host.engine.start(container)
        assert host.engine.changes(container) == ()
    look = look_at(host)
    assert look.containers["kept"].image == "nstui-kept/it:1"
    assert look.containers["plain"].image == look.containers["it"].image
    assert look.is_running("it")


def test_files_are_carried_from_one_container_into_another(host: ContractHost) -> None:
    old, new = run(host, Spec("it")), host.create(Spec("new"))
    host.write("it", "/root/notes")
    host.write("it", "/etc/added")

    carried = host.engine.carry_files(old, new, ("/etc/added", "/not/there"))

    assert carried == ("/etc/added",)
    host.engine.start(new)
    assert host.engine.changes(new) == ("/etc/added",)
    assert host.engine.changes(old) == ("/etc/added", "/root/notes")
    with pytest.raises(ContainerVanished):
        host.engine.carry_files(UNKNOWN, new, ("/etc/added",))


@pytest.mark.parametrize("kind", KINDS)
def test_an_orphan_starts_while_another_has_its_owners_id_for_a_name(
    host: ContractHost, kind: NamespaceKind
) -> None:
    gone = run(host, Spec("own", ipc="shareable"))
    dependent = run(host, dependent_on("own", kind))
    image = look_at(host).containers["own"].image
    host.engine.remove(gone, force=True)
    host.engine.stop(dependent, timeout=0)
    with pytest.raises(EngineRefused, match=f"No such container: {gone}"):
        host.engine.start(dependent)

    place = host.engine.create_placeholder(gone, image)
    host.engine.start(place)
    host.engine.start(dependent)

    look = look_at(host)
    assert look.share(kind, gone, "dep")
    assert look.interfaces(gone) == ("lo",)
    assert inspection_of(host, gone).removes_itself
    assert look.containers["dep"].joins == (Join(kind, gone),)
    host.engine.remove(place, force=True)
    assert set(look_at(host).containers) == {"dep"}
