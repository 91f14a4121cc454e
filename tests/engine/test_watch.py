"""``nstui check --watch`` as a program, while things happen on a real engine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import SETTLING
from tests.engine.program import NSTUI
from tests.support.guard_program import wait_until
from tests.support.guarded_engine import TooLate
from tests.support.lines import PATIENCE_S, Lines
from tests.support.servers import Relay, UnixServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

LIST = "/containers/json?"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


class Watch:
    """A running program and the lines that it writes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self.process = process
        self.out = Lines(process.stdout.fileno())
        self.err = Lines(process.stderr.fileno())

    def interrupt(self) -> int:
        """Interrupt it as ctrl-C does; return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)


@contextmanager
def watching(url: str, *options: str) -> Iterator[Watch]:
    """Run the program for as long as the block lasts."""
    command = [*NSTUI, "-H", url, "--interval", "1", "check", "--watch"]
    with subprocess.Popen(
        [*command, *options],
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield Watch(process)
        finally:
            process.kill()


@contextmanager
def before_it_is_told() -> Iterator[None]:
    """See that what is found meanwhile does not last until it is told.

    Raises:
        TooLate: It may have.

    """
    began = time.monotonic()
    yield
    if time.monotonic() - began >= SETTLING.total_seconds():
        raise TooLate("what is over by now may have been told")


def test_a_line_for_what_appears_and_what_goes(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    with watching(engine_host.url) as watch:
        assert re.fullmatch(
            rf"{STAMP} = nothing wrong: 2 containers, 1 group · verified by the kernel",
            watch.out.next(),
        )

        with before_it_is_told():
            engine_host.docker("restart", "-t", "0", "own")
        appeared = re.compile(
            rf"{STAMP} \+ error stale-join own was restarted [^:]* ago: 1 container"
            r" still sits in its old network and has no connection \(only lo\): dep"
            r" → nstui heal own"
        )
        # That the owner was stopped for a moment is not told.
        line = watch.out.next()
        assert appeared.fullmatch(line), line

        engine_host.docker("restart", "-t", "0", "dep")
        assert re.fullmatch(
            rf"{STAMP} - error stale-join dep: gone after [^:]*", watch.out.next()
        )

        assert watch.interrupt() == 130


@pytest.mark.one_engine
def test_an_owner_that_is_made_anew_and_joined_again_says_nothing(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    relay = Relay(engine_host.socket)
    with (
        UnixServer(tmp_path / "d.sock", relay) as server,
        watching(server.url) as watch,
    ):
        assert " = nothing wrong: " in watch.out.next()

        # All of this takes less time than a finding that is told must last.
        with before_it_is_told():
            engine_host.client.remove_container("own", force=True)
            # Two looks, which find an orphan, have ended when another one begins.
            looks = relay.count(LIST)
            wait_until(lambda: relay.count(LIST) >= looks + 3, 60)
            engine_host.run("own")
            engine_host.client.remove_container("dep", force=True)
        engine_host.run("dep", "--network=container:own")
        engine_host.docker("kill", "own")

        # What is told first is what lasts.
        assert "+ error owner-stopped own" in watch.out.next()
        assert watch.interrupt() == 130
        assert watch.out.rest() == []


@pytest.mark.one_engine
def test_an_engine_that_is_silent_is_not_one_without_findings(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own")
    engine_host.run("lost", "--network=container:own")
    engine_host.docker("stop", "-t", "0", "own")
    with watching(engine_host.url) as watch:
        assert "+ error owner-stopped own" in watch.out.next()

        engine_host.pause_daemon()
        assert watch.err.next().startswith("nstui: could not read the engine: ")
        engine_host.resume_daemon()
        assert watch.err.next() == "nstui: the engine answers again"
        assert watch.out.is_silent()
        assert watch.err.is_silent()
        assert watch.interrupt() == 130
        assert watch.out.rest() == []


@pytest.mark.one_engine
def test_an_engine_that_is_killed_takes_no_finding_with_it(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own")
    engine_host.run("lost", "--network=container:own")
    engine_host.docker("stop", "-t", "0", "own")
    with watching(engine_host.url) as watch:
        assert "+ error owner-stopped own" in watch.out.next()

        engine_host.kill_daemon()
        assert watch.err.next().startswith("nstui: could not read the engine: ")
        assert watch.interrupt() == 130
        assert watch.out.rest() == []


@pytest.mark.one_engine
def test_json_is_a_line_for_each_change(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("stop", "-t", "0", "own")
    with watching(engine_host.url, "--json") as watch:
        change = json.loads(watch.out.next())
        assert (change["schema"], change["change"]) == ("nstui/1", "appeared")
        assert change["finding"]["code"] == "owner-stopped"
        assert change["finding"]["name"] == "dep"
        engine_host.docker("rm", "-f", "dep")
        gone = json.loads(watch.out.next())
        assert (gone["change"], gone["finding"]["name"]) == ("gone", "dep")


@pytest.mark.one_engine
def test_it_ends_when_nobody_reads_it_any_more(engine_host: PrivateEngine) -> None:
    # As long as there is no container, whether the kernel tells of any is a guess.
    engine_host.run("own")
    with watching(engine_host.url) as watch:
        assert "nothing wrong" in watch.out.next()
        assert watch.process.stdout is not None
        watch.process.stdout.close()
        assert watch.process.wait(PATIENCE_S) == 1
        assert watch.err.rest() == []


def test_one_that_is_broken_all_the_time_is_told_of_though_its_owner_comes_and_goes(
    engine_host: PrivateEngine,
) -> None:
    with watching(engine_host.url) as watch:
        assert " = nothing wrong: " in watch.out.next()
        engine_host.run("own", "--restart=always", command=("sleep", "3"))
        engine_host.run("dep", "--network=container:own")

        told = watch.out.next()
        while " error " not in told:
            assert "restarting own" in told
            told = watch.out.next()
        assert re.search(r" \+ error (owner-stopped|stale-join) own ", told), told
