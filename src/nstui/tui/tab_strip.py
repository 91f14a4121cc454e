"""The tabs of the details: one line, of which one is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual import events

CHOSEN_STYLE = "bold underline $accent"
"""Told from the others where there is no colour, too."""

_LEFT = 1
"""The columns in front of the first tab."""

_WIDEST_GAP = 3


class Tab(StrEnum):
    """What the details show; the values are the names of the tabs."""

    OVERVIEW = "Overview"
    NETWORK = "Network"
    MEMBERS = "Members"
    EVIDENCE = "Evidence"

    @property
    def number(self) -> int:
        """Its place, and the key that chooses it."""
        return list(Tab).index(self) + 1

    def step(self, by: int) -> Tab:
        """Return the tab so many further, around the end."""
        tabs = list(Tab)
        return tabs[(tabs.index(self) + by) % len(tabs)]


@dataclass(frozen=True, slots=True)
class Label:
    """One tab in the line."""

    tab: Tab
    text: str
    start: int
    """The column it begins in."""

    @property
    def end(self) -> int:
        """The column after its last one."""
        return self.start + len(self.text)


def fit_labels(chosen: Tab, width: int) -> tuple[Label, ...]:
    """Return the tabs as far apart as so many columns allow.

    Where that is not enough only the chosen one has its name beside its number.
    """
    full = {tab: f"{tab.number} {tab}" for tab in Tab}
    short = {tab: full[tab] if tab is chosen else str(tab.number) for tab in Tab}
    for texts in (full, short):
        room = width - _LEFT - sum(map(len, texts.values()))
        gap = min(_WIDEST_GAP, room // (len(texts) - 1))
        if gap > 0:
            return tuple(_placed(texts.items(), gap))
    return tuple(_placed(short.items(), 1))


def _placed(texts: Iterable[tuple[Tab, str]], gap: int) -> Iterator[Label]:
    start = _LEFT
    for tab, text in texts:
        yield Label(tab, text, start)
        start += len(text) + gap


class TabStrip(Static):
    """Shows the tabs; a click chooses one."""

    class Clicked(Message):
        """The user wants another tab."""

        def __init__(self, tab: Tab) -> None:
            """Take the tab."""
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__(id="tabs", markup=False)
        self._chosen = Tab.OVERVIEW
        self._labels: tuple[Label, ...] = ()

    def choose(self, tab: Tab) -> None:
        """Show which tab is chosen."""
        self._chosen = tab
        self._labels = ()
        self._draw()

    def on_resize(self) -> None:
        """Give the tabs the room there is."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Choose the tab that was hit."""
        for label in self._labels:
            if label.start <= event.x < label.end:
                self.post_message(self.Clicked(label.tab))

    def _draw(self) -> None:
        labels = fit_labels(self._chosen, self.size.width)
        if labels == self._labels:
            return
        self._labels = labels
        content, column = Content(), 0
        for label in labels:
            style = CHOSEN_STYLE if label.tab is self._chosen else "dim"
            content += " " * (label.start - column)
            content += Content.styled(label.text, style)
            column = label.end
        self.update(content, layout=False)
