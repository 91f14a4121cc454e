"""The flow of an action: plan, ask, carry out, and ask again if necessary."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.plans.plans import with_policy
from nstui.analysis.text import on_host
from nstui.errors import (
    ActionImpossible,
    DecisionMissing,
    ManagedElsewhere,
    PlanOutdated,
    StepFailed,
)
from nstui.model.frozen import dataclass
from nstui.model.plan import Layer, Plan, Policy, Request
from nstui.model.step import Action
from nstui.render.plan_text import (
    candidate_lines,
    choice_title,
    losing_text,
    result_lines,
)
from nstui.render.prompt_text import PULL_ANSWERS, leave_line, pull_question
from nstui.render.restoration_text import image_question
from nstui.render.text import printable
from nstui.tui.poller import in_background
from nstui.tui.screens.closing import ProgressScreen
from nstui.tui.screens.prompts import ActionScreen, Choice, Offer, make_offer
from nstui.tui.screens.questions import DecisionScreen, OwnerScreen, QuestionScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    from nstui.model.container import ContainerId
    from nstui.model.healing import OwnerChoice
    from nstui.model.outcome import Outcome
    from nstui.service.host import Host


LEAVE_LAYER = "Change nothing"
_LAYERS: tuple[tuple[Layer, str], ...] = (
    (Layer.KEEP, "Commit changes outside volumes to an image first"),
    (Layer.DROP, "Discard changes outside volumes"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What was asked so far; escape returns to the one before."""

    request: Request
    left: frozenset[ContainerId] = frozenset()
    """The owners that are gone and that the user wants no replacement for."""

    is_pull_chosen: bool = False
    """Whether it was asked if the image is pulled first."""

    offer: Offer | None = None
    """The plans under this request; None if they have to be made first."""

    def open_choice(self, plan: Plan) -> OwnerChoice | None:
        """Return the first question of a plan that was not answered yet."""
        asked = {gone for gone, _ in self.request.chosen} | self.left
        return next((c for c in plan.choices if c.gone not in asked), None)

    @property
    def is_planned(self) -> bool:
        """Whether the offer is for this request, or has still something to ask."""
        if self.offer is None:
            return False
        plan = self.offer.plan
        return plan.request == self.request or self.open_choice(plan) is not None

    def choose(self, choice: OwnerChoice, answer: int) -> Stage:
        """Return what follows from an answer; the first one leaves all as it is."""
        if answer == 0:
            return replace(self, left=self.left | {choice.gone})
        chosen = (choice.gone, choice.candidates[answer - 1][0])
        request = replace(self.request, chosen=(*self.request.chosen, chosen))
        return replace(self, request=request)


