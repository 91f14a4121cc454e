"""``nstui check --watch`` as a program, while things happen on a real engine."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pytest

from tests.real.program import NSTUI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE = 20.0
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


class Watch:
    """A running program and the lines that it has written so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        assert process.stderr is not None
        self._out, out = _lines_of(process.stdout)
        self._err, err = _lines_of(process.stderr)
        self._readers = (out, err)

    def line(self) -> str:
        """Return the next line on stdout."""
        return self._out.get(timeout=PATIENCE)

    def complaint(self) -> str:
        """Return the next line on stderr."""
        return self._err.get(timeout=PATIENCE)

    def end(self) -> None:
        """Read to the end of what a program wrote that was ended."""
        for reader in self._readers:
            reader.join()

    def said_nothing_else(self) -> bool:
        """Tell whether no further line has been written."""
        return self._out.empty() and self._err.empty()


def _lines_of(
    stream: IO[str],
) -> tuple[queue.SimpleQueue[str], threading.Thread]:
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return lines, reader


@contextmanager
def watching(engine: PrivateEngine, *options: str) -> Iterator[Watch]:
    """Run the program for as long as the block lasts."""
    command = [*NSTUI, "-H", engine.url, "--interval", "1", "check", "--watch"]
    with subprocess.Popen(
        [*command, *options],
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watch = Watch(process)
        try:
            yield watch
        finally:
            process.kill()
            watch.end()


def test_a_line_for_what_appears_and_what_goes(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    with watching(engine_host) as watch:
        assert re.fullmatch(
            rf"{STAMP} = nothing wrong: 2 containers, 1 group · namespaces by inode",
            watch.line(),
        )

        engine_host.docker("restart", "-t", "0", "own")
        appeared = re.compile(
            rf"{STAMP} \+ error stale-join dep: runs in net:\[\d+\]; own has been in "
            r"net:\[\d+\] since its restart a moment ago → docker restart dep"
        )
        lines = [watch.line()]
        if not appeared.fullmatch(lines[0]):
            # A look in the middle of the restart finds the owner stopped.
            assert "owner-stopped dep" in lines[0]
            lines += [watch.line(), watch.line()]
        assert appeared.fullmatch(lines[-1]), lines

        engine_host.docker("restart", "-t", "0", "dep")
        assert re.fullmatch(rf"{STAMP} - error stale-join dep", watch.line())

        watch.process.send_signal(signal.SIGINT)
        assert watch.process.wait(timeout=PATIENCE) == 130


def test_an_engine_that_is_silent_is_not_one_without_findings(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own")
    engine_host.run("lost", "--network=container:own")
    engine_host.docker("stop", "-t", "0", "own")
    with watching(engine_host) as watch:
        assert "+ error owner-stopped lost" in watch.line()

        engine_host.pause_daemon()
        assert watch.complaint().startswith("nstui: could not look: ")
        engine_host.resume_daemon()
        assert watch.complaint() == "nstui: the engine answers again"
        assert watch.said_nothing_else()


def test_json_is_a_line_for_each_change(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("stop", "-t", "0", "own")
    with watching(engine_host, "--json") as watch:
        change = json.loads(watch.line())
        assert (change["schema"], change["change"]) == ("nstui/1", "appeared")
        assert change["finding"]["code"] == "owner-stopped"
        assert change["finding"]["name"] == "dep"
        engine_host.docker("rm", "-f", "dep")
        gone = json.loads(watch.line())
        assert (gone["change"], gone["finding"]["name"]) == ("gone", "dep")


def test_it_ends_when_nobody_reads_it_any_more(engine_host: PrivateEngine) -> None:
    command = [*NSTUI, "-H", engine_host.url, "check", "--watch"]
    with subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE) as watch:
        try:
            assert watch.stdout is not None
            assert b"nothing wrong" in watch.stdout.readline()
            watch.stdout.close()
            watch.wait(timeout=PATIENCE)
        finally:
            watch.kill()
