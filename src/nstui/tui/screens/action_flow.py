"""The flow of an action: plan, ask, carry out, and ask again if necessary."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.errors import (
    ActionImpossible,
    DecisionMissing,
    ManagedElsewhere,
    PlanOutdated,
    StepFailed,
)
from nstui.model.plan import Layer
from nstui.model.step import Action
from nstui.render.plan_text import (
    candidate_lines,
    choice_title,
    losing_text,
    result_lines,
)
from nstui.render.restoration_text import image_question
from nstui.render.text import printable
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
    """Ask about what a plan leaves open; return the request with the answers.

    Must be awaited in a worker of the app. The request is equal to the plan's own if
    there was nothing to ask, or nothing was chosen; None if the user cancels.
    """
    request = plan.request
    if plan.restoration is not None and not plan.is_possible:
        return request
    asked = {gone for gone, _ in request.chosen}
    for choice in plan.choices:
        if choice.gone not in asked:
            request = await _choose(app, request, choice)
    restoration = plan.restoration
    if request == plan.request and restoration is not None and restoration.other_image:
        return await _choose_image(app, request, restoration.other_image)
    if request == plan.request and plan.losing:
        lines = [losing_text(recreation) for recreation in plan.losing]
        question = QuestionScreen(
            "Recreating loses what was written outside the volumes",
            lines,
            [answer for _, answer in _LAYERS],
        )
        answer = await app.push_screen_wait(question)
        return None if answer is None else replace(request, layer=_LAYERS[answer][0])
    return request


async def _choose_image(app: App[None], request: Request, name: str) -> Request | None:
    """Ask whether another image of the same name may be used; None if it may not."""
    answers = (f"use {printable(name)} as it is now", "leave it")
    answer = await app.push_screen_wait(
        QuestionScreen(image_question(name), (), answers)
    )
    return replace(request, image=name) if answer == 0 else None


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
"""How many seconds something may take before the screen says so."""


class ActionFlow:
    """Asks until the user has chosen and the plan that was shown still holds."""

    def __init__(
        self, app: App[None], host: Host, say: Callable[[str], object]
    ) -> None:
        """Create a flow.

        Args:
            app: Shows the prompts.
            host: The host to act on.
            say: Shows a line while something takes long; an empty text removes it.

        """
        self._app = app
        self._executor = host.executor
        self._say = say
        self.remarks: tuple[str, ...] = ()
        """What the user should know about the outcome, as sentences."""

    async def run(self, request: Request) -> Plan | None:
        """Return the plan that was carried out; None if the user changed nothing.

        Must be awaited in a worker of the app.

        Raises:
            NstuiError: Something was refused, failed, or could not be asked.

        """
        notice = None
        finished: Plan | None = None
        while True:
            offer = await self._ask(request)
            answered = await ask_open_choices(self._app, offer.plan)
            if answered is None:
                return finished
            if answered != request:
                request = answered
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
            following = await in_background(partial(self._executor.request_after, plan))
            if following is None:
                return plan
            # Interrupted plans come first; then what is still broken gets another
            # prompt.
            request = replace(following, passed_over=following.passed_over + unfinished)
            finished, notice = None if unfinished else plan, None

    async def _show_result(self, plan: Plan, error: StepFailed) -> None:
        """Show what was healed, what failed and what was left alone."""
        if plan.request.action is not Action.HEAL:
            return
        lines = tuple(result_lines(plan, error.outcome))
        await self._app.push_screen_wait(QuestionScreen(UNHEALED, lines, (CLOSE,)))

    async def _ask(self, request: Request) -> Offer:
        """Make an offer; show a line if the engine takes long to answer."""
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
        """Carry a plan out; show the result if not everything was done.

        Returns:
            The ids of the plans that were cut off and could not be finished. The next
            prompt skips them.

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
        """Carry a plan out, and show its steps unless it is done at once."""
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
    """Raise an error if there is nothing to choose."""
    if plan.managed:
        raise ManagedElsewhere("; ".join(plan.managed))
    if plan.objections:
        raise ActionImpossible("; ".join(plan.objections))
    if plan.restoration is not None and plan.restoration.undecided:
        raise DecisionMissing(
            "; ".join(one.sentence for one in plan.restoration.undecided)
        )
