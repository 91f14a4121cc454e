"""Whether an incident is healed now, and if not, why, and for how long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import all_hops
from nstui.analysis.healing.broken import find_broken, find_uncertain_detached
from nstui.analysis.plans.interruptions import concerned, find_interruptions
from nstui.analysis.watching.cases import (
    CaseAction,
    case_action_of,
    draft_plan,
    related_containers,
    stopped_needs,
    targets_of,
)
from nstui.analysis.watching.choices import is_selected, mode_of, settle_of
from nstui.analysis.watching.happenings import (
    Patience,
    find_work,
    may_be_started,
    why_stopped,
)
from nstui.model.container import ContainerState, Health
from nstui.model.frozen import dataclass
from nstui.model.watch import Hold, WatchMode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.report import Report
    from nstui.analysis.watching.cases import Draft
    from nstui.analysis.watching.decisions import Observation, WatchOptions
    from nstui.analysis.watching.happenings import RelatedContainers
    from nstui.analysis.watching.schedule import Schedule, Tracked
    from nstui.model.container import Container, ContainerId
    from nstui.model.finding import Incident


AGAIN_S = 600.0
"""After how many seconds an order that came to nothing is tried again, although nothing
that was missing has appeared."""

FRESH_S = 5.0
"""How long, in seconds, a report from after an order's end is waited for."""

FLAPS = 2
"""How many deaths by itself make an owner one that flaps."""

LONGEST_PROOF_S = 300.0
"""The longest time in seconds that an owner that flapped has to run on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentVerdict:
    """What is to be done about an incident now."""

    hold: Hold | None = None
    """Why it is not healed now; None if it is, or is to be."""

    reason: str = ""
    until_s: float | None = None
    """When the hold ends by itself, by the steady clock; None if that is not known."""

    is_overdue: bool = False
    """Whether a hold that should have ended by itself has not, which is told."""

    is_plain: bool = False
    """Whether the incident itself says all that there is to say."""

    draft: Draft | None = None
    """What is to be done now; None if nothing is."""

    spared: frozenset[ContainerId] = frozenset()
    """The containers that must not be acted on."""

    spent: frozenset[ContainerId] = frozenset()
    """The containers whose budget is used up."""


UNDER_WAY = IncidentVerdict()


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is known at one moment."""

    state: Schedule
    observation: Observation
    options: WatchOptions
    broken: Collection[ContainerId]
    """The containers that are broken, with no container named."""

    cut_off: Collection[ContainerId] = ()
    """The containers that an interrupted plan has left behind, such as stopped."""

    @property
    def report(self) -> Report:
        """The report."""
        return self.observation.report

    @property
    def now_s(self) -> float:
        """The steady clock."""
        return self.observation.clock_s

    def container(self, one: ContainerId) -> Container:
        """Return a container of the report."""
        return self.report.graph.containers[one]

    def is_stopped(self, one: ContainerId) -> bool:
        """Tell whether a container does not run and is to stay so."""
        subject = self.container(one)
        if subject.state.has_process or one in self.cut_off:
            return False
        return not may_be_started(self.state.happenings, subject)


def set_scene(
    state: Schedule, observation: Observation, options: WatchOptions
) -> Scene:
    """Return what is known at one moment; a host without incidents costs nothing."""
    if not state.tracked:
        return Scene(state, observation, options, ())
    snapshot, graph = observation.report.snapshot, observation.report.graph
    cut_off = {c for one in find_interruptions(snapshot, graph) for c in concerned(one)}
    return Scene(state, observation, options, find_broken(snapshot, graph), cut_off)


def judge(scene: Scene, tracked: Tracked) -> IncidentVerdict:
    """Return what is to be done about an incident, if its group is not busy."""
    if tracked.order or tracked.key in scene.observation.acting:
        return UNDER_WAY
    if _is_unseen(scene, tracked):
        return IncidentVerdict(until_s=tracked.done_s + FRESH_S)
    if tracked.missing_s is not None:
        return IncidentVerdict()
    return _general_hold(scene) or _judge_cure(scene, tracked)


def _judge_cure(scene: Scene, tracked: Tracked) -> IncidentVerdict:
    """Return what is to be done about an incident that could be healed."""
    action = case_action_of(scene.report, tracked.incident)
    if action is CaseAction.NONE:
        return IncidentVerdict(
            hold=Hold.NO_PROOF,
            reason="nothing that nstui does heals it",
            is_plain=True,
        )
    targets = targets_of(scene.report, tracked.incident, action, scene.broken)
    if not targets:
        return IncidentVerdict(hold=Hold.NO_PROOF, reason=_undecided(tracked.incident))
    refused = [_first_obstacle(scene, target) for target in targets]
    free = tuple(t for t, one in zip(targets, refused, strict=True) if one is None)
    held = [one for one in refused if one is not None]
    verdict = _judge_plan(scene, action, free, tracked) if free else held[0]
    spent = verdict.spent.union(*(one.spent for one in held))
    return replace(verdict, spent=spent)


def _undecided(incident: Incident) -> str:
    if incident.is_command:
        return "healing it needs a decision"
    return incident.remedy


