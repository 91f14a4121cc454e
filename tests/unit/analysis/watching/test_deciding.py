"""When a standing watch heals, on a simulated host and clock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.analysis.watching.decisions import WatchChoice, WatchLimits, WatchOptions
from nstui.demo.containers import Spec
from nstui.demo.faults import crash, loop, set_health
from nstui.errors import EngineRefused
from nstui.model.container import ComposeService, ContainerState, Health
from nstui.model.finding import FindingCode
from nstui.model.namespace import NamespacesRead
from nstui.model.plan import Request
from nstui.model.snapshot import HostReading
from nstui.model.step import Action
from nstui.model.watch import Hold, WatchEventKind, WatchMode
from tests.support.sim_accidents import disconnect
from tests.support.sim_compose import SimCompose
from tests.support.sim_faults import Fault, Killed
from tests.support.sim_watch import SimWatch
from tests.unit.analysis.watching.seen import dependent, holds, reasons, watch

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = WatchEventKind


def test_a_restart_of_the_owner_heals_its_dependents_once_it_has_settled() -> None:
    seen = watch(others=(dependent("db"),))
    seen.world.restart("vpn")
    seen.look()
    assert holds(seen) == {"db,web": Hold.SETTLING}
    assert seen.decision.look_in_s == pytest.approx(3, abs=0.1)
    seen.pass_time(2.5, 0.5)
    assert not seen.acts
    seen.pass_time(1, 0.5)
    assert seen.acts == {"db": 1, "web": 1}
    assert seen.decision.incidents == ()
    assert [event.kind for event in seen.events] == [
        *(Kind.FOUND, Kind.WAITING),
        *(Kind.HEALING, Kind.HEALED, Kind.OVER),
    ]
    healed = seen.events[3]
    assert healed.message == "healed db, web"
    assert healed.steps == ("restart db", "restart web")
    assert healed.waited_s == pytest.approx(3, abs=0.1)
    assert {event.key for event in seen.events} == {healed.key}


def test_what_can_no_longer_be_seen_is_not_over() -> None:
    seen = watch()
    seen.world.restart("vpn")
    seen.look()
    (before,) = seen.decision.incidents
    snapshot = seen.host.observer.look_afresh().snapshot
    blind = tuple(
        replace(one, inspection=None, inspection_problem="the engine took too long")
        if one.name == "vpn"
        else one
        for one in snapshot.containers
    )
    unread = HostReading(NamespacesRead.DECLARED)
    report = Report(replace(snapshot, host=unread, containers=blind))
    assert [one.code for one in report.findings] == [FindingCode.UNREADABLE]
    after = seen.decide(report).incidents
    assert before.key in {one.key for one in after}
    assert seen.told(Kind.OVER) == []


def test_a_chain_of_three_is_healed_by_one_plan() -> None:
    seen = watch(others=(Spec("leaf", network="container:web", restart="always"),))
    seen.world.restart("vpn")
    seen.pass_time(5)
    assert seen.acts == {"web": 1, "leaf": 1}
    assert len(seen.told(Kind.HEALING)) == 1


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("pid", dependent("web", network="bridge", pid="container:vpn")),
        ("ipc", dependent("web", network="bridge", ipc="container:vpn")),
    ],
)
def test_dependents_of_other_kinds_are_healed(kind: str, spec: Spec) -> None:
    seen = watch(vpn=Spec("vpn", restart="always", ipc="shareable"), web=spec)
    seen.world.restart("vpn")
    seen.pass_time(6)
    assert seen.world.records.get("web").state is ContainerState.RUNNING, kind
    assert seen.decision.incidents == ()


def test_an_owner_that_a_person_stopped_stays_stopped_with_its_dependents() -> None:
    seen = watch(web=dependent("web", pid="container:vpn"))
    seen.world.stop("vpn")
    seen.pass_time(9)
    assert not seen.told(Kind.LEFT)
    seen.pass_time(2000, 100)
    assert not seen.acts
    assert seen.world.records.get("vpn").state is ContainerState.EXITED
    assert len(seen.told(Kind.LEFT)) == 1
    assert reasons(seen) == ["vpn was stopped by a request"]
    assert seen.decision.incidents[0].hold is Hold.STOPPED
    seen.world.start("vpn")
    seen.pass_time(5)
    assert seen.acts == {"web": 1}
    assert seen.decision.incidents == ()


def test_a_dependent_that_a_person_stopped_is_not_started() -> None:
    seen = watch(others=(dependent("db"),))
    seen.world.stop("db")
    seen.world.restart("vpn")
    seen.pass_time(120)
    assert seen.acts == {"web": 1}
    assert seen.world.records.get("db").state is ContainerState.EXITED


def test_what_was_down_before_the_watch_began_is_taken_as_stopped() -> None:
    seen = SimWatch()
    seen.world.run(Spec("vpn", restart="always"))
    seen.world.run(dependent("web"))
    seen.world.stop("vpn")
    seen.world.journal.forget()
    seen.pass_time(100)
    assert not seen.acts
    assert reasons(seen) == ["vpn is not running, and nothing says that it should"]


def test_an_owner_that_died_and_has_a_policy_is_started() -> None:
    seen = watch()
    record = seen.world.records.get("vpn")
    # The engine would start it again, and has not.
    seen.world.machine.end(record, 1)
    seen.pass_time(5)
    assert seen.world.records.get("vpn").state is ContainerState.RUNNING
    assert seen.acts == {"vpn": 1, "web": 1}


def test_an_owner_that_died_without_a_policy_is_not_started() -> None:
    seen = watch(vpn=Spec("vpn"))
    crash(seen.world, "vpn")
    seen.pass_time(100)
    assert not seen.acts
    assert reasons(seen) == [
        "vpn is not running, and nothing says that it should",
        "nothing that nstui does heals it",
    ]
    assert len(seen.told(Kind.LEFT)) == 1


def test_a_start_that_was_refused_is_made_good_once_the_owner_runs() -> None:
    seen = watch(web=dependent("web", pid="container:vpn"))
    seen.world.stop("vpn")
    with pytest.raises(EngineRefused):
        seen.world.start("web")
    seen.pass_time(100)
    assert not seen.acts
    assert set(holds(seen).values()) == {Hold.STOPPED}
    seen.world.start("vpn")
    seen.pass_time(10)
    assert seen.world.records.get("web").state is ContainerState.RUNNING


def test_several_refused_starts_of_one_group_are_one_plan() -> None:
    seen = watch(others=(dependent("db"),))
    seen.world.stop("vpn")
    for name in ("web", "db"):
        seen.world.stop(name)
        with pytest.raises(EngineRefused):
            seen.world.start(name)
    seen.pass_time(70)
    seen.world.start("vpn")
    seen.pass_time(10)
    assert seen.acts == {"web": 1, "db": 1}
    assert seen.told(Kind.HEALED) == ["healed db, web"]
    assert seen.decision.incidents == ()


def test_orphans_with_proof_are_recreated() -> None:
    seen = watch()
    seen.world.remove("vpn", force=True)
    seen.pass_time(8)
    assert not seen.told(Kind.LEFT)
    seen.world.run(Spec("vpn"))
    seen.look()
    assert set(holds(seen).values()) == {Hold.AT_WORK}
    seen.pass_time(5)
    assert seen.acts == {"web": 1}
    assert seen.decision.incidents == ()


def test_orphans_without_proof_are_left_and_told_once_with_the_command() -> None:
    seen = watch()
    seen.world.remove("vpn", force=True)
    seen.world.run(Spec("other"))
    seen.pass_time(300, 5)
    assert not seen.acts
    left = [event for event in seen.events if event.kind is Kind.LEFT]
    assert len(left) == 1
    assert left[0].hold is Hold.NO_PROOF
    assert "nothing proves what replaced it" in left[0].message


def test_what_compose_may_prove_is_tried_and_told_if_it_does_not() -> None:
    service = ComposeService("media", "web", depends_on=("vpn",), config_hash="1")
    seen = SimWatch(find_compose=SimCompose)
    seen.world.run(Spec("vpn"))
    seen.world.run(dependent("web", compose=service))
    seen.world.remove("vpn", force=True)
    # Nothing but compose can tell what was there before the watch began.
    seen.world.journal.forget()
    seen.pass_time(30)
    assert not seen.acts
    assert len(seen.told(Kind.LEFT)) == 1
    assert set(holds(seen).values()) == {Hold.NO_PROOF}
    made = ComposeService("media", "vpn", config_hash="2")
    seen.world.run(Spec("media-vpn-1", compose=made))
    seen.pass_time(10)
    assert seen.acts == {"web": 1}
    assert seen.decision.incidents == ()


def test_what_came_to_nothing_is_tried_again_after_ten_minutes() -> None:
    seen = watch(web=dependent("web"), compose=True)
    seen.world.write("web", "/data")
    seen.world.remove("vpn", force=True)
    seen.world.run(Spec("vpn"))
    seen.pass_time(100)
    assert len(seen.told(Kind.LEFT)) == 1
    assert not seen.acts
    first = seen.state.tracked[seen.decision.incidents[0].key].refusal
    assert first is not None
    seen.pass_time(600, 10)
    again = seen.state.tracked[seen.decision.incidents[0].key].refusal
    assert again is not None
    assert again.at_s > first.at_s
    assert len(seen.told(Kind.LEFT)) == 1


def test_a_lost_uplink_is_restored_once_it_has_lasted() -> None:
    seen = watch()
    record = seen.world.records.get("vpn")
    for namespace in record.namespaces.values():
        if namespace.kind.value == "net":
            namespace.interfaces = ("lo",)
    seen.look()
    assert set(holds(seen).values()) == {Hold.SETTLING}
    seen.pass_time(5)
    assert seen.acts == {"vpn": 1, "web": 1}
    assert seen.decision.incidents == ()


def test_what_was_detached_perhaps_on_purpose_is_left() -> None:
    seen = watch()
    disconnect(seen.world, "vpn")
    seen.pass_time(30)
    assert not seen.acts
    assert Hold.NO_PROOF in holds(seen).values()
    seen.world.restart("vpn")
    seen.pass_time(30)
    assert "vpn" not in seen.acts
    assert seen.world.records.get("vpn").is_detached


def test_a_paused_owner_or_dependent_is_left_until_it_goes_on() -> None:
    seen = watch(others=(dependent("db"),))
    seen.world.restart("vpn")
    seen.world.pause("vpn")
    seen.pass_time(30)
    assert set(holds(seen).values()) == {Hold.PAUSED}
    assert not seen.acts
    seen.world.unpause("vpn")
    seen.world.pause("db")
    seen.look()
    assert seen.acts == {"web": 1}
    seen.pass_time(30)
    assert holds(seen) == {"db": Hold.PAUSED}
    seen.world.unpause("db")
    seen.pass_time(5)
    assert seen.acts == {"web": 1, "db": 1}


def test_an_owners_health_check_is_waited_for_and_its_failing_told() -> None:
    limits = WatchLimits(health_s=60)
    seen = watch(WatchOptions(limits=limits), vpn=Spec("vpn", has_health_check=True))
    seen.world.restart("vpn")
    seen.look()
    set_health(seen.world, "vpn", Health.UNHEALTHY)
    seen.pass_time(40)
    assert Hold.HEALTH in holds(seen).values()
    assert not seen.told(Kind.LEFT)
    seen.pass_time(60)
    late = "web: left alone: the health check of vpn has not passed within 60 s"
    assert seen.told(Kind.LEFT) == [late]
    assert not seen.acts
    set_health(seen.world, "vpn", Health.HEALTHY)
    seen.look()
    assert seen.acts == {"web": 1}


def test_an_owner_that_is_about_to_be_healthy_is_waited_for() -> None:
    limits = WatchLimits(settle_s=0)
    seen = watch(WatchOptions(limits=limits), vpn=Spec("vpn", has_health_check=True))
    seen.world.restart("vpn")
    seen.look()
    assert set(holds(seen).values()) == {Hold.HEALTH}
    seen.pass_time(3)
    assert seen.acts == {"web": 1}


def test_an_owner_that_flaps_heals_no_other_until_it_holds() -> None:
    seen = watch()
    for _ in range(4):
        crash(seen.world, "vpn")
        seen.pass_time(8)
    before = seen.acts["web"]
    assert before <= 1
    assert holds(seen)["web"] is Hold.SETTLING
    seen.pass_time(60)
    assert seen.acts["web"] == before + 1
    assert seen.decision.incidents == ()


def test_an_owner_in_a_restart_loop_heals_no_other() -> None:
    seen = watch()
    loop(seen.world, "vpn")
    seen.pass_time(60)
    assert not seen.acts
    assert "web" in holds(seen)
    assert any("vpn keeps exiting" in reason for reason in reasons(seen))


def test_a_container_that_is_broken_again_and_again_is_left_after_five() -> None:
    limits = WatchLimits(back_off_s=1, settle_s=1, longest_back_off_s=1)
    seen = watch(WatchOptions(limits=limits))
    for _ in range(8):
        seen.world.restart("vpn")
        seen.pass_time(5)
    assert seen.acts == {"web": 5}
    assert len(seen.told(Kind.CIRCUIT_OPEN)) == 1
    opened = next(e for e in seen.events if e.kind is Kind.CIRCUIT_OPEN)
    assert opened.command == "nstui watch --reset web"
    assert opened.names == ("web",)
    (circuit,) = seen.decision.circuits
    assert (circuit.name, circuit.attempts) == ("web", 5)
    assert holds(seen) == {"web": Hold.CIRCUIT}
    assert not seen.told(Kind.LEFT)
    assert seen.decision.incidents[0].until == circuit.until


@pytest.mark.parametrize(
    ("close", "why"),
    [
        (lambda seen: seen.look(reset=frozenset({"web"})), "it was reset"),
        (lambda seen: seen.pass_time(3600, 60), "its time is over"),
    ],
)
def test_an_open_circuit_is_closed_by_a_person_or_after_an_hour(
    close: Callable[[SimWatch], object], why: str
) -> None:
    limits = WatchLimits(budget=1, settle_s=1)
    seen = watch(WatchOptions(limits=limits))
    for _ in range(2):
        seen.world.restart("vpn")
        seen.pass_time(5)
    assert holds(seen) == {"web": Hold.CIRCUIT}
    close(seen)
    assert seen.told(Kind.CIRCUIT_CLOSED) == [f"web will be healed again: {why}"]
    seen.pass_time(5)
    assert seen.acts == {"web": 2}


def test_an_open_circuit_is_closed_by_recovery() -> None:
    limits = WatchLimits(budget=1, settle_s=1)
    seen = watch(WatchOptions(limits=limits))
    for _ in range(2):
        seen.world.restart("vpn")
        seen.pass_time(5)
    assert seen.decision.circuits
    seen.world.restart("web")
    seen.pass_time(10)
    closed = ["web will be healed again: it has recovered"]
    assert seen.told(Kind.CIRCUIT_CLOSED) == closed
    assert seen.decision.circuits == ()


def test_one_circuit_does_not_keep_the_others_of_a_group_from_being_healed() -> None:
    limits = WatchLimits(budget=1, settle_s=1, budget_s=60)
    seen = watch(WatchOptions(limits=limits), others=(dependent("db"),))
    seen.world.stop("db")
    seen.pass_time(61)
    seen.world.restart("vpn")
    seen.pass_time(5)
    seen.world.start("db")
    seen.world.restart("vpn")
    seen.pass_time(10)
    assert seen.acts == {"web": 1, "db": 1}
    assert holds(seen) == {"web": Hold.CIRCUIT}


def test_what_is_over_names_all_that_it_has_hit() -> None:
    seen = watch(others=(dependent("db"),))
    seen.world.restart("vpn")
    seen.look()
    seen.world.restart("db")
    seen.look()
    seen.world.restart("web")
    seen.pass_time(10)
    (over,) = (e for e in seen.events if e.kind is Kind.OVER)
    assert over.message == "over: vpn was restarted: db, web"
    assert over.names == ("db", "web")
    assert not seen.acts


def test_the_back_off_is_told_and_ends() -> None:
    seen = watch()
    for _ in range(3):
        seen.world.restart("vpn")
        seen.pass_time(5)
    assert holds(seen) == {"web": Hold.BACK_OFF}
    assert seen.acts == {"web": 2}
    seen.pass_time(8)
    assert seen.acts == {"web": 3}


def test_an_owner_that_is_restarted_again_at_once_is_not_waited_for() -> None:
    seen = watch()
    for _ in range(2):
        seen.world.restart("vpn")
        seen.pass_time(4)
    assert seen.acts == {"web": 2}
    first, second = (at for at, _ in seen.acted_at)
    assert second - first == 4
    assert seen.decision.incidents == ()


def test_ten_minutes_of_health_make_the_next_restart_the_first() -> None:
    seen = watch()
    for _ in range(3):
        seen.world.restart("vpn")
        seen.pass_time(20)
    seen.pass_time(600, 60)
    for _ in range(2):
        seen.world.restart("vpn")
        seen.pass_time(4)
    assert seen.acts == {"web": 5}


def test_what_fails_is_waited_after_from_the_first_time() -> None:
    seen = watch()
    seen.engine.fail(1, Fault.REFUSED)
    seen.world.restart("vpn")
    seen.pass_time(5)
    assert seen.told(Kind.FAILED)
    assert holds(seen) == {"web": Hold.BACK_OFF}
    assert seen.acts == {"web": 1}
    seen.pass_time(10)
    assert seen.acts == {"web": 2}


def test_with_a_dry_run_it_is_told_once_what_would_be_done() -> None:
    seen = watch(WatchOptions(is_dry_run=True))
    seen.world.restart("vpn")
    seen.pass_time(100)
    assert not seen.acts
    (healed,) = (e for e in seen.events if e.kind is Kind.HEALED)
    assert healed.is_dry_run
    assert healed.steps == ("restart web",)
    assert not seen.told(Kind.HEALING)
    (incident,) = seen.decision.incidents
    assert (incident.hold, incident.command) == (None, "nstui heal vpn")


@pytest.mark.parametrize(
    ("options", "hold"),
    [
        (WatchOptions(is_read_only=True), Hold.READ_ONLY),
        (WatchOptions(is_second=True), Hold.OTHER_WATCH),
        (WatchOptions(mode=WatchMode.NOTIFY), Hold.NOTIFY_ONLY),
        (
            WatchOptions(by_name={"vpn": WatchChoice(mode=WatchMode.NOTIFY)}),
            Hold.NOTIFY_ONLY,
        ),
        (WatchOptions(untouchable=frozenset({"web"})), Hold.OWN),
    ],
)
def test_what_may_not_be_healed_is_told_once_with_the_command(
    options: WatchOptions, hold: Hold
) -> None:
    seen = watch(options)
    seen.world.restart("vpn")
    seen.pass_time(100)
    assert not seen.acts
    assert holds(seen) == {"web": hold}
    left = [event.command for event in seen.events if event.kind is Kind.LEFT]
    assert left == ([] if hold is Hold.OTHER_WATCH else ["nstui heal vpn"])


def test_the_container_that_the_watch_runs_in_is_only_told_of() -> None:
    seen = watch(others=(dependent("db"),))
    mine = frozenset({seen.world.records.get("db").id})
    seen.world.restart("vpn")
    for _ in range(20):
        seen.seconds += 1
        seen.look(protected=mine)
    assert seen.acts == {"web": 1}
    assert holds(seen) == {"db": Hold.OWN}
    assert seen.told(Kind.HEALING, Kind.HEALED) == ["healing web", "healed web"]


@pytest.mark.parametrize("label", ["off", "notify"])
def test_a_label_keeps_one_container_out_and_no_other(label: str) -> None:
    labels = (("nstui.watch", label),)
    seen = watch(others=(dependent("db", labels=labels),))
    seen.world.restart("vpn")
    seen.pass_time(60)
    assert seen.acts == {"web": 1}
    assert holds(seen) == ({} if label == "off" else {"db": Hold.NOTIFY_ONLY})


def test_what_would_take_a_container_along_that_is_kept_out_is_left() -> None:
    leaf = Spec(
        "leaf",
        network="container:web",
        restart="always",
        labels=(("nstui.watch", "notify"),),
    )
    seen = watch(others=(leaf, dependent("db")))
    seen.world.restart("vpn")
    seen.pass_time(60)
    assert seen.acts == {"db": 1}
    assert holds(seen) == {"leaf,web": Hold.NOTIFY_ONLY}


def test_only_what_is_named_is_healed_or_told_of() -> None:
    seen = watch(WatchOptions(only=("db",)), others=(dependent("db"),))
    seen.world.restart("vpn")
    seen.pass_time(60)
    assert seen.acts == {"db": 1}
    assert not [m for m in seen.told(Kind.FOUND, Kind.LEFT) if m.startswith("web")]


def test_the_settling_time_of_a_label_is_kept() -> None:
    labels = (("nstui.settle", "20s"),)
    seen = watch(vpn=Spec("vpn", restart="always", labels=labels))
    seen.world.restart("vpn")
    seen.pass_time(19)
    assert not seen.acts
    seen.pass_time(2)
    assert seen.acts == {"web": 1}


def test_an_unhealthy_container_is_restarted_if_its_label_wants_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels = (("autoheal", "true"),)
    vpn = Spec("vpn", restart="always", has_health_check=True, labels=labels)
    seen = watch(vpn=vpn)
    restart = seen.world.restart

    def restart_well(reference: str) -> None:
        restart(reference)
        if seen.world.records.get(reference).name == "vpn":
            set_health(seen.world, "vpn", Health.HEALTHY)

    monkeypatch.setattr(seen.world, "restart", restart_well)
    set_health(seen.world, "vpn", Health.UNHEALTHY)
    seen.pass_time(5)
    assert seen.acts == {"vpn": 1, "web": 1}
    seen.pass_time(10)
    assert seen.decision.incidents == ()


def test_an_unhealthy_container_waits_for_a_dependent_that_is_paused() -> None:
    labels = (("autoheal", "true"),)
    vpn = Spec("vpn", restart="always", has_health_check=True, labels=labels)
    seen = watch(vpn=vpn)
    seen.world.pause("web")
    set_health(seen.world, "vpn", Health.UNHEALTHY)
    seen.pass_time(30)
    assert not seen.acts
    assert reasons(seen) == ["web is paused"]


def test_an_unhealthy_container_is_only_told_of_without_that_label() -> None:
    seen = watch(vpn=Spec("vpn", restart="always", has_health_check=True))
    set_health(seen.world, "vpn", Health.UNHEALTHY)
    seen.pass_time(30)
    assert not seen.acts
    assert holds(seen) == {"vpn": Hold.NO_PROOF}
    assert len(seen.told(Kind.FOUND)) == 1


def test_an_owner_that_compose_recreates_is_waited_for() -> None:
    seen = watch()
    world = seen.world
    old = world.records.get("vpn").id
    world.stop("vpn")
    new = world.create(Spec(f"{old[:12]}_vpn", restart="always"))
    seen.pass_time(20)
    world.rename(old, "gone")
    world.rename(new, "vpn")
    world.remove(old)
    seen.pass_time(20)
    assert not seen.acts
    world.start("vpn")
    seen.pass_time(10)
    assert seen.acts == {"web": 1}
    assert seen.decision.incidents == ()


def test_what_a_person_stops_after_the_decision_is_not_started() -> None:
    seen = watch()
    seen.world.restart("vpn")
    seen.before_steps = lambda *_: seen.world.stop("vpn")
    seen.pass_time(5)
    seen.before_steps = None
    seen.pass_time(30)
    assert not seen.acts
    assert seen.world.records.get("vpn").state is ContainerState.EXITED
    seen.world.start("vpn")
    seen.pass_time(10)
    assert seen.acts == {"web": 1}


def test_an_incident_that_ends_by_itself_is_over_after_a_moment() -> None:
    seen = watch()
    seen.world.restart("vpn")
    seen.look()
    seen.world.restart("web")
    seen.pass_time(4)
    assert not seen.told(Kind.OVER)
    assert seen.decision.incidents == ()
    seen.pass_time(3)
    assert len(seen.told(Kind.OVER)) == 1
    assert not seen.acts


def test_what_was_hit_is_told_although_less_was_seen_last() -> None:
    seen = watch(others=(dependent("db"),))
    seen.world.restart("vpn")
    seen.look()
    # What is seen last is that web alone has no network.
    seen.world.restart("db")
    seen.pass_time(5, 0.5)
    assert seen.acts == {"web": 1}
    assert seen.told(Kind.OVER) == ["over: vpn was restarted: db, web"]
    assert seen.events[-1].names == ("db", "web")


def test_what_an_order_has_brought_about_is_not_what_was_hit() -> None:
    seen = watch()
    seen.world.restart("vpn")

    def look_half_way(*_: object) -> None:
        # As a recreation names the old one.
        seen.world.rename("web", "web-old-012345abcdef")
        seen.decide(seen.host.observer.look_afresh())
        seen.world.rename("web-old-012345abcdef", "web")

    seen.before_steps = look_half_way
    seen.pass_time(5, 0.5)
    assert seen.acts == {"web": 1}
    assert seen.told(Kind.OVER) == ["over: vpn was restarted: web"]


def test_a_step_that_fails_is_told_and_tried_again_after_the_back_off() -> None:
    seen = watch(web=dependent("web", image="app:1"))
    seen.world.break_image("app:1", "exec: app: not found")
    seen.world.restart("vpn")
    seen.pass_time(5)
    (failed,) = (e for e in seen.events if e.kind is Kind.FAILED)
    assert failed.names == ("web",)
    assert "exec: app: not found" in failed.message
    seen.pass_time(100)
    assert seen.acts["web"] == 1


def test_what_an_interrupted_plan_has_left_is_finished() -> None:
    seen = watch()
    seen.world.remove("vpn", force=True)
    seen.world.run(Spec("vpn"))

    executor = seen.host.executor
    plan = executor.plan(Request(action=Action.HEAL, targets=()))
    seen.engine.fail(3, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        executor.carry_out(plan)
    seen.audit_log.release_all()
    seen.pass_time(30)
    assert seen.decision.incidents == ()
    assert seen.world.records.get("web").state is ContainerState.RUNNING
