"""How soon events are followed by looks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from nstui.service.watcher import (
    ASIDE_LIMITS_S,
    CALM_S,
    LIMITS_S,
    PRELUDES,
    Debouncer,
)

STEP_S = 0.01
LOOK_S = 0.02
"""How long a look takes in these scenes."""


class Scene:
    """A clock, and a watcher that follows the pace."""

    def __init__(self) -> None:
        self.now = 100.0
        self.debouncer = Debouncer(lambda: self.now)
        self.looks: list[float] = []
        self._pending = False

    def play(self, *events: float | tuple[float, str], until: float) -> list[float]:
        """Let events happen at some moments; return the moments of the looks.

        An event without an action is a start.
        """
        start = self.now
        waiting = sorted(e if isinstance(e, tuple) else (e, "start") for e in events)
        while self.now < start + until:
            while waiting and waiting[0][0] <= self.now - start + 1e-9:
                _, action = waiting.pop(0)
                self.debouncer.note_event(action)
                self._pending = True
            if self._pending and self.debouncer.wait_s() <= 1e-9:
                self._pending = False
                self.debouncer.note_look()
                self.looks.append(round(self.now - start, 2))
                self.now += LOOK_S
            self.now += STEP_S
        return self.looks


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_without_events_there_is_nothing_to_wait_for(scene: Scene) -> None:
    assert scene.debouncer.wait_s() == 0


def test_one_event_is_seen_at_once(scene: Scene) -> None:
    assert scene.play(0, until=5) == [0]


def test_what_comes_after_it_is_seen_together(scene: Scene) -> None:
    assert scene.play(0, 0.01, 0.02, 0.04, until=5) == [0, 0.11]


@pytest.mark.parametrize("prelude", sorted(PRELUDES))
def test_a_prelude_is_seen_with_what_it_announces(scene: Scene, prelude: str) -> None:
    assert scene.play((0, prelude), (0.03, "die"), until=5) == [0.03]


@pytest.mark.parametrize("prelude", sorted(PRELUDES))
def test_a_prelude_by_itself_is_seen_soon(scene: Scene, prelude: str) -> None:
    assert scene.play((0, prelude), until=5) == [LIMITS_S[0]]


def test_a_container_that_is_created_and_then_started(scene: Scene) -> None:
    first, second = scene.play((0, "create"), 0.4, until=5)
    assert first == 0.05
    assert second - 0.4 < 0.1


@pytest.mark.parametrize("pause", [CALM_S, 1.5, 3])
def test_after_a_calm_it_begins_anew(scene: Scene, pause: float) -> None:
    moments = [number * pause for number in range(6)]
    looks = scene.play(*moments, until=20)
    assert [round(look - at, 2) for look, at in zip(looks, moments, strict=True)] == [
        pytest.approx(0, abs=STEP_S)
    ] * 6


@pytest.mark.parametrize("seconds", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("gap", [0.01, 0.03, 0.1, 0.15])
def test_a_storm_is_seen_in_few_looks(scene: Scene, seconds: float, gap: float) -> None:
    moments = [number * gap for number in range(int(seconds / gap))]
    looks = scene.play(*moments, until=seconds + 5)
    assert looks[0] == 0
    assert len(looks) <= 5
    assert moments[-1] < looks[-1] < moments[-1] + 1.1


def test_a_storm_without_end_is_followed(scene: Scene) -> None:
    looks = scene.play(*[number * 0.1 for number in range(600)], until=60)
    gaps = [later - sooner for sooner, later in pairwise(looks)]
    assert max(gaps) < LIMITS_S[-1] + 0.2
    assert len(looks) < 25


def test_a_host_that_is_one_of_many_is_looked_at_later(scene: Scene) -> None:
    scene.debouncer.is_patient = True
    assert scene.play(0, until=60) == [pytest.approx(ASIDE_LIMITS_S[0], abs=0.05)]


def test_a_storm_there_causes_few_looks(scene: Scene) -> None:
    scene.debouncer.is_patient = True
    looks = scene.play(*(n / 10 for n in range(600)), until=90)
    assert len(looks) <= 60 / ASIDE_LIMITS_S[-1] + len(ASIDE_LIMITS_S)
    assert looks[-1] >= 60
