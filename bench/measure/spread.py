"""Several measurements of the same quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Spread:
    """The numbers measured, and how many measurements failed."""

    values: tuple[float, ...]
    failed: int = 0

    @property
    def median(self) -> float:
        """The median; not a number if there are no values."""
        return median(self.values) if self.values else math.nan

    @property
    def least(self) -> float:
        """The smallest value."""
        return min(self.values, default=math.nan)

    @property
    def most(self) -> float:
        """The largest value."""
        return max(self.values, default=math.nan)


def spread(values: Iterable[float | None]) -> Spread:
    """Collect measurements; None is one that failed."""
    results = list(values)
    found = tuple(value for value in results if value is not None)
    return Spread(found, len(results) - len(found))


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the power of the size by which a cost grows: 1 is linear.

    It is the slope of the line that best fits the logarithms of both.
    """
    pairs = [
        (math.log(size), math.log(cost))
        for size, cost in zip(sizes, costs, strict=True)
    ]
    middle_x = sum(x for x, _ in pairs) / len(pairs)
    middle_y = sum(y for _, y in pairs) / len(pairs)
    covariance = sum((x - middle_x) * (y - middle_y) for x, y in pairs)
    return covariance / sum((x - middle_x) ** 2 for x, _ in pairs)
