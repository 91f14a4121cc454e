"""Which events of a watch are worth a notification.

A person on call is told of an incident once, when it needs a person or when it was not
healed within a minute, and once more when it is over. An incident that was healed
sooner makes one notification, which tells both. What somebody caused on purpose, such
as an owner that was stopped by a request, is told only if it lasts for a quarter of an
hour.

Times are seconds of a clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.text import printable, span_text
from nstui.analysis.watching.outbox import (
    DEFAULT_LIMITS,
    Message,
    Notice,
    NoticeLimits,
    Urgency,
    joined_lines,
    put_in,
    take_out,
)
from nstui.analysis.watching.stories import (
    NoticeState,
    Story,
    names_line,
    story_of,
    with_story,
    without_story,
)
from nstui.model.watch import Hold, WatchEventKind

if TYPE_CHECKING:
    from nstui.model.watch import WatchEvent, WatchStatus


_ON_PURPOSE = frozenset({Hold.STOPPED, Hold.PAUSED, Hold.AT_WORK})
"""Holds that somebody has caused, and knows of."""

_SILENT = frozenset({Hold.OTHER_WATCH, Hold.OUT_OF_SCOPE, Hold.CIRCUIT})
"""Holds of which nothing is told: the other watch tells, the user has chosen so, and an
open circuit is told by an event of its own."""

_OVER = "over: "
"""How the message of the end of an incident begins."""

_EXACT_S = 60
"""Up to how many seconds a duration is told exactly."""

_TITLES = {
    Urgency.BROKEN: "Still broken",
    Urgency.FAILED: "Not healed",
    Urgency.NEEDED: "Needs you",
}


def take_event(  # noqa: PLR0911 - one for each kind
    state: NoticeState,
    event: WatchEvent,
    clock_s: float,
    limits: NoticeLimits = DEFAULT_LIMITS,
) -> NoticeState:
    """Return the state after something was told."""
    match event.kind:
        case (
            WatchEventKind.FOUND
            | WatchEventKind.WAITING
            | WatchEventKind.HEALING
            | WatchEventKind.ENGINE_LOST
        ):
            return _broken(state, event, clock_s, limits)
        case WatchEventKind.LEFT if event.hold in _SILENT | {Hold.STOPPED}:
            return _broken(state, event, clock_s, limits)
        case WatchEventKind.LEFT | WatchEventKind.CIRCUIT_OPEN:
            return _tell(state, event, Urgency.NEEDED, clock_s, limits)
        case WatchEventKind.FAILED:
            return _tell(state, event, Urgency.FAILED, clock_s, limits)
        case WatchEventKind.HEALED:
            return _healed(state, event, clock_s, limits)
        case WatchEventKind.OVER | WatchEventKind.ENGINE_BACK:
            return _over(state, event, clock_s, limits)
        case WatchEventKind.CIRCUIT_CLOSED:
            return _closed(state, event)
        case _:
            return state


def next_message(
    state: NoticeState,
    clock_s: float,
    limits: NoticeLimits = DEFAULT_LIMITS,
    *,
    is_last: bool = False,
) -> tuple[NoticeState, Message | None, float | None]:
    """Return what is to be sent now, if anything is.

    Args:
        state: The state.
        clock_s: The time.
        limits: When and how many are sent.
        is_last: Whether there is no later: nothing waits for others then.

    Returns:
        The state without the message, the message, and after how many seconds to ask
        again if there is none; None until there is another event.

    """
    state = _told_when_due(state, clock_s, limits)
    outbox, message, wait = take_out(state.outbox, clock_s, limits, is_last=is_last)
    due = [story.due_s for story in state.stories if story.due_s is not None]
    waits = [max(0.0, each - clock_s) for each in due]
    if wait is not None:
        waits.append(wait)
    return state.with_outbox(outbox), message, min(waits, default=None)


def take_status(state: NoticeState, status: WatchStatus) -> NoticeState:
    """Return the state after it was seen what the watch is doing.

    Of some reasons why an incident is not healed there is no event.
    """
    silent = {one.key for one in status.incidents if one.hold in _SILENT}
    for story in state.stories:
        if story.key in silent and story.due_s is not None:
            state = with_story(state, replace(story, due_s=None))
    return state


def _told_when_due(
    state: NoticeState, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state with a notification for each story that has lasted."""
    for story in state.stories:
        if story.due_s is None or story.due_s > clock_s:
            continue
        lines = story.about, story.reason, names_line(story.names)
        notice = _notice(story, Urgency.BROKEN, *lines)
        state = _noted(state, story, notice, clock_s, limits)
    return state


