"""What the text UI sends to the terminal: little, and nothing at rest."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = (sys.executable, "-m", "nstui", "--demo")
COLUMNS, LINES = 120, 40
SCREEN_BYTES = 16 * 1024
PROMPT_BYTES = 24 * 1024
REST_S = 3.0
QUIET_S = 0.5
LIMIT_S = 60.0
PROMPTS = {"help": "?", "stop": "s", "restart": "R", "remove": "d", "kill": "K"}


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """Yield a terminal with the demo at rest in it."""
    with Terminal(COMMAND, columns=COLUMNS, lines=LINES) as terminal:
        terminal.wait_for("nstui", "DEMO", "Overview", timeout=LIMIT_S)
        settle(terminal)
        yield terminal


def settle(terminal: Terminal) -> int:
    """Wait until nothing is written for a while; return how much was by then."""
    end = time.monotonic() + LIMIT_S
    before = -1
    while (written := len(terminal.written)) != before and time.monotonic() < end:
        before = written
        time.sleep(QUIET_S)
    return written


def test_nothing_at_rest(terminal: Terminal) -> None:
    before = len(terminal.written)
    time.sleep(REST_S)
    assert terminal.written[before:] == b""


def test_another_size_is_drawn_once(terminal: Terminal) -> None:
    before = len(terminal.written)
    terminal.resize(COLUMNS, LINES - 1)
    drawn = settle(terminal) - before
    assert 2000 < drawn <= SCREEN_BYTES


def test_help_and_prompts(terminal: Terminal) -> None:
    terminal.press("/", *"vpn", "enter")
    drawn = {}
    for name, key in PROMPTS.items():
        before = settle(terminal)
        screen = terminal.screen()
        terminal.press(key)
        terminal.wait_until(lambda now: now != screen, "shows something else")  # noqa: B023 - called at once
        drawn[name] = settle(terminal) - before
        terminal.press("escape")
    assert all(1000 < sent <= PROMPT_BYTES for sent in drawn.values()), drawn


def test_what_another_program_wrote_over_it_is_drawn_anew(terminal: Terminal) -> None:
    before = terminal.screen()
    terminal.scribble("\x1b[5;5H\x1b[31mbroadcast message\x1b[20;1Hfrom root\x1b[0m")
    terminal.press("\x0c")
    terminal.wait_until(lambda now: now == before, f"is\n{before}")


def test_the_screen_stays_the_same_when_all_is_drawn_anew(terminal: Terminal) -> None:
    terminal.press("/", *"vpn", "enter")
    for key in ("s", "escape", "?", "escape", "escape", "j", "j", "4", "G", "1"):
        terminal.press(key)
        settle(terminal)
    before = terminal.screen()
    for lines in (LINES + 1, LINES):
        terminal.resize(COLUMNS, lines)
        settle(terminal)
    assert terminal.screen() == before
