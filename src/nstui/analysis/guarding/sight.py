"""The state of the guard, as other programs see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding.verdict import Reason
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class HourCounts(NamedTuple):
    """How many changes the guard decided about within an hour."""

    denied: int
    """In ``warn`` what it would have denied."""

    allowed: int
    unread: int
    """Those of both about which it could not look in time."""


def count_decisions(decisions: Iterable[Mapping[str, object]]) -> HourCounts:
    """Return the counts of decisions, as the guard has written them down."""
    # A ticket that was taken in is no decision about a call.
    made = [one for one in decisions if one.get("reason") != "ticket-kept"]
    allowed = sum(one.get("allow") is True for one in made)
    unread = sum(one.get("reason") == Reason.CANNOT_LOOK for one in made)
    return HourCounts(len(made) - allowed, allowed, unread)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedGuard:
    """What was seen of the guard of one engine."""

    config: str
    """The engine's configuration file."""

    is_named: bool
    """Whether that file names the guard; False, too, if it could not be read."""

    config_problem: str
    """Why it could not be read, as the end of a sentence; empty if it could."""

    has_settings: bool
    has_units: bool
    problem: str
    """Why the guard does not answer; empty if it does."""

    engine_problem: str
    """Why the engine does not answer, as a sentence; empty if it does."""

    is_asked: bool | None
    """Whether the engine asks the guard; None if that could not be told."""

    is_barred: bool = False
    """Whether the guard could not be asked because that is for root."""

    mode: str = ""
    """``enforce`` or ``warn``; empty if it does not say."""

    heals_instead: bool = False
    hour: HourCounts | None = None
    """What it decided of late; None if that is not known."""

    problems: tuple[str, ...] = ()
    """What it says is wrong with it, each as a clause."""

    latency_ms: tuple[float, ...] = ()
    """How long some answers took, the shortest first."""

    @property
    def is_there(self) -> bool:
        """Whether anything of an installation is there, or may be."""
        may_be = bool(self.config_problem) and self.is_asked is not False
        return self.is_named or self.has_settings or self.has_units or may_be

    @property
    def is_well(self) -> bool:
        """Whether it is installed, answers without a problem, and is asked."""
        is_there = self.is_named and not self.problem and self.is_asked is True
        return is_there and not self.problems


def percentile(ordered: tuple[float, ...], part: float) -> float:
    """Return the value that a part of the values does not exceed.

    Args:
        ordered: The values, the lowest first; at least one.
        part: The part, such as 0.99.

    """
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
