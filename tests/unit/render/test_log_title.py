"""What is told of a log above its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.render.logs import LogStatus, amount, following, nothing_written
from nstui.render.text import words_of

STATUS = LogStatus(
    range="the last hour",
    has_begun=True,
    has_ended=False,
    is_following=True,
    unseen=0,
    lines=1204,
    dropped=0,
    has_signs=False,
)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (STATUS, "following"),
        (replace(STATUS, has_ended=True), "ended"),
        (replace(STATUS, is_following=False), "paused"),
        (replace(STATUS, is_following=False, unseen=1), "paused, 1 new line"),
        (replace(STATUS, is_following=False, unseen=2100), "paused, 2,100 new lines"),
        (
            replace(STATUS, is_following=False, unseen=2, has_ended=True),
            "paused, 2 new lines, ended",
        ),
    ],
)
def test_following(status: LogStatus, words: str) -> None:
    assert following(status).text == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (STATUS, "the last hour · 1,204 lines"),
        (replace(STATUS, lines=1), "the last hour · 1 line"),
        (
            replace(STATUS, dropped=10_000, has_signs=True),
            "the last hour · 1,204 lines · 10,000 older lines dropped · ▌ stderr",
        ),
    ],
)
def test_amount(status: LogStatus, words: str) -> None:
    assert words_of(amount(status)) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (STATUS, ""),
        (replace(STATUS, lines=0), "nothing was written (the last hour)"),
        (replace(STATUS, lines=0, has_begun=False), "asking the engine…"),
    ],
)
def test_nothing(status: LogStatus, words: str) -> None:
    assert nothing_written(status) == words
