r"""The title of a log, and the part of a log's text that is safe to show.

Programs write for a terminal: they colour words, move the cursor, and redraw progress
bars with ``\r``. Here each line is shown on its own, and none may have an effect.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.model.audit import LogSource
from nstui.model.frozen import dataclass
from nstui.model.step import Action, Verb
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nstui.errors import NstuiError
    from nstui.model.container import ContainerId
    from nstui.model.plan import Plan

TAB = 8
"""The columns between two tab stops."""

STDERR_SIGN = "▌"
ENGINE_SIGN = "!"
SIGNS = {
    LogSource.STDOUT: "  ",
    LogSource.STDERR: f"{STDERR_SIGN} ",
    LogSource.ENGINE: f"{ENGINE_SIGN} ",
    LogSource.MARK: "  ",
}
"""The signs before each line, if the lines are from different sources."""

_STARTING = frozenset({Verb.RESTART, Verb.START})

MAX_PROBLEMS = 3
"""How many logs that cannot be read have a line of their own."""

_SEQUENCES = re.compile(
    r"""
    (?: \x1b\[ | \x9b ) [0-?]* [ -/]* [@-~]?             # CSI: colours, the cursor
    | (?: \x1b\] | \x9d ) [^\x07\x1b\x9c\x9d]* (?: \x07 | \x1b\\ | \x9c )
                                                         # OSC: titles, links, clipboard
    | (?: \x1b[PX^_] | [\x90\x98\x9e\x9f] ) [^\x1b\x90\x98\x9c\x9e\x9f]*
        (?: \x1b\\ | \x9c )                             # DCS, SOS, PM, APC
    | \x1b [ -/]* [0-~]?                                 # all that are shorter
    | \x07                                               # the bell
    """,
    re.VERBOSE,
)
"""Sequences that control a terminal.

Text within a sequence is removed only if the sequence is terminated, so that no line
can be hidden by an open one. See ECMA-48, 5.4 and 5.6, and xterm's ctlseqs.
"""


def plain(text: str) -> str:
    """Return a line of a log as a terminal would finally show it.

    Colours, titles and the like are removed. Text after a carriage return replaces the
    text before it, a backspace removes a character, and everything else that is not
    plainly visible is escaped as by `printable`.
    """
    if text.isprintable():
        return text if text.isascii() else printable(text)
    text = _SEQUENCES.sub("", text)
    if "\r" in text:
        text = _last_written(text)
    if "\b" in text:
        text = _apply_backspaces(text)
    return printable(text.expandtabs(TAB))


def _last_written(text: str) -> str:
    """Return the final state of a line that is redrawn with carriage returns."""
    drawn = [part for part in text.split("\r") if part.strip()]
    return drawn[-1] if drawn else ""


def _apply_backspaces(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


def log_time_text(time_ns: int | None) -> str:
    """Return a time in this machine's time zone, without its year."""
    if time_ns is None:
        return "?"
    seconds, rest = divmod(time_ns, 10**9)
    moment = datetime.fromtimestamp(seconds).astimezone()
    return f"{moment:%m-%d %H:%M:%S}.{rest // 10**6:03}"


