"""The bytes of a log become lines, in whatever portions they come."""

from __future__ import annotations

import struct

import pytest

from nstui.engine.logs import LogDecoder
from nstui.model.audit import LogLine, LogSource

STAMP = b"2026-11-23T12:00:00.000000042Z "
TIME = 1_795_435_200_000_000_042
PIECE = 16 * 1024


def message(kind: int, content: bytes) -> bytes:
    """Return a message as the engine frames it."""
    return struct.pack(">BxxxI", kind, len(content)) + content


def decoded(data: bytes, *, step: int, has_terminal: bool = False) -> list[LogLine]:
    """Return the lines of some bytes that come in portions of one size."""
    decoder = LogDecoder(has_terminal=has_terminal)
    portions = (data[start : start + step] for start in range(0, len(data), step))
    lines = [line for portion in portions for line in decoder.feed(portion)]
    return [*lines, *decoder.finish()]


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_messages(step: int) -> None:
    data = (
        message(1, STAMP + b"out\n")
        + message(2, STAMP + b"err\r\n")
        + message(1, b"")
        + message(3, b"Error grabbing logs: EOF\n")
        + message(1, STAMP + b"\n")
        + message(1, STAMP + b"half")
    )
    assert decoded(data, step=step) == [
        LogLine(LogSource.STDOUT, TIME, "out"),
        LogLine(LogSource.STDERR, TIME, "err"),
        LogLine(LogSource.ENGINE, None, "Error grabbing logs: EOF"),
        LogLine(LogSource.STDOUT, TIME, ""),
        LogLine(LogSource.STDOUT, TIME, "half"),
    ]


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_a_terminal(step: int) -> None:
    data = STAMP + b"one\r\n" + STAMP + b"\xc3\xa4\xff\n" + b"no time\n" + b"half"
    assert decoded(data, step=step, has_terminal=True) == [
        LogLine(LogSource.STDOUT, TIME, "one"),
        LogLine(LogSource.STDOUT, TIME, "ä\\xff"),
        LogLine(LogSource.STDOUT, None, "no time"),
        LogLine(LogSource.STDOUT, None, "half"),
    ]


@pytest.mark.parametrize("step", [1000, PIECE * 10])
def test_a_terminal_s_line_that_the_engine_has_cut(step: int) -> None:
    long = STAMP + b"x" * PIECE + STAMP + b"y" * PIECE + STAMP + b"z"
    lines = decoded(long + b"\n" + STAMP + b"next\n", step=step, has_terminal=True)
    assert [(line.time_ns, line.text[:1], len(line.text)) for line in lines] == [
        (TIME, "x", PIECE),
        (TIME, "y", PIECE),
        (TIME, "z", 1),
        (TIME, "n", 4),
    ]


def test_a_terminal_s_line_without_an_end_is_not_awaited() -> None:
    decoder = LogDecoder(has_terminal=True)
    lines = [line for _ in range(5) for line in decoder.feed(b"x" * PIECE)]
    assert [len(line.text) for line in lines] == [PIECE] * 4


@pytest.mark.parametrize(
    "data",
    [b"this is no header\n", message(9, b"x"), struct.pack(">BxxxI", 1, 1 << 30)],
)
def test_what_has_no_header_is_read_as_it_is(data: bytes) -> None:
    lines = decoded(message(1, STAMP + b"one\n") + data + b"\nlast\n", step=5)
    assert lines[0].text == "one"
    assert lines[-1].text == "last"
    assert len(lines) > 2


@pytest.mark.parametrize(
    ("stamp", "time_ns"),
    [
        (b"2026-11-23T13:00:00.000000042+01:00 ", TIME),
        (b"2026-11-23T12:00:00.5Z ", TIME - 42 + 500_000_000),
        (b"1969-12-31T23:59:59.000000000Z ", -1_000_000_000),
    ],
)
def test_times(stamp: bytes, time_ns: int) -> None:
    (line,) = decoded(message(1, stamp + b"x"), step=100)
    assert line == LogLine(LogSource.STDOUT, time_ns, "x")


@pytest.mark.parametrize("text", ["2026-99-99T99:99:99.000000000Z x", "2026 x", ""])
def test_what_only_looks_like_a_time(text: str) -> None:
    (line,) = decoded(message(1, text.encode() + b"\n"), step=100)
    assert line.time_ns is None
