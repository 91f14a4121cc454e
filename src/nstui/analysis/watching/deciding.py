"""Decides what a standing watch heals now, what waits, and what a person must do.

The caller's loop is::

    state = NEW_SCHEDULE
    each time there is a report, an event, an outcome, or `look_in_s` is over:
        state, decision = decide_next(state, observation, options)
        tell decision.events; show decision.incidents and decision.circuits
        for order in decision.orders:            # each in a thread of its own
            plan = executor.plan(order.request)
            refusal = why_not(order, plan)       # if not "", note it as LEFT
            changed = what_stopped(order, plan)  # if not "", note it as OUTDATED
            state, events = note_begun(state, order.key, plan, …)
            executor.carry_out(plan)             # unless --dry-run
            state, events = note_outcome(state, Healing(…), …)

All functions are pure. They are called from one thread, which owns the state.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.watching.attempts import (
    add_attempt,
    note_success,
    open_circuit,
)
from nstui.analysis.watching.decisions import Decision
from nstui.analysis.watching.following import follow
from nstui.analysis.watching.holds import judge, set_scene
from nstui.analysis.watching.ordering import make_orders
from nstui.analysis.watching.schedule import Refusal
from nstui.analysis.watching.showing import (
    list_circuits,
    list_incidents,
    next_look_s,
    tell_hold,
)
from nstui.analysis.watching.words import (
    Moment,
    command_for,
    healed_sentence,
    incident_event,
    opened_event,
)
from nstui.model.frozen import dataclass
from nstui.model.step import Verb
from nstui.model.watch import WatchEventKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.analysis.watching.attempts import Attempts
    from nstui.analysis.watching.decisions import HealOrder, Observation, WatchOptions
    from nstui.analysis.watching.holds import IncidentVerdict, Scene
    from nstui.analysis.watching.schedule import Schedule, Tracked
    from nstui.model.plan import Plan
    from nstui.model.watch import WatchEvent


LONGEST_WAIT_S = 60.0
"""The longest wait in seconds after an order that came to nothing by chance."""

OWN_S = 2.0
"""For how many seconds after the end of a plan the events of what it did may come."""


class HealResult(StrEnum):
    """What became of an order."""

    HEALED = "healed"
    """The plan was carried out whole; with ``--dry-run``, it would be."""

    FAILED = "failed"
    """A step failed, or the engine did not answer."""

    LEFT = "left"
    """There was no plan that may be carried out without a person: nothing was done."""

    OUTDATED = "outdated"
    """Something changed meanwhile (`PlanOutdated`, `ContainerVanished`): nothing was
    done, and it is decided anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Healing:
    """An order that was carried out, or not, and what came of it."""

    key: str
    result: HealResult
    message: str = ""
    """Why it failed or is left, as a sentence; empty if it was healed."""

    reason: str = ""
    """The same in a few words; empty if there are no fewer."""

    go_on: str = ""
    """What else a person has to do, with a command, after a plan that failed half-way;
    empty if that is not known."""

    done: frozenset[str] = frozenset()
    """The names of the containers for which a plan that failed has done its work."""

    steps: tuple[str, ...] = ()
    """The plan's steps as commands, for what is told."""

    duration_s: float | None = None


def decide_next(
    state: Schedule, observation: Observation, options: WatchOptions
) -> tuple[Schedule, Decision]:
    """Return what follows from an observation.

    An order that is returned counts as under way until `note_outcome` is called with
    its key; its key is also expected in `Observation.acting`. Every order needs a
    `note_outcome`, also if no plan could be made.

    The same report may be observed again, with a later clock, to ask what is due now.
    The very first observation should have the engine's past events (``kill``, ``die``,
    …) of the containers that do not run, if the engine still has them.
    """
    if observation.report.snapshot.is_glimpse:
        return state, Decision()
    followed = follow(state, observation, options)
    scene = set_scene(followed.state, observation, options)
    judged = {key: judge(scene, one) for key, one in scene.state.tracked.items()}
    attempts, opened = _open_circuits(scene, judged)
    orders, verdicts = make_orders(scene, judged)
    events = [*followed.events, *opened]
    tracked = {}
    for key, one in scene.state.tracked.items():
        is_told = any(event.key == key for event in opened)
        tracked[key], told = tell_hold(scene, one, verdicts[key], is_told=is_told)
        events += told
    for order in orders:
        for key in (order.key, *order.also):
            tracked[key] = replace(tracked[key], order=order.key)
    after = replace(
        scene.state,
        attempts=MappingProxyType(attempts),
        tracked=MappingProxyType(tracked),
    )
    return after, Decision(
        orders=orders,
        events=tuple(events),
        incidents=tuple(list_incidents(scene, verdicts)),
        circuits=tuple(list_circuits(after, observation)),
        look_in_s=next_look_s(after, observation, verdicts),
    )


def _open_circuits(
    scene: Scene, verdicts: Mapping[str, IncidentVerdict]
) -> tuple[dict[str, Attempts], list[WatchEvent]]:
    """Return the attempts, with those circuits open that have to be, and the news."""
    limits, now = scene.options.limits, scene.observation.now
    attempts, events = dict(scene.state.attempts), []
    for key, verdict in verdicts.items():
        for container in sorted(verdict.spent):
            one = attempts[scene.report.graph.name(container)]
            if one.open_until_s is None:
                one = attempts[one.name] = open_circuit(one, limits, scene.now_s)
                events.append(opened_event(scene.state.tracked[key], one, limits, now))
    return attempts, events


