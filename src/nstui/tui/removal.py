"""A removal from the key to the end: plan, ask, carry out, and ask again if need be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nstui.errors import PlanOutdated
from nstui.tui.background import in_background
from nstui.tui.offer import make_offer
from nstui.tui.screens.remove import RemoveScreen

if TYPE_CHECKING:
    from textual.app import App

    from nstui.model.container import ContainerId
    from nstui.service.connection import Connection
    from nstui.tui.offer import Choice


class RemovalDialogue:
    """Asks until the user has chosen and what was shown still holds."""

    def __init__(self, app: App[None], connection: Connection) -> None:
        """Take where to show the prompt, and the host to act on."""
        self._app = app
        self._executor = connection.executor

    async def hold(self, container: ContainerId) -> tuple[str, ...]:
        """Return the names of what was removed; none if the user kept it.

        Must be awaited in a worker of the app.

        Raises:
            NstuiError: something was refused, failed, or could not be asked.

        """
        executor = self._executor
        notice = None
        while True:
            offer = await in_background(lambda: make_offer(executor, container))
            prompt = RemoveScreen(offer, notice)
            choice: Choice = await self._app.push_screen_wait(prompt)
            plan = offer.chosen(choice)
            if plan is None:
                return ()
            try:
                await in_background(partial(executor.carry_out, plan))
            except PlanOutdated as error:
                if error.plan is None:
                    raise
                notice = str(error)
            else:
                return tuple(dict.fromkeys(step.name for step in plan.steps))
