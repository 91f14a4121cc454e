"""Since when a container is in its state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.model.container import ContainerState
from nstui.render.since import since_text
from tests.support.builders import NOON, container

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.container import Container

EARLIER, OTHER_DAY = NOON - timedelta(minutes=65), NOON - timedelta(days=3)


def in_state(
    state: ContainerState, *, started: datetime | None, finished: datetime | None
) -> Container:
    one = container("one")
    assert one.inspection is not None
    inspection = replace(
        one.inspection, started_at=started, finished_at=finished, exit_code=137
    )
    return replace(one, state=state, status="in its words", inspection=inspection)


@pytest.mark.parametrize(
    ("state", "started", "finished", "words"),
    [
        (ContainerState.RUNNING, EARLIER, OTHER_DAY, "up since 10:55"),
        (ContainerState.PAUSED, EARLIER, None, "up since 10:55"),
        (ContainerState.RUNNING, OTHER_DAY, None, "up since {:%Y-%m-%d}"),
        (ContainerState.RUNNING, None, None, "in its words"),
        (ContainerState.EXITED, OTHER_DAY, EARLIER, "with code 137 (SIGKILL) at 10:55"),
        (ContainerState.EXITED, OTHER_DAY, None, "in its words"),
        (ContainerState.RESTARTING, OTHER_DAY, EARLIER, "in its words"),
        (ContainerState.CREATED, None, None, "in its words"),
    ],
)
def test_the_words(
    state: ContainerState,
    started: datetime | None,
    finished: datetime | None,
    words: str,
) -> None:
    one = in_state(state, started=started, finished=finished)
    assert since_text(one, NOON) == words.format(OTHER_DAY)


def test_without_an_inspection_they_are_the_engines() -> None:
    one = replace(container("one"), status="Up 2 hours", inspection=None)
    assert since_text(one, NOON) == "Up 2 hours"


def test_they_stay_the_same_as_time_passes() -> None:
    one = in_state(ContainerState.RUNNING, started=EARLIER, finished=None)
    assert since_text(one, NOON) == since_text(one, NOON + timedelta(hours=5))
