"""What is noted of the restarts that a program asks for."""

from __future__ import annotations

from itertools import count

import pytest

from bench.measure.restarts import Restarts


def restart(name: str) -> str:
    return f"POST /v1.41/containers/{name}/restart?t=10"


def test_how_many_are_under_way_at_once() -> None:
    restarts = Restarts()
    for name in "ab":
        restarts.begin(restart(name))
    restarts.end(restart("a"))
    for name in "cd":
        restarts.begin(restart(name))
    for name in "bcd":
        restarts.end(restart(name))
    restarts.begin(restart("e"))
    assert (restarts.count, restarts.most_at_once) == (5, 3)


@pytest.mark.parametrize(
    "request_",
    [
        "GET /v1.41/containers/json",
        "POST /v1.41/containers/a/start",
        "GET /v1.41/containers/restart/json",
        "POST /v1.41/containers/a/restarted",
        "POST /v1.41/containers/create?name=restart",
    ],
)
def test_another_request_is_none(request_: str) -> None:
    restarts = Restarts()
    restarts.begin(request_)
    restarts.end(request_)
    assert (restarts.count, restarts.most_at_once) == (0, 0)


@pytest.mark.parametrize(
    "path", ["/containers/a/restart", "/v1.24/containers/a/restart"]
)
def test_a_restart_without_a_query_is_one(path: str) -> None:
    restarts = Restarts()
    restarts.begin(f"POST {path}")
    assert restarts.count == 1


def test_when_one_was_asked_for() -> None:
    ticks = count(10)
    restarts = Restarts(clock=lambda: float(next(ticks)))
    for name in "ab":
        restarts.begin(restart(name))
    assert [restarts.wait_for(number, 0) for number in range(3)] == [10, 11, None]
