"""Readable ways to write down what a standing watch does, and a double of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.errors import AuditFailed
from nstui.model.container import ContainerId, short_id
from nstui.model.finding import Severity
from nstui.model.watch import (
    Circuit,
    Hold,
    WatchedIncident,
    WatchEvent,
    WatchEventKind,
    WatchReading,
    WatchStatus,
)
from tests.support.builders import NOON, cid

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

FOLDER = "/home/me/.local/state/nstui/watch"


def status(  # noqa: PLR0913 - one for each thing a test may care about
    *incidents: WatchedIncident,
    circuits: tuple[Circuit, ...] = (),
    last: WatchEvent | None = None,
    problem: str = "",
    is_dry_run: bool = False,
    is_read_only: bool = False,
    has_events: bool = True,
    written_at: datetime = NOON,
) -> WatchStatus:
    """Return what a watch has written that runs for an hour."""
    return WatchStatus(
        pid=4242,
        endpoint="unix:///run/test.sock",
        started_at=NOON - timedelta(hours=1),
        written_at=written_at,
        looked_at=written_at,
        is_dry_run=is_dry_run,
        is_read_only=is_read_only,
        has_events=has_events,
        problem=problem,
        findings={},
        incidents=incidents,
        circuits=circuits,
        last=last,
        healed=12,
        failed=1,
    )


def watched(
    hold: Hold | None,
    *names: str,
    owner: str = "",
    until_s: float | None = None,
    reason: str = "",
    command: str = "",
) -> WatchedIncident:
    """Return an incident that hits some containers, and why it is not healed.

    Args:
        hold: Why it is not healed; None if it is being healed.
        names: Whom it hits.
        owner: The id of the owner that was restarted.
        until_s: In how many seconds the hold ends; None if that is not known.
        reason: The hold as a sentence.
        command: The command for a person.

    """
    return WatchedIncident(
        key=f"owner:{short_id(ContainerId(owner))}" if owner else f"{hold}/{names}",
        message=f"vpn was restarted: no network: {', '.join(names)}",
        severity=Severity.ERROR,
        names=names,
        since=NOON,
        hold=hold,
        reason=reason,
        until=None if until_s is None else NOON + timedelta(seconds=until_s),
        command=command,
    )


def circuit(name: str) -> Circuit:
    """Return a circuit that is open for an hour."""
    return Circuit(
        container=cid(name), name=name, attempts=5, until=NOON + timedelta(hours=1)
    )


def healed(*names: str) -> WatchEvent:
    """Return that some containers were healed a minute ago."""
    return WatchEvent(
        kind=WatchEventKind.HEALED,
        at=NOON - timedelta(minutes=1),
        message=f"healed {', '.join(names)}",
        names=names,
        duration_s=1.25,
    )


def reading(
    written: WatchStatus | None, *, is_held: bool | None = True
) -> WatchReading:
    """Return what is read of a watch that runs."""
    return WatchReading(status=written, is_held=is_held, place=FOLDER)


class ScriptedWatch:
    """Implements `nstui.ports.WatchView` by what a test says.

    Attributes:
        now: What is read.
        asked: The names whose circuits it was asked to close.
        is_slow: Whether requests are not taken.
        before_read: Called before each reading, in the reader's thread.

    """

    def __init__(self, written: WatchStatus | None, *, is_held: bool = True) -> None:
        self.now = reading(written, is_held=is_held)
        self.asked: list[str] = []
        self.is_slow = False
        self.refusal = ""
        self.before_read: Callable[[], object] = lambda: None

    def read(self) -> WatchReading:
        self.before_read()
        return self.now

    def say(self, written: WatchStatus) -> None:
        """Let it write something else."""
        self.now = reading(written)

    def request_reset(self, name: str) -> None:
        if self.refusal:
            raise AuditFailed(self.refusal)
        self.asked.append(name)
        written = self.now.status
        if written is not None and not self.is_slow:
            left = tuple(one for one in written.circuits if one.name != name)
            self.say(replace(written, circuits=left))

    def has_taken_requests(self) -> bool:
        return not self.is_slow
