"""A text UI that a signal ends gives the terminal back and leaves nothing half done."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import NSTUI, run_nstui
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
GIVEN_BACK = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h")
"""The alternate screen, the mouse, and the cursor that was hidden."""

TOGETHER = "Stop own and its 1 dependent"
DEAF = ("--stop-signal=TERM", "--stop-timeout=60")
"""What a container needs that ends only once it is killed, as TERM does not end it."""

HANG_UP_S = 0.5
"""Within how many seconds a program that has no terminal any more has noticed it."""


@pytest.fixture
def terminal(
    engine_host: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    """Open nstui on a chain whose dependent stops only once it is killed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own", *DEAF)
    with Terminal((*NSTUI, "-H", engine_host.url)) as opened:
        opened.wait_for("● own", "● dep", "nothing wrong")
        yield opened


def begin_to_stop(terminal: Terminal) -> None:
    """Stop both; return once the dependent is asked to stop."""
    terminal.press("s")
    terminal.wait_for(TOGETHER)
    terminal.press_in_reaction("tab")
    terminal.wait_until(lambda _: terminal.is_reversed(TOGETHER), "focus")
    terminal.press("enter")
    terminal.wait_for("… stop dep")


@pytest.mark.parametrize("number", SIGNALS)
def test_the_terminal_is_given_back(terminal: Terminal, number: signal.Signals) -> None:
    before = len(terminal.written)
    os.kill(terminal.pid, number)
    assert terminal.wait_for_end() == 130
    terminal.read_to_the_end()
    for sequence in GIVEN_BACK:
        assert sequence in terminal.written[before:]
    assert b"Traceback" not in terminal.written


@pytest.mark.parametrize("number", SIGNALS)
def test_the_step_under_way_is_finished_and_said(
    terminal: Terminal, engine_host: PrivateEngine, number: signal.Signals
) -> None:
    begin_to_stop(terminal)
    os.kill(terminal.pid, number)
    terminal.await_listening()
    engine_host.docker("kill", "dep")
    assert terminal.wait_for_end() == 130
    terminal.read_to_the_end()
    assert b"interrupted; done: stop dep; not done: stop own" in terminal.written
    running = engine_host.docker("ps", "--format={{.Names}}").stdout.split()
    assert running == ["own"]
    found = run_nstui("-H", engine_host.url, "check")
    assert found.returncode == 1
    assert "nstui stop was cut off after 1 of 2 steps" in found.stdout
    healed = run_nstui("-H", engine_host.url, "heal", "--yes")
    assert (healed.returncode, healed.stdout) == (0, "dep\n")
    assert run_nstui("-H", engine_host.url, "check").returncode == 0


def test_a_terminal_that_is_closed_ends_it_in_order(
    terminal: Terminal, engine_host: PrivateEngine
) -> None:
    begin_to_stop(terminal)
    terminal.hang_up()
    time.sleep(HANG_UP_S)
    engine_host.docker("kill", "dep")
    terminal.wait_for_end()
    running = engine_host.docker("ps", "--format={{.Names}}").stdout.split()
    assert running == ["own"]
    assert run_nstui("-H", engine_host.url, "heal", "--yes").returncode == 0
    assert run_nstui("-H", engine_host.url, "check").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_shell_in_a_container_does_not_hold_it_up(
    terminal: Terminal, number: signal.Signals
) -> None:
    terminal.press("e")
    terminal.wait_for("/ #")
    os.kill(terminal.pid, number)
    assert terminal.wait_for_end() == 130
