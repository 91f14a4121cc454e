"""The plans that an action offers, and what the user may choose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.plans import with_policy
from nstui.model.plan import Plan, Policy

if TYPE_CHECKING:
    from nstui.model.plan import Request
    from nstui.service.executor import Executor


class Choice(StrEnum):
    """What the user decided."""

    KEEP = "keep"
    """Nothing is changed."""

    ACT = "act"
    """Nobody is harmed."""

    WITH_DEPENDENTS = "with-dependents"
    ANYWAY = "anyway"


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as the prompt shows it."""

    plan: Plan
    """What the action would do to the targets alone."""

    with_dependents: Plan
    anyway: Plan

    def chosen(self, choice: Choice) -> Plan | None:
        """Return the plan of a choice; None if nothing is to be changed."""
        return {
            Choice.ACT: self.plan,
            Choice.WITH_DEPENDENTS: self.with_dependents,
            Choice.ANYWAY: self.anyway,
        }.get(choice)


def make_offer(executor: Executor, request: Request) -> Offer:
    """Read everything afresh and plan an action under each policy.

    Raises:
        ContainerVanished: a target is no longer there.

    """
    plans = executor.plans(
        with_policy(request, policy)
        for policy in (Policy.PROTECT, Policy.WITH_DEPENDENTS, Policy.BREAK_DEPENDENTS)
    )
    return Offer(*plans)