def why_not(order: HealOrder, plan: Plan) -> str:
    """Return why the watch must not carry out a plan, as a sentence; empty if it may.

    Something may have changed since the order was decided: a plan must not touch what
    `HealOrder.spared` names.
    """
    for step in plan.steps:
        if step.container in order.spared:
            return f"it would act on {step.name}, which the watch leaves alone"
    return ""


def what_stopped(order: HealOrder, plan: Plan) -> str:
    """Return what has stopped since an order was decided, as a sentence; empty if none.

    A plan must not start what ran then. Whether it was stopped, or is about to run
    again as during a restart, is for the next decision.
    """
    for step in plan.steps:
        if step.verb is Verb.START and step.container not in order.starts:
            return f"{step.name} was stopped meanwhile"
    return ""


def note_begun(  # noqa: PLR0913 - what is known of it
    state: Schedule,
    key: str,
    plan: Plan,
    *,
    now: datetime,
    clock_s: float,
    steps: tuple[str, ...] = (),
    is_dry_run: bool = False,
) -> tuple[Schedule, tuple[WatchEvent, ...]]:
    """Note that a plan is about to be carried out; return what is to be told.

    It counts as an attempt for each container that it acts on, unless `is_dry_run`.
    """
    acted_on = {step.container: step.name for step in plan.steps}
    names = frozenset(acted_on.values())
    mine = {k: one for k, one in state.tracked.items() if one.order == key}
    attempts = dict(state.attempts)
    if not is_dry_run:
        for container, name in acted_on.items():
            attempts[name] = add_attempt(attempts.get(name), container, name, clock_s)
    touched = {k: replace(one, touched=names) for k, one in mine.items()}
    state = replace(
        state,
        attempts=MappingProxyType(attempts),
        tracked=MappingProxyType({**state.tracked, **touched}),
    )
    if is_dry_run or not mine:
        # The outcome of a dry run tells the steps.
        return state, ()
    several = tuple(touched.values())
    event = incident_event(
        several[0],
        WatchEventKind.HEALING,
        f"healing {', '.join(_names(several))}",
        Moment(now, clock_s),
        names=_names(several),
        steps=steps,
    )
    return state, (event,)


_KINDS = {
    HealResult.HEALED: WatchEventKind.HEALED,
    HealResult.FAILED: WatchEventKind.FAILED,
}
"""What is told of the end of an order."""


def note_outcome(
    state: Schedule,
    healing: Healing,
    *,
    now: datetime,
    clock_s: float,
    is_dry_run: bool = False,
) -> tuple[Schedule, tuple[WatchEvent, ...]]:
    """Note what came of an order; return what is to be told."""
    mine = {k: one for k, one in state.tracked.items() if one.order == healing.key}
    names = {name for one in mine.values() for name in one.touched}
    ended = {k: _ended(state, one, healing, clock_s) for k, one in mine.items()}
    ended = {k: replace(one, done_at=now) for k, one in ended.items()}
    if is_dry_run:
        ended = {k: replace(one, is_shown=True) for k, one in ended.items()}
    own = {**state.own_until_s, **dict.fromkeys(names, clock_s + OWN_S)}
    well = names if healing.result is HealResult.HEALED else names & healing.done
    after = replace(
        state,
        attempts=MappingProxyType(note_success(state.attempts, well)),
        tracked=MappingProxyType({**state.tracked, **ended}),
        own_until_s=MappingProxyType(own),
    )
    event = _outcome_event(
        tuple(mine.values()), healing, Moment(now, clock_s), is_dry_run=is_dry_run
    )
    return after, () if event is None else (event,)


def _ended(
    state: Schedule, tracked: Tracked, healing: Healing, clock_s: float
) -> Tracked:
    """Return an incident after the end of the order for it."""
    ended = replace(tracked, order="", touched=frozenset(), done_s=clock_s)
    match healing.result:
        case HealResult.HEALED:
            return replace(ended, is_healed=True, refusal=None, tries=0)
        case HealResult.LEFT:
            refusal = Refusal(reason=healing.message, at_s=clock_s, there=state.running)
            return replace(ended, refusal=refusal)
    if tracked.touched and healing.result is HealResult.FAILED:
        # Its containers have a back-off of their own.
        return ended
    wait_s = min(LONGEST_WAIT_S, 2.0**tracked.tries)
    return replace(ended, tries=min(tracked.tries + 1, 10), again_s=clock_s + wait_s)


def _outcome_event(
    mine: tuple[Tracked, ...],
    healing: Healing,
    at: Moment,
    *,
    is_dry_run: bool,
) -> WatchEvent | None:
    """Return what is told of the end of an order, one event for all its incidents."""
    if not mine or healing.result not in _KINDS:
        # What is left to a person is told by the next decision, if it stays so.
        return None
    first, names = mine[0], _names(mine)
    reason = command = ""
    if healing.result is HealResult.HEALED:
        text = healed_sentence(names, is_dry_run=is_dry_run)
    else:
        command = command_for(first.incident)
        reason = healing.reason or healing.message
        text = f"healing {', '.join(names)} failed: {healing.message}"
        if healing.go_on and not command:
            text = f"{text}; {healing.go_on}"
    return incident_event(
        first,
        _KINDS[healing.result],
        text,
        at,
        names=names,
        reason=reason,
        command=command,
        steps=healing.steps,
        duration_s=healing.duration_s,
        is_dry_run=is_dry_run,
    )


def _names(mine: tuple[Tracked, ...]) -> tuple[str, ...]:
    """Return whom a plan is about.

    An incident loses those that are healed already while its plan goes on.
    """
    found = dict.fromkeys(
        name for one in mine for name in sorted(one.touched) or one.incident.names
    )
    return tuple(found)
