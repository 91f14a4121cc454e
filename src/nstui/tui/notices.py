"""The widgets that report on the host and its engine, and when errors are announced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Static

from nstui.analysis.report import (
    SETTLING,
    FindingLog,
    follow_findings,
    new_incidents,
    release_pending,
    settle_changes,
)
from nstui.model.finding import Severity
from nstui.model.namespace import NamespaceKind
from nstui.render.host_bar import asking_line, identity_line, state_line
from nstui.render.incidents import whole_text
from nstui.render.text import Piece, Tone, plural, printable
from nstui.tui.styles import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from nstui.analysis.report import FindingChange, Report, ReportedFindings
    from nstui.errors import NstuiError
    from nstui.model.container import ContainerId


MAX_NAMED = 3
"""More containers than these are counted instead of named."""

MAX_NOTICES = 3
"""More incidents than these are counted in one notice."""


class Alerts:
    """Follows the findings from look to look, and tells which errors to announce.

    Those of the first look are not announced, nor those that vanish again at once, such
    as the findings while an owner is restarted.
    """

    def __init__(self, settling: timedelta | None = None) -> None:
        self._settling = SETTLING if settling is None else settling
        self._log: FindingLog | None = None
        self._settled: ReportedFindings | None = None
        self._report: Report | None = None
        self._expected: frozenset[ContainerId] = frozenset()

    def expect(self, containers: Iterable[ContainerId]) -> None:
        """Do not announce, once, new findings that the user has accepted.

        The next look may have begun before they appeared.
        """
        self._expected = frozenset(containers)

    def follow(self, report: Report) -> tuple[str, ...]:
        """Process a look; return a text for each incident with errors that are new."""
        is_first = self._log is None
        self._report = report
        self._log = follow_findings(self._log, report)
        at = report.snapshot.taken_at
        texts = self._announce(
            settle_changes(self._settled, self._log, at, self._settling)
        )
        return () if is_first else texts

    def release(self, now: datetime) -> tuple[str, ...]:
        """Return a text for each incident with errors that have lasted until now."""
        if self._settled is None or not self._settled.pending:
            return ()
        return self._announce(release_pending(self._settled, now, self._settling))

    def _announce(self, settled: ReportedFindings) -> tuple[str, ...]:
        self._settled = settled
        errors = [
            lasting.change
            for lasting in settled.changes
            if lasting.change.tracked.finding.severity is Severity.ERROR
        ]
        appeared = [change for change in errors if change.has_appeared]
        # An owner that ends and then is elsewhere has caused one error, not two.
        known = self._expected | {
            change.tracked.finding.container
            for change in errors
            if not change.has_appeared
        }
        new = [c for c in appeared if c.tracked.finding.container not in known]
        self._expected -= {change.tracked.finding.container for change in appeared}
        if self._report is None or not new:
            return ()
        return _news(self._report, new)


def _news(report: Report, changes: Iterable[FindingChange]) -> tuple[str, ...]:
    """Return a sentence for each new incident; if there are many, one for all."""
    incidents = new_incidents(report, changes)
    if len(incidents) > MAX_NOTICES:
        subjects = ", ".join(one.subject for one in incidents[:MAX_NAMED])
        text = f"{plural(len(incidents), 'new incident')}: {subjects}, …; f shows them"
        return (printable(text),)
    now = report.snapshot.taken_at
    return tuple(printable(whole_text(one, now, most=MAX_NAMED)) for one in incidents)


class HostBar(Static):
    """Two lines: the engine and how it is read; the findings and the counts."""

    def __init__(
        self,
        *,
        endpoint: str,
        context: str | None,
        is_demo: bool,
        is_read_only: bool,
        host_name: str = "",
    ) -> None:
        super().__init__(id="host-bar", markup=False)
        self._endpoint = endpoint
        self._found_by = context
        names = (Piece(printable(host_name), Tone.STRONG),) if host_name else ()
        self._badges = names + tuple(
            Piece(f" {word} ", Tone.WARNING)
            for word, is_on in (("DEMO", is_demo), ("READ-ONLY", is_read_only))
            if is_on
        )
        self._shown = ""
        self._report: Report | None = None
        self._selected = 0
        self._kind = NamespaceKind.NET
        self._is_outdated = False
        self._is_eventless = False
        self._watch: Piece | None = None

    def on_mount(self) -> None:
        """Show the endpoint until there is an answer."""
        self.show(None)

    def on_resize(self) -> None:
        """Show what has room now."""
        self.show(self._report)

    def count_selected(self, count: int) -> None:
        """Show how many containers are selected."""
        self._selected = count
        self.show(self._report)

    def count_groups(self, kind: NamespaceKind) -> None:
        """Count the groups of another kind of namespace."""
        self._kind = kind
        self.show(self._report)

    def mark_outdated(self, *, is_outdated: bool) -> None:
        """Show whether the engine has not answered since the report."""
        if is_outdated != self._is_outdated:
            self._is_outdated = is_outdated
            self.show(self._report)

    def mark_eventless(self, *, is_eventless: bool) -> None:
        """Show whether events are missing, so that changes are seen late."""
        if is_eventless != self._is_eventless:
            self._is_eventless = is_eventless
            self.show(self._report)

    def show_watch(self, badge: Piece | None) -> None:
        """Show the state of a standing watch; None if there is none."""
        if badge != self._watch:
            self._watch = badge
            self.show(self._report)

    def show(self, report: Report | None) -> None:
        """Show a report, or that there is none yet; redraw only on a difference."""
        self._report = report
        watch = () if self._watch is None else (self._watch,)
        badges = (*self._badges, *watch)
        width = self.content_size.width or self.app.size.width
        if report is None:
            asked = asking_line(self._endpoint, self._found_by, badges, width)
            lines = [content_of(asked, "  "), content_of(())]
        else:
            notes = []
            if self._selected:
                notes.append(Piece(f"✓ {self._selected} selected", Tone.NOTICE))
            if self._is_eventless:
                notes.append(Piece("! no events", Tone.WARNING))
            state = state_line(
                report, notes, width, is_outdated=self._is_outdated, kind=self._kind
            )
            identity = identity_line(report, badges, width)
            lines = [content_of(identity, "  "), content_of(state, "  ")]
        content = lines[0] + "\n" + lines[1]
        if content.markup != self._shown:
            self._shown = content.markup
            self.update(content, layout=False)


class Banner(Static):
    """A line above the tree, visible only if it has a text."""

    def __init__(self) -> None:
        super().__init__(id="banner", markup=False)
        self._text = ""

    def say(self, text: str) -> None:
        """Show a text, which must be safe to show; an empty one hides the line."""
        if text != self._text:
            self._text = text
            self.display = bool(text)
            self.update(f"! {text}")


class ViewLine(Static):
    """The line about the view, visible only if the view is not the default."""

    def __init__(self) -> None:
        super().__init__(id="view-line", markup=False)
        self._text = ""

    def say(self, text: str) -> None:
        """Show a text; an empty one hides the line."""
        if text != self._text:
            self._text = text
            self.display = bool(text)
            self.update(text)


class NoEngine(Static):
    """The placeholder while no engine has answered yet."""

    def __init__(self) -> None:
        super().__init__(id="no-engine", markup=False)

    def explain(self, reason: str) -> None:
        """Show a reason, which must be safe to show, and what can be done."""
        end = "" if reason.endswith((".", "?", "!")) else "."
        self.update(
            f"{reason[:1].upper()}{reason[1:]}{end}\n\n"
            "nstui keeps trying, and shows the host as soon as it answers.\n"
            "q quits; ctrl+p shows a simulated host on request, as nstui --demo does."
        )
        self.display = True


@dataclass
class Looked(Message):
    """A look at the host succeeded."""

    report: Report

    def can_replace(self, message: Message) -> bool:
        """Skip a look that was not shown yet if a newer one is here."""
        return isinstance(message, Looked)


class Drawn(Message):
    """The screen has been drawn with a first look."""


@dataclass
class LookFailed(Message):
    """A look at the host failed; the last report is kept."""

    error: NstuiError
