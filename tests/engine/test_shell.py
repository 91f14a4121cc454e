"""A shell in a container: the text UI gives the terminal away and takes it back."""

from __future__ import annotations

import termios
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.program import NSTUI, PATIENT
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

PROMPT = "/ # "
LEAVE = "\x1d"


@pytest.fixture
def engine(engine_host: PrivateEngine) -> PrivateEngine:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    return engine_host


def opened(
    engine: PrivateEngine, *options: str, program: Sequence[str] = NSTUI
) -> Terminal:
    return Terminal((*program, "-H", engine.url, *options), columns=100, lines=30)


def without_suspend(modes: list[Any]) -> list[Any]:
    """Return modes without the key that suspends, which sends no signal in the UI."""
    characters = list(modes[-1])
    characters[termios.VSUSP] = b""
    return [*modes[:-1], characters]


def await_tree(terminal: Terminal) -> None:
    """Wait until the text UI has the terminal, all of it."""
    terminal.wait_for("● own", "● dep", "nothing wrong", "? Help")


def test_there_and_back_again(engine: PrivateEngine) -> None:
    with opened(engine) as terminal:
        before = terminal.modes()
        await_tree(terminal)
        within = terminal.modes()
        terminal.press("e")
        terminal.wait_for("shell in own", PROMPT.strip())
        terminal.press("stty size; echo is-$((6*7))\r")
        terminal.wait_for("30 100", "is-42")
        terminal.resize(80, 24)
        terminal.press("until stty size | grep '24 80'; do sleep 0.1; done\r")
        terminal.wait_for("24 80")
        terminal.press("clear; yes\r")
        terminal.wait_for("y\ny\ny")
        terminal.press("\x03")
        # What was written until then is still on its way, and is shown first.
        prompt = PROMPT.strip()
        terminal.wait_until(lambda s: prompt in s, "shows the prompt", timeout=60)
        terminal.press("clear; echo is-$((6*8))\r")
        terminal.wait_for("is-48")
        terminal.press("exit\r")
        await_tree(terminal)
        assert without_suspend(terminal.modes()) == without_suspend(within)
        # What happened meanwhile is seen, and what is typed is heard.
        engine.docker("stop", "own")
        terminal.wait_for("owner stopped")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
        assert terminal.modes() == before


def test_one_that_is_left(engine: PrivateEngine) -> None:
    with opened(engine, program=PATIENT) as terminal:
        await_tree(terminal)
        terminal.press("e")
        terminal.wait_for(PROMPT.strip())
        terminal.press("cat -v\r", f"{LEAVE}x\r")
        terminal.wait_for("^]x")
        engine.pause_daemon()
        # At once: they count only within a second.
        terminal.press(LEAVE * 3)
        terminal.wait_for("left the shell in own; it keeps running")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_the_end_of_the_container(engine: PrivateEngine) -> None:
    with opened(engine) as terminal:
        await_tree(terminal)
        terminal.press("e")
        terminal.wait_for(PROMPT.strip())
        engine.docker("kill", "own")
        terminal.wait_for("owner stopped", "? Help")


def test_where_there_can_be_none(engine: PrivateEngine) -> None:
    with opened(engine) as terminal:
        await_tree(terminal)
        engine.docker("exec", "own", "rm", "/bin/sh")
        terminal.press("e")
        terminal.wait_for("no shell in own", 'exec: "sh"')
        engine.docker("pause", "dep")
        terminal.wait_for("◐ dep")
        terminal.press("j")
        terminal.wait_for("name     dep")
        terminal.press("e")
        terminal.wait_for("is paused, unpause")
        engine.docker("unpause", "dep")
        engine.docker("stop", "dep")
        terminal.wait_for("○ dep")
        terminal.press("e")
        terminal.wait_for("dep is exited: a shell needs a")


def test_one_that_could_change_something(engine: PrivateEngine) -> None:
    with opened(engine, "--read-only") as terminal:
        await_tree(terminal)
        terminal.press("e")
        terminal.wait_for("refused: nstui was started with")
