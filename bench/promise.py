"""One promise of nstui with what was measured of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.measure.spread import Spread


class Verdict(StrEnum):
    """The result of a measurement for a promise."""

    MET = "met"
    MISSED = "missed"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One promise."""

    number: str
    what: str
    target: str
    measured: str
    verdict: Verdict


def range_of(values: Spread, unit: str = "ms", digits: int = 0) -> str:
    """Return a median, with the smallest and the largest value if there are several."""
    if not values.values:
        return "never"
    middle = f"{values.median:,.{digits}f} {unit}"
    if len(values.values) > 1:
        middle += f" ({values.least:,.{digits}f}-{values.most:,.{digits}f})"
    return middle + (f", {values.failed} never" if values.failed else "")


def promised(
    number: str, what: str, target: str, measured: str, *, holds: bool
) -> Line:
    """Return a promise that was measured, and whether it is kept."""
    return Line(
        number=number,
        what=what,
        target=target,
        measured=measured,
        verdict=Verdict.MET if holds else Verdict.MISSED,
    )


def not_measured(number: str, what: str, target: str, reason: str) -> Line:
    """Return a promise that could not be measured, and why."""
    return Line(
        number=number,
        what=what,
        target=target,
        measured=reason,
        verdict=Verdict.UNKNOWN,
    )
