"""What is said of a standing watch."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from nstui.analysis.watching.status import SILENT_AFTER_S, ObservedWatch, see_watch
from nstui.model.watch import Hold, WatchEventKind, WatchReading, WatchStatus
from nstui.render.text import words_of
from nstui.render.watch_status import (
    intent_text,
    last_text,
    reset_question,
    watch_badge,
    watch_document,
    watch_lines,
    watch_rows,
)
from tests.support.builders import NOON
from tests.support.watching import FOLDER, circuit, healed, reading, status, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.watch import WatchedIncident, WatchEvent

OLD = NOON - timedelta(seconds=SILENT_AFTER_S + 120)
BROKEN = WatchReading(status=None, is_held=None, problem="others may write in it")


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown as they are on the machine."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def seen(written: WatchStatus | None, *, is_held: bool = True) -> ObservedWatch:
    return see_watch(reading(written, is_held=is_held), NOON)


def lines(sight: ObservedWatch) -> list[str]:
    return [words_of(line) for line in watch_lines(sight, NOON)]


FAILED = replace(
    healed("a", "b"),
    kind=WatchEventKind.FAILED,
    message="healing a, b failed: could not restart a: it is busy; not done: restart b",
    reason="could not restart a: it is busy",
    command="nstui heal vpn",
    duration_s=8.2,
)
SOON = watched(Hold.SETTLING, "a", "b", until_s=8, reason="vpn has only just begun")
NOW = watched(None, "a")


@pytest.mark.parametrize(
    ("sight", "words"),
    [
        (seen(None, is_held=False), None),
        (seen(status(), is_held=False), "watch: ended"),
        (seen(None), "watch: starting"),
        (seen(status(written_at=OLD)), "watch: silent"),
        (see_watch(BROKEN, NOON), "watch: unknown"),
        (seen(status()), "watch ✓"),
        (seen(status(watched(Hold.NO_PROOF, "a"))), "watch ✓"),
        (seen(status(SOON, watched(Hold.AT_WORK, "c"))), "watch: 2 waiting"),
        (seen(status(SOON, NOW)), "watch: healing"),
        (seen(status(SOON, circuits=(circuit("a"),))), "watch: circuit open"),
        (seen(status(problem="no", circuits=(circuit("a"),))), "watch: no engine"),
        (seen(status(NOW, is_dry_run=True)), "watch: dry run"),
        (seen(status(NOW, is_read_only=True)), "watch: read-only"),
    ],
)
def test_the_badge(sight: ObservedWatch, words: str | None) -> None:
    badge = watch_badge(sight)
    assert (badge and badge.text) == words
    assert badge is None or cell_len(badge.text) <= 19


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        (NOW, "the watch is healing it"),
        (SOON, "the watch heals it in 8 s: vpn has only just begun"),
        (
            watched(Hold.BACK_OFF, "a", until_s=600),
            "the watch heals it at 12:10",
        ),
        (watched(Hold.SETTLING, "a", until_s=-1), "the watch heals it now"),
        (watched(Hold.SETTLING, "a", until_s=0.2), "the watch heals it in 1 s"),
        (
            watched(Hold.HEALTH, "a", until_s=300, reason="vpn is not healthy yet"),
            "the watch waits, at most until 12:05: vpn is not healthy yet",
        ),
        (watched(Hold.AT_WORK, "a"), "the watch waits"),
        (
            watched(Hold.CIRCUIT, "a", until_s=3600, reason="it failed 5 times"),
            "the watch does not heal it until 13:00: it failed 5 times",
        ),
        (watched(Hold.CIRCUIT, "a"), "the watch does not heal it"),
        (
            watched(Hold.PAUSED, "a", reason="vpn\x1b[31m is paused"),
            r"the watch leaves it alone: vpn\x1b[31m is paused",
        ),
    ],
)
def test_what_it_does_about_an_incident(incident: WatchedIncident, words: str) -> None:
    assert intent_text(seen(status(incident)), incident, NOON) == words


@pytest.mark.parametrize("is_dry_run", [True, False])
@pytest.mark.parametrize(
    ("incident", "words"),
    [
        (NOW, "the watch would heal it"),
        (SOON, "the watch would heal it in 8 s: vpn has only just begun"),
    ],
)
def test_one_that_changes_nothing_only_would(
    incident: WatchedIncident, words: str, *, is_dry_run: bool
) -> None:
    written = status(incident, is_dry_run=is_dry_run, is_read_only=not is_dry_run)
    assert intent_text(seen(written), incident, NOON) == words


def test_a_watch_that_is_busy() -> None:
    left = watched(Hold.NO_PROOF, "x", reason="who takes its place is not known")
    command = "nstui heal --onto new x"
    written = status(
        watched(Hold.NO_PROOF, "x", reason=left.reason, command=command),
        SOON,
        circuits=(circuit("db"),),
        last=healed("c", "d"),
    )
    assert lines(seen(written)) == [
        "! a watch runs since 11:00 (pid 4242) · 12 healed, 1 failed",
        "last: 11:59 healed in 1.2 s: c, d",
        "✗ circuit open  db",
        "    not healed any more after 5 attempts, until 13:00",
        "    nstui watch --reset db",
        "✗ healed soon  vpn was restarted: no network: a, b",
        "    the watch heals it in 8 s: vpn has only just begun",
        "✗ left alone  vpn was restarted: no network: x",
        "    the watch leaves it alone: who takes its place is not known",
        "    nstui heal --onto new x",
    ]


RUNS = "a watch runs since 11:00 (pid 4242)"
HOW = (
    "nstui watch heals what breaks by itself; with --dry-run it only says what it would"
)


@pytest.mark.parametrize(
    ("sight", "words"),
    [
        (
            seen(status()),
            [
                "✓ a watch runs since 11:00 (pid 4242) · 12 healed, 1 failed",
                "✓ nothing to heal",
            ],
        ),
        (
            seen(status(problem="nobody answers")),
            [
                "! a watch runs since 11:00 (pid 4242) · 12 healed, 1 failed",
                "! its last look failed: nobody answers",
            ],
        ),
        (
            seen(status(SOON, has_events=False, is_dry_run=True)),
            [
                f"✓ {RUNS} · dry run: it changes nothing · 12 healed, 1 failed",
                "! the engine's events do not reach it: it looks at intervals instead",
                "✗ healed soon  vpn was restarted: no network: a, b",
                "    the watch would heal it in 8 s: vpn has only just begun",
            ],
        ),
        (
            seen(status(is_read_only=True)),
            [
                f"✓ {RUNS} · read-only: it only tells · 12 healed, 1 failed",
                "✓ nothing to heal",
            ],
        ),
        (
            seen(None, is_held=False),
            [f"○ no watch runs, and none has written to {FOLDER}", HOW],
        ),
        (
            seen(status(SOON, last=healed("c")), is_held=False),
            [
                "○ no watch runs: the last one (pid 4242) has ended",
                "last: 11:59 healed in 1.2 s: c",
                HOW,
            ],
        ),
        (seen(None), ["? a watch is starting: it has written nothing yet"]),
        (
            seen(status(SOON, written_at=OLD)),
            ["? a watch runs (pid 4242), but has written nothing since 11:57"],
        ),
        (
            see_watch(BROKEN, NOON),
            ["? whether a watch runs is not known: others may write in it"],
        ),
        (
            see_watch(WatchReading(status=None, is_held=None), NOON),
            ["? whether a watch runs is not known: its lock cannot be read"],
        ),
    ],
    ids=[
        "well",
        "no engine",
        "dry run",
        "read-only",
        "none",
        "ended",
        "starting",
        "silent",
        "unknown",
        "no lock",
    ],
)
def test_whether_a_watch_runs(sight: ObservedWatch, words: list[str]) -> None:
    assert lines(sight) == words


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (healed("a"), "11:59 healed in 1.2 s: a"),
        (replace(healed("a"), duration_s=None), "11:59 healed: a"),
        (healed(*"abcde"), "11:59 healed in 1.2 s: a, b, c, d, e"),
        (healed(*"abcdefg"), "11:59 healed in 1.2 s: a, b, c, d, e and 2 more"),
        (FAILED, "11:59 failed after 8.2 s: a, b: could not restart a: it is busy"),
        (replace(FAILED, reason=""), "11:59 failed after 8.2 s: a, b"),
        (replace(FAILED, reason="", duration_s=None), "11:59 failed: a, b"),
        (healed("a\x1b[2J"), r"11:59 healed in 1.2 s: a\x1b[2J"),
    ],
)
def test_what_it_did_last_is_short(event: WatchEvent, words: str) -> None:
    assert last_text(event, NOON) == words


def test_a_name_from_outside_is_escaped() -> None:
    written = status(circuits=(circuit("a\x1b[2J"),))
    (row,) = watch_rows(seen(written), NOON)
    assert words_of(row.head) == r"✗ circuit open  a\x1b[2J"
    assert row.copied == ""
    assert row.remedy is None
    assert "\x1b" not in "".join(map(str, reset_question(circuit("a\x1b[2J"), NOON)))


def test_rows_keep_their_keys_while_time_passes() -> None:
    sight = seen(status(SOON, circuits=(circuit("db"),)))
    later = watch_rows(sight, NOON + timedelta(seconds=2))
    before = watch_rows(sight, NOON)
    assert [row.key for row in before] == [row.key for row in later]
    assert before[0] == later[0]
    assert before[1].sentence.text != later[1].sentence.text


def test_json() -> None:
    written = {"pid": 4242}
    assert watch_document(seen(status()), written, NOON) == {
        "schema": "nstui/1",
        "state": "running",
        "ok": True,
        "message": "a watch runs since 11:00 (pid 4242)",
        "status": {"pid": 4242},
    }
    none = watch_document(seen(None, is_held=False), None, NOON)
    assert (none["state"], none["ok"], none["status"]) == ("none", False, None)
