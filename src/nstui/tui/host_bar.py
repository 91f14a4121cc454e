"""The top of the screen: which host this is, and how it is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from nstui.model.namespace import NamespaceKind
from nstui.render.summary import (
    count_words,
    engine_words,
    glance,
    namespaces_words,
    worst_finding,
)
from nstui.render.text import Piece, Tone, printable
from nstui.tui.tones import content_of

if TYPE_CHECKING:
    from nstui.analysis.report import Report


class HostBar(Static):
    """Two lines: who is asked and how; what is wrong and what there is."""

    def __init__(self, *, endpoint: str, is_demo: bool, is_read_only: bool) -> None:
        super().__init__(id="host-bar", markup=False)
        self._endpoint = endpoint
        self._badges = tuple(
            Piece(f" {word} ", Tone.WARNING)
            for word, is_on in (("DEMO", is_demo), ("READ-ONLY", is_read_only))
            if is_on
        )
        self._shown = ""
        self._report: Report | None = None
        self._selected = 0
        self._kind = NamespaceKind.NET
        self._is_past = False
        self._is_deaf = False

    def on_mount(self) -> None:
        """Say who is being asked, until there is an answer."""
        self.show(None)

    def count_selected(self, count: int) -> None:
        """Show how many containers are selected."""
        self._selected = count
        self.show(self._report)

    def count_groups(self, kind: NamespaceKind) -> None:
        """Count the groups of another kind of namespace than before."""
        self._kind = kind
        self.show(self._report)

    def mark_past(self, *, is_past: bool) -> None:
        """Say whether the engine has not answered since the report that is shown."""
        if is_past != self._is_past:
            self._is_past = is_past
            self.show(self._report)

    def mark_deaf(self, *, is_deaf: bool) -> None:
        """Say whether the engine's events are not heard, so that changes show late."""
        if is_deaf != self._is_deaf:
            self._is_deaf = is_deaf
            self.show(self._report)

    def show(self, report: Report | None) -> None:
        """Show a report, or that there is none yet; draw only what differs."""
        self._report = report
        brand = (Piece("nstui", Tone.STRONG), *self._badges)
        if report is None:
            asked = Piece(f"asking {printable(self._endpoint)}", Tone.MUTED)
            lines = [content_of((*brand, asked), "  "), content_of(())]
        else:
            identity = (
                *brand,
                namespaces_words(report),
                engine_words(report.snapshot.engine),
            )
            # What comes last is cut first where the terminal is narrow.
            state = [*glance(report, is_past=self._is_past)]
            if self._is_deaf:
                state.append(Piece("! events not heard", Tone.WARNING))
            if self._selected:
                state.append(Piece(f"✓ {self._selected} selected", Tone.NOTICE))
            state.append(count_words(report, self._kind))
            if report.findings:
                state.append(worst_finding(report))
            lines = [content_of(identity, "  "), content_of(state, "  ")]
        content = lines[0] + "\n" + lines[1]
        if content.markup != self._shown:
            self._shown = content.markup
            self.update(content, layout=False)
