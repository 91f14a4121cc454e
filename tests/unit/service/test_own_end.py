"""No plan ends what nstui itself runs in, whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import ManagedElsewhere
from nstui.model.own import NOWHERE, OwnProcess
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from nstui.service.host import open_host
from tests.support.managers import SYSTEM_UNIT
from tests.support.sim_faults import FaultyEngine
from tests.support.sim_managers import SimManagers

if TYPE_CHECKING:
    from nstui.service.host import Host

INSIDE = "is the container in which this nstui runs"
PERHAPS = "may be the container in which this nstui runs"
PROCESSES = "has the pid namespace in which this nstui runs"
ADVICE = (
    ", which would be cut off half-way: run nstui on the host, or in another container"
)


class Scene:
    """An nstui in the network of ``vpn`` and among the processes of ``pod``."""

    def __init__(self, own: Spec | None = None, *, guessed: bool = False) -> None:
        self.world = World()
        self.engine = FaultyEngine(SimEngine(self.world))
        self.managers = SimManagers(self.world)
        spec = own or Spec("nstui", network="container:vpn", pid="container:pod")
        for one in (Spec("vpn"), Spec("pod"), spec):
            self.world.run(one)
        self.world.run(Spec("dep", network="container:vpn"))
        me = self.world.records.get("nstui").id
        owner = self.world.records.get("vpn").id
        self.own = OwnProcess(files=(owner,)) if guessed else OwnProcess(cgroups=(me,))
        self.host = self.connect(self.own)

    def connect(self, own: OwnProcess) -> Host:
        """Connect an nstui that runs somewhere."""
        return open_host(
            self.engine,
            SimHost(self.world),
            MemoryAuditLog(),
            endpoint="demo://",
            managers=self.managers,
            find_own=lambda: own,
        )

    def request(self, action: Action, *names: str, **more: object) -> Request:
        """Return a request that takes dependents along."""
        targets = tuple(self.world.records.get(name).id for name in names)
        known = {"policy": Policy.WITH_DEPENDENTS, "timeout": 1, **more}
        return Request(action=action, targets=targets, **known)  # type: ignore[arg-type]

    def refusal(self, request: Request) -> str:
        """Return why a request is refused, after requiring that nothing was done."""
        before = [(r.id, r.name, r.state) for r in self.world.records]
        with pytest.raises(ManagedElsewhere) as caught:
            self.host.executor.carry_out(self.host.executor.plan(request))
        assert [(r.id, r.name, r.state) for r in self.world.records] == before
        assert (self.engine.asked, self.managers.asked) == ([], [])
        return str(caught.value).removeprefix("refused, nothing was changed: ")


ENDING = (
    pytest.param(Action.STOP, {}, id="stop"),
    pytest.param(Action.RESTART, {}, id="restart"),
    pytest.param(Action.KILL, {}, id="kill"),
    pytest.param(Action.KILL, {"signal": "TERM"}, id="kill by TERM"),
    pytest.param(Action.RM, {"force": True}, id="rm"),
    pytest.param(Action.PAUSE, {}, id="pause"),
    pytest.param(Action.RECREATE, {}, id="recreate"),
)


@pytest.mark.parametrize(("action", "more"), ENDING)
def test_it_does_not_end_its_own_container(
    action: Action, more: dict[str, object]
) -> None:
    scene = Scene()
    said = scene.refusal(scene.request(action, "nstui", **more))
    assert said == f"nstui {INSIDE}{ADVICE}"


@pytest.mark.parametrize(("action", "more"), ENDING)
def test_it_does_not_end_it_along_with_its_owner(
    action: Action, more: dict[str, object]
) -> None:
    scene = Scene()
    said = scene.refusal(scene.request(action, "vpn", **more))
    assert said == f"nstui {INSIDE}{ADVICE}"


def test_it_does_not_end_the_processes_that_it_is_one_of() -> None:
    scene = Scene()
    policy = Policy.BREAK_DEPENDENTS
    said = scene.refusal(scene.request(Action.RESTART, "pod", policy=policy))
    assert said == f"pod {PROCESSES}{ADVICE}"


def test_its_manager_does_not_end_it_either() -> None:
    scene = Scene(Spec("nstui", runs_in=SYSTEM_UNIT))
    said = scene.refusal(scene.request(Action.RESTART, "nstui"))
    assert said == f"nstui {INSIDE}{ADVICE}"


def test_where_it_may_run_it_ends_nothing() -> None:
    scene = Scene(guessed=True)
    said = scene.refusal(scene.request(Action.STOP, "dep"))
    assert said == f"dep {PERHAPS}{ADVICE}"


@pytest.mark.parametrize(
    ("action", "name", "more"),
    [
        pytest.param(Action.KILL, "nstui", {"signal": "HUP"}, id="a signal to itself"),
        pytest.param(Action.RESTART, "dep", {}, id="another"),
        pytest.param(
            Action.RESTART,
            "vpn",
            {"policy": Policy.BREAK_DEPENDENTS},
            id="the network that it is in",
        ),
    ],
)
def test_what_does_not_end_it_is_done(
    action: Action, name: str, more: dict[str, object]
) -> None:
    scene = Scene()
    executor = scene.host.executor
    executor.carry_out(executor.plan(scene.request(action, name, **more)))
    assert scene.engine.asked == [action.value]


def test_what_is_outside_may_end_it() -> None:
    scene = Scene()
    scene.host = scene.connect(NOWHERE)
    executor = scene.host.executor
    executor.carry_out(executor.plan(scene.request(Action.STOP, "nstui")))
    assert scene.world.records.get("nstui").state.value == "exited"


def test_a_plan_on_an_earlier_look_is_refused_as_well() -> None:
    scene = Scene()
    report = scene.host.observer.look()
    request = scene.request(Action.STOP, "nstui")
    plan = scene.host.executor.plan_on(report, request)
    assert plan.managed == (f"nstui {INSIDE}{ADVICE}",)
    assert not plan.is_possible


def test_a_heal_leaves_it_alone_and_heals_the_others() -> None:
    scene = Scene()
    scene.world.restart("vpn")
    heal = Request(action=Action.HEAL, targets=(), asks_nobody=True)
    plan = scene.host.executor.plan(heal)
    assert [(s.verb, s.name) for s in plan.steps] == [(Verb.RESTART, "dep")]
    (left,) = plan.unhealed
    assert (left.name, left.reason) == ("nstui", f"it {INSIDE}{ADVICE}")
    scene.host.executor.carry_out(plan)
    named = scene.request(Action.HEAL, "nstui")
    plan = scene.host.executor.plan(named)
    assert plan.steps == ()
    assert [one.name for one in plan.unhealed] == ["nstui"]
