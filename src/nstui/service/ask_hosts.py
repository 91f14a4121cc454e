"""Asks several hosts at the same time, so that none holds up the others."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from nstui.errors import EngineUnreachable, InternalFault, NstuiError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nstui.service.host import Host
    from nstui.service.host_choice import HostChoice

    Answers = queue.SimpleQueue[tuple[int, "Answer | NstuiError"]]

Answer = TypeVar("Answer")

HOST_LIMIT_S = 10.0
"""How many seconds each of several hosts may take."""


def ask_hosts(
    choices: Sequence[HostChoice],
    ask: Callable[[Host], Answer],
    limit_s: float | None = None,
) -> tuple[Answer | NstuiError, ...]:
    """Ask each host in a thread of its own; return what each answers, in their order.

    Nothing waits for a host that takes too long: its thread is left behind, and ends
    with the program.

    Args:
        choices: The hosts.
        ask: Asks one host; called in several threads.
        limit_s: How many seconds each may take; None for `HOST_LIMIT_S`.

    Returns:
        For each host its answer, or why there is none.

    """
    limit_s = HOST_LIMIT_S if limit_s is None else limit_s
    answers: Answers[Answer] = queue.SimpleQueue()
    for place, choice in enumerate(choices):
        threading.Thread(
            target=_ask_one,
            args=(place, choice, ask, answers),
            name=f"host {choice.name}",
            daemon=True,
        ).start()
    found: dict[int, Answer | NstuiError] = {}
    until = time.monotonic() + limit_s
    while len(found) < len(choices):
        try:
            place, answer = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        found[place] = answer
    return tuple(
        found[place] if place in found else _no_answer(limit_s)
        for place in range(len(choices))
    )


def _ask_one(
    place: int,
    choice: HostChoice,
    ask: Callable[[Host], Answer],
    answers: Answers[Answer],
) -> None:
    try:
        host = choice.connect()
        try:
            answer: Answer | NstuiError = ask(host)
        finally:
            host.engine.close()
    except NstuiError as error:
        answer = error
    except Exception as error:  # noqa: BLE001 - one host must not hide the others
        answer = InternalFault.of(error)
    answers.put((place, answer))


def _no_answer(limit_s: float) -> EngineUnreachable:
    return EngineUnreachable(
        f"did not answer within {limit_s:g} s", Unreachable.TIMED_OUT
    )
