"""What is said when something new goes wrong, look by look."""

from __future__ import annotations

from datetime import timedelta

from nstui.analysis.report import SETTLING
from nstui.tui.notices import Alerts
from tests.support.builders import NOON, cid, container, report

AT_ONCE = timedelta(0)
OWN = container("own", started=10)
DEPS = tuple(container(name, joins=cid("own")) for name in "abcd")
WELL = report(OWN, *DEPS, net=dict.fromkeys(("own", "a", "b", "c", "d"), 2))
A_IS_STALE = report(OWN, *DEPS, net={"own": 2, "a": 1, "b": 2, "c": 2, "d": 2})
ALL_STALE = report(OWN, *DEPS, net={"own": 2, "a": 1, "b": 1, "c": 1, "d": 1})


def test_what_was_there_at_first_is_no_news() -> None:
    alerts = Alerts(AT_ONCE)
    assert alerts.follow(ALL_STALE) is None
    assert alerts.follow(ALL_STALE) is None


def test_one_new_error_is_told_with_its_sentence() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    assert alerts.follow(A_IS_STALE) == (
        "new error: a: runs in net:[1];"
        " own has been in net:[2] since its restart a moment ago"
    )
    assert alerts.follow(A_IS_STALE) is None


def test_several_are_counted() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    assert alerts.follow(ALL_STALE) == "4 new errors: a, b, c, …; f shows them"


def test_what_comes_back_is_news_again() -> None:
    alerts = Alerts(AT_ONCE)
    for seen in (WELL, A_IS_STALE, WELL):
        alerts.follow(seen)
    assert alerts.follow(A_IS_STALE) is not None


def test_what_was_accepted_is_no_news_once() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    alerts.expect([cid("a")])
    # A look that began before the harm was done.
    assert alerts.follow(WELL) is None
    assert alerts.follow(A_IS_STALE) is None
    alerts.follow(WELL)
    assert alerts.follow(A_IS_STALE) is not None


def test_what_was_not_accepted_is_told() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    alerts.expect([cid("a"), cid("b"), cid("c")])
    said = alerts.follow(ALL_STALE)
    assert said is not None
    assert said.startswith("new error: d: ")


def test_an_error_that_takes_the_place_of_another_is_no_news() -> None:
    stopped = report(container("own", state="exited"), *DEPS)
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    assert alerts.follow(stopped) is not None
    assert alerts.follow(ALL_STALE) is None


def test_what_goes_again_at_once_is_no_news() -> None:
    alerts = Alerts()
    for seen in (WELL, A_IS_STALE, WELL):
        assert alerts.follow(seen) is None
    assert alerts.release(NOON + SETTLING) is None


def test_what_lasts_is_told_once_it_has() -> None:
    alerts = Alerts()
    alerts.follow(WELL)
    assert alerts.follow(A_IS_STALE) is None
    assert alerts.release(NOON + SETTLING / 2) is None
    said = alerts.release(NOON + SETTLING)
    assert said is not None
    assert said.startswith("new error: a: ")
    assert alerts.release(NOON + 2 * SETTLING) is None
