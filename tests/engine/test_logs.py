"""Logs of a real engine."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.logs import PlacedLine, merge_lines
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.times import decode_time
from nstui.errors import EngineUnreachable
from nstui.model.audit import LogSource
from nstui.model.container import ContainerId
from nstui.service.log_feed import LogFeed
from tests.support.busy import PATIENT_S, answered
from tests.support.guard_program import wait_until
from tests.support.log_reader import LogReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import Container
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PIECE = 16 * 1024
WRITES = r"""
printf 'ok\377\n\033[31mred\033[0m\n'
head -c 40000 /dev/zero | tr '\0' x
echo
echo err >&2
printf half
"""
MANY = 100_000


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    engine = DockerEngine(Endpoint(engine_host.url, None), timeout=PATIENT_S)
    yield engine
    engine.close()


@pytest.fixture
def hasty(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield what waits half a second for an answer."""
    engine = DockerEngine(Endpoint(engine_host.url, None), timeout=0.5)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("options", "odd"),
    [
        (["--log-driver=local"], "ok\\xff"),
        (["--log-driver=json-file"], "ok\ufffd"),
        (["--tty"], "ok\ufffd"),
    ],
    ids=["local", "json-file", "tty"],
)
def test_whatever_a_container_writes(
    engine_host: PrivateEngine, engine: DockerEngine, options: list[str], odd: str
) -> None:
    own = ContainerId(engine_host.run("own", *options, command=["sh", "-c", WRITES]))
    engine_host.docker("wait", "own")

    reader = LogReader(engine.logs(own))

    assert reader.ended()
    out = [each.text for each in reader.lines if each.source is LogSource.STDOUT]
    rest = 40_000 - 2 * PIECE
    long = ["x" * PIECE, "x" * PIECE, "x" * rest]
    if "--tty" in options:
        assert out == [odd, "\x1b[31mred\x1b[0m", *long, "err", "half"]
    else:
        assert out == [odd, "\x1b[31mred\x1b[0m", *long, "half"]
        (err,) = (e for e in reader.lines if e.source is LogSource.STDERR)
        assert err.text == "err"
    assert None not in {line.time_ns for line in reader.lines}


def test_a_flood(engine_host: PrivateEngine, engine: DockerEngine) -> None:
    command = f"yes | head -{MANY}; echo end; sleep 1000"
    own = ContainerId(engine_host.run("own", command=["sh", "-c", command]))

    reader = LogReader(engine.logs(own))
    last = LogReader(engine.logs(own, tail=1))

    deadline = time.monotonic() + 60
    while reader.texts[-1:] != ["end"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert reader.texts == ["y"] * MANY + ["end"]
    last.until_last("end")


def test_an_engine_that_hangs_before_and_while_it_tells(
    engine_host: PrivateEngine, engine: DockerEngine, hasty: DockerEngine
) -> None:
    own = ContainerId(engine_host.run("own", command=["sh", "-c", "echo hi; sleep 99"]))
    readers = [
        LogReader(answered(lambda each=each: each.logs(own)))  # type: ignore[misc]
        for each in (engine, hasty)
    ]
    for reader in readers:
        reader.until("hi")
    engine_host.pause_daemon()

    with pytest.raises(EngineUnreachable, match=r"did not answer within 0\.5 s"):
        hasty.logs(own)
    assert not any(reader.ended(timeout=0.7) for reader in readers)

    for each in (engine, hasty):
        each.close()
    assert all(reader.ended() for reader in readers)


def test_an_engine_that_is_killed_ends_the_stream(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    own = ContainerId(engine_host.run("own", command=["sh", "-c", "echo hi; sleep 99"]))
    reader = LogReader(engine.logs(own))
    reader.until("hi")

    engine_host.kill_daemon()

    assert reader.ended()
    assert reader.texts == ["hi"]


def test_what_is_closed_is_let_go_of(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    own = ContainerId(engine_host.run("own"))
    engine.inspect(own)
    before = open_files()
    for _ in range(3):
        stream = engine.logs(own)
        reader = LogReader(stream)
        stream.close()
        assert reader.ended()
    wait_until(lambda: open_files() <= before, 60)


def open_files() -> int:
    """Return how many files and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_logs_of_two_containers_are_merged_in_order(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    every = "i=0; while [ $i -lt 20 ]; do echo {0}$i; i=$((i+1)); usleep 10000; done"
    ids = {
        name: ContainerId(
            engine_host.run(name, command=["sh", "-c", f"{every.format(name)}; {then}"])
        )
        for name, then in (("aa", "sleep 999"), ("bb", "exit 0"))
    }
    feed = LogFeed(engine, keep=1000, on_news=lambda: None)
    feed.read(chosen(engine, ids), tail=1000, since=lambda _: None)
    lines: list[PlacedLine] = []
    try:
        take_until(feed, lines, 40)
        engine_host.docker("restart", "-t0", "aa")
        feed.follow(chosen(engine, ids))
        take_until(feed, lines, 60)
    finally:
        feed.stop()

    merged = merge_lines((), lines)[1]
    texts = [each.line.text for each in merged]
    numbers = [str(number) for number in range(20)]
    first = [text for text in texts if text.startswith("aa")]
    assert first == [f"aa{number}" for number in (*numbers, *numbers)]
    assert [text for text in texts if text.startswith("bb")] == [
        f"bb{number}" for number in numbers
    ]
    times = [each.key[0] for each in merged]
    assert times == sorted(times)
    ended = texts.index("aa19")
    marks = [n for n, e in enumerate(merged) if e.line.source is LogSource.MARK]
    # The engine may note a start a moment after the first lines of it.
    assert marks[-1] > ended
    assert merged[marks[-1]].container == ids["aa"]
    started = decode_time(str(engine_host.inspect("aa", "State", "StartedAt")))
    assert started is not None
    past = started - datetime.fromtimestamp(0, UTC)
    assert merged[marks[-1]].key[0] // 1000 == past // timedelta(microseconds=1)


def chosen(engine: DockerEngine, ids: dict[str, ContainerId]) -> tuple[Container, ...]:
    engine.forget()
    return tuple(each for each in engine.containers() if each.id in ids.values())


def take_until(feed: LogFeed, lines: list[PlacedLine], count: int) -> None:
    """Take lines until there are so many that a container wrote."""
    deadline = time.monotonic() + 60
    while sum(each.line.source is not LogSource.MARK for each in lines) < count:
        assert time.monotonic() < deadline, lines
        lines += feed.take().lines
        time.sleep(0.02)