def _is_unseen(scene: Scene, tracked: Tracked) -> bool:
    """Tell whether the report may be older than the end of the last order."""
    if tracked.done_at is None or scene.now_s - tracked.done_s >= FRESH_S:
        return False
    return scene.report.snapshot.taken_at <= tracked.done_at


def _general_hold(scene: Scene) -> IncidentVerdict | None:
    """Return what keeps the watch from healing anything."""
    options = scene.options
    if options.is_second:
        return IncidentVerdict(
            hold=Hold.OTHER_WATCH, reason="another watch of this host acts"
        )
    if options.is_read_only:
        return IncidentVerdict(hold=Hold.READ_ONLY, reason="nstui is read-only")
    return None


def _judge_plan(
    scene: Scene, action: CaseAction, free: tuple[ContainerId, ...], tracked: Tracked
) -> IncidentVerdict:
    """Return the verdict on those of an incident's containers that nothing forbids."""
    draft = draft_plan(scene.report, action, free, scene.options)
    obstacle = _plan_obstacle(scene, draft)
    if obstacle is not None and len(free) > 1:
        # What one of them needs must not keep the others from being healed.
        alone = {t: _judge_alone(scene, action, t) for t in free}
        left = tuple(t for t, found in alone.items() if found is None)
        if left and left != free:
            return _judge_plan(scene, action, left, tracked)
        obstacle = next((one for one in alone.values() if one is not None), obstacle)
    if obstacle is not None:
        return obstacle
    return _judge_time(scene, draft, tracked)


def _judge_alone(
    scene: Scene, action: CaseAction, target: ContainerId
) -> IncidentVerdict | None:
    return _plan_obstacle(
        scene, draft_plan(scene.report, action, (target,), scene.options)
    )


def _plan_obstacle(scene: Scene, draft: Draft) -> IncidentVerdict | None:
    """Return why a plan must not be carried out now, whatever the time."""
    if not draft.touched:
        nothing = Hold.NO_PROOF, "nothing that nstui does heals it"
        hold, reason = next(iter(draft.refused.values()), nothing)
        return IncidentVerdict(hold=hold, reason=reason)
    unasked = [_name(scene, c) for c in draft.connected if c not in scene.broken]
    if unasked:
        reason = f"{unasked[0]} has no network, perhaps on purpose"
        return IncidentVerdict(hold=Hold.NO_PROOF, reason=reason)
    found = (_obstacle(scene, container) for container in draft.touched)
    return next((one for one in found if one is not None), None)


def _first_obstacle(scene: Scene, target: ContainerId) -> IncidentVerdict | None:
    """Return what keeps the watch from healing one container, whatever the plan."""
    found = _obstacle(scene, target)
    if found is not None:
        return found
    for need in stopped_needs(scene.report, target):
        if scene.is_stopped(need):
            return _stopped(scene, need)
    for hop in all_hops(scene.report.graph, target):
        if scene.container(hop).state is ContainerState.PAUSED:
            return IncidentVerdict(
                hold=Hold.PAUSED, reason=f"{_name(scene, hop)} is paused"
            )
    return None


def _obstacle(scene: Scene, container: ContainerId) -> IncidentVerdict | None:
    """Return why the watch must not act on a container; None if it may."""
    subject = scene.container(container)
    options, graph = scene.options, scene.report.graph
    untouchable = {*scene.observation.protected, *options.untouchable}
    if not untouchable.isdisjoint({container, subject.name}):
        reason = f"this watch runs in {subject.name}, or needs it"
        return IncidentVerdict(hold=Hold.OWN, reason=reason)
    if mode_of(options, graph, container) is not WatchMode.HEAL:
        return IncidentVerdict(
            hold=Hold.NOTIFY_ONLY, reason=f"the watch is not to heal {subject.name}"
        )
    if not is_selected(options, graph, container):
        return IncidentVerdict(
            hold=Hold.OUT_OF_SCOPE, reason=f"--only does not name {subject.name}"
        )
    if subject.state is ContainerState.PAUSED:
        return IncidentVerdict(hold=Hold.PAUSED, reason=f"{subject.name} is paused")
    if scene.is_stopped(container):
        return _stopped(scene, container)
    return _limit(scene, subject)


def _stopped(scene: Scene, container: ContainerId) -> IncidentVerdict:
    reason = why_stopped(scene.state.happenings, scene.container(container))
    return IncidentVerdict(hold=Hold.STOPPED, reason=reason)


def _limit(scene: Scene, subject: Container) -> IncidentVerdict | None:
    """Return how the attempts so far keep a container from being healed."""
    limits, now_s = scene.options.limits, scene.now_s
    attempts = scene.state.attempts.get(subject.name)
    if attempts is None:
        return None
    if attempts.open_until_s is not None or attempts.is_spent(limits, now_s):
        return IncidentVerdict(
            hold=Hold.CIRCUIT,
            reason=f"{subject.name} was healed {limits.budget} times in short order",
            until_s=attempts.open_until_s,
            spent=frozenset({subject.id}),
        )
    next_s = attempts.next_s(limits)
    if next_s > now_s:
        reason = f"the last attempt for {subject.name} was too short a time ago"
        return IncidentVerdict(hold=Hold.BACK_OFF, reason=reason, until_s=next_s)
    return None


