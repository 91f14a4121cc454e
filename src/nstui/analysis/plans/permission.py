"""What permits a plan, and how much harm it does to what was running.

Refuses the plans that must not be carried out, and says what would be accepted.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.plans.managed import can_be_forced, only_signals, own_end_text
from nstui.analysis.text import on_host
from nstui.errors import (
    ActionImpossible,
    DecisionMissing,
    ManagedElsewhere,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.plan import Plan, Policy
from nstui.model.step import Action, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.healing import Recreation
    from nstui.model.snapshot import Snapshot
    from nstui.model.step import Step


class Harm(StrEnum):
    """The harm of a plan, by what it takes to undo it."""

    NONE = "none"
    """Nothing stops that was running well."""

    OUTAGE = "outage"
    """Containers stop for a time, or until they are started again."""

    LOSS = "loss"
    """Something is removed, lost or broken."""


_ENDS = frozenset({Verb.RM, Verb.STOP, Verb.KILL, Verb.MANAGER})
_OUTAGES = frozenset(
    {Action.STOP, Action.KILL, Action.RESTART, Action.PAUSE, Action.RECREATE}
)


def harm_of(plan: Plan) -> Harm:
    """Return the harm of a plan, to the containers acted on and to all others."""
    if plan.breaks or not plan.is_permitted or _loses(plan):
        return Harm.LOSS
    return Harm.OUTAGE if plan.request.action in _OUTAGES else Harm.NONE


def removes_others(plan: Plan) -> bool:
    """Tell whether a plan removes containers that were not named.

    What a replacement, or the end of one that was cut off, removes is there again.
    """
    named = {target.id for target in plan.targets}
    return any(_is_end(step) and step.container not in named for step in plan.steps)


def _loses(plan: Plan) -> bool:
    """Tell whether a container, or what it wrote, is gone afterwards."""
    kept = {step.container for step in plan.steps if step.keeps_layer}
    return any(map(_is_end, plan.steps)) or any(
        _costs(one, is_kept=one.container in kept) for one in plan.recreations
    )


def _is_end(step: Step) -> bool:
    """Tell whether a step removes a container in whose place there is no other."""
    return step.removes and step.verb in _ENDS and not step.is_old


def _costs(recreation: Recreation, *, is_kept: bool) -> bool:
    is_layer_lost = recreation.changes != () and not is_kept
    return is_layer_lost or bool(recreation.left_out) or recreation.is_one_way


def refuse_unless_permitted(plan: Plan, with_dependents: Plan | None = None) -> None:
    """Raise if a plan must not be carried out.

    Args:
        plan: The plan.
        with_dependents: The same plan with the dependents included; None if it is not
            known.

    Raises:
        ManagedElsewhere: something else manages a container of the plan.
        WouldBreakDependents: the policy does not permit the plan.
        WouldLoseChanges: the plan would discard files without a decision.
        ActionImpossible: the engine would refuse the plan.
        DecisionMissing: only the user can decide what the plan leaves open.

    """
    if plan.managed:
        reasons = on_host("; ".join(plan.managed), plan.options)
        raise ManagedElsewhere(f"refused, nothing was changed: {reasons}")
    if not plan.is_permitted:
        because = ", and ".join(_reasons(plan))
        way_out = (
            ", ".join(_permitting_policies(plan, with_dependents))
            or "nothing else would be accepted"
        )
        raise WouldBreakDependents(
            f"refused, nothing was changed: {because}; {way_out}", plan
        )
    if plan.losing:
        names = ", ".join(one.name for one in plan.losing)
        raise WouldLoseChanges(
            f"refused, nothing was changed: {names} would lose its changes outside"
            " volumes; --keep-changes commits them to an image first, --drop-changes"
            " discards them"
        )
    if plan.objections:
        raise ActionImpossible(on_host("; ".join(plan.objections), plan.options))
    if plan.restoration is not None and plan.restoration.undecided:
        said = (f"{one.sentence}: {one.option}" for one in plan.restoration.undecided)
        raise DecisionMissing(f"refused, nothing was changed: {'; '.join(said)}")


def _permitting_policies(plan: Plan, with_dependents: Plan | None) -> Iterator[str]:
    """Yield the policies that would permit the plan, each as a clause."""
    # An objection that `plan` has as well is not due to the dependents.
    may_include = with_dependents is None or (
        with_dependents.is_permitted
        and (with_dependents.is_possible or not plan.is_possible)
    )
    if plan.request.policy is Policy.PROTECT and plan.breaks and may_include:
        yield "--with-dependents acts on them too"
    if can_be_forced(plan):
        yield "--break-dependents accepts the harm"


def _reasons(plan: Plan) -> Iterator[str]:
    """Yield the reasons why a plan is not permitted, each as a clause."""
    if plan.breaks:
        named = {name for effect in plan.harmed for name in effect.because_of}
        names = sorted(named) or [target.name for target in plan.targets]
        yield f"others depend on {', '.join(names)}"
    if plan.uncertain:
        yield f"could not inspect {', '.join(plan.uncertain)}"
    if plan.unplaced:
        unplaced = ", ".join(plan.unplaced)
        yield f"the namespace of {unplaced} is unknown"


_HARMLESS = frozenset(
    {Verb.START, Verb.UNPAUSE, Verb.WAIT, Verb.PULL, Verb.CONNECT, Verb.RESTORE}
)
"""The steps that neither end nor pause a container."""


def without_own_end(snapshot: Snapshot, graph: Graph, plan: Plan) -> Plan:
    """Return a plan; refused if it ends, or pauses, what nstui itself runs in.

    A signal that is not meant to end a container may be sent to nstui's own.

    Args:
        snapshot: The state of the host, with the containers with which nstui ends.
        graph: The dependencies.
        plan: The plan.

    """
    ended = {
        step.container: step.name
        for step in plan.steps
        if step.container in snapshot.own and step.verb not in _HARMLESS
        if not only_signals(step, graph)
    }
    own = [f"{ended[c]} {own_end_text(snapshot.own[c])}" for c in ended]
    return replace(plan, managed=(*own, *plan.managed)) if own else plan
