"""Checks at the end of a plan that the effects of its steps have lasted."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.checks import finished_text, why_undone, why_worse
from nstui.errors import NstuiError
from nstui.model.outcome import Aftermath, Failure
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from threading import Event

    from nstui.model.container import ContainerId
    from nstui.model.step import Step
    from nstui.service.observer import Observer
    from nstui.service.results import Results
    from nstui.service.step_runner import CompletedStep


LASTING_S = 3.0
"""Seconds that effects have to last: waited for once per plan, after all steps."""

_WAITING_VERBS = frozenset(
    {Verb.RECREATE, Verb.RESTORE, Verb.COMPOSE, Verb.FINISH, Verb.UNDO}
)
"""The steps that wait for as long themselves, while they can still be undone."""

_IMMEDIATE_VERBS = frozenset({Verb.PAUSE, Verb.UNPAUSE})
"""The steps that are not waited for, since no program begins or ends with them."""


def find_undone_steps(
    observer: Observer,
    done: Mapping[int, CompletedStep],
    ran: Collection[ContainerId],
    stop: Event,
) -> Iterator[tuple[int, str, str]]:
    """Wait a moment; yield each step with an effect that did not last, and why.

    A step is given by its number. Only the last step of each container counts. The
    reason is empty for a container that has done its work, of which the third value
    tells.

    Args:
        observer: Looks at the host.
        done: The steps that were done, by number.
        ran: The containers that ran before the plan.
        stop: Set when the program is about to end: nothing is waited for then.

    """
    last = {
        one.step.container: number
        for number, one in done.items()
        if one.seen is not None or one.step.verb is Verb.RM
    }
    left = {n: seen for n in sorted(last.values()) if (seen := done[n].seen)}
    if not left:
        return
    skipped = _WAITING_VERBS | _IMMEDIATE_VERBS
    moments = [done[n].at for n in left if done[n].step.verb not in skipped]
    if moments:
        stop.wait(max(0.0, max(moments) + LASTING_S - time.monotonic()))
    try:
        report = observer.look_afresh()
    except NstuiError:
        # Each effect was seen; that the engine does not answer now changes nothing.
        return
    for number, seen in left.items():
        step = done[number].step
        undone = why_undone(step, seen, report, ran=step.container in ran)
        ended = "" if undone else finished_text(step, report)
        if undone or ended:
            yield number, undone, ended


_UNCHANGED = frozenset({Aftermath.NOT_ASKED, Aftermath.UNCHANGED})
"""The aftermaths of failed steps that have changed nothing; the reason for the failure
then does not describe the container's present state."""


def check_lasting(
    results: Results, observer: Observer, ran: Collection[ContainerId], stop: Event
) -> None:
    """Count steps with effects that did not last as failed.

    Args:
        results: What has come of the steps; changed where an effect did not last.
        observer: Looks at the host.
        ran: The containers that ran before the plan.
        stop: Set when the program is about to end: nothing is waited for then.

    """
    if results.failed and not results.plan.goes_on:
        return
    done = {
        number: done
        for number, done in results.done.items()
        if number not in results.failed
    }
    for number, undone, ended in find_undone_steps(observer, done, ran, stop):
        step = done[number].step
        if not undone:
            results.remarks.append(ended)
            continue
        results.failed[number] = Failure(step, undone, Aftermath.UNDONE)
        _drop_failed_wait(results, step.container)
    if results.failed:
        _note_collateral(results, observer, ran)


def _drop_failed_wait(results: Results, container: ContainerId) -> None:
    """Drop the failed wait for a container that also has a failed start."""
    results.failed = {
        number: one
        for number, one in results.failed.items()
        if one.step.container != container or one.step.verb is not Verb.WAIT
    }


def _note_collateral(
    results: Results, observer: Observer, ran: Collection[ContainerId]
) -> None:
    """Note which containers without a completed step ran before and no longer do.

    Another step may have ended them, since a pid namespace ends with its owner.
    """
    try:
        report = observer.look_afresh()
    except NstuiError:
        # The outcome of each step is known without it.
        return

    def now(step: Step) -> str:
        return why_worse(step, report) if step.container in ran else ""

    results.left = [replace(one, now=now(one.step)) for one in results.left]
    for number, one in results.failed.items():
        worse = now(one.step) if one.aftermath in _UNCHANGED else ""
        if worse and one.step.verb is not Verb.WAIT:
            results.failed[number] = replace(one, reason=f"{one.reason}; {worse}")
