"""How the guard is, in a value, in lines and in JSON."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.guarding.sight import (
    HourCounts,
    ObservedGuard,
    count_decisions,
    percentile,
)
from nstui.render.guard_text import sight_document, sight_lines

WELL = ObservedGuard(
    config="/etc/docker/daemon.json",
    is_named=True,
    config_problem="",
    has_settings=True,
    has_units=True,
    problem="",
    engine_problem="",
    is_asked=True,
    mode="enforce",
    hour=HourCounts(2, 5, 1),
    latency_ms=(0.5, 0.6, 9.0),
)

MODE = "  mode enforce; of the last hour's changes"
TAKEN_OUT = (
    "✗ /etc/docker/daemon.json does not name it: it was taken out, or its"
    " installation was interrupted: sudo nstui guard install, or uninstall"
)


@pytest.mark.parametrize(
    ("sight", "is_well", "lines"),
    [
        pytest.param(
            WELL,
            True,
            [
                "✓ it is installed: /etc/docker/daemon.json names it",
                "✓ it answers, within 0.6 ms (p50) and 9.0 ms (p99)",
                "✓ the engine asks it",
                f"{MODE} 2 denied, 5 let through, 1 of them without a look",
            ],
            id="all is well",
        ),
        pytest.param(
            replace(WELL, mode="warn", heals_instead=True, latency_ms=(), hour=None),
            True,
            [
                "✓ it is installed: /etc/docker/daemon.json names it",
                "✓ it answers",
                "✓ the engine asks it",
                "  mode warn, and a restart is healed instead",
            ],
            id="it warns",
        ),
        pytest.param(
            replace(WELL, is_named=False, has_settings=False, has_units=False),
            False,
            ["○ the guard is not installed: sudo nstui guard install"],
            id="it is not there",
        ),
        pytest.param(
            replace(WELL, is_named=False, config_problem="is not valid JSON"),
            False,
            [
                (
                    "✗ /etc/docker/daemon.json is not valid JSON: it is not known"
                    " whether it names the guard; mend the file"
                ),
                "✓ it answers, within 0.6 ms (p50) and 9.0 ms (p99)",
                "✓ the engine asks it",
                f"{MODE} 2 denied, 5 let through, 1 of them without a look",
            ],
            id="the file cannot be read",
        ),
        pytest.param(
            replace(WELL, problem="it has no socket", is_asked=None, mode=""),
            False,
            [
                "✓ it is installed: /etc/docker/daemon.json names it",
                "✗ it does not answer: it has no socket",
                (
                    "✗ the engine does not ask it: sudo nstui guard install goes on"
                    " from there"
                ),
            ],
            id="it does not answer",
        ),
        pytest.param(
            replace(WELL, problem="Permission denied", is_asked=None, is_barred=True),
            False,
            [
                "✓ it is installed: /etc/docker/daemon.json names it",
                "✗ only root may ask it how it is: sudo nstui guard status",
            ],
            id="it is asked by who may not",
        ),
        pytest.param(
            replace(WELL, is_named=False, is_asked=False, hour=HourCounts(0, 0, 0)),
            False,
            [
                TAKEN_OUT,
                "✓ it answers, within 0.6 ms (p50) and 9.0 ms (p99)",
                "○ the engine does not ask it",
                f"{MODE} 0 denied, 0 let through",
            ],
            id="it was taken out",
        ),
        pytest.param(
            replace(WELL, engine_problem="it hangs", problems=("no disk",), hour=None),
            False,
            [
                "✓ it is installed: /etc/docker/daemon.json names it",
                "✓ it answers, within 0.6 ms (p50) and 9.0 ms (p99)",
                "✗ it hangs",
                "  mode enforce",
                "✗ no disk",
            ],
            id="what goes wrong around it",
        ),
    ],
)
def test_how_it_is(sight: ObservedGuard, is_well: bool, lines: list[str]) -> None:  # noqa: FBT001 - a column of the table
    assert sight.is_well is is_well
    assert list(sight_lines(sight)) == lines


def test_the_document() -> None:
    assert sight_document(WELL)["guard"] == {
        "installed": True,
        "settings": True,
        "units": True,
        "config": "/etc/docker/daemon.json",
        "answers": True,
        "problem": None,
        "asked": True,
        "mode": "enforce",
        "heal_instead": False,
        "last_hour": {"denied": 2, "allowed": 5, "unread": 1},
        "problems": [],
        "latency_ms": {"p50": 0.6, "p99": 9.0},
    }
    nothing = replace(WELL, latency_ms=(), hour=None)
    told = sight_document(nothing)["guard"]
    assert isinstance(told, dict)
    assert told["last_hour"] is None
    assert told["latency_ms"] == {"p50": None, "p99": None}


def test_decisions_are_counted() -> None:
    decisions: list[dict[str, object]] = [
        {"allow": True, "reason": "breaks-nothing"},
        {"allow": True, "reason": "cannot-look"},
        {"allow": False, "reason": "cannot-look"},
        {"allow": False, "denied": False, "reason": "would-break"},
        {"allow": True, "reason": "ticket-kept"},
        {"reason": "damaged"},
    ]

    assert count_decisions(decisions) == HourCounts(denied=3, allowed=2, unread=2)


def test_percentiles() -> None:
    assert percentile((1.0,), 0.99) == 1.0
    assert percentile(tuple(map(float, range(100))), 0.99) == 99.0


def test_what_could_not_be_read_is_not_told_to_be_none() -> None:
    sight = replace(WELL, is_named=False, config_problem="is larger than 1 MB")
    guard = sight_document(sight)["guard"]
    assert isinstance(guard, dict)
    assert guard["installed"] is None

    bare = replace(sight, has_settings=False, has_units=False)
    for is_asked in (True, None):
        assert replace(bare, is_asked=is_asked).is_there
    assert not replace(bare, is_asked=False).is_there
