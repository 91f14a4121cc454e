"""How often each container has been healed, and whether it may be again.

Containers are known by their names here: one that was recreated has another id, and is
still the one that was healed before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nstui.analysis.watching.decisions import WatchLimits
    from nstui.model.container import ContainerId


RECOVERED_S = 5.0
"""How many seconds a container must be well for its open circuit to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The attempts for one container; all times by the steady clock."""

    container: ContainerId
    name: str
    at: tuple[float, ...] = ()
    """When they were made, as far as that counts for the budget."""

    streak: int = 0
    """How many there were since it was last well for long."""

    was_well: bool = False
    """Whether the last attempt did what it was to do."""

    broken_s: float = 0.0
    """When it was last seen broken, or an attempt was made."""

    open_until_s: float | None = None
    """When its circuit closes by itself; None if it is closed."""

    def is_spent(self, limits: WatchLimits, now_s: float) -> bool:
        """Tell whether the budget is used up."""
        return sum(now_s - at < limits.budget_s for at in self.at) >= limits.budget

    def next_s(self, limits: WatchLimits) -> float:
        """Return when the next attempt may be made.

        One that has failed is waited after, for longer each time. After one that has
        succeeded something new has happened, so that it does not count itself; those
        before it do, as long as they are not followed by a time of health.
        """
        if not self.at:
            return self.broken_s
        doublings = self.streak - 1 - self.was_well
        if doublings < 0:
            return self.at[-1]
        doubled = limits.back_off_s * 2.0 ** min(doublings, 20)
        return self.at[-1] + min(doubled, limits.longest_back_off_s)


def add_attempt(
    known: Attempts | None, container: ContainerId, name: str, now_s: float
) -> Attempts:
    """Return a container's attempts with one more."""
    before = known or Attempts(container=container, name=name)
    return replace(
        before,
        container=container,
        at=(*before.at, now_s),
        streak=before.streak + 1,
        was_well=False,
        broken_s=now_s,
    )


def note_success(
    known: Mapping[str, Attempts], names: Collection[str]
) -> dict[str, Attempts]:
    """Return the attempts, of which the last ones for some containers succeeded."""
    return {
        name: replace(one, was_well=True) if name in names else one
        for name, one in known.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshedAttempts:
    """The attempts after some time has passed."""

    attempts: Mapping[str, Attempts]
    closed: tuple[tuple[Attempts, str], ...]
    """The circuits that have closed, each with the reason as a sentence's end."""


def refresh_attempts(
    known: Mapping[str, Attempts],
    *,
    broken: Collection[str],
    reset: Collection[str],
    limits: WatchLimits,
    now_s: float,
) -> RefreshedAttempts:
    """Forget what is long ago, and close circuits.

    Args:
        known: The attempts by the names of the containers.
        broken: The names of the containers that are broken now.
        reset: The names of those that a person wants healed again.
        limits: What counts as long ago.
        now_s: The present time.

    """
    kept = {}
    closed = []
    for name, one in known.items():
        is_open = one.open_until_s is not None
        if name in reset:
            if is_open:
                closed.append((one, "it was reset"))
            continue
        now = replace(one, broken_s=now_s) if name in broken else one
        well_s = now_s - now.broken_s
        if one.open_until_s is not None and now_s >= one.open_until_s:
            closed.append((one, "its time is over"))
            continue
        if is_open and well_s >= RECOVERED_S:
            closed.append((one, "it has recovered"))
            now = replace(now, open_until_s=None)
        if well_s < limits.calm_s:
            keep_s = max(limits.budget_s, limits.longest_back_off_s)
            at = tuple(a for a in now.at if now_s - a < keep_s or a == now.at[-1])
            kept[name] = replace(now, at=at)
    return RefreshedAttempts(attempts=kept, closed=tuple(closed))


def open_circuit(one: Attempts, limits: WatchLimits, now_s: float) -> Attempts:
    """Return a container's attempts with an open circuit."""
    return replace(one, open_until_s=now_s + limits.circuit_s)
