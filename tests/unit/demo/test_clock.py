"""Tests of simulated time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nstui.demo.kernel import Moments, SimClock, duration_text

NOW = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=-3), "Less than a second"),
        (timedelta(milliseconds=999), "Less than a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=59), "59 seconds"),
        (timedelta(seconds=60), "About a minute"),
        (timedelta(seconds=119), "About a minute"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "About an hour"),
        (timedelta(minutes=89), "About an hour"),
        (timedelta(minutes=90), "2 hours"),
        (timedelta(hours=47, minutes=29), "47 hours"),
        (timedelta(hours=47, minutes=30), "2 days"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=14), "2 weeks"),
        (timedelta(days=59), "8 weeks"),
        (timedelta(days=60), "2 months"),
        (timedelta(days=729), "24 months"),
        (timedelta(days=730), "2 years"),
    ],
)
def test_durations_are_said_as_docker_does(duration: timedelta, words: str) -> None:
    assert duration_text(duration) == words


def test_a_clock_can_be_behind_another() -> None:
    clock = SimClock(lambda: NOW)
    clock.behind = timedelta(hours=2)
    clock.advance(timedelta(minutes=30))
    assert clock() == NOW - timedelta(minutes=90)


def test_no_two_moments_are_one() -> None:
    moments = Moments(lambda: NOW)
    first, second, third = (moments.next() for _ in range(3))
    assert NOW == first < second < third
