"""Work that must not hold up the screen, nor the end of the program."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

from nstui.errors import InternalFault, NstuiError

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


async def in_background(work: Callable[[], Result]) -> Result:
    """Run blocking work in a daemon thread and return its result.

    What it raises besides nstui's own errors is raised as an `InternalFault`.

    The loop's own executor will not do: the end of the program waits for its threads,
    for as long as a hanging engine holds one.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(finish: Callable[[], None]) -> None:
        def unless_settled() -> None:
            if not future.done():
                finish()

        if not loop.is_closed():
            loop.call_soon_threadsafe(unless_settled)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            failure = error
            if isinstance(error, Exception) and not isinstance(error, NstuiError):
                failure = InternalFault.of(error)
            settle(lambda: future.set_exception(failure))
        else:
            settle(lambda: future.set_result(result))

    threading.Thread(target=run, name="in_background", daemon=True).start()
    return await future
