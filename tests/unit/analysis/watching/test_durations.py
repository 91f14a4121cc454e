"""Durations as people write them."""

from __future__ import annotations

import pytest

from nstui.analysis.watching.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3s", 3),
        ("500ms", 0.5),
        ("2m", 120),
        ("1h30m", 5400),
        ("1.5s", 1.5),
        (" 4s ", 4),
        ("10", 10),
        ("0", 0),
        ("7d", 604_800),
    ],
)
def test_a_duration_is_a_number_of_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "3x", "-3s", "3 s", "1e3", "٣s", "٣", "3s\n4", "nan", "inf"]
)
def test_what_is_no_duration_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration: write it like 3s"):
        parse_duration(text)


def test_a_duration_beyond_a_week_is_a_slip() -> None:
    with pytest.raises(ValueError, match="is longer than a week"):
        parse_duration("8d")