def _judge_time(scene: Scene, draft: Draft, tracked: Tracked) -> IncidentVerdict:
    """Return whether it is time to carry out a plan that nothing else forbids."""
    if tracked.is_shown:
        return IncidentVerdict()
    if scene.now_s < tracked.again_s:
        reason = "the last attempt came to nothing"
        return IncidentVerdict(
            hold=Hold.BACK_OFF, reason=reason, until_s=tracked.again_s
        )
    again_s = _tried_in_vain(scene, tracked)
    if again_s is not None and tracked.refusal is not None:
        return IncidentVerdict(
            hold=Hold.NO_PROOF, reason=tracked.refusal.reason, until_s=again_s
        )
    concerned = (*draft.touched, *draft.owners)
    related = related_containers(scene.report, concerned)
    # What an interrupted plan was doing is to be finished, not waited for.
    others = tuple(one for one in related.members if one.id not in scene.cut_off)
    settle_s = max(
        settle_of(scene.options, scene.report.graph, c) for c in draft.touched
    )
    work = find_work(
        scene.state.happenings,
        replace(related, members=others),
        scene.report.graph.containers,
        scene.now_s,
        Patience(settle_s, scene.options.limits.work_s),
    )
    if work is not None:
        return IncidentVerdict(
            hold=Hold.AT_WORK, reason=work.reason, until_s=work.until_s
        )
    waits = list(_owner_waits(scene, draft, tracked, settle_s))
    if waits:
        return waits[0]
    return IncidentVerdict(
        draft=draft,
        spared=frozenset(_spared(scene, related, draft.touched)),
    )


def _tried_in_vain(scene: Scene, tracked: Tracked) -> float | None:
    """Return when to try again what needed a person; None if now."""
    refusal = tracked.refusal
    if refusal is None or scene.now_s >= refusal.at_s + AGAIN_S:
        return None
    is_news = bool(scene.state.running - refusal.there)
    return None if is_news else refusal.at_s + AGAIN_S


def _owner_waits(
    scene: Scene, draft: Draft, tracked: Tracked, settle_s: float
) -> Iterator[IncidentVerdict]:
    """Yield what owners have still to show before others are made to rely on them."""
    owners = sorted(draft.owners, key=lambda one: _name(scene, one))
    begun = [tracked.since_s] if not owners else []
    for owner in owners:
        since_s = _running_since(scene, owner)
        needed_s = max(settle_s, _proof_s(scene, owner))
        if scene.now_s < since_s + needed_s:
            words = "has not run for long enough"
            yield IncidentVerdict(
                hold=Hold.SETTLING,
                reason=f"{_name(scene, owner)} {words}",
                until_s=since_s + needed_s,
            )
    for since_s in begun:
        if scene.now_s < since_s + settle_s:
            reason = "it has not lasted for long enough"
            yield IncidentVerdict(
                hold=Hold.SETTLING, reason=reason, until_s=since_s + settle_s
            )
    for owner in owners:
        if scene.container(owner).health not in {None, Health.HEALTHY}:
            yield _health_wait(scene, owner)


def _health_wait(scene: Scene, owner: ContainerId) -> IncidentVerdict:
    limit_s = scene.options.limits.health_s
    until_s = _running_since(scene, owner) + limit_s
    name = _name(scene, owner)
    if scene.now_s < until_s:
        reason = f"the health check of {name} has not passed yet"
        return IncidentVerdict(hold=Hold.HEALTH, reason=reason, until_s=until_s)
    reason = f"the health check of {name} has not passed within {limit_s:g} s"
    return IncidentVerdict(hold=Hold.HEALTH, reason=reason, is_overdue=True)


def _running_since(scene: Scene, owner: ContainerId) -> float:
    run = scene.state.runs.get(owner)
    return scene.now_s if run is None else run.since_s


def _proof_s(scene: Scene, owner: ContainerId) -> float:
    """Return how long an owner has to run before it holds, if it has flapped.

    It has to run for twice as long as between its last two deaths.
    """
    life = scene.state.happenings.lives.get(owner)
    if life is None or len(life.deaths) < FLAPS:
        return 0.0
    return min(LONGEST_PROOF_S, 2 * (life.deaths[-1] - life.deaths[-2]))


def _spared(
    scene: Scene, related: RelatedContainers, touched: Collection[ContainerId]
) -> Iterator[ContainerId]:
    """Yield the containers of a group that the plan must not come to act on."""
    report = scene.report
    uncertain = find_uncertain_detached(report.snapshot, report.graph, ())
    detached = {one.container for one in uncertain}
    for member in related.members:
        if member.id not in touched and (
            member.id in detached or _obstacle(scene, member.id) is not None
        ):
            yield member.id


def _name(scene: Scene, container: ContainerId) -> str:
    return scene.report.graph.name(container)
