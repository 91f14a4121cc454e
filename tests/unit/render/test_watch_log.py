"""What a watch tells, as lines and as JSON."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.model.finding import Severity
from nstui.model.watch import Hold, WatchEvent, WatchEventKind
from nstui.render.watch_log import SIGNS, watch_event_document, watch_line
from tests.support.builders import NOON

Kind = WatchEventKind

HEALED = WatchEvent(
    kind=Kind.HEALED,
    at=NOON,
    message="healed a, b",
    severity=Severity.ERROR,
    key="owner:1",
    cause="owner-restarted",
    subject="vpn",
    names=("a", "b"),
    steps=("docker restart a", "docker restart b"),
    duration_s=4.04,
    waited_s=7.25,
)
STAMP = NOON.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (HEALED, "✓ healed a, b (took 4.0 s, 7.2 s after it was seen)"),
        (
            replace(HEALED, is_dry_run=True, duration_s=None, waited_s=None),
            "> healed a, b → docker restart a && docker restart b",
        ),
        (
            replace(HEALED, kind=Kind.HEALING, message="healing a, b"),
            "> healing a, b → docker restart a && docker restart b",
        ),
        (
            replace(HEALED, kind=Kind.HEALING, message="m", steps=("s 1",) * 4),
            "> m → 4 commands, from s 1",
        ),
        (
            replace(HEALED, kind=Kind.FAILED, message="m", command="nstui heal vpn"),
            "✗ m (took 4.0 s, 7.2 s after it was seen) → nstui heal vpn",
        ),
        (
            replace(HEALED, kind=Kind.FOUND, message="m", command="nstui heal vpn"),
            "+ m",
        ),
        (
            replace(HEALED, kind=Kind.LEFT, message="m", command="nstui heal vpn"),
            "? m → nstui heal vpn",
        ),
        (
            WatchEvent(kind=Kind.PROBLEM, at=NOON, message="a\x1b[2J\nb"),
            "! a\\x1b[2J\\nb",
        ),
    ],
)
def test_a_line_for_people(event: WatchEvent, line: str) -> None:
    assert watch_line(event) == f"{STAMP} {line}"


@pytest.mark.parametrize("kind", WatchEventKind)
def test_every_kind_has_a_sign(kind: WatchEventKind) -> None:
    assert len(SIGNS[kind]) == 1


def test_json_has_the_incident_the_plan_the_outcome_and_the_duration() -> None:
    assert watch_event_document(replace(HEALED, hold=Hold.SETTLING, command="c")) == {
        "schema": "nstui/1",
        "at": NOON.isoformat(),
        "event": "healed",
        "message": "healed a, b",
        "incident": {
            "key": "owner:1",
            "cause": "owner-restarted",
            "severity": "error",
            "subject": "vpn",
            "names": ["a", "b"],
        },
        "hold": "settling",
        "command": "c",
        "plan": {"steps": ["docker restart a", "docker restart b"]},
        "outcome": "healed",
        "dry_run": False,
        "duration_s": 4.04,
        "waited_s": 7.25,
    }


@pytest.mark.parametrize(
    ("kind", "is_dry_run", "outcome"),
    [
        (Kind.HEALED, False, "healed"),
        (Kind.HEALED, True, "planned"),
        (Kind.FAILED, False, "failed"),
        (Kind.FOUND, False, None),
    ],
)
def test_the_outcome_of_a_plan(
    kind: WatchEventKind, outcome: str | None, *, is_dry_run: bool
) -> None:
    event = replace(HEALED, kind=kind, is_dry_run=is_dry_run)
    assert watch_event_document(event)["outcome"] == outcome


def test_json_about_no_incident() -> None:
    document = watch_event_document(WatchEvent(kind=Kind.STARTED, at=NOON, message="m"))
    assert {key for key, value in document.items() if value is not None} == {
        "schema",
        "at",
        "event",
        "message",
        "dry_run",
    }
