"""How long ago something was, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nstui.analysis.text import age_text
from tests.support.builders import NOON


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "a moment"),
        (0, "a moment"),
        (9, "a moment"),
        (10, "10 s"),
        (19, "10 s"),
        (59, "50 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (86_399, "23 h"),
        (86_400, "1 d"),
        (86_400 * 400, "400 d"),
    ],
)
def test_ages_in_words(seconds: int, words: str) -> None:
    assert age_text(NOON, NOON + timedelta(seconds=seconds)) == words