LOSING = "Recreating loses what was written outside the volumes"
READING = "reading everything again before anything is done"
UNHEALED = "Not everything was healed"
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
        self._is_ending = False
        self.remarks: tuple[str, ...] = ()
        """What the user should know about the outcome, as sentences."""

    def end(self) -> None:
        """Begin no further step and ask nothing more, since the app is to end."""
        self._is_ending = True
        self._executor.stop_soon()

    async def run(self, request: Request, notice: str | None = None) -> Plan | None:
        """Return the plan that was carried out; None if the user changed nothing.

        Must be awaited in a worker of the app.

        Args:
            request: What to plan.
            notice: What the first prompt says above the plan; None for nothing.

        Raises:
            NstuiError: Something was refused, failed, or could not be asked.

        """
        finished: Plan | None = None
        was_asked = False
        while True:
            stage = Stage(request, is_pull_chosen=was_asked)
            agreed = await self._agree(stage, notice)
            was_asked = True
            if agreed is None:
                return finished
            if not agreed.steps:
                return finished or agreed
            try:
                unfinished = await self._carry_out(agreed)
            except PlanOutdated as error:
                if error.plan is None or self._is_ending:
                    raise
                # What was answered is still in the request.
                request = with_policy(agreed.request, Policy.PROTECT)
                notice = str(error)
                continue
            if self._is_ending:
                return agreed
            after = partial(self._executor.request_after, agreed)
            following = await in_background(after)
            if following is None or self._is_ending:
                return agreed
            # Interrupted plans come first; then what is still broken gets another
            # prompt.
            request = replace(following, passed_over=following.passed_over + unfinished)
            finished, notice = None if unfinished else agreed, None

    async def _agree(self, stage: Stage, notice: str | None) -> Plan | None:
        """Ask what must be decided, then whether to act.

        Returns:
            The plan that the user wants; one without steps if there is nothing to do,
            None if the user cancels.

        """
        before: list[Stage] = []
        while True:
            offer = stage.offer
            if offer is None or not stage.is_planned:
                offer = await self._ask(stage.request)
                stage = replace(stage, offer=offer)
            answered = await self._decide(stage, offer.plan)
            if answered is stage:
                if stage.left and not offer.plan.steps:
                    return None
                _refuse_impossible(offer.plan)
                if not offer.plan.steps:
                    return offer.plan
                prompt = ActionScreen(offer, notice, can_go_back=bool(before))
                choice: Choice = await self._app.push_screen_wait(prompt)
                if choice is Choice.EVERYTHING:
                    everything = replace(offer.plan.request, targets=())
                    answered = replace(stage, request=everything, offer=None)
                elif choice is Choice.BACK:
                    answered = None
                else:
                    return offer.chosen(choice)
            if answered is not None:
                before.append(stage)
                stage = answered
            elif before:
                stage = before.pop()
            else:
                return None

    async def _decide(self, stage: Stage, plan: Plan) -> Stage | None:
        """Ask the next question about a plan, if there is one.

        Returns:
            The stage with the answer; the same one if there is nothing to ask, None if
            the user wants to go back.

        """
        restoration = plan.restoration
        if restoration is not None and not plan.is_possible:
            return stage
        choice = stage.open_choice(plan)
        if choice is not None:
            question = OwnerScreen(
                choice_title(choice), (), [leave_line(choice), *candidate_lines(choice)]
            )
            answer = await self._app.push_screen_wait(question)
            return None if answer is None else stage.choose(choice, answer)
        if restoration is not None and restoration.other_image:
            return await self._choose_image(stage, restoration.other_image)
        if stage.request.action is Action.RECREATE and not stage.is_pull_chosen:
            return await self._choose_pull(stage, plan)
        return await self._choose_layer(stage, plan) if plan.losing else stage

    async def _choose_layer(self, stage: Stage, plan: Plan) -> Stage | None:
        """Ask what becomes of changes outside volumes."""
        lines = [losing_text(recreation) for recreation in plan.losing]
        layers = _layers_of(plan)
        answers = [answer for _, answer in layers]
        answer = await self._app.push_screen_wait(
            DecisionScreen(LOSING, lines, answers)
        )
        layer = None if answer is None else layers[answer][0]
        if layer is None:
            return None
        return replace(stage, request=replace(stage.request, layer=layer))

    async def _choose_pull(self, stage: Stage, plan: Plan) -> Stage | None:
        """Ask whether the image is pulled before anything is recreated."""
        answer = await self._app.push_screen_wait(
            DecisionScreen(pull_question(plan), (), PULL_ANSWERS)
        )
        if answer is None:
            return None
        request = replace(stage.request, pull=answer == 1)
        return replace(stage, request=request, is_pull_chosen=True)

    async def _choose_image(self, stage: Stage, name: str) -> Stage | None:
        """Ask whether another image of the same name may be used."""
        answers = ("Restore nothing", f"Use {printable(name)} as it is now")
        answer = await self._app.push_screen_wait(
            DecisionScreen(image_question(name), (), answers)
        )
        if answer != 1:
            return None
        return replace(stage, request=replace(stage.request, image=name))

    async def _show_result(self, plan: Plan, error: StepFailed) -> None:
        """Show what was healed, what failed and what was left alone."""
        if plan.request.action is not Action.HEAL or self._is_ending:
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
            if error.outcome.unfinished and not self._is_ending:
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


def _layers_of(plan: Plan) -> tuple[tuple[Layer | None, str], ...]:
    """Return what may become of changes outside volumes, the harmless answer first.

    What a container wrote on its old image cannot be kept on a new one.
    """
    is_renewed = plan.request.action is Action.RECREATE and any(
        one.container in plan.request.targets for one in plan.losing
    )
    return ((None, LEAVE_LAYER), _LAYERS[1]) if is_renewed else _LAYERS


def _refuse_impossible(plan: Plan) -> None:
    """Raise an error if there is nothing to choose."""
    if plan.managed:
        raise ManagedElsewhere(on_host("; ".join(plan.managed), plan.options))
    if plan.objections:
        raise ActionImpossible(on_host("; ".join(plan.objections), plan.options))
    if plan.restoration is not None and plan.restoration.undecided:
        raise DecisionMissing(
            "; ".join(one.sentence for one in plan.restoration.undecided)
        )
