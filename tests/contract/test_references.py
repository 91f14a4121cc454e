"""How a container names what it joins, and what that means later."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import EngineRefused
from nstui.model.container import ID_LENGTH, Join, Link, PublishedPort
from nstui.model.namespace import NamespaceKind
from tests.contract.look import await_look, look_at, run

if TYPE_CHECKING:
    from tests.contract.host import ContractHost

NET = NamespaceKind.NET
PORT = PublishedPort(80, "tcp", "0.0.0.0", 8080)


def joins(host: ContractHost, name: str) -> tuple[Join, ...]:
    return look_at(host).containers[name].joins


@pytest.mark.parametrize("kind", [NET, NamespaceKind.PID, NamespaceKind.IPC])
def test_a_name_that_is_known_becomes_an_id(
    host: ContractHost, kind: NamespaceKind
) -> None:
    owner = host.create(Spec("own", ipc="shareable"))
    mode = "container:own"
    specs = {
        NET: Spec("dep", network=mode),
        NamespaceKind.PID: Spec("dep", pid=mode),
        NamespaceKind.IPC: Spec("dep", ipc=mode),
    }
    host.create(specs[kind])
    assert joins(host, "dep") == (Join(kind, owner),)


def test_a_prefix_of_an_id_becomes_the_id(host: ContractHost) -> None:
    owner = host.create(Spec("own"))
    host.create(Spec("dep", network=f"container:{owner[:10]}"))
    assert joins(host, "dep") == (Join(NET, owner),)


def test_a_name_that_is_unknown_stays_a_name(host: ContractHost) -> None:
    host.create(Spec("dep", network="container:own"))
    assert joins(host, "dep") == (Join(NET, "own"),)
    with pytest.raises(EngineRefused, match="No such container: own"):
        host.start("dep")
    assert look_at(host).state("dep") == "created/0"
    run(host, Spec("own"))
    host.start("dep")
    assert joins(host, "dep") == (Join(NET, "own"),)
    assert look_at(host).share(NET, "own", "dep")


@pytest.mark.parametrize(
    "spec",
    [
        Spec("dep", pid="container:own"),
        Spec("dep", ipc="container:own"),
        Spec("dep", links=("own",)),
        Spec("dep", volumes_from=("own",)),
    ],
    ids=["pid", "ipc", "link", "volumes-from"],
)
def test_only_the_network_can_join_an_unknown_name(
    host: ContractHost, spec: Spec
) -> None:
    with pytest.raises(EngineRefused, match="No such container: own"):
        host.create(spec)
    assert look_at(host).containers == {}


def test_an_id_survives_a_rename(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    dependent = run(host, Spec("dep", network="container:own"))
    host.rename("own", "own-renamed")
    host.engine.restart(dependent, timeout=0)
    look = look_at(host)
    assert look.containers["dep"].joins == (Join(NET, owner),)
    assert look.share(NET, "own-renamed", "dep")


def test_an_id_does_not_survive_a_recreation(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    dependent = run(host, Spec("dep", network="container:own"))
    host.engine.remove(owner, force=True)
    run(host, Spec("own"))
    look = look_at(host)
    assert look.interfaces("dep") == ("lo",)
    assert not look.share(NET, "own", "dep")
    with pytest.raises(EngineRefused, match=f"No such container: {owner}"):
        host.engine.restart(dependent, timeout=0)


def test_a_name_survives_a_recreation(host: ContractHost) -> None:
    dependent = host.create(Spec("dep", network="container:own"))
    first = run(host, Spec("own"))
    host.start("dep")
    host.engine.remove(first, force=True)
    run(host, Spec("own"))
    assert look_at(host).interfaces("dep") == ("lo",)
    host.engine.restart(dependent, timeout=0)
    look = look_at(host)
    assert look.interfaces("dep") == ("lo", "eth0")
    assert look.share(NET, "own", "dep")


def test_a_name_does_not_survive_a_rename(host: ContractHost) -> None:
    dependent = host.create(Spec("dep", network="container:own"))
    run(host, Spec("own"))
    host.start("dep")
    host.rename("own", "own-renamed")
    with pytest.raises(EngineRefused, match="No such container: own"):
        host.engine.restart(dependent, timeout=0)


def test_a_link_follows_a_rename(host: ContractHost) -> None:
    run(host, Spec("own"))
    run(host, Spec("dep", links=("own:db",)))
    host.rename("own", "own-renamed")
    inspection = look_at(host).containers["dep"].inspection
    assert inspection is not None
    assert inspection.links == (Link("own-renamed", "db"),)


def test_a_name_may_begin_like_another(host: ContractHost) -> None:
    run(host, Spec("own-two"))
    owner = run(host, Spec("own"))
    run(host, Spec("dep", network="container:own"))
    look = look_at(host)
    assert look.containers["dep"].joins == (Join(NET, owner),)
    assert look.share(NET, "own", "dep")
    assert not look.share(NET, "own-two", "dep")


def test_it_cannot_join_itself(host: ContractHost) -> None:
    container = host.create(Spec("self", network="container:self"))
    assert joins(host, "self") == (Join(NET, "self"),)
    with pytest.raises(EngineRefused, match="cannot join own network"):
        host.start("self")
    with pytest.raises(EngineRefused, match="cannot join own network"):
        host.engine.restart(container, timeout=0)


def test_a_chain_is_one_namespace(host: ContractHost) -> None:
    run(host, Spec("own"))
    middle = run(host, Spec("dep", network="container:own"))
    run(host, Spec("dep2", network="container:dep"))
    look = look_at(host)
    assert look.containers["dep2"].joins == (Join(NET, middle),)
    assert look.share(NET, "own", "dep", "dep2")


def test_the_middle_of_a_chain_takes_nothing_with_it(host: ContractHost) -> None:
    run(host, Spec("own"))
    middle = run(host, Spec("dep", network="container:own"))
    run(host, Spec("dep2", network="container:dep"))
    host.engine.restart(middle, timeout=0)
    look = look_at(host)
    assert look.share(NET, "own", "dep", "dep2")
    assert look.interfaces("dep2") == ("lo", "eth0")


def test_a_chain_is_mended_from_the_owner_outwards(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    middle = run(host, Spec("dep", network="container:own"))
    last = run(host, Spec("dep2", network="container:dep"))
    host.engine.restart(owner, timeout=0)
    host.engine.restart(last, timeout=0)
    look = look_at(host)
    assert look.share(NET, "dep", "dep2")
    assert look.interfaces("dep2") == ("lo",)
    host.engine.restart(middle, timeout=0)
    host.engine.restart(last, timeout=0)
    assert look_at(host).share(NET, "own", "dep", "dep2")


def test_files_are_those_of_the_end_of_the_chain(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    run(host, Spec("dep", network="container:own"))
    run(host, Spec("dep2", network="container:dep"))
    host.engine.remove(owner, force=True)
    inspection = look_at(host).containers["dep2"].inspection
    assert inspection is not None
    assert {file.name for file in inspection.shared_files} == {
        "resolv.conf",
        "hosts",
        "hostname",
    }
    assert {file.belongs_to for file in inspection.shared_files} == {owner}


def test_networks_and_ports_are_the_owners(host: ContractHost) -> None:
    run(host, Spec("own", ports=(PORT,)))
    run(host, Spec("dep", network="container:own"))
    containers = look_at(host).containers
    assert containers["own"].networks == ("bridge",)
    assert containers["own"].ports == (PORT,)
    assert containers["dep"].networks == ()
    assert containers["dep"].ports == ()
    (address,) = containers["own"].addresses
    assert ip_address(address).is_private
    assert containers["dep"].addresses == ()


def test_ports_are_published_only_while_it_runs(host: ContractHost) -> None:
    owner = run(host, Spec("own", ports=(PORT,)))
    host.engine.stop(owner, timeout=0)
    # The list of newer engines may be late by a moment.
    look = await_look(host, lambda look: not look.containers["own"].ports)
    container = look.containers["own"]
    assert container.ports == ()
    assert container.networks == ("bridge",)
    assert container.addresses == ()


def test_the_hosts_network_has_no_owner(host: ContractHost) -> None:
    first = run(host, Spec("one", network="host"))
    run(host, Spec("two", network="host"))
    assert look_at(host).share(NET, "one", "two")
    host.engine.remove(first, force=True)
    look = look_at(host)
    assert "docker0" in (look.interfaces("two") or ())
    assert look.containers["two"].networks == ("host",)


def test_no_network_is_only_loopback(host: ContractHost) -> None:
    run(host, Spec("alone", network="none"))
    look = look_at(host)
    assert look.interfaces("alone") == ("lo",)
    assert look.containers["alone"].networks == ("none",)


def test_an_id_has_64_digits(host: ContractHost) -> None:
    container = host.create(Spec("one"))
    assert len(container) == ID_LENGTH
    assert set(container) <= set("0123456789abcdef")
