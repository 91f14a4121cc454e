"""What is told of a log above its lines."""

from __future__ import annotations

from dataclasses import dataclass

from nstui.render.text import Piece, Tone, plural


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """How far a log has been read, and how much of it is shown."""

    range: str
    """From when on it is read, in words."""

    has_begun: bool
    """Whether the engine has answered."""

    has_ended: bool
    """Whether nothing more will come."""

    is_following: bool
    unseen: int
    """How many lines have come since it does not follow."""

    lines: int
    """How many are kept."""

    dropped: int
    """How many are not, because newer ones took their place."""

    has_signs: bool
    """Whether the lines say from where they are."""


def following(status: LogStatus) -> Piece:
    """Return whether what comes is shown."""
    if status.is_following:
        if status.has_ended:
            return Piece("ended", Tone.MUTED)
        return Piece("following", Tone.GOOD)
    news = f", {_counted(status.unseen, 'new line')}" if status.unseen else ""
    ended = ", ended" if status.has_ended else ""
    return Piece(f"paused{news}{ended}", Tone.WARNING)


def amount(status: LogStatus) -> tuple[Piece, ...]:
    """Return how much of the log is shown."""
    parts = [status.range, _counted(status.lines, "line")]
    if status.dropped:
        parts.append(f"{_counted(status.dropped, 'older line')} dropped")
    words = Piece(" · ".join(parts), Tone.MUTED)
    if not status.has_signs:
        return (words,)
    return words, Piece(" · ", Tone.MUTED), Piece("▌ stderr", Tone.WARNING)


def nothing_written(status: LogStatus) -> str:
    """Return what stands in place of lines while there are none; it may be empty."""
    if status.lines:
        return ""
    if not status.has_begun:
        return "asking the engine…"
    return f"nothing was written ({status.range})"


def _counted(count: int, noun: str) -> str:
    return plural(count, noun).replace(str(count), f"{count:,}", 1)
