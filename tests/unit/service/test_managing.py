"""Steps that managers take, on a simulated host with simulated managers."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import (
    EngineUnreachable,
    ManagedElsewhere,
    StepFailed,
    Unreachable,
)
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from nstui.service import step_runner
from nstui.service.host import Host, open_host
from tests.support.managers import (
    CLAIMED_UNIT,
    POD_LABELS,
    SYSTEM_UNIT,
    UNIT_LABELS,
    USER_UNIT,
    swarm_labels,
)
from tests.support.sim_managers import SimManagers

if TYPE_CHECKING:
    from nstui.model.container import ContainerId, Manager
    from nstui.ports import Managers

HEAL = Request(action=Action.HEAL, targets=())
QBIT = Spec("qbit", network="container:vpn", runs_in=USER_UNIT)


class Failing(SimManagers):
    """Managers that do something else than they are asked for."""

    def __init__(self, world: World, does: str) -> None:
        super().__init__(world)
        self._world_of_mine = world
        self._does = does

    def run(self, command: tuple[str, ...]) -> None:
        """Do what this one does of that."""
        if self._does == "nothing":
            self.asked.append(command)
        elif self._does == "ends it and fails":
            self._world_of_mine.stop("qbit")
            super().run((*command[:-1], "unknown.service"))
        elif self._does == "fails":
            super().run((*command[:-1], "unknown.service"))
        elif self._does in {"remove", "restart"}:
            world = self._world_of_mine
            if self._does == "remove":
                world.remove("qbit", force=True)
            else:
                world.restart("qbit")
            super().run((*command[:-1], "unknown.service"))
        elif self._does == "lags":
            threading.Timer(0.2, super().run, (command,)).start()
        elif self._does == "hangs":
            raise EngineUnreachable("systemctl hangs", Unreachable.TIMED_OUT)
        elif self._does == "starts it elsewhere":
            super().run(command)
            self._world_of_mine.restart("vpn")
        elif self._does == "lets it end":
            super().run(command)
            self._world_of_mine.stop("qbit")


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """See at once what would be waited for."""
    monkeypatch.setattr(step_runner, "SETTLING_S", 0.0)
    monkeypatch.setattr(step_runner, "STEADY_S", 0.0)


@pytest.fixture
def world() -> World:
    """Return a host on which a quadlet has joined a container that was restarted."""
    world = World()
    world.run(Spec("vpn"))
    world.run(QBIT)
    world.restart("vpn")
    return world


def attach(world: World, managers: Managers) -> Host:
    """Connect nstui to a world with managers."""
    return open_host(
        SimEngine(world),
        SimHost(world),
        MemoryAuditLog(),
        endpoint="sim",
        managers=managers,
    )


def request(world: World, name: str, action: Action) -> Request:
    """Return what is asked of one container."""
    return Request(action=action, targets=(world.records.get(name).id,))


def ids(world: World) -> dict[str, ContainerId]:
    """Return who is there."""
    return {record.name: record.id for record in world.records}


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("fails", "Unit unknown.service not found."),
        ("ends it and fails", "qbit was running before and is exited now"),
        ("remove", "Unit unknown.service not found.; qbit is no longer there"),
        ("restart", "Unit unknown.service not found.; qbit was started again"),
        ("hangs", "systemctl hangs; may still happen: restart qbit with systemctl"),
        ("nothing", "systemctl has ended well, but no qbit has been started since"),
        ("starts it elsewhere", "systemctl has ended well, but qbit runs in"),
        ("lets it end", "systemctl has ended well, but no qbit has been started since"),
    ],
)
def test_what_a_manager_has_not_done_is_no_success(
    world: World, does: str, words: str
) -> None:
    host = attach(world, Failing(world, does))
    plan = host.executor.plan(request(world, "qbit", Action.RESTART))

    with pytest.raises(StepFailed, match=words):
        host.executor.carry_out(plan)


def test_one_that_a_manager_has_refused_is_as_it_was(world: World) -> None:
    before = ids(world)
    host = attach(world, Failing(world, "fails"))

    with pytest.raises(StepFailed):
        host.executor.carry_out(
            host.executor.plan(request(world, "qbit", Action.RESTART))
        )

    assert ids(world) == before
    assert world.records.get("qbit").state.has_process


def test_what_a_manager_does_after_it_has_answered_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_runner, "SETTLING_S", 5.0)
    monkeypatch.setattr(step_runner, "PAUSE_S", 0.05)
    host = attach(world, Failing(world, "lags"))
    before = ids(world)

    host.executor.carry_out(host.executor.plan(request(world, "qbit", Action.RESTART)))

    assert ids(world)["qbit"] != before["qbit"]
    assert host.observer.look_afresh().findings == ()


def test_a_stop_that_does_not_last_is_no_success(world: World) -> None:
    host = attach(world, Failing(world, "nothing"))
    plan = host.executor.plan(request(world, "qbit", Action.STOP))

    with pytest.raises(StepFailed, match="has ended well, but qbit is running"):
        host.executor.carry_out(plan)


def test_a_quadlet_left_behind_is_healed_by_its_unit(world: World) -> None:
    managers = SimManagers(world)
    host = attach(world, managers)
    before = ids(world)
    assert [f.remedy for f in host.observer.look().findings] == [
        "systemctl --user restart qbit.service"
    ]

    host.executor.carry_out(host.executor.plan(HEAL))

    assert managers.asked == [("systemctl", "--user", "restart", "qbit.service")]
    assert host.observer.look_afresh().findings == ()
    assert ids(world)["qbit"] != before["qbit"]
    assert ids(world)["vpn"] == before["vpn"]


def test_a_quadlet_is_stopped_by_its_unit(world: World) -> None:
    managers = SimManagers(world)
    host = attach(world, managers)

    host.executor.carry_out(host.executor.plan(request(world, "qbit", Action.STOP)))

    assert managers.asked == [("systemctl", "--user", "stop", "qbit.service")]
    assert "qbit" not in ids(world)


def test_an_owner_restarts_with_a_quadlet_that_joined_it(world: World) -> None:
    host = attach(world, SimManagers(world))
    asked = replace(
        request(world, "vpn", Action.RESTART), policy=Policy.WITH_DEPENDENTS
    )

    host.executor.carry_out(host.executor.plan(asked))

    assert host.observer.look_afresh().findings == ()


@pytest.mark.parametrize("is_reached", [True, False])
def test_a_swarm_task_is_restarted_by_its_service(*, is_reached: bool) -> None:
    world = World()
    labels = tuple(swarm_labels(task="a").items())
    world.run(Spec("web.1.a", labels=labels))
    managers = SimManagers(world)
    if is_reached:
        host = attach(world, managers)
    else:
        host = open_host(
            SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="sim"
        )
    plan = host.executor.plan(request(world, "web.1.a", Action.RESTART))

    if not is_reached:
        with pytest.raises(ManagedElsewhere, match="docker service update --force web"):
            host.executor.carry_out(plan)
        assert list(ids(world)) == ["web.1.a"]
        return
    host.executor.carry_out(plan)

    assert managers.asked == [("docker", "service", "update", "--force", "web")]
    assert list(ids(world)) == ["web.1.a", "web.1.new1"]
    assert host.observer.look_afresh().findings == ()
    assert host.executor.plan(HEAL).steps == ()


def test_who_joined_a_replaced_task_is_told_which_one_took_its_place() -> None:
    world = World()
    world.run(Spec("web.1.a", labels=tuple(swarm_labels(task="a").items())))
    world.run(Spec("dep", network="container:web.1.a"))
    SimManagers(world).run(("docker", "service", "update", "--force", "web"))
    host = attach(world, SimManagers(world))

    findings = host.observer.look().findings
    plan = host.executor.plan(HEAL)

    words = (
        "web.1.a is a task of swarm service web that is not running, and web.1.new1 has"
        " taken its place; swarm never starts a task again"
    )
    assert [(f.code, f.remedy) for f in findings] == [
        ("owner-stopped", f"{words}: nstui heal --onto web.1.new1 dep")
    ]
    assert plan.steps == ()
    assert [(u.name, u.reason, u.needs_decision) for u in plan.unhealed] == [
        ("dep", f"{words}: choose its new owner with --onto", True)
    ]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (
            Spec("dep", labels=tuple(POD_LABELS.items())),
            "it is run by Kubernetes pod media/qbit-0: use kubectl delete pod",
        ),
        (
            Spec("dep", runs_in=replace(SYSTEM_UNIT, inside=None)),
            None,
        ),
    ],
)
def test_only_what_can_be_asked_heals(spec: Spec, reason: str | None) -> None:
    world = World()
    world.run(Spec("vpn"))
    world.run(replace(spec, network="container:vpn"))
    world.restart("vpn")
    host = attach(world, SimManagers(world))

    plan = host.executor.plan(HEAL)

    if reason is None:
        assert [step.verb for step in plan.steps] == [Verb.MANAGER]
        return
    assert plan.steps == ()
    assert [u.reason.startswith(reason) for u in plan.unhealed] == [True]


def test_what_only_a_label_says_is_healed_by_nobody() -> None:
    world = PodmanLike()
    world.run(Spec("vpn"))
    labels = tuple(UNIT_LABELS.items())
    world.run(Spec("dep", network="container:vpn", labels=labels))
    world.restart("vpn")
    host = attach(world, Everybody(world))
    assert {c.manager for c in host.observer.look().snapshot.containers} == {
        None,
        CLAIMED_UNIT,
    }

    plan = host.executor.plan(HEAL)

    assert plan.steps == ()
    assert [u.needs_decision for u in plan.unhealed] == [True]


class PodmanLike(World):
    """A host whose engine writes the label of a unit."""

    engine_name = "Podman"


class Everybody(SimManagers):
    """Managers that would do anything for anybody."""

    def reaches(self, manager: Manager) -> bool:
        """Reach it, whatever speaks for it."""
        return bool(manager.name)


SWARM_TASK = Spec("dep", network="container:vpn", labels=tuple(swarm_labels().items()))
POD_PART = Spec("dep", network="container:vpn", labels=tuple(POD_LABELS.items()))
BY_SWARM = "dep is run by swarm service web: use docker service update --force web"
BY_KUBELET = (
    "dep is run by Kubernetes pod media/qbit-0: use kubectl delete pod"
    " --namespace media qbit-0"
)


@pytest.mark.parametrize("target", ["dep", "vpn"])
@pytest.mark.parametrize(
    ("dep", "said"),
    [
        pytest.param(SWARM_TASK, BY_SWARM, id="swarm"),
        pytest.param(POD_PART, BY_KUBELET, id="Kubernetes"),
        pytest.param(
            replace(QBIT, name="dep"),
            "dep is run by systemd unit qbit.service of the user with id 1000: use"
            " systemctl --user restart qbit.service as the user with id 1000",
            id="systemd",
        ),
    ],
)
def test_what_is_managed_is_not_made_anew_named_or_along_with_its_owner(
    target: str, dep: Spec, said: str
) -> None:
    world = World()
    world.run(Spec("vpn"))
    world.run(dep)
    managers = SimManagers(world)
    host, before = attach(world, managers), ids(world)
    plan = host.executor.plan(request(world, target, Action.RECREATE))
    assert plan.managed == (said,)
    with pytest.raises(
        ManagedElsewhere, match=f"^refused, nothing was changed: {said}$"
    ):
        host.executor.carry_out(plan)
    assert ids(world) == before
    assert managers.asked == []
