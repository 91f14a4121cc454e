"""How the guard is, as far as another program can see."""

from __future__ import annotations

from nstui.model.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSight:
    """What was seen of the guard of one engine."""

    config: str
    """The engine's configuration file."""

    is_named: bool
    """Whether that file names the guard."""

    has_settings: bool
    has_units: bool
    problem: str
    """Why the guard does not answer; empty if it does."""

    engine_problem: str
    """Why the engine does not answer, as a sentence; empty if it does."""

    is_asked: bool | None
    """Whether the engine asks the guard; None if that could not be told."""

    mode: str = ""
    """``enforce`` or ``warn``; empty if it does not say."""

    heals_instead: bool = False
    denied: int | None = None
    """Within the last hour; None if that is not known. In ``warn`` what it would have
    denied."""

    allowed: int | None = None
    """Changes that it let through after a look."""

    unread: int | None = None
    """Changes about which it could not look in time."""

    latency_ms: tuple[float, ...] = ()
    """How long some answers took, the shortest first."""

    @property
    def is_there(self) -> bool:
        """Whether anything of an installation is there."""
        return self.is_named or self.has_settings or self.has_units

    @property
    def is_well(self) -> bool:
        """Whether it is installed, answers, and is asked."""
        return self.is_named and not self.problem and self.is_asked is True


def percentile(ordered: tuple[float, ...], part: float) -> float:
    """Return the value that a part of the values does not exceed.

    Args:
        ordered: The values, the lowest first; at least one.
        part: The part, such as 0.99.

    """
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
