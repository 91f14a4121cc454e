"""Asking sockets where anything may listen, or nothing."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from nstui.guard.asking import (
    NoAnswer,
    ask_control,
    ask_front,
    call,
    listens,
    ping_front,
)
from tests.support.guard_client import LIMIT_S
from tests.support.guard_front import StandInFront

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAIT_S = 0.2


def read_question(connection: socket.socket) -> None:
    """Read a request with its body, or a line: who sends it may not be cut off."""
    with connection.makefile("rb") as lines:
        length = 0
        while line := lines.readline().strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            if line.startswith(b"{"):
                return
        lines.read(length)


@contextmanager
def answering(path: Path, answer: bytes | None) -> Iterator[None]:
    """Answer every connection with some bytes; None for silence."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        kept = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                kept.append(connection)
                if answer is not None:
                    read_question(connection)
                    connection.sendall(answer)
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


ASK: list[Callable[[str], object]] = [
    lambda path: call(path, "GET", "/version", timeout_s=WAIT_S),
    lambda path: ask_front(path, "GET", "/_ping", WAIT_S),
    lambda path: ping_front(path, WAIT_S),
    lambda path: ask_control(path, {"do": "status"}, WAIT_S),
]


@pytest.mark.parametrize("ask", ASK)
def test_why_nobody_answers_is_told(
    tmp_path: Path, ask: Callable[[str], object]
) -> None:
    path = tmp_path / "x.sock"
    with pytest.raises(NoAnswer, match="it has no socket"):
        ask(str(path))
    with answering(path, None), pytest.raises(NoAnswer, match=r"within 0\.2 s"):
        ask(str(path))
    with pytest.raises(NoAnswer, match="nobody listens at its socket"):
        ask(str(path))
    path.unlink()
    with answering(path, b"what?\n"), pytest.raises(NoAnswer):
        ask(str(path))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwhat",
    ],
)
def test_something_else_is_not_taken_for_a_guard(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "x.sock"
    with answering(path, answer):
        with pytest.raises(NoAnswer, match="is no authorization plugin"):
            ask_front(str(path), "GET", "/", LIMIT_S)
        with pytest.raises(NoAnswer, match="is not the guard"):
            ping_front(str(path), LIMIT_S)


def test_what_answers_is_heard(tmp_path: Path) -> None:
    plugin, control = tmp_path / "plugin.sock", tmp_path / "control.sock"
    assert not listens(str(plugin))
    front = StandInFront(plugin, control, tmp_path / "settings.json")
    try:
        ping_front(str(plugin), LIMIT_S)
        assert ask_front(str(plugin), "GET", "/a", LIMIT_S) == {"Allow": True}
        assert ask_control(str(control), {"do": "status"}, LIMIT_S)["asked"] == 1
        assert listens(str(plugin))
    finally:
        front.end()
    assert front.uris == ["/a"]