def restart_text(time_ns: int, newest_ns: int) -> str:
    """Return the line between two runs of a container.

    Args:
        time_ns: When the container was started again.
        newest_ns: The time of the newest line; the date is only added if it differs.

    """
    moment, newest = (
        datetime.fromtimestamp(value // 10**9).astimezone()
        for value in (time_ns, newest_ns)
    )
    date = "" if moment.date() == newest.date() else f"{moment:%m-%d} "
    return f"── restarted {date}{moment:%H:%M:%S} ──"


def fit_name(name: str, width: int) -> str:
    """Return a name in exactly this many columns; a long one is cut in its middle."""
    if len(name) <= width:
        return name.ljust(width)
    end = (width - 1) // 2
    return f"{name[: width - 1 - end]}…{name[len(name) - end :]}"


@dataclass(frozen=True, slots=True)
class LogRange:
    """How much of the past is read."""

    words: str
    seconds: float | None = None
    """How many seconds back; None for no limit."""

    tail: int | None = None
    """How many lines of each container; None for as many as are kept."""

    is_last_run: bool = False
    """Whether it is what was written since the last start."""

    def text(self, most: int, *, is_group: bool) -> str:
        """Return the range in words.

        Args:
            most: How many lines of each container are kept.
            is_group: Whether the log is that of several containers.

        """
        if not is_group:
            return self.words
        if self.tail is not None:
            return f"the last {min(self.tail, most):,} lines of each"
        return f"{self.words}, at most {most:,} lines of each"


RANGES = (
    LogRange("the last 1,000 lines", tail=1000),
    LogRange("the last 5 minutes", 300),
    LogRange("the last hour", 3600),
    LogRange("the last 24 hours", 86_400),
    LogRange("since its last start", is_last_run=True),
    LogRange("from the beginning"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """How far a log has been read, and how much of it is shown."""

    range: str
    """The range of time that is read, in words."""

    has_begun: bool
    """Whether the engine has answered."""

    has_ended: bool
    """Whether the log has ended."""

    is_following: bool
    unseen: int
    """How many lines have arrived since the view stopped following."""

    lines: int
    """How many lines are kept."""

    dropped: int
    """How many older lines were dropped."""

    has_signs: bool
    """Whether the lines have the signs of their sources."""


def following(status: LogStatus) -> Piece:
    """Return whether the view follows new lines."""
    if status.is_following:
        if status.has_ended:
            return Piece("ended", Tone.MUTED)
        return Piece("following", Tone.GOOD)
    news = f", {_count_text(status.unseen, 'new line')}" if status.unseen else ""
    ended = ", ended" if status.has_ended else ""
    return Piece(f"paused{news}{ended}", Tone.WARNING)


def amount(status: LogStatus) -> tuple[Piece, ...]:
    """Return how much of the log is shown."""
    parts = [status.range, _count_text(status.lines, "line")]
    if status.dropped:
        parts.append(f"{_count_text(status.dropped, 'older line')} dropped")
    words = Piece(" · ".join(parts), Tone.MUTED)
    if not status.has_signs:
        return (words,)
    return words, Piece(" · ", Tone.MUTED), Piece(f"{STDERR_SIGN} stderr", Tone.WARNING)


def nothing_written(status: LogStatus) -> str:
    """Return the text shown instead of lines if there are none; else an empty one."""
    if status.lines:
        return ""
    if not status.has_begun:
        return "asking the engine…"
    return f"nothing was written ({status.range})"


def unread_lines(
    problems: Mapping[ContainerId, NstuiError],
    waiting: Sequence[ContainerId],
    names: Mapping[ContainerId, str],
    limit: int,
) -> tuple[str, ...]:
    """Return a line for each log of a group that is not read, but few lines in all.

    Args:
        problems: Why logs cannot be read.
        waiting: The containers that are not followed because too many others are.
        names: The names of the containers.
        limit: How many logs are followed at once.

    """
    lines = [
        printable(f"the log of {names[container]} cannot be read: {problem}")
        for container, problem in problems.items()
    ]
    if len(lines) > MAX_PROBLEMS:
        rest = len(lines) - MAX_PROBLEMS + 1
        lines[MAX_PROBLEMS - 1 :] = [f"{rest} more logs cannot be read"]
    if waiting:
        count = plural(len(waiting), "running container is", "running containers are")
        some = ", ".join(names[container] for container in waiting[:MAX_PROBLEMS])
        more = ", …" if len(waiting) > MAX_PROBLEMS else ""
        lines.append(
            printable(f"{count} not followed (at most {limit} are): {some}{more}")
        )
    return tuple(lines)


def saved_line(time_ns: int | None, name: str, sign: str, text: str) -> str:
    """Return a line as it is saved: its time in UTC, and then as on the screen."""
    parts = [_utc_text(time_ns), *([name] if name else []), f"{sign}{text}"]
    return " ".join(parts).rstrip()


def file_name(name: str, now: datetime) -> str:
    """Return the default name of the file that a log is saved in."""
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip(".-") or "log"
    return f"{safe}-{now:%Y%m%d-%H%M%S}.log"


def log_offer(plan: Plan, at_cursor: ContainerId | None) -> str:
    """Return which keys show the log of what a plan has started; empty for none.

    After a heal it is the findings that matter.

    Args:
        plan: The plan that was carried out.
        at_cursor: The container under the cursor, whose log a key opens.

    """
    started = {step.container for step in plan.steps if step.verb in _STARTING}
    if plan.request.action is Action.HEAL or at_cursor not in started:
        return ""
    others = ", L that of its group" if len(started) > 1 else ""
    return f"l shows its log{others}"


def line_count_text(count: int) -> str:
    """Return a number of lines in words."""
    return _count_text(count, "line")


def matching_text(shown: int, total: int) -> str:
    """Return how many lines match a filter."""
    return f"{shown:,} of {_count_text(total, 'line')}"


def group_title(name: str, count: int, *, has_owner: bool) -> str:
    """Return what a group's log is of.

    Args:
        name: The name of the owner, or of the first member.
        count: The number of members.
        has_owner: Whether the first member is the owner.

    """
    if count < 2:  # noqa: PLR2004 - the others are gone
        return name
    if has_owner:
        return f"{name} and its {plural(count - 1, 'dependent')}"
    return f"{name} and {plural(count - 1, 'other')}"


def _utc_text(time_ns: int | None) -> str:
    if time_ns is None:
        return "-"
    seconds, rest = divmod(time_ns, 10**9)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _count_text(count: int, noun: str) -> str:
    return plural(count, noun).replace(str(count), f"{count:,}", 1)
