"""What is said when something new goes wrong, look by look."""

from __future__ import annotations

from datetime import timedelta

from nstui.analysis.report import SETTLING, Report
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
    assert alerts.follow(ALL_STALE) == ()
    assert alerts.follow(ALL_STALE) == ()


def test_one_new_error_is_told_with_its_sentence() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    assert alerts.follow(A_IS_STALE) == (
        "own was restarted a moment ago: 1 container still sits in its old network: a",
    )
    assert alerts.follow(A_IS_STALE) == ()


def test_several_with_one_cause_are_one_notice() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    (said,) = alerts.follow(ALL_STALE)
    assert said == (
        "own was restarted a moment ago: 4 containers still sit in its old network: a,"
        " b, c and 1 more"
    )


def test_each_cause_is_a_notice_and_many_are_counted() -> None:
    def sick(names: str) -> Report:
        several = (
            container(n, health="unhealthy" if n in names else None) for n in "wxyz"
        )
        return report(*several)

    alerts = Alerts(AT_ONCE)
    alerts.follow(sick(""))
    assert alerts.follow(sick("wx")) == (
        "w: its health check fails",
        "x: its health check fails",
    )
    alerts.follow(sick(""))
    assert alerts.follow(sick("wxyz")) == ("4 new incidents: w, x, y, …; f shows them",)


def test_what_comes_back_is_news_again() -> None:
    alerts = Alerts(AT_ONCE)
    for seen in (WELL, A_IS_STALE, WELL):
        alerts.follow(seen)
    assert alerts.follow(A_IS_STALE) != ()


def test_what_was_accepted_is_no_news_once() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    alerts.expect([cid("a")])
    # A look that began before the harm was done.
    assert alerts.follow(WELL) == ()
    assert alerts.follow(A_IS_STALE) == ()
    alerts.follow(WELL)
    assert alerts.follow(A_IS_STALE) != ()


def test_what_was_not_accepted_is_told() -> None:
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    alerts.expect([cid("a"), cid("b"), cid("c")])
    (said,) = alerts.follow(ALL_STALE)
    assert said.endswith(": d")


def test_an_error_that_takes_the_place_of_another_is_no_news() -> None:
    stopped = report(container("own", state="exited"), *DEPS)
    alerts = Alerts(AT_ONCE)
    alerts.follow(WELL)
    assert alerts.follow(stopped) != ()
    assert alerts.follow(ALL_STALE) == ()


def test_what_goes_again_at_once_is_no_news() -> None:
    alerts = Alerts()
    for seen in (WELL, A_IS_STALE, WELL):
        assert alerts.follow(seen) == ()
    assert alerts.release(NOON + SETTLING) == ()


def test_what_lasts_is_told_once_it_has() -> None:
    alerts = Alerts()
    alerts.follow(WELL)
    assert alerts.follow(A_IS_STALE) == ()
    assert alerts.release(NOON + SETTLING / 2) == ()
    (said,) = alerts.release(NOON + SETTLING)
    assert said.endswith(": a")
    assert alerts.release(NOON + 2 * SETTLING) == ()
