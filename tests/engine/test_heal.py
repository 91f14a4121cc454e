"""Broken groups on a real engine, and what is left of them after healing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.errors import StepFailed, WouldLoseChanges
from nstui.model.plan import Layer, Request
from nstui.model.step import Action
from tests.engine.looking import interfaces, names, namespace, of, wrong

if TYPE_CHECKING:
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

Document = dict[str, object]

HEAL = Request(action=Action.HEAL, targets=())
ONLY_ONCE = (
    "sh",
    "-c",
    (
        "test -e /sys/class/net/eth0 && test -e /v/ran && exit 3;"
        " touch /v/ran; exec sleep 1000"
    ),
)
"""Does not run a second time where there is a network, as a poor image might."""


def heal(connection: Host, request: Request = HEAL) -> Plan:
    """Carry out the plan that heals; return it."""
    plan = connection.executor.plan(request)
    connection.executor.carry_out(plan)
    return plan


def remade(engine: PrivateEngine, name: str = "own") -> None:
    """Remove an owner as the engine lets everybody do, and make it anew."""
    engine.docker("rm", "-f", name)
    engine.run(name)


def remember(connection: Host) -> None:
    """Let nstui see what is there, as while it is left open."""
    connection.observer.look()


def done(plan: Plan) -> list[str]:
    """Return the verbs and names of a plan's steps."""
    return [f"{step.verb} {step.name}" for step in plan.steps]


