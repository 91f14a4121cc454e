"""How often a stream of events is asked for, and when events count as not heard."""

from __future__ import annotations

from nstui.service.watcher import LONGEST_RETRY_S, StreamFailures, pause_s


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_pauses_double_up_to_the_longest() -> None:
    assert [pause_s(n) for n in (1, 2, 3, 4, 5, 10_000)] == [1, 2, 4, 8, 8, 8]


def test_streams_that_end_at_once_are_not_asked_for_at_once() -> None:
    hearing = StreamFailures(Clock())
    pauses = []
    for _ in range(5):
        hearing.begin()
        pauses.append(hearing.end("why", is_answered=True))
    assert pauses == [1, 2, 4, 8, 8]


def test_one_that_has_lasted_is_asked_for_soon() -> None:
    clock = Clock()
    hearing = StreamFailures(clock)
    for _ in range(3):
        hearing.end("why", is_answered=True)
    hearing.begin()
    clock.now += LONGEST_RETRY_S
    assert hearing.end("why", is_answered=True) == 1


def test_events_are_not_heard_after_two_streams_that_failed() -> None:
    clock = Clock()
    hearing = StreamFailures(clock)
    assert hearing.stream_problem == ""
    hearing.end("first", is_answered=True)
    assert hearing.stream_problem == ""
    hearing.end("second", is_answered=True)
    assert hearing.stream_problem == "second"
    hearing.begin()
    assert hearing.stream_problem == "second"
    clock.now += LONGEST_RETRY_S
    assert hearing.stream_problem == ""


def test_where_the_engine_does_not_answer_something_else_is_the_matter() -> None:
    hearing = StreamFailures(Clock())
    for _ in range(5):
        hearing.end("why", is_answered=False)
    assert hearing.stream_problem == ""
    hearing.end("why", is_answered=True)
    assert hearing.stream_problem == ""
