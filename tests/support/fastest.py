"""How long something takes where the machine may be busy with something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ATTEMPTS = 3


def fastest(attempt: Callable[[], float], limit_s: float) -> float:
    """Return the seconds that the fastest of a few attempts takes.

    Args:
        attempt: Does it all anew, and returns how many seconds it took.
        limit_s: No further attempt is made after one that took less.

    """
    took = attempt()
    for _ in range(ATTEMPTS - 1):
        if took < limit_s:
            break
        took = min(took, attempt())
    return took
