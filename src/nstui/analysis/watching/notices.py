"""Which events of a watch are worth a notification.

A person on call is told of an incident once, when it needs a person or when it was not
healed within a minute, and once more when it is over. An incident that was healed
sooner makes one notification, which tells both. What somebody caused on purpose, such
as an owner that was stopped by a request, makes none.

Times are seconds of a clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from nstui.analysis.text import printable, span_text
from nstui.analysis.watching.outbox import (
    DEFAULT_LIMITS,
    Message,
    Notice,
    NoticeLimits,
    Outbox,
    Urgency,
    joined_lines,
    put_in,
    take_back,
    take_out,
)
from nstui.model.finding import Severity
from nstui.model.frozen import dataclass
from nstui.model.watch import Hold, WatchEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.watch import WatchEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is known of an incident that is present, and what was told of it."""

    key: str
    subject: str = ""
    about: str = ""
    """What happened, as a sentence."""

    names: tuple[str, ...] = ()
    told: Urgency = Urgency.GOOD
    """The most that was told of it; `Urgency.GOOD` for nothing."""

    count: int = 0
    """How many notifications were made of it."""

    due_s: float | None = None
    """When it is told that it is still broken; None if it is not."""

    reason: str = ""
    """Why it waits, as a sentence; empty if that is not known."""

    is_minor: bool = False
    """Whether it is no worse than a notice, which makes no notification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeState:
    """What a notifier remembers."""

    stories: tuple[Story, ...] = ()
    outbox: Outbox = field(default_factory=Outbox)

    def with_outbox(self, outbox: Outbox) -> NoticeState:
        """Return the state with another outbox."""
        return replace(self, outbox=outbox)


ENGINE = "engine"
"""The key of the story about an engine that does not answer."""

_QUIET = frozenset(
    {
        Hold.STOPPED,
        Hold.PAUSED,
        Hold.AT_WORK,
        Hold.OTHER_WATCH,
        Hold.OUT_OF_SCOPE,
        # That the circuit is open is told by an event of its own.
        Hold.CIRCUIT,
    }
)
"""Holds of which nothing is told: whoever caused or chose the others knows."""

_MOST_NAMES = 10
_MOST_STORIES = 1000
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
        case WatchEventKind.LEFT if event.hold in _QUIET:
            return _kept(state, replace(_story(state, event), due_s=None))
        case WatchEventKind.LEFT | WatchEventKind.CIRCUIT_OPEN:
            return _tell(state, event, Urgency.NEEDED, clock_s, limits)
        case WatchEventKind.FAILED:
            return _tell(state, event, Urgency.FAILED, clock_s, limits)
        case WatchEventKind.HEALED:
            return _healed(state, event, clock_s, limits)
        case WatchEventKind.OVER | WatchEventKind.ENGINE_BACK:
            return _over(state, event, clock_s, limits)
        case WatchEventKind.CIRCUIT_CLOSED:
            return _closed(state, event, clock_s, limits)
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


def _told_when_due(
    state: NoticeState, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state with a notification for each story that has lasted."""
    for story in state.stories:
        if story.due_s is None or story.due_s > clock_s:
            continue
        lines = story.about, story.reason, _names(story.names)
        notice = _notice(story, Urgency.BROKEN, *lines)
        state = _noted(state, story, notice, clock_s, limits)
    return state


