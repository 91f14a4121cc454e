"""Looks a while later whether what was done has lasted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.lasting import why_undone
from nstui.errors import NstuiError
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from threading import Event

    from nstui.model.container import ContainerId
    from nstui.service.observer import Observer
    from nstui.service.step_runner import Done

LASTING_S = 3.0
"""How long what was done has to last: once for a plan, however many steps it has."""

_AWAITED = frozenset({Verb.RECREATE, Verb.COMPOSE, Verb.FINISH, Verb.UNDO})
"""The steps that wait for as long themselves, while what was before can come back."""


def await_lasting(
    observer: Observer,
    done: Mapping[int, Done],
    ran: Collection[ContainerId],
    stop: Event,
) -> Iterator[tuple[int, str]]:
    """Yield the numbers of steps that were undone meanwhile, and what is the case.

    Only the last step of each container counts.

    Args:
        observer: Looks at the host.
        done: What was done, by the number of the step.
        ran: The containers that ran before the plan.
        stop: Set once the program is to end: then it is looked at at once.

    """
    last = {
        one.step.container: number
        for number, one in done.items()
        if one.seen is not None or one.step.verb is Verb.RM
    }
    left = {n: seen for n in sorted(last.values()) if (seen := done[n].seen)}
    if not left:
        return
    moments = [done[n].at for n in left if done[n].step.verb not in _AWAITED]
    if moments:
        stop.wait(max(0.0, max(moments) + LASTING_S - time.monotonic()))
    try:
        report = observer.look_afresh()
    except NstuiError:
        # Each was seen to be done; that nobody answers now is another matter.
        return
    for number, seen in left.items():
        step = done[number].step
        undone = why_undone(step, seen, report, ran=step.container in ran)
        if undone:
            yield number, undone
