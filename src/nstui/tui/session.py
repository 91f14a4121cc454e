"""The user's preferences while the app runs, and what is changed of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.preferences.choices import Column, LastLeft, Preferences
from nstui.analysis.tree.tree import SortOrder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Session:
    """What the app starts with, and what it leaves behind."""

    def __init__(
        self,
        preferences: Preferences = Preferences(),  # noqa: B008 - it is immutable
        left: LastLeft | None = None,
    ) -> None:
        """Take the settings that apply, and the screen as it was last left, if ever."""
        choices = preferences.choices
        self.theme = choices.theme
        self.order = choices.order or SortOrder.FINDINGS
        self.columns: tuple[Column, ...] | None = choices.columns
        self.keymap: Mapping[str, str] = choices.keymap or MappingProxyType({})
        self.problems = preferences.problems
        self._left = LastLeft() if left is None else left
        self._theme_changed = self._order_changed = False
        self._folds: dict[str, dict[str, bool]] = {}

    def choose_theme(self, theme: str) -> None:
        """Remember a theme that the user has chosen."""
        if theme != self.theme:
            self.theme = theme
            self._theme_changed = True

    def choose_order(self, order: SortOrder) -> None:
        """Remember an order that the user has chosen."""
        if order is not self.order:
            self.order = order
            self._order_changed = True

    def folds_of(
        self, endpoint: str
    ) -> tuple[Mapping[str, bool], Callable[[str, bool], None]]:
        """Return the folds of an engine as they were left, and what remembers more."""
        changed = self._folds.setdefault(endpoint, {})
        left = {**self._left.folds.get(endpoint, {}), **changed}
        return left, changed.__setitem__

    def has_default_look(self, endpoint: str) -> bool:
        """Tell whether an engine's tree is shown as to somebody new to nstui."""
        has_columns = self.columns is None or set(self.columns) == set(Column)
        is_usual = self.order is SortOrder.FINDINGS and has_columns
        return is_usual and not self.theme and not self._left.folds.get(endpoint)

    @property
    def changed(self) -> LastLeft:
        """What the user has changed, to be kept."""
        return LastLeft(
            theme=self.theme if self._theme_changed else None,
            order=self.order if self._order_changed else None,
            folds={endpoint: folds for endpoint, folds in self._folds.items() if folds},
        )
