"""The log, the inspect and the processes of a container, and copying, in a terminal."""

from __future__ import annotations

import base64
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from nstui.render.entries import entries_of, template
from tests.engine.program import NSTUI, PATIENT
from tests.support.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

SILENCE_S = 2.5
"""Longer than it takes to look again."""

SIZES = [(120, 40), (80, 24)]
COUNTS = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; done; sleep 1000"


@contextmanager
def opened(
    engine: PrivateEngine,
    name: str,
    *,
    columns: int = 120,
    lines: int = 40,
    program: Sequence[str] = NSTUI,
) -> Iterator[Terminal]:
    """Open nstui with the cursor on the only container, which shares with nobody."""
    command = (*program, "-H", engine.url)
    with Terminal(command, columns=columns, lines=lines) as terminal:
        terminal.wait_for("1 container that shares no network")
        terminal.press("enter")
        terminal.wait_for(f"● {name}")
        terminal.press("j")
        terminal.wait_for(f"name     {name}")
        yield terminal


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_a_log(engine_host: PrivateEngine, columns: int, lines: int) -> None:
    engine_host.run("own", command=["sh", "-c", COUNTS])
    with opened(engine_host, "own", columns=columns, lines=lines) as terminal:
        terminal.press("l")
        terminal.wait_for("log of own", "following", "line 300")
        # What is typed at once is searched for, and no letter of it is an action.
        terminal.press("/line 17")
        terminal.wait_for("11/11", "line 179")
        terminal.press("enter")
        terminal.press("n")
        terminal.wait_for("1/11", "line 17 ")
        terminal.press("escape")
        terminal.wait_until_gone("1/11")
        terminal.press("G")
        terminal.wait_for("following", "line 300")
        engine_host.docker("exec", "own", "sh", "-c", "echo more >/proc/1/fd/2")
        terminal.wait_for("▌ more", "▌ stderr")
        engine_host.docker("stop", "own")
        terminal.wait_for("○ exited", "ended", "line 300")
        engine_host.docker("start", "own")
        terminal.wait_for("● running", "601 lines")
        engine_host.docker("rm", "-f", "own")
        terminal.wait_for("✗ no longer exists", "ended", "601 lines")
        terminal.press("q")
        terminal.wait_for("0 containers")


def test_a_quiet_log_costs_nothing_and_holds_nobody_up(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own", command=["sh", "-c", "echo hi; sleep 1000"])
    with opened(engine_host, "own", program=PATIENT) as terminal:
        terminal.press("l")
        terminal.wait_for("log of own", "following", "hi")
        assert stays_silent(terminal)
        engine_host.pause_daemon()
        terminal.press("q")
        terminal.wait_until_gone("log of own")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def stays_silent(terminal: Terminal) -> bool:
    """Tell whether nothing is written for longer than it takes to look again."""
    end = time.monotonic() + PATIENCE
    written, since = -1, 0.0
    while time.monotonic() < end:
        if len(terminal.written) != written:
            written, since = len(terminal.written), time.monotonic()
        if time.monotonic() - since > SILENCE_S:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_what_is_known_of_it(
    engine_host: PrivateEngine, columns: int, lines: int
) -> None:
    engine_host.run("own", "--env=COLOUR=\x1b[31mred", command=["sleep", "999"])
    with opened(engine_host, "own", columns=columns, lines=lines) as terminal:
        terminal.press("i")
        terminal.wait_for("inspect of own", ".Id")
        terminal.press("/colour")
        terminal.wait_for("1/1", ".Config.Env[", r"COLOUR=\x1b[31mred")
        terminal.press("escape")
        terminal.wait_until_gone("1/1")
        terminal.press("q")
        terminal.wait_until_gone("inspect of own")

        terminal.press("p")
        terminal.wait_for("1 process", "of one CPU", "sleep 999", "sleeping")
        terminal.press("q")
        terminal.wait_until_gone("of one CPU")

        terminal.press("y")
        terminal.wait_for("address", "172.17.0.", "on bridge")
        terminal.press("enter")
        terminal.wait_for("copied the name: own")
        name = base64.b64encode(b"own")
        assert b"\x1b]52;c;" + name + b"\x07" in terminal.written


def test_the_commands_print_the_entries(engine_host: PrivateEngine) -> None:
    engine_host.run("own", "--publish=127.0.0.1:8080:80", "--label=a.b=c d")
    document = engine_host.client.inspect_container("own")
    entries = [entry for top in entries_of(document) for entry in top.walk()]
    assert len(entries) > 100
    form = "\n".join(template(entry.steps) for entry in entries)
    printed = engine_host.docker("inspect", "--format", form, "own").stdout
    values = [json.loads(line) for line in printed.splitlines() if line]
    assert values == [entry.value for entry in entries]
