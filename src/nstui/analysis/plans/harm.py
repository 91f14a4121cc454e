"""How much harm a plan does, and whether a name must be typed to allow it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.step import Action, Verb

if TYPE_CHECKING:
    from nstui.model.healing import Recreation
    from nstui.model.plan import Plan
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
