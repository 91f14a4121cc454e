"""The screen that is drawn before Textual is loaded, and how Textual takes it over."""

from __future__ import annotations

import os
import signal
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from nstui.tui.app import LONGEST_HOLD_S
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
import sys
from dataclasses import replace
from nstui.cli import app
from nstui.cli.settings import Settings
from nstui.cli.wiring import connect_demo
from nstui.service.host_choice import HostChoice
# A simulated engine that is asked as a real one is.
app.wire_hosts = lambda settings, reporting: (
    HostChoice("demo", lambda: replace(connect_demo(), is_demo=False)),
)
sys.exit(app.open_tui(Settings()))
"""
LATE = f"""
import time
from nstui.service.observer import Prefetch
take = Prefetch.take
def take_late(fetched):
    time.sleep({{seconds}})
    return take(fetched)
Prefetch.take = take_late
{PROGRAM}"""
"""The same, where Textual's screen has its rows only a while after it is there."""

FAILING = LATE.format(seconds=0.5).replace(
    "return take(fetched)",
    "from nstui.errors import EngineUnreachable; raise EngineUnreachable('gone')",
)
"""The same, where the engine is gone by then."""

NEVER_S = 3600
WAITING = """
import sys, time
from nstui.tui.early import draw_early
screen = draw_early("\\x1b[1;1Hearly", (120, 40))
try:
    time.sleep({seconds})
finally:
    screen.close()
"""
QUESTION = b"\x1b[?2026$p"
"""What Textual asks at its start."""

ALTERNATE, LEFT = b"\x1b[?1049h", b"\x1b[?1049l"
TYPED = termios.ECHO | termios.ICANON


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    command = (sys.executable, "-c", PROGRAM)
    with Terminal(command, environ={"COLORTERM": "truecolor"}) as terminal:
        yield terminal


def is_typing_shown(terminal: Terminal) -> bool:
    flags = terminal.modes()[3]
    assert isinstance(flags, int)
    return flags & TYPED == TYPED


def test_the_tree_is_drawn_first_and_stays(terminal: Terminal) -> None:
    terminal.wait_for("vpn", "Overview")
    before, _, after = terminal.written.partition(QUESTION)
    assert b"qbit-exporter" in before
    assert b"qbit-exporter" not in after
    assert terminal.written.count(ALTERNATE) == 1


def test_it_becomes_the_same_screen_as_without_it(terminal: Terminal) -> None:
    command = (sys.executable, "-c", PROGRAM)
    # Who says how large the terminal is gets no early screen.
    size = {"COLUMNS": "120", "LINES": "40", "COLORTERM": "truecolor"}
    with Terminal(command, environ=size) as usual:
        usual.wait_for("3 incidents", "Overview", "Quit")
        assert b"qbit-exporter" not in usual.written.partition(QUESTION)[0]
        terminal.wait_for("3 incidents", "Quit")
        terminal.wait_until(lambda screen: screen == usual.screen(), "is the same")


def test_keys_that_are_typed_meanwhile_count(terminal: Terminal) -> None:
    terminal.wait_for("vpn")
    terminal.press("?")
    terminal.wait_for("Arrange")


def test_a_key_for_a_row_that_textual_has_not_yet_counts() -> None:
    # Longer than the screen that was drawn early stays.
    command = (sys.executable, "-c", LATE.format(seconds=2 * LONGEST_HOLD_S))
    with Terminal(command, environ={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_for("vpn")
        terminal.press("j")
        # Where nothing was typed, the cursor goes to the first problem: pihole.
        terminal.wait_for("name     wg-home", "3 incidents")


@pytest.mark.parametrize("key", ["q", "\x11"])
def test_to_quit_waits_for_no_rows(key: str) -> None:
    command = (sys.executable, "-c", LATE.format(seconds=NEVER_S))
    with Terminal(command, environ={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_for("vpn")
        terminal.press("j", key)
        assert terminal.wait_for_end() == 0


def test_where_no_rows_come_what_was_typed_has_its_effect() -> None:
    command = (sys.executable, "-c", FAILING)
    with Terminal(command, environ={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_for("vpn")
        terminal.press("?")
        terminal.wait_for("Arrange")


def test_the_terminal_is_given_back(terminal: Terminal) -> None:
    terminal.wait_for("vpn")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert is_typing_shown(terminal)
    terminal.read_to_the_end()
    assert terminal.written.count(LEFT) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_before_textual_is_there(number: signal.Signals) -> None:
    command = (sys.executable, "-c", WAITING.format(seconds=30))
    with Terminal(command) as terminal:
        terminal.wait_for("early")
        assert not is_typing_shown(terminal)
        if number is signal.SIGINT:
            terminal.press("\x03")
        else:
            os.kill(terminal.pid, number)
        assert terminal.wait_for_end() == -number
        assert is_typing_shown(terminal)
        terminal.read_to_the_end()
        assert LEFT in terminal.written


def test_it_is_closed_when_it_is_not_taken_over() -> None:
    with Terminal((sys.executable, "-c", WAITING.format(seconds=0))) as terminal:
        assert terminal.wait_for_end() == 0
        assert is_typing_shown(terminal)
        terminal.read_to_the_end()
        assert terminal.written.endswith(b"\x1b[?25h")
