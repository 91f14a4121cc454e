"""Refuses the plans that must not be carried out, and says what would be accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.plans.managed import can_be_forced
from nstui.analysis.text import on_host
from nstui.errors import (
    ActionImpossible,
    DecisionMissing,
    ManagedElsewhere,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.plan import Plan, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator


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
