"""What of a host is shown, and in which way: what the user chose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class View:
    """One way to show a host."""

    kind: NamespaceKind = NamespaceKind.NET
    """Whose groups are shown."""

    def with_next_kind(self, kinds: Sequence[NamespaceKind]) -> View:
        """Show the next of some kinds; after the last comes the first.

        Args:
            kinds: Those that there are, ``net`` first. If what is shown is no longer
                among them, the first comes next.

        """
        at = kinds.index(self.kind) if self.kind in kinds else -1
        return replace(self, kind=kinds[(at + 1) % len(kinds)])

    @property
    def words(self) -> str:
        """What is shown, in so far as it is not what is shown at first."""
        return "" if self.kind is NamespaceKind.NET else f"{self.kind} namespaces"
