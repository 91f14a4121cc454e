"""The plans that a removal offers, and what the user may choose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.plans import with_policy
from nstui.model.plan import Action, Plan, Policy, Request

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.service.executor import Executor


class Choice(StrEnum):
    """What the user decided."""

    KEEP = "keep"
    REMOVE = "remove"
    """Nothing depends on it."""

    WITH_DEPENDENTS = "with-dependents"
    ANYWAY = "anyway"


@dataclass(frozen=True, slots=True)
class Offer:
    """A removal as the prompt shows it."""

    plan: Plan
    """What removing just the target would do."""

    with_dependents: Plan
    anyway: Plan

    def chosen(self, choice: Choice) -> Plan | None:
        """Return the plan of a choice; None if all is kept."""
        return {
            Choice.REMOVE: self.plan,
            Choice.WITH_DEPENDENTS: self.with_dependents,
            Choice.ANYWAY: self.anyway,
        }.get(choice)


def make_offer(executor: Executor, container: ContainerId) -> Offer:
    """Read everything afresh and plan the removal of a container.

    What runs is stopped first, gently: the force of ``rm -f`` is for those who ask.

    Raises:
        ContainerVanished: it is no longer there.

    """
    request = Request(action=Action.RM, targets=(container,), stop_first=True)
    return Offer(
        plan=executor.plan(request),
        with_dependents=executor.plan(with_policy(request, Policy.WITH_DEPENDENTS)),
        anyway=executor.plan(with_policy(request, Policy.BREAK_DEPENDENTS)),
    )
