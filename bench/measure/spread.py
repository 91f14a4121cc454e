"""Several measurements of the same thing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Spread:
    """Numbers, and how many measurements gave none."""

    values: tuple[float, ...]
    failed: int = 0

    @property
    def median(self) -> float:
        """The one in the middle; not a number if there are none."""
        return median(self.values) if self.values else math.nan

    @property
    def least(self) -> float:
        """The smallest."""
        return min(self.values, default=math.nan)

    @property
    def most(self) -> float:
        """The largest."""
        return max(self.values, default=math.nan)


def spread(values: Iterable[float | None]) -> Spread:
    """Put measurements together; None stands for one that gave no number."""
    given = list(values)
    found = tuple(value for value in given if value is not None)
    return Spread(found, len(given) - len(found))


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the power of the size by which a cost grows: 1 is linear.

    It is the slope of the line that fits the logarithms of both best.
    """
    pairs = [
        (math.log(size), math.log(cost))
        for size, cost in zip(sizes, costs, strict=True)
    ]
    middle_x = sum(x for x, _ in pairs) / len(pairs)
    middle_y = sum(y for _, y in pairs) / len(pairs)
    above = sum((x - middle_x) * (y - middle_y) for x, y in pairs)
    return above / sum((x - middle_x) ** 2 for x, _ in pairs)
