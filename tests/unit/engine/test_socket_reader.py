"""Which connections to an engine's socket are kept, and which are not."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from nstui.engine.answer import Answer
from nstui.engine.errors import Call
from nstui.engine.reader import SocketReader
from nstui.errors import EngineRefused, EngineUnreachable
from tests.support.servers import UnixServer, http_answer, says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIMIT_S = 60.0
CALL = Call("unix:///var/run/docker.sock", LIMIT_S)
WELL = http_answer({"is": "well"})


def last(answer: bytes) -> bytes:
    """Return an answer whose engine takes no more questions on the connection."""
    return answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


@dataclass
class Counting:
    """An engine that never hangs up, and counts the questions of each connection."""

    answer: Callable[[], bytes] = lambda: WELL
    questions: Counter[int] = field(default_factory=Counter)
    """How many there were, by the number of the connection."""

    answers: int = 0
    """How many answers have been sent."""

    ended: set[int] = field(default_factory=set)
    """The connections that the other side has ended."""

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _count: int = 0

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection until the other side ends it."""
        with self._changed:
            number, self._count = self._count, self._count + 1
        with suppress(OSError):
            while connection.recv(65536):
                with self._changed:
                    self.questions[number] += 1
                connection.sendall(self.answer())
                with self._changed:
                    self.answers += 1
                    self._changed.notify_all()
        with self._changed:
            self.ended.add(number)
            self._changed.notify_all()

    def await_answer(self) -> bool:
        """Wait until something has been answered."""
        with self._changed:
            return self._changed.wait_for(lambda: self.answers > 0, LIMIT_S)

    def await_ends(self, count: int) -> bool:
        """Wait until so many connections have been ended, and no more."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.ended) == count, LIMIT_S)


@pytest.fixture
def engine() -> Counting:
    return Counting()


@pytest.fixture
def reader(engine: Counting, tmp_path: Path) -> Iterator[SocketReader]:
    """Yield a reader of that engine."""
    path = tmp_path / "d.sock"
    with UnixServer(path, engine):
        reader = SocketReader(str(path), LIMIT_S)
        yield reader
        reader.close()


def ask_at_once(reader: SocketReader, engine: Counting, count: int) -> None:
    """Ask several questions, none of which is answered before the last is asked."""
    together = threading.Barrier(count)

    def answer() -> bytes:
        together.wait(LIMIT_S)
        return WELL

    engine.answer = answer
    with ThreadPoolExecutor(count) as threads:
        tuple(threads.map(lambda _: reader.get("/x", CALL), range(count)))
    engine.answer = lambda: WELL


def test_questions_one_after_the_other_share_a_connection(
    reader: SocketReader, engine: Counting
) -> None:
    for _ in range(3):
        assert reader.get("/x", CALL) == {"is": "well"}
    assert engine.questions == {0: 3}


def test_one_that_the_engine_closes_after_its_answer_is_not_asked_again(
    reader: SocketReader, engine: Counting
) -> None:
    engine.answer = lambda: last(WELL)
    for _ in range(3):
        assert reader.get("/x", CALL) == {"is": "well"}
    assert engine.questions == {0: 1, 1: 1, 2: 1}
    assert engine.await_ends(3)


def test_a_refusal_does_not_cost_the_connection(
    reader: SocketReader, engine: Counting
) -> None:
    engine.answer = lambda: http_answer({"message": "no"}, "409 Conflict")
    for _ in range(2):
        with pytest.raises(EngineRefused):
            reader.get("/x", CALL)
    assert engine.questions == {0: 2}


def test_an_answer_that_is_none_does(reader: SocketReader, engine: Counting) -> None:
    engine.answer = lambda: b"who are you?\r\n\r\n"
    with pytest.raises(EngineUnreachable):
        reader.get("/x", CALL)
    assert engine.await_ends(1)
    engine.answer = lambda: WELL
    reader.get("/x", CALL)
    assert engine.questions == {0: 1, 1: 1}


def test_two_are_kept_at_most(reader: SocketReader, engine: Counting) -> None:
    ask_at_once(reader, engine, 2)
    ask_at_once(reader, engine, 2)
    assert engine.questions == {0: 2, 1: 2}
    assert not engine.ended
    ask_at_once(reader, engine, 3)
    assert sum(engine.questions.values()) == 7
    assert engine.await_ends(1)
    ask_at_once(reader, engine, 2)
    assert len(engine.questions) == 3


def test_closing_ends_what_is_idle(reader: SocketReader, engine: Counting) -> None:
    ask_at_once(reader, engine, 2)
    reader.close()
    assert engine.await_ends(2)
    reader.get("/x", CALL)
    assert engine.questions == {0: 1, 1: 1, 2: 1}


def test_what_was_in_use_when_all_were_closed_is_not_kept(
    reader: SocketReader, engine: Counting
) -> None:
    def answer() -> bytes:
        reader.close()
        return WELL

    engine.answer = answer
    assert reader.get("/x", CALL) == {"is": "well"}
    assert engine.await_ends(1)
    engine.answer = lambda: WELL
    reader.get("/x", CALL)
    reader.get("/x", CALL)
    assert engine.questions == {0: 1, 1: 2}


def test_a_stream_that_is_refused_is_closed(
    reader: SocketReader, engine: Counting
) -> None:
    engine.answer = lambda: http_answer({"message": "no"}, "409 Conflict")
    with pytest.raises(EngineRefused):
        reader.stream("/events", {}, CALL)
    assert engine.await_ends(1)


def test_what_was_asked_ahead_is_read_from_there(
    reader: SocketReader, engine: Counting
) -> None:
    asked = [reader.ask("/x") for _ in range(2)]
    assert [reader.get("/x", CALL, one) for one in asked] == [{"is": "well"}] * 2
    assert engine.questions == {0: 1, 1: 1}
    reader.get("/x", CALL)
    assert len(engine.questions) == 2


def test_what_was_asked_ahead_in_vain_is_asked_again(
    reader: SocketReader, engine: Counting
) -> None:
    engine.answer = lambda: b"who are you?\r\n\r\n"
    asked = reader.ask("/x")
    assert engine.await_answer()
    engine.answer = lambda: WELL
    assert reader.get("/x", CALL, asked) == {"is": "well"}
    assert engine.questions == {0: 1, 1: 1}


def test_what_was_asked_before_all_were_closed_is_not_kept(
    reader: SocketReader, engine: Counting
) -> None:
    asked = reader.ask("/x")
    reader.close()
    assert reader.get("/x", CALL, asked) == {"is": "well"}
    assert engine.await_ends(1)


def test_what_is_not_waited_for_is_closed(
    reader: SocketReader, engine: Counting
) -> None:
    asked = reader.ask("/x")
    assert asked is not None
    reader.drop(asked)
    assert engine.await_ends(1)


def test_nobody_can_be_asked_ahead_where_nobody_is(tmp_path: Path) -> None:
    assert SocketReader(str(tmp_path / "none.sock"), LIMIT_S).ask("/x") is None


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = b"Content-Length: 2\r\n"
BROKE = "broke before an answer came"
NO_ENGINE = "is not a Docker engine"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + LENGTH + b"\r\n[]",
        HEAD + LENGTH.upper() + b"\r\n[]",
        HEAD + b"content-length:2\n\n[]",
        HEAD + LENGTH + b"Content-Length: 9\r\n\r\n[]",
        HEAD + CHUNKED + b"1\r\n[\r\n1\r\n]\r\n0\r\n\r\n",
        HEAD + CHUNKED + b"2;name=value\r\n[]\r\n0\r\nTrailer: x\r\n\r\n",
        HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
        HEAD + b"Content-Encoding: identity\r\n" + LENGTH + b"\r\n[]",
        b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n" * 3 + HEAD + LENGTH + b"\r\n[]",
        b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n[]",
        b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + LENGTH + b"\r\n[]",
        HEAD + b"a: b\r\n" * 98 + LENGTH + b"\r\n[]",
    ],
    ids=itertools.count(),
)
def test_an_answer_of_any_form_leaves_the_connection_open(
    reader: SocketReader, engine: Counting, answer: bytes
) -> None:
    engine.answer = lambda: answer
    for _ in range(2):
        assert reader.get("/x", CALL) == []
    assert engine.questions == {0: 2}


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (HEAD + LENGTH + b"\r\n[]", b"[]"),
        (HEAD + b"\r\n[ ]\r\n\r\n", b"[ ]\r\n\r\n"),
        (HEAD + b"\n[ ]\r\n\r\n", b"[ ]\r\n\r\n"),
        (HEAD + b"x: y\n\n[ ]\r\n\r\n", b"[ ]\r\n\r\n"),
        (HEAD + b"x: y\r\n\n[ ]\n\r\n", b"[ ]\n\r\n"),
        (HEAD + CHUNKED + b"2\r\n[]\r\n0\r\nx: y\r\n\r\n", b"[]"),
    ],
    ids=itertools.count(),
)
@pytest.mark.parametrize("pause_s", [0.0, 0.001])
def test_a_body_begins_after_its_head(
    answer: bytes, body: bytes, pause_s: float
) -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(LIMIT_S)

    def send() -> None:
        size = 1 if pause_s else len(answer)
        for at in range(0, len(answer), size):
            theirs.sendall(answer[at : at + size])
            time.sleep(pause_s)
        theirs.shutdown(socket.SHUT_WR)

    with ours, theirs, ThreadPoolExecutor() as sender:
        sender.submit(send)
        found = Answer(ours)
        assert found.read_all(10_000) == body
        found.close()


@pytest.mark.parametrize("size", [b"-1", b"two", b""])
def test_a_chunk_without_a_size_is_not_waited_for(
    reader: SocketReader, engine: Counting, size: bytes
) -> None:
    engine.answer = lambda: HEAD + CHUNKED + size + b"\r\n[]\r\n0\r\n\r\n"
    began = time.monotonic()
    with pytest.raises(EngineUnreachable, match=BROKE):
        reader.get("/x", CALL)
    assert time.monotonic() - began < LIMIT_S
    assert engine.await_ends(1)


def test_an_answer_is_read_to_the_end_of_its_trailer(tmp_path: Path) -> None:
    def late(connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(HEAD + CHUNKED + b"2\r\n[]\r\n0\r\n")
            time.sleep(0.1)
            connection.sendall(b"\r\n")

    with UnixServer(tmp_path / "d.sock", late) as server:
        reader = SocketReader(str(tmp_path / "d.sock"), LIMIT_S)
        assert [reader.get("/x", CALL) for _ in range(2)] == [[], []]
        reader.close()
    assert server.connections == 1


@pytest.mark.parametrize(
    ("head", "stays"),
    [
        (HEAD + LENGTH, True),
        (HEAD + LENGTH + b"Connection: close\r\n", False),
        (HEAD + LENGTH + b"Connection: Upgrade, Close\r\n", False),
        (HEAD, False),
        (b"HTTP/1.0 200 OK\r\n" + LENGTH, False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", False),
        (b"HTTP/1.1 204 No Content\r\n", True),
    ],
    ids=itertools.count(),
)
def test_whether_a_connection_takes_another_question(
    head: bytes, *, stays: bool
) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(head + b"\r\n")
        answer = Answer(here)
        assert answer.head.is_reusable is stays
        answer.close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (HEAD + LENGTH + b"\r\n[", BROKE),
        (HEAD + CHUNKED + b"1\r\n[\r\n", BROKE),
        (HEAD + CHUNKED + b"9\r\n[", BROKE),
        (HEAD + CHUNKED + b"-1\r\n[", BROKE),
        (HEAD + CHUNKED + b"two\r\n[]\r\n0\r\n\r\n", BROKE),
        (HEAD + CHUNKED + b"1" * 70_000, NO_ENGINE),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 101 + b"\r\n", NO_ENGINE),
        (b"HTTP/1.1 20 OK\r\n\r\n", NO_ENGINE),
        (b"HTTP/1.1 OK\r\n\r\n", NO_ENGINE),
        (b"HTTP/2 200 OK\r\n\r\n", NO_ENGINE),
        (b"x" * 70_000, NO_ENGINE),
        (b"HTTP/1.1 204 No Content\r\n\r\n", NO_ENGINE),
        (HEAD + b"Content-Length: many\r\n\r\n[", NO_ENGINE),
        (
            b"HTTP/1.1 307 Elsewhere\r\n\r\n",
            "answered with a redirect to another address",
        ),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n", "answered with something compress"),
        (HEAD + LENGTH + b"\r\n[]", None),
        (HEAD + b"\r\n[]", None),
        (b"HTTP/1.0 200 OK\r\n" + LENGTH + b"\r\n[]", None),
    ],
    ids=itertools.count(),
)
def test_an_answer_that_ends_with_its_connection(
    tmp_path: Path, answer: bytes, why: str | None
) -> None:
    with UnixServer(tmp_path / "d.sock", says(answer)) as server:
        reader = SocketReader(str(tmp_path / "d.sock"), LIMIT_S)
        for _ in range(2):
            if why is None:
                assert reader.get("/x", CALL) == []
            else:
                with pytest.raises(EngineUnreachable, match=why):
                    reader.get("/x", CALL)
        reader.close()
    assert server.connections == 2
