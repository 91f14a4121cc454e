"""What of a host is shown, and in which way: what the user chose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from nstui.analysis.orders import Order
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    Choice = TypeVar("Choice")

_ORDER_WORDS = {
    Order.NAME: "by name",
    Order.STATE: "by state, what is down first",
    Order.AGE: "by age, what changed last first",
    Order.CPU: "by CPU, groups by their sums",
    Order.MEMORY: "by memory, groups by their sums",
}


@dataclass(frozen=True, slots=True)
class View:
    """One way to show a host."""

    kind: NamespaceKind = NamespaceKind.NET
    """Whose groups are shown."""

    order: Order = Order.FINDINGS
    """Of the groups, and of the containers in them."""

    with_all: bool = False
    """Whether namespaces that no container is in are shown, too."""

    def with_next_kind(self, kinds: Sequence[NamespaceKind]) -> View:
        """Show the next of some kinds, which are all that there are."""
        return replace(self, kind=_next(kinds, self.kind, 1))

    def with_next_order(self, step: int) -> View:
        """Show another order: with 1 the next one, with -1 the one before."""
        return replace(self, order=_next(tuple(Order), self.order, step))

    @property
    def words(self) -> str:
        """What is shown, in so far as it is not what is shown at first."""
        what = f"{'all ' if self.with_all else ''}{self.kind} namespaces"
        is_first = self.kind is NamespaceKind.NET and not self.with_all
        order = _ORDER_WORDS.get(self.order, "")
        return " · ".join(part for part in ("" if is_first else what, order) if part)


def _next(choices: Sequence[Choice], present: Choice, step: int) -> Choice:
    """Return the choice so many steps on, around the end; the first if it is none."""
    if present not in choices:
        return choices[0]
    return choices[(choices.index(present) + step) % len(choices)]
