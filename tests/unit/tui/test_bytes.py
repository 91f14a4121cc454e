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
LIMIT_S = 20.0
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


@pytest.mark.parametrize("size", [(COLUMNS, LINES - 1), (COLUMNS - 10, LINES)])
def test_another_size_is_drawn_once(terminal: Terminal, size: tuple[int, int]) -> None:
    before = len(terminal.written)
    terminal.resize(*size)
    drawn = settle(terminal) - before
    assert 2000 < drawn <= SCREEN_BYTES


@pytest.mark.parametrize("key", PROMPTS.values(), ids=PROMPTS)
def test_help_and_prompts(terminal: Terminal, key: str) -> None:
    terminal.press("/", *"vpn", "enter")
    before = settle(terminal)
    screen = terminal.screen()
    terminal.press(key)
    terminal.wait_until(lambda now: now != screen, "shows something else")
    drawn = settle(terminal) - before
    assert 1000 < drawn <= PROMPT_BYTES


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