def test_an_owner_with_ten_dependents_and_a_chain(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    group = ["own", *(f"dep{number}" for number in range(10)), "far", "end"]
    joined = {"far": "dep3", "end": "far"}
    for name in group[1:]:
        engine_host.run(name, f"--network=container:{joined.get(name, 'own')}")
    engine_host.run("other")
    ids = {name: of(connection.observer.look(), name).id for name in group}
    engine_host.docker("restart", "-t", "0", "own")
    broken = connection.observer.look_afresh()
    assert len(wrong(broken)) == 12

    plan = heal(connection)

    healed = connection.observer.look_afresh()
    assert wrong(healed) == set()
    assert {namespace(healed, name) for name in group} == {namespace(healed, "own")}
    assert {name: of(healed, name).id for name in group} == ids
    order = [step.name for step in plan.steps if step.verb == "restart"]
    assert order.index("dep3") < order.index("far") < order.index("end")
    assert "other" not in order
    assert of(healed, "other").inspection == of(broken, "other").inspection


def test_a_stopped_owner_is_started(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("stop", "-t", "0", "own")

    plan = heal(connection)

    assert done(plan) == ["start own", "wait own", "restart dep"]
    healed = connection.observer.look_afresh()
    assert wrong(healed) == set()
    assert interfaces(healed, "dep") == ("lo", "eth0")


def test_a_killed_pid_dependent_is_not_broken(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--pid=container:own")
    engine_host.docker("restart", "-t", "0", "own")
    assert heal(connection).steps == ()


@pytest.mark.parametrize("kind", ["network", "ipc"])
def test_an_orphan_is_recreated_on_its_new_owner(
    engine_host: PrivateEngine, connection: Host, kind: str
) -> None:
    engine_host.run("own", "--ipc=shareable")
    engine_host.run("dep", f"--{kind}=container:own")
    engine_host.run("far", f"--{kind}=container:dep")
    remember(connection)
    engine_host.docker("rm", "-f", "own")
    engine_host.run("own", "--ipc=shareable")
    assert {code for _, code, _ in wrong(connection.observer.look())} == {"owner-gone"}

    assert done(heal(connection)) == ["recreate dep", "recreate far"]

    healed = connection.observer.look_afresh()
    assert wrong(healed) == set()
    assert names(healed) == {"own", "dep", "far"}
    for name in ("dep", "far"):
        for each in of(healed, name).joins:
            assert namespace(healed, name, each.kind) == namespace(
                healed, "own", each.kind
            )


def test_data_environment_and_limits_are_still_there(
    engine_host: PrivateEngine, connection: Host
) -> None:
    options = (
        "-v/data",
        "-eCOLOUR=green",
        "--label=team=net",
        "--memory=64m",
        "--cpus=0.5",
        "--pids-limit=50",
        "--restart=unless-stopped",
        "--log-opt=max-size=1m",
        "--health-cmd=true",
        "--cap-add=NET_ADMIN",
        "--tmpfs=/scratch",
        "--user=7:8",
    )
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own", *options)
    engine_host.docker("exec", "-u0", "dep", "sh", "-c", "echo kept >/data/file")
    remember(connection)
    remade(engine_host)
    before = document_of(engine_host, "dep")

    heal(connection)

    after = document_of(engine_host, "dep")
    assert engine_host.docker("exec", "dep", "cat", "/data/file").stdout == "kept\n"
    assert differing(before, after) == MUST_DIFFER
    (was,), (volume,) = mounts(before), mounts(after)
    assert binds(after) == [f"{was['Name']}:/data"]
    assert {**volume, "Mode": was["Mode"]} == was
    healed = connection.observer.look_afresh()
    assert interfaces(healed, "dep") == ("lo", "eth0")


MUST_DIFFER = {
    "Config.Hostname",
    "Created",
    "GraphDriver",
    # A volume without a name is bound by that which the engine gave it.
    "HostConfig.Binds",
    "HostConfig.NetworkMode",
    "HostnamePath",
    "HostsPath",
    "Id",
    "LogPath",
    "Mounts",
    "ResolvConfPath",
    "State",
}
"""What an inspect tells of one container and cannot tell of another."""


def document_of(engine: PrivateEngine, name: str) -> Document:
    """Return an inspect of a container."""
    document = engine.inspect(name)
    assert isinstance(document, dict)
    return document


def mounts(document: Document) -> list[Document]:
    """Return what an inspect says is mounted."""
    found = document["Mounts"]
    assert isinstance(found, list)
    return found


def binds(document: Document) -> object:
    """Return the mounts that were asked for, as an inspect has them."""
    return leaves(document)["HostConfig.Binds"]


def leaves(document: Document) -> Document:
    """Return the fields of an inspect by their paths, two levels deep."""
    found: Document = {}
    for key, value in document.items():
        if isinstance(value, dict) and key in {"Config", "HostConfig"}:
            found |= {f"{key}.{inner}": one for inner, one in value.items()}
        else:
            found[key] = value
    return found


def differing(one: Document, other: Document) -> set[str]:
    """Return the paths of the fields that differ."""
    first, second = leaves(one), leaves(other)
    return {key for key in first | second if first.get(key) != second.get(key)}


@pytest.mark.parametrize("runs", [True, False])
def test_one_whose_new_container_fails_is_put_back(
    engine_host: PrivateEngine, connection: Host, *, runs: bool
) -> None:
    engine_host.run("own")
    dep = engine_host.run("dep", "--network=container:own", "-v/v", command=ONLY_ONCE)
    if not runs:
        engine_host.docker("stop", "dep")
    remember(connection)
    remade(engine_host)
    if not runs:
        # The engine notes that it should run, and that it could not.
        engine_host.docker("start", "dep", check=False)
    before = of(connection.observer.look_afresh(), "dep")

    with pytest.raises(StepFailed, match=r"ended with exit code 3; dep was put back"):
        heal(connection)

    report = connection.observer.look_afresh()
    assert names(report) == {"own", "dep"}
    after = of(report, "dep")
    assert (after.id, after.state.has_process) == (dep, runs)
    assert after.joins == before.joins
    assert interfaces(report, "dep") == (("lo",) if runs else None)


def test_what_was_written_is_not_lost_unasked(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("exec", "dep", "sh", "-c", "echo mine >/root/notes")
    remember(connection)
    remade(engine_host)

    with pytest.raises(WouldLoseChanges, match="dep would lose"):
        heal(connection)
    plan = connection.executor.plan(HEAL)
    assert [one.changes for one in plan.losing] == [("/root/notes",)]
    assert "owner-gone" in {code for _, code, _ in wrong(connection.observer.look())}

    heal(connection, replace(HEAL, layer=Layer.KEEP))

    assert engine_host.docker("exec", "dep", "cat", "/root/notes").stdout == "mine\n"
    assert wrong(connection.observer.look_afresh()) == set()
    image = engine_host.inspect("dep", "Config", "Image")
    assert str(image).startswith("nstui-kept/dep:")


def test_one_that_removes_itself_keeps_its_data(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--rm", "--network=container:own", "-v/data")
    engine_host.docker("exec", "dep", "sh", "-c", "echo kept >/data/file")
    remember(connection)
    remade(engine_host)

    plan = heal(connection)

    assert [one.is_one_way for one in plan.recreations] == [True]
    assert engine_host.docker("exec", "dep", "cat", "/data/file").stdout == "kept\n"
    assert wrong(connection.observer.look_afresh()) == set()


def test_an_orphan_that_does_not_run_is_recreated_and_not_started(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.create("dep", "--network=container:own")
    remember(connection)
    remade(engine_host)

    heal(connection)

    report = connection.observer.look_afresh()
    assert wrong(report) == set()
    assert of(report, "dep").state == "created"
    engine_host.docker("start", "dep")
    assert interfaces(connection.observer.look_afresh(), "dep") == ("lo", "eth0")


def test_an_orphan_keeps_its_own_two_networks(
    engine_host: PrivateEngine, connection: Host
) -> None:
    """It shares ipc only: what it has on each network is its own to keep."""
    for number in (1, 2):
        engine_host.docker(
            "network", "create", f"--subnet=10.77.{number}.0/24", f"n{number}"
        )
    engine_host.run("own", "--ipc=shareable")
    engine_host.create(
        "dep", "--ipc=container:own", "--network=n1", "--ip=10.77.1.9",
        "--network-alias=one",
    )  # fmt: skip
    second = ("--ip", "10.77.2.9", "--alias", "two", "n2", "dep")
    engine_host.docker("network", "connect", *second)
    engine_host.docker("start", "dep")
    remember(connection)
    engine_host.docker("rm", "-f", "own")
    engine_host.run("own", "--ipc=shareable")
    before = asked_for(engine_host)

    heal(connection)

    assert asked_for(engine_host) == before
    assert before == {"n1": ("10.77.1.9", {"one"}), "n2": ("10.77.2.9", {"two"})}
    report = connection.observer.look_afresh()
    assert wrong(report) == set()
    # The engine makes them in no fixed order, and the kernel lists them as made.
    assert sorted(interfaces(report, "dep") or ()) == ["eth0", "eth1", "lo"]


def asked_for(engine: PrivateEngine) -> dict[str, tuple[object, set[str]]]:
    """Return the address and the aliases that a container asked for on each network."""
    networks = engine.inspect("dep", "NetworkSettings", "Networks")
    own = str(engine.inspect("dep", "Id"))[:12]
    assert isinstance(networks, dict)
    return {
        name: (one["IPAMConfig"]["IPv4Address"], set(one["Aliases"]) - {own})
        for name, one in networks.items()
    }
