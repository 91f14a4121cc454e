"""What the user has to decide before a plan can heal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.healing import Layer
from nstui.render.heal_text import candidate_lines, choice_title, losing_words
from nstui.tui.screens.question import QuestionScreen

if TYPE_CHECKING:
    from textual.app import App

    from nstui.model.healing import OwnerChoice
    from nstui.model.plan import Plan, Request

LEAVE = "leave them as they are"
_LAYERS = (
    (Layer.KEEP, "keep it: make it an image first"),
    (Layer.DROP, "give it up"),
)


async def settle(app: App[None], plan: Plan) -> Request | None:
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
        words = [losing_words(recreation) for recreation in plan.losing]
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
