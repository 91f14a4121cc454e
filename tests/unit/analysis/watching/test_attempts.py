"""Back-off, budget and circuit of one container."""

from __future__ import annotations

import pytest

from nstui.analysis.watching.attempts import (
    RECOVERED_S,
    Attempts,
    add_attempt,
    note_success,
    open_circuit,
    refresh_attempts,
)
from nstui.analysis.watching.decisions import WatchLimits
from tests.support.builders import cid

LIMITS = WatchLimits()
NAMES = frozenset({"web"})
NONE = frozenset[str]()


def after(*times: float) -> Attempts:
    """Return the attempts made at some times."""
    made: Attempts | None = None
    for at in times:
        made = add_attempt(made, cid("web"), "web", at)
    assert made is not None
    return made


def kept(
    one: Attempts,
    now_s: float,
    *,
    broken: frozenset[str] = NONE,
    reset: frozenset[str] = NONE,
) -> tuple[Attempts | None, list[str]]:
    """Return the attempts some time later, and why its circuit closed."""
    found = refresh_attempts(
        {"web": one}, broken=broken, reset=reset, limits=LIMITS, now_s=now_s
    )
    return found.attempts.get("web"), [why for _, why in found.closed]


@pytest.mark.parametrize(
    ("count", "wait_s"),
    [(1, 10), (2, 20), (3, 40), (4, 80), (6, 320), (7, 600), (50, 600)],
)
def test_the_wait_doubles_up_to_ten_minutes(count: int, wait_s: float) -> None:
    assert after(*[100.0] * count).next_s(LIMITS) == 100 + wait_s


@pytest.mark.parametrize(
    ("count", "wait_s"), [(1, 0), (2, 10), (3, 20), (7, 320), (8, 600), (50, 600)]
)
def test_an_attempt_that_succeeded_does_not_count_itself(
    count: int, wait_s: float
) -> None:
    made = {"web": after(*[100.0] * count), "db": after(100.0)}
    noted = note_success(made, {"web", "gone"})
    assert noted["web"].next_s(LIMITS) == 100 + wait_s
    assert noted["db"] == made["db"]
    failed = add_attempt(noted["web"], cid("web"), "web", 200.0)
    assert failed.next_s(LIMITS) == after(*[200.0] * (count + 1)).next_s(LIMITS)


def test_without_an_attempt_there_is_no_wait() -> None:
    assert Attempts(container=cid("web"), name="web").next_s(LIMITS) == 0


@pytest.mark.parametrize(
    ("times", "now_s", "is_spent"),
    [
        ((0, 1, 2, 3), 4, False),
        ((0, 1, 2, 3, 4), 4, True),
        ((0, 1, 2, 3, 4), 299, True),
        ((0, 1, 2, 3, 4), 300, False),
    ],
)
def test_the_budget_is_five_in_five_minutes(
    times: tuple[float, ...], now_s: float, *, is_spent: bool
) -> None:
    assert after(*times).is_spent(LIMITS, now_s) is is_spent


def test_ten_minutes_of_health_begin_anew() -> None:
    made = after(0, 10)
    assert kept(made, 609)[0] is not None
    assert kept(made, 610) == (None, [])


def test_health_counts_from_when_it_was_last_broken() -> None:
    seen, _ = kept(after(0, 10), 400, broken=NAMES)
    assert seen is not None
    assert kept(seen, 999)[0] is not None
    assert kept(seen, 1000)[0] is None


def test_attempts_of_long_ago_are_dropped_but_the_last() -> None:
    seen, _ = kept(after(0, 1, 2, 900), 1000, broken=NAMES)
    assert seen is not None
    assert (seen.at, seen.streak) == ((900,), 4)


@pytest.mark.parametrize(
    ("now_s", "broken", "reset", "why"),
    [
        (10, NAMES, NONE, []),
        (10 + RECOVERED_S - 1, NONE, NONE, []),
        (10 + RECOVERED_S, NONE, NONE, ["it has recovered"]),
        (11, NAMES, NAMES, ["it was reset"]),
        (3610, NAMES, NONE, ["its time is over"]),
    ],
)
def test_a_circuit_closes_by_recovery_a_person_or_after_an_hour(
    now_s: float, broken: frozenset[str], reset: frozenset[str], why: list[str]
) -> None:
    opened = open_circuit(after(6, 7, 8, 9, 10), LIMITS, 10)
    assert opened.open_until_s == 3610
    assert kept(opened, now_s, broken=broken, reset=reset)[1] == why


def test_after_a_recovery_the_budget_is_still_used_up() -> None:
    opened = open_circuit(after(6, 7, 8, 9, 10), LIMITS, 10)
    closed, _ = kept(opened, 30)
    assert closed is not None
    assert closed.open_until_s is None
    assert closed.is_spent(LIMITS, 30)


def test_a_reset_of_what_is_closed_tells_nothing_and_forgets_the_attempts() -> None:
    assert kept(after(0, 1), 2, reset=NAMES) == (None, [])
