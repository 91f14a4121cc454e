"""What is to be sent to a person, gathered and limited; as a pure queue.

Times are seconds of a clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from nstui.model.frozen import dataclass


class Urgency(IntEnum):
    """How much a notification matters, the least first."""

    GOOD = 0
    """Something is over."""

    BROKEN = 1
    """Something is broken, and the watch will heal it."""

    FAILED = 2
    """It could not be healed, and is tried again."""

    NEEDED = 3
    """A person is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLimits:
    """When notifications are sent, and how many."""

    grace_s: float = 60.0
    """How long the watch may take to heal an incident before that is told."""

    patience_s: float = 900.0
    """The same where somebody caused it on purpose, who may have forgotten it."""

    gather_s: float = 2.0
    """How long a notification waits for others of the same moment."""

    separate: int = 5
    """How many notifications are sent one by one; more become a single one."""

    burst: int = 10
    """How many may be sent at once."""

    refill_s: float = 60.0
    """After how long one more may be sent."""

    most: int = 100
    """How many wait at most; then the oldest is dropped."""

    lines: int = 20
    """How many notifications a single one lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notification about one incident."""

    key: str
    urgency: Urgency
    title: str
    """What happened to what, in a few words."""

    body: str
    """Whole sentences and commands, in lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent at once: one notification, or a list of several."""

    urgency: Urgency
    title: str
    body: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """What is to be sent, and how much may be."""

    pending: tuple[Notice, ...] = ()
    """What is to be sent, the oldest first."""

    since_s: float = 0.0
    """When the oldest of them was put in."""

    allowance: float | None = None
    """How many may be sent at once; None before the first."""

    counted_s: float = 0.0
    """When that was the case."""

    dropped: int = 0
    """How many were dropped since the last that was sent."""


DEFAULT_LIMITS = NoticeLimits()


def put_in(
    outbox: Outbox,
    notice: Notice,
    clock_s: float,
    limits: NoticeLimits = DEFAULT_LIMITS,
) -> Outbox:
    """Return the outbox with one more notification, perhaps without its oldest."""
    pending = (*outbox.pending, notice)
    kept = pending[-limits.most :]
    return replace(
        outbox,
        pending=kept,
        since_s=outbox.since_s if outbox.pending else clock_s,
        dropped=outbox.dropped + len(pending) - len(kept),
    )


def take_back(outbox: Outbox, key: str) -> tuple[Outbox, int]:
    """Return the outbox without what is about one incident, and how many that were."""
    kept = tuple(one for one in outbox.pending if one.key != key)
    return replace(outbox, pending=kept), len(outbox.pending) - len(kept)


def take_out(
    outbox: Outbox,
    clock_s: float,
    limits: NoticeLimits = DEFAULT_LIMITS,
    *,
    is_last: bool = False,
) -> tuple[Outbox, Message | None, float | None]:
    """Return what is to be sent now, if anything is.

    Args:
        outbox: The outbox.
        clock_s: The time.
        limits: When and how many are sent.
        is_last: Whether there is no later: nothing waits for others then.

    Returns:
        The outbox without the message, the message, and after how many seconds to ask
        again if there is none; None if there is nothing to send.

    """
    allowance = _allowance(outbox, clock_s, limits)
    outbox = replace(outbox, allowance=allowance, counted_s=clock_s)
    if not outbox.pending:
        return outbox, None, None
    wait = (1 - allowance) * limits.refill_s
    if not is_last:
        wait = max(wait, outbox.since_s + limits.gather_s - clock_s)
    if wait > 0:
        return outbox, None, wait
    message = _message(outbox, limits, allowance)
    rest = outbox.pending[len(message.notices) :]
    sent = replace(outbox, pending=rest, allowance=allowance - 1, dropped=0)
    return sent, message, None


def put_back(
    outbox: Outbox, message: Message, limits: NoticeLimits = DEFAULT_LIMITS
) -> Outbox:
    """Return the outbox after a message could not be sent."""
    pending = (*message.notices, *outbox.pending)
    kept = pending[-limits.most :]
    return replace(
        outbox,
        pending=kept,
        allowance=(outbox.allowance or 0.0) + 1,
        dropped=outbox.dropped + len(pending) - len(kept),
    )


def _allowance(outbox: Outbox, clock_s: float, limits: NoticeLimits) -> float:
    if outbox.allowance is None:
        return float(limits.burst)
    more = (clock_s - outbox.counted_s) / limits.refill_s
    return min(float(limits.burst), outbox.allowance + more)


def _message(outbox: Outbox, limits: NoticeLimits, allowance: float) -> Message:
    """Return the oldest notification, or all of them if there are many."""
    several = outbox.pending
    first = several[0]
    are_few = len(several) <= max(1, min(limits.separate, int(allowance)))
    if are_few and not outbox.dropped:
        return Message(
            urgency=first.urgency,
            title=first.title,
            body=first.body,
            notices=(first,),
        )
    needed = sum(one.urgency is Urgency.NEEDED for one in several)
    title = f"{len(several)} messages"
    shown = [f"- {one.title}" for one in several[-limits.lines :]]
    earlier = len(several) - len(shown)
    return Message(
        urgency=max(one.urgency for one in several),
        title=f"{title}, {needed} of them need you" if needed else title,
        body=joined_lines(
            f"{outbox.dropped} older ones were dropped" if outbox.dropped else "",
            f"and {earlier} before these:" if earlier else "",
            *shown,
            "A check says what is wrong now.",
        ),
        notices=several,
    )


def joined_lines(*lines: str) -> str:
    """Return lines as one text, without the empty ones and repetitions."""
    return "\n".join(dict.fromkeys(line for line in lines if line))
