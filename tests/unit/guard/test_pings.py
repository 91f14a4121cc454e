"""The guard's supervisor asks its front whether it answers, again and again."""

from __future__ import annotations

import errno
import socket
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from nstui.guard import pings as of_pings
from nstui.guard.loop import Loop
from nstui.guard.pings import Pings
from tests.support.guard_client import LIMIT_S
from tests.support.guard_program import wait_until
from tests.support.servers import UnixServer, hangs_up, http_answer, says, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ENOUGH_S = 0.2
SOON = pytest.mark.usefixtures("_soon")


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Yield what waits for the answers."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for an answer for as long as it takes."""
    monkeypatch.setattr(of_pings, "PING_S", LIMIT_S)


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time for an answer be over soon."""
    monkeypatch.setattr(of_pings, "PING_S", 0.05)


def _never() -> None:
    raise AssertionError


def _ask_twice(loop: Loop, path: Path) -> list[int | None]:
    """Return the answers to two pings, the second of which follows the first."""
    answers: list[int | None] = []

    def answered(pid: int | None) -> None:
        answers.append(pid)
        if len(answers) < 2:
            pings.ask_after(0)
        else:
            loop.end()

    pings = Pings(loop, path, answered, _never)
    pings.ask_after(0)
    loop.after(LIMIT_S, loop.end)
    loop.run()
    return answers


def test_it_asks_again_after_an_answer(loop: Loop, tmp_path: Path) -> None:
    path = tmp_path / "front.sock"
    with UnixServer(path, says(http_answer({"pid": 7}))) as front:
        assert _ask_twice(loop, path) == [7, 7]
        assert front.connections == 2


@SOON
@pytest.mark.parametrize(
    "manners",
    [silent, hangs_up, says(http_answer([7])), says(http_answer({"pid": "x"}))],
)
def test_it_asks_again_where_nothing_answers_in_time(
    loop: Loop, tmp_path: Path, manners: Callable[[socket.socket], None]
) -> None:
    path = tmp_path / "front.sock"
    with UnixServer(path, manners):
        assert _ask_twice(loop, path) == [None, None]


@pytest.mark.parametrize("has_file", [True, False])
def test_where_nobody_listens_that_is_told_at_once(
    loop: Loop, tmp_path: Path, *, has_file: bool
) -> None:
    path = tmp_path / "none.sock"
    if has_file:
        with socket.socket(socket.AF_UNIX) as nobody:
            nobody.bind(str(path))
    told: list[float] = []

    def unreached() -> None:
        told.append(time.monotonic())
        if len(told) < 2:
            pings.ask_after(0)
        else:
            loop.end()

    pings = Pings(loop, path, lambda _: _never(), unreached)
    pings.ask_after(0)
    loop.after(LIMIT_S, loop.end)
    loop.run()
    assert len(told) == 2
    assert told[1] - told[0] < of_pings.PING_S


@SOON
def test_it_asks_again_where_no_file_could_be_opened(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [OSError(errno.EMFILE, "Too many open files")]

    def open_socket(family: int) -> socket.socket:
        if refusals:
            raise refusals.pop()
        # From now on there is an answer to wait for.
        monkeypatch.setattr(of_pings, "PING_S", LIMIT_S)
        return socket.socket(family)

    names = SimpleNamespace(socket=open_socket, AF_UNIX=socket.AF_UNIX)
    monkeypatch.setattr(of_pings, "socket", names)
    path = tmp_path / "front.sock"
    with UnixServer(path, says(http_answer({"pid": 7}))):
        assert _ask_twice(loop, path) == [7, 7]


@SOON
@pytest.mark.parametrize("is_asked", [True, False])
def test_once_stopped_it_takes_no_answer(
    loop: Loop, tmp_path: Path, *, is_asked: bool
) -> None:
    answers: list[int | None] = []
    path = tmp_path / "front.sock"
    with UnixServer(path, silent) as front:
        pings = Pings(loop, path, answers.append, _never)
        pings.ask_after(0)
        if is_asked:
            loop.run_once()
        pings.stop()
        loop.after(ENOUGH_S, loop.end)
        loop.run()
        wait_until(lambda: front.connections == is_asked)
    assert answers == []


def test_after_it_was_stopped_it_asks_again(loop: Loop, tmp_path: Path) -> None:
    answers: list[int | None] = []

    def answered(pid: int | None) -> None:
        answers.append(pid)
        loop.end()

    path = tmp_path / "front.sock"
    with UnixServer(path, says(http_answer({"pid": 7}))):
        pings = Pings(loop, path, answered, _never)
        pings.ask_after(0)
        loop.run_once()
        pings.stop()
        pings.ask_after(0)
        loop.after(LIMIT_S, loop.end)
        loop.run()
    assert answers == [7]


def test_a_ping_takes_the_place_of_the_next_one(loop: Loop, tmp_path: Path) -> None:
    answers: list[int | None] = []

    def answered(pid: int | None) -> None:
        answers.append(pid)
        loop.after(ENOUGH_S, loop.end)

    path = tmp_path / "front.sock"
    with UnixServer(path, says(http_answer({"pid": 7}))) as front:
        pings = Pings(loop, path, answered, _never)
        pings.ask_after(ENOUGH_S / 2)
        pings.ask_after(0)
        loop.run()
        assert front.connections == 1
    assert answers == [7]
