"""What was removed is brought back on a real engine, or nothing is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import ActionImpossible, StepFailed
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from tests.engine.acting import CHAIN, present, removal
from tests.support.equality import asked_for, differing, fields, furnish, id_of

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

OPTIONS = (
    *("--hostname=here", "--env=A=b c", "--label=x=y", "--restart=on-failure:3"),
    *("--network=one", "--network-alias=www", "--ip=172.30.0.9", "-p", "18091:80"),
    *("-v", "data:/data", "-v", "/anonymous", "--tmpfs=/tmp:size=1m", "--memory=64m"),
    *("--cap-add=NET_ADMIN", "--sysctl=net.ipv4.ip_forward=1", "--dns=9.9.9.9"),
)
MAY_DIFFER = {"HostConfig.Binds", "Mounts[/anonymous].Mode"}
"""A volume without a name is declared by the name that the engine gave it."""


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not watch for long whether containers that sleep run on."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.5)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.5)
    monkeypatch.setattr("nstui.service.lasting.LASTING_S", 0.5)


def rm(connection: Host, container: ContainerId, **how: bool) -> None:
    """Remove a container as the key does: it is stopped first."""
    request = Request(
        action=Action.RM,
        targets=(container,),
        stop_first=True,
        timeout=0,
        policy=Policy.BREAK_DEPENDENTS,
        volumes=how.get("volumes", False),
    )
    connection.executor.carry_out(connection.executor.plan(request))


def planned(connection: Host, name: str) -> Plan:
    """Plan to restore the newest removed container of a name."""
    kept = next(one for one in connection.executor.removed() if one.name == name)
    request = Request(action=Action.RESTORE, targets=(kept.id,))
    return connection.executor.plan(request)


def restore(connection: Host, name: str) -> None:
    """Restore the newest removed container of a name."""
    connection.executor.carry_out(planned(connection, name))


def test_one_comes_back_equal_and_running(
    engine_host: PrivateEngine, connection: Host
) -> None:
    furnish(engine_host)
    engine_host.run("web", *OPTIONS)
    engine_host.docker("network", "connect", "--alias=second", "two", "web")
    engine_host.docker(
        "exec", "web", "sh", "-c", "echo 1 >/data/1; echo 2 >/anonymous/2"
    )
    before = fields(engine_host, "web")
    rm(connection, id_of(engine_host, "web"))
    assert planned(connection, "web").objections == ()
    restore(connection, "web")
    after = fields(engine_host, "web")
    assert after["State.Running"] is True
    assert differing(before, after) == MAY_DIFFER
    assert asked_for(before) == asked_for(after)
    read = ("exec", "web", "cat", "/data/1", "/anonymous/2")
    assert engine_host.docker(*read).stdout.split() == ["1", "2"]
    with pytest.raises(ActionImpossible, match="web was restored already: as web"):
        restore(connection, "web")


def test_a_group_comes_back_one_on_the_other(
    connection: Host, target: ContainerId
) -> None:
    connection.executor.carry_out(connection.executor.plan(removal(target)))
    assert present(connection) == {"other"}
    for name in ("own", "dep", "far"):
        restore(connection, name)
    assert present(connection) == CHAIN | {"other"}
    report = connection.observer.look_afresh()
    assert report.findings == ()
    (group,) = report.groups()
    assert {report.graph.name(one) for one in group.members} == CHAIN


def test_a_second_network_that_refuses_leaves_nothing(
    engine_host: PrivateEngine, connection: Host
) -> None:
    furnish(engine_host)
    engine_host.run("web", "--network=one")
    engine_host.docker("network", "connect", "--ip=172.31.0.9", "two", "web")
    rm(connection, id_of(engine_host, "web"))
    engine_host.run("thief", "--network=two", "--ip=172.31.0.9")
    with pytest.raises(StepFailed, match="its inspect is still kept") as caught:
        restore(connection, "web")
    assert "ddress already in use" in str(caught.value)
    assert present(connection) == {"base", "thief"}
    engine_host.docker("rm", "-f", "thief")
    restore(connection, "web")
    assert present(connection) == {"base", "web"}


def test_what_is_gone_with_it_is_said_and_made_anew(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("web", "-v", "data:/data", "-v", "/anonymous")
    rm(connection, id_of(engine_host, "web"), volumes=True)
    engine_host.docker("volume", "rm", "data")
    made = planned(connection, "web")
    assert made.restoration is not None
    emptied = ("without a name at /anonymous", "data")
    assert sorted(made.restoration.emptied) == sorted(emptied)
    connection.executor.carry_out(made)
    mounted = fields(engine_host, "web")
    assert mounted["Mounts[/data].Name"] == "data"
    assert "Mounts[/anonymous].Name" in mounted
