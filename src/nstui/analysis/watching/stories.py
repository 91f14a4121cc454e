"""What is known of the incidents that are present, and what was told of them."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.analysis.watching.outbox import Outbox, Urgency, take_back
from nstui.model.finding import Severity
from nstui.model.frozen import dataclass
from nstui.model.watch import WatchEventKind

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
    circuits: frozenset[str] = frozenset()
    """The names of its containers that are healed no more for a while."""

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

_MOST_NAMES = 10
_MOST_STORIES = 1000


def story_of(state: NoticeState, event: WatchEvent) -> Story:
    """Return what is known of the incident of an event, with what the event adds."""
    key = _key(event)
    known = next((one for one in state.stories if one.key == key), Story(key=key))
    is_first = event.kind in {WatchEventKind.FOUND, WatchEventKind.ENGINE_LOST}
    names = tuple(map(printable, event.names))
    subject = printable(event.subject) or known.subject
    is_minor, is_open = known.is_minor, event.kind is WatchEventKind.CIRCUIT_OPEN
    if event.severity is not None:
        is_minor = event.severity is Severity.NOTICE
    return replace(
        known,
        subject=subject or ", ".join(_some(event.names)) or "the engine",
        about=printable(event.message) if is_first else known.about,
        # Later there may be fewer, or such that a plan has made for a moment.
        names=names if is_first or not known.names else known.names,
        circuits=known.circuits | (set(event.names) if is_open else set()),
        is_minor=is_minor,
    )


def _key(event: WatchEvent) -> str:
    if event.key:
        return event.key
    if event.kind in {WatchEventKind.ENGINE_LOST, WatchEventKind.ENGINE_BACK}:
        return ENGINE
    return f"container {event.subject or ' '.join(event.names)}"


def with_story(state: NoticeState, story: Story) -> NoticeState:
    """Return the state with what is known now of an incident."""
    others = tuple(one for one in state.stories if one.key != story.key)
    return replace(state, stories=(*others, story)[-_MOST_STORIES:])


def without_story(state: NoticeState, key: str) -> tuple[NoticeState, int]:
    """Return the state without a story, and how much of it was not sent yet."""
    outbox, count = take_back(state.outbox, key)
    stories = tuple(one for one in state.stories if one.key != key)
    return replace(state, stories=stories, outbox=outbox), count


def names_line(names: tuple[str, ...]) -> str:
    """Return a line with the names of containers; empty without one."""
    return f"Containers: {', '.join(_some(names))}" if names else ""


def _some(names: Iterable[str]) -> list[str]:
    known = [printable(name) for name in names]
    more = len(known) - _MOST_NAMES
    return [*known[:_MOST_NAMES], f"and {more} more"] if more > 0 else known
