"""What the screen says of the host and its engine, and when something goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Static

from nstui.analysis.report import (
    SETTLING,
    FindingLog,
    follow_findings,
    release_pending,
    settle_changes,
)
from nstui.model.finding import Severity
from nstui.model.namespace import NamespaceKind
from nstui.render.findings import (
    count_text,
    engine_text,
    namespaces_text,
    summary_pieces,
    worst_finding,
)
from nstui.render.text import Piece, Tone, plural, printable
from nstui.tui.styles import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from nstui.analysis.report import Report, ReportedFindings
    from nstui.errors import NstuiError
    from nstui.model.container import ContainerId


NAMED = 3
"""More containers than these are counted, not named."""


class Alerts:
    """Follows the findings from look to look; what was there at first is no news.

    Nor is what goes again at once, such as what an owner causes that is restarted.
    """

    def __init__(self, settling: timedelta | None = None) -> None:
        self._settling = SETTLING if settling is None else settling
        self._log: FindingLog | None = None
        self._settled: ReportedFindings | None = None
        self._expected: frozenset[ContainerId] = frozenset()

    def expect(self, containers: Iterable[ContainerId]) -> None:
        """Take for no news, once, what the user has just accepted of some containers.

        The next look may have begun before that came to pass.
        """
        self._expected = frozenset(containers)

    def follow(self, report: Report) -> str | None:
        """Take in a look; return what to say of the errors that are new."""
        is_first = self._log is None
        self._log = follow_findings(self._log, report)
        at = report.snapshot.taken_at
        said = self._news(settle_changes(self._settled, self._log, at, self._settling))
        return None if is_first else said

    def ripen(self, now: datetime) -> str | None:
        """Return what to say of the errors that have lasted since the last look."""
        if self._settled is None or not self._settled.pending:
            return None
        return self._news(release_pending(self._settled, now, self._settling))

    def _news(self, settled: ReportedFindings) -> str | None:
        self._settled = settled
        errors = [
            lasting.change
            for lasting in settled.changes
            if lasting.change.tracked.finding.severity is Severity.ERROR
        ]
        appeared = [one.tracked for one in errors if one.has_appeared]
        # An owner that ends and then is elsewhere has caused one trouble.
        known = self._expected | {
            one.tracked.finding.container for one in errors if not one.has_appeared
        }
        new = [s for s in appeared if s.finding.container not in known]
        self._expected -= {tracked.finding.container for tracked in appeared}
        if not new:
            return None
        if len(new) == 1:
            said = f"new error: {new[0].name}: {new[0].finding.message}"
            return printable(said)
        names = list(dict.fromkeys(one.name for one in new))
        more = ", …" if len(names) > NAMED else ""
        said = f"{plural(len(new), 'new error')}: {', '.join(names[:NAMED])}{more}"
        return printable(f"{said}; f shows them")


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
                namespaces_text(report),
                engine_text(report.snapshot.engine),
            )
            # What comes last is cut first where the terminal is narrow.
            state = [*summary_pieces(report, is_past=self._is_past)]
            if self._is_deaf:
                state.append(Piece("! events not heard", Tone.WARNING))
            if self._selected:
                state.append(Piece(f"✓ {self._selected} selected", Tone.NOTICE))
            state.append(count_text(report, self._kind))
            if report.findings:
                state.append(worst_finding(report))
            lines = [content_of(identity, "  "), content_of(state, "  ")]
        content = lines[0] + "\n" + lines[1]
        if content.markup != self._shown:
            self._shown = content.markup
            self.update(content, layout=False)


class Banner(Static):
    """A line above the tree; there only when there is something to say."""

    def __init__(self) -> None:
        super().__init__(id="banner", markup=False)
        self._words = ""

    def say(self, words: str) -> None:
        """Show a line, which must be safe to show, or nothing if it is empty."""
        if words != self._words:
            self._words = words
            self.display = bool(words)
            self.update(f"! {words}")


class ViewLine(Static):
    """What is shown, and in which way; there only when that is not as at first."""

    def __init__(self) -> None:
        super().__init__(id="view-line", markup=False)
        self._words = ""

    def say(self, words: str) -> None:
        """Show words, or nothing if they are empty."""
        if words != self._words:
            self._words = words
            self.display = bool(words)
            self.update(words)


class NoEngine(Static):
    """What there is to see while no engine has answered yet."""

    def __init__(self) -> None:
        super().__init__(id="no-engine", markup=False)

    def explain(self, words: str) -> None:
        """Say why, and what can be done; the words must be safe to show."""
        end = "" if words.endswith((".", "?", "!")) else "."
        self.update(
            f"{words[:1].upper()}{words[1:]}{end}\n\n"
            "nstui keeps trying, and shows the host as soon as it answers.\n"
            "Press D for a simulated host, as nstui --demo shows it, or q to quit."
        )
        self.display = True


@dataclass
class Looked(Message):
    """A look at the host succeeded."""

    report: Report

    def can_replace(self, message: Message) -> bool:
        """Skip a look that was not shown yet when a newer one is here."""
        return isinstance(message, Looked)


@dataclass
class LookFailed(Message):
    """A look at the host failed; what was seen before is kept."""

    error: NstuiError