def _broken(
    state: NoticeState, event: WatchEvent, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state after something was seen that the watch is to heal."""
    story = story_of(state, event)
    if event.hold is not None:
        story = replace(story, reason=printable(event.message))
    if event.hold in _SILENT or story.is_minor or story.told is not Urgency.GOOD:
        return with_story(state, replace(story, due_s=None))
    if event.hold in _ON_PURPOSE:
        return with_story(state, replace(story, due_s=clock_s + limits.patience_s))
    due_s = clock_s + limits.grace_s
    if story.due_s is not None:
        due_s = min(due_s, story.due_s)
    return with_story(state, replace(story, due_s=due_s))


def _tell(
    state: NoticeState,
    event: WatchEvent,
    urgency: Urgency,
    clock_s: float,
    limits: NoticeLimits,
) -> NoticeState:
    """Return the state with a notification, unless as much was told already."""
    story = story_of(state, event)
    if story.is_minor or story.told >= urgency:
        return with_story(state, replace(story, due_s=None))
    is_circuit = event.kind is WatchEventKind.CIRCUIT_OPEN
    when = "When it is repaired" if is_circuit else "To heal it"
    command = f"{when}: {event.command}" if event.command else ""
    said = printable(event.message)
    lines = story.about, said, names_line(story.names), command
    return _noted(state, story, _notice(story, urgency, *lines), clock_s, limits)


def _healed(
    state: NoticeState, event: WatchEvent, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state after a plan was carried out, or would have been."""
    story = story_of(state, event)
    if not event.is_dry_run:
        state, _ = without_story(state, story.key)
        if story.is_minor:
            return state
        notice = _ending(story, "Healed", event)
        return state.with_outbox(put_in(state.outbox, notice, clock_s, limits))
    if story.is_minor or story.told is not Urgency.GOOD:
        return state
    steps = [f"would run: {printable(step)}" for step in event.steps]
    lines = story.about, printable(event.message), "This is a dry run.", *steps
    notice = _notice(story, Urgency.BROKEN, *lines)
    return _noted(state, story, notice, clock_s, limits)


def _over(
    state: NoticeState, event: WatchEvent, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state after an incident ended, with a follow-up if it was told."""
    story = story_of(state, event)
    if all(one.key != story.key for one in state.stories):
        # It was healed, which was told as its end.
        return state
    state, taken_back = without_story(state, story.key)
    if story.count <= taken_back:
        return state
    notice = _ending(story, "Over", event)
    return state.with_outbox(put_in(state.outbox, notice, clock_s, limits))


def _closed(state: NoticeState, event: WatchEvent) -> NoticeState:
    """Return the state after circuits closed: their incidents may go on.

    If they open again, that is told again.
    """
    names = {event.subject, *event.names}
    for story in state.stories:
        is_meant = story.key == event.key or not names.isdisjoint(story.circuits)
        if is_meant and story.told is Urgency.NEEDED:
            less = replace(story, told=Urgency.FAILED, circuits=frozenset())
            state = with_story(state, less)
    return state


def _ending(story: Story, word: str, event: WatchEvent) -> Notice:
    took = "" if event.waited_s is None else f"It took {_span(event.waited_s)}."
    said = printable(event.message)
    if said.startswith(_OVER):
        # What it was is known from its beginning, in more words.
        said = "" if story.about else said.removeprefix(_OVER)
    return Notice(
        key=story.key,
        urgency=Urgency.GOOD,
        title=f"{word}: {story.subject}",
        body=joined_lines(story.about, said, names_line(story.names), took),
    )


def _notice(story: Story, urgency: Urgency, *lines: str) -> Notice:
    """Return a notification about a story that goes on."""
    title = f"{_TITLES[urgency]}: {story.subject}"
    body = joined_lines(*lines)
    return Notice(key=story.key, urgency=urgency, title=title, body=body)


def _noted(
    state: NoticeState,
    story: Story,
    notice: Notice,
    clock_s: float,
    limits: NoticeLimits,
) -> NoticeState:
    """Return the state with a notification about a story that goes on.

    One about it that was not sent yet says less, and is replaced.
    """
    state, taken_back = without_story(state, story.key)
    told = replace(
        story,
        told=max(story.told, notice.urgency),
        count=story.count - taken_back + 1,
        due_s=None,
    )
    outbox = put_in(state.outbox, notice, clock_s, limits)
    return with_story(state.with_outbox(outbox), told)


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < _EXACT_S else span_text(seconds)
