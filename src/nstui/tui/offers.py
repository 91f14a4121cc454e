"""From a key to what is asked for, and the plans that it offers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.plans.plans import with_policy
from nstui.model.frozen import dataclass
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
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


def make_request(
    action: Action, selected: tuple[ContainerId, ...], at_cursor: ContainerId | None
) -> Request | None:
    """Return the request of an action; None if there is nobody to act on.

    Args:
        action: What the key means.
        selected: Those that were selected; they come before the one at the cursor.
        at_cursor: The container under the cursor, if it is on one.

    """
    if action is Action.PRUNE:
        return Request(action=action, targets=())
    if action is Action.HEAL:
        # Without a selection all that is broken is meant.
        return Request(action=action, targets=selected)
    targets = selected or ((at_cursor,) if at_cursor else ())
    if not targets:
        return None
    # What runs is stopped first, gently: the force of rm -f is for who asks for it.
    return Request(action=action, targets=targets, stop_first=action is Action.RM)
