"""An action from the key to the end: plan, ask, carry out, and ask again if need be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.errors import ActionImpossible, ManagedElsewhere, PlanOutdated, StepFailed
from nstui.model.plan import Layer
from nstui.model.step import Action
from nstui.render.plan_text import (
    candidate_lines,
    choice_title,
    losing_text,
    result_lines,
)
from nstui.tui.poller import in_background
from nstui.tui.screens.closing import ProgressScreen
from nstui.tui.screens.prompts import ActionScreen, QuestionScreen, make_offer

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    from nstui.model.healing import OwnerChoice
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan, Request
    from nstui.service.host import Host
    from nstui.tui.screens.prompts import Choice, Offer


LEAVE = "leave them as they are"
_LAYERS = (
    (Layer.KEEP, "keep it: make it an image first"),
    (Layer.DROP, "give it up"),
)


async def ask_open_choices(app: App[None], plan: Plan) -> Request | None:
    """Ask what a plan leaves open; return the request that says it.

    Must be awaited in a worker of the app. The request is equal to the plan's own if
    there is nothing to ask, or nothing new was said; None if the user wants nothing
    done.
    """
    request = plan.request
    asked = {gone for gone, _ in request.chosen}
    for choice in plan.choices:
        if choice.gone not in asked:
            request = await _choose(app, request, choice)
    if request == plan.request and plan.losing:
        words = [losing_text(recreation) for recreation in plan.losing]
        question = QuestionScreen(
            "Recreating loses what was written outside the volumes",
            words,
            [answer for _, answer in _LAYERS],
        )
        answer = await app.push_screen_wait(question)
        return None if answer is None else replace(request, layer=_LAYERS[answer][0])
    return request


async def _choose(app: App[None], request: Request, choice: OwnerChoice) -> Request:
    lines = candidate_lines(choice)
    question = QuestionScreen(choice_title(choice), (), [*lines, LEAVE])
    answer = await app.push_screen_wait(question)
    if answer is None or answer >= len(lines):
        return request
    chosen = (choice.gone, choice.candidates[answer][0])
    return replace(request, chosen=(*request.chosen, chosen))


READING = "reading everything again before anything is done"
UNHEALED = "Not all was healed"
CLOSE = "close"
UNNOTICED_S = 0.3
"""How long something may take before the screen says that it takes its time."""


class ActionFlow:
    """Asks until the user has chosen and what was shown still holds."""

    def __init__(
        self, app: App[None], host: Host, say: Callable[[str], object]
    ) -> None:
        """Take where to show the prompt, and the host to act on.

        Args:
            app: Shows the prompt.
            host: The host.
            say: Shows a line while something takes its time; an empty one ends that.

        """
        self._app = app
        self._executor = host.executor
        self._say = say
        self.remarks: tuple[str, ...] = ()
        """What is worth to be known of what was done, as sentences."""

    async def hold(self, request: Request) -> Plan | None:
        """Return the plan that was carried out; None if the user changed nothing.

        Must be awaited in a worker of the app.

        Raises:
            NstuiError: something was refused, failed, or could not be asked.

        """
        notice = None
        finished: Plan | None = None
        while True:
            offer = await self._ask(request)
            settled = await ask_open_choices(self._app, offer.plan)
            if settled is None:
                return finished
            if settled != request:
                request = settled
                continue
            _refuse_impossible(offer.plan)
            if not offer.plan.steps:
                return finished or offer.plan
            prompt = ActionScreen(offer, notice)
            choice: Choice = await self._app.push_screen_wait(prompt)
            plan = offer.chosen(choice)
            if plan is None:
                return finished
            try:
                unfinished = await self._carry_out(plan)
            except PlanOutdated as error:
                if error.plan is None:
                    raise
                notice = str(error)
                continue
            left = await in_background(partial(self._executor.request_after, plan))
            if left is None:
                return plan
            # What was cut off is finished; what is broken still is for another prompt.
            request = replace(left, passed_over=left.passed_over + unfinished)
            finished, notice = None if unfinished else plan, None

    async def _show_result(self, plan: Plan, error: StepFailed) -> None:
        """List what was healed, what failed and what was left alone."""
        if plan.request.action is not Action.HEAL:
            return
        lines = tuple(result_lines(plan, error.outcome))
        await self._app.push_screen_wait(QuestionScreen(UNHEALED, lines, (CLOSE,)))

    async def _ask(self, request: Request) -> Offer:
        """Make an offer; say so if the engine takes its time to answer."""
        work = asyncio.ensure_future(
            in_background(partial(make_offer, self._executor, request))
        )
        await asyncio.wait({work}, timeout=UNNOTICED_S)
        if work.done():
            return await work
        self._say(READING)
        try:
            return await work
        finally:
            self._say("")

    async def _carry_out(self, plan: Plan) -> tuple[str, ...]:
        """Carry a plan out; list what has come of it if not all was done.

        Returns:
            The records of plans that were cut off and could not be finished, after
            which what has nothing to do with them comes next.

        """
        try:
            outcome = await self._take_steps(plan)
        except StepFailed as error:
            await self._show_result(plan, error)
            if error.outcome.unfinished:
                return error.outcome.unfinished
            raise
        self.remarks += outcome.remarks
        return ()

    async def _take_steps(self, plan: Plan) -> Outcome:
        """Carry a plan out, and show its steps unless it is done in a moment."""
        progress = ProgressScreen(plan)
        work = asyncio.ensure_future(
            in_background(partial(self._executor.carry_out, plan, progress.report))
        )
        await asyncio.wait({work}, timeout=UNNOTICED_S)
        if work.done():
            return await work
        await self._app.push_screen(progress)
        try:
            return await work
        finally:
            # A palette may be open above it.
            while progress in self._app.screen_stack:
                self._app.screen.dismiss()


def _refuse_impossible(plan: Plan) -> None:
    """Raise if there is nothing to choose."""
    if plan.managed:
        raise ManagedElsewhere("; ".join(plan.managed))
    if plan.objections:
        raise ActionImpossible("; ".join(plan.objections))