def _broken(
    state: NoticeState, event: WatchEvent, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state after something was seen that the watch is to heal."""
    story = _story(state, event)
    if event.kind is WatchEventKind.WAITING:
        story = replace(story, reason=printable(event.message))
    if event.hold in _QUIET or story.is_minor:
        return _kept(state, replace(story, due_s=None))
    if story.due_s is None and story.told is Urgency.GOOD:
        story = replace(story, due_s=clock_s + limits.grace_s)
    return _kept(state, story)


def _tell(
    state: NoticeState,
    event: WatchEvent,
    urgency: Urgency,
    clock_s: float,
    limits: NoticeLimits,
) -> NoticeState:
    """Return the state with a notification, unless as much was told already."""
    story = _story(state, event)
    if story.is_minor or story.told >= urgency:
        return _kept(state, replace(story, due_s=None))
    command = f"To heal it: {event.command}" if event.command else ""
    said = printable(event.message)
    lines = story.about, said, _names(story.names), command
    return _noted(state, story, _notice(story, urgency, *lines), clock_s, limits)


def _healed(
    state: NoticeState, event: WatchEvent, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state after a plan was carried out, or would have been."""
    story = _story(state, event)
    if not event.is_dry_run:
        state, _ = _without(state, story.key)
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
    story = _story(state, event)
    if all(one.key != story.key for one in state.stories):
        # It was healed, which was told as its end.
        return state
    state, taken_back = _without(state, story.key)
    if story.count <= taken_back:
        return state
    notice = _ending(story, "Over", event)
    return state.with_outbox(put_in(state.outbox, notice, clock_s, limits))


def _closed(
    state: NoticeState, event: WatchEvent, clock_s: float, limits: NoticeLimits
) -> NoticeState:
    """Return the state after a circuit closed: its incident may go on."""
    if not event.key:
        return _over(state, event, clock_s, limits)
    story = _story(state, event)
    if story.told is not Urgency.NEEDED:
        return state
    return _kept(state, replace(story, told=Urgency.FAILED))


def _ending(story: Story, word: str, event: WatchEvent) -> Notice:
    took = "" if event.waited_s is None else f"It took {_span(event.waited_s)}."
    said = printable(event.message)
    return Notice(
        key=story.key,
        urgency=Urgency.GOOD,
        title=f"{word}: {story.subject}",
        body=joined_lines(story.about, said, _names(story.names), took),
    )


def _story(state: NoticeState, event: WatchEvent) -> Story:
    """Return what is known of the incident of an event, with what the event adds."""
    key = _key(event)
    known = next((one for one in state.stories if one.key == key), Story(key=key))
    is_first = event.kind in {WatchEventKind.FOUND, WatchEventKind.ENGINE_LOST}
    subject = printable(event.subject) or known.subject
    is_minor = known.is_minor
    if event.severity is not None:
        is_minor = event.severity is Severity.NOTICE
    return replace(
        known,
        subject=subject or ", ".join(_some(event.names)) or "the engine",
        about=printable(event.message) if is_first else known.about,
        names=tuple(map(printable, event.names)) or known.names,
        is_minor=is_minor,
    )


def _key(event: WatchEvent) -> str:
    if event.key:
        return event.key
    if event.kind in {WatchEventKind.ENGINE_LOST, WatchEventKind.ENGINE_BACK}:
        return ENGINE
    return f"container {event.subject or ' '.join(event.names)}"


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
    state, taken_back = _without(state, story.key)
    told = replace(
        story,
        told=max(story.told, notice.urgency),
        count=story.count - taken_back + 1,
        due_s=None,
    )
    outbox = put_in(state.outbox, notice, clock_s, limits)
    return _kept(state.with_outbox(outbox), told)


def _kept(state: NoticeState, story: Story) -> NoticeState:
    others = tuple(one for one in state.stories if one.key != story.key)
    return replace(state, stories=(*others, story)[-_MOST_STORIES:])


def _without(state: NoticeState, key: str) -> tuple[NoticeState, int]:
    """Return the state without a story, and how much of it was not sent yet."""
    outbox, count = take_back(state.outbox, key)
    stories = tuple(one for one in state.stories if one.key != key)
    return replace(state, stories=stories, outbox=outbox), count


def _names(names: tuple[str, ...]) -> str:
    return f"Containers: {', '.join(_some(names))}" if names else ""


def _some(names: Iterable[str]) -> list[str]:
    known = [printable(name) for name in names]
    more = len(known) - _MOST_NAMES
    return [*known[:_MOST_NAMES], f"and {more} more"] if more > 0 else known


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < _EXACT_S else span_text(seconds)
