"""The text UI in a terminal, from the first screen to the last key."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import NSTUI, PATIENT
from tests.support.busy import fastest
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

SIZES = [(120, 40), (80, 24)]
BUTTONS = ("Keep own", "Remove own and its 2 dependents", "Remove only own")
SILENT = "Docker engine is listening"
NO_ENGINE = (f"No {SILENT}", "simulated host")
QUIT_LIMIT = 3.0
"""Seconds: less than any request to an engine may take, so that none is waited for.

On a quiet machine it takes less than half a second; `make bench` has the time.
"""


@pytest.fixture
def engine(engine_host: PrivateEngine) -> PrivateEngine:
    """Return the session's engine with an owner and two dependents."""
    engine_host.run("own")
    engine_host.run("torrent", "--network=container:own")
    engine_host.run("indexer", "--network=container:own")
    return engine_host


@pytest.fixture
def open_on() -> Iterator[Callable[..., Terminal]]:
    """Yield what opens nstui in a terminal; what is open in the end is ended."""
    opened = []

    def open_(
        url: str,
        *options: str,
        columns: int = 120,
        lines: int = 40,
        program: Sequence[str] = PATIENT,
    ) -> Terminal:
        command = (*program, "-H", url, *options)
        terminal = Terminal(command, columns=columns, lines=lines)
        opened.append(terminal)
        return terminal

    yield open_
    for terminal in opened:
        terminal.stop()


def names_in(engine: PrivateEngine) -> set[str]:
    """Return the names of all containers."""
    return set(engine.docker("ps", "-a", "--format", "{{.Names}}").stdout.split())


def quit_(terminal: Terminal) -> float:
    """Press the key to quit; return how many seconds it took.

    One that is patient has waited for no answer if it ends at all.
    """
    began = time.monotonic()
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    return time.monotonic() - began


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_an_owner_is_removed_with_its_dependents(
    engine: PrivateEngine,
    open_on: Callable[..., Terminal],
    columns: int,
    lines: int,
) -> None:
    everything = names_in(engine)
    terminal = open_on(engine.url, columns=columns, lines=lines)
    terminal.wait_for("● own", "├─ ● indexer", "└─ ● torrent", "nothing wrong")
    terminal.wait_for("name     own")

    terminal.press("d")
    prompt = terminal.wait_for("Removing own breaks 2 containers", *BUTTONS)
    assert "2 lose their network at once and can never start again" in prompt
    assert "indexer, torrent" in prompt
    terminal.press("escape")
    terminal.wait_until_gone("breaks 2 containers")
    assert names_in(engine) == everything

    terminal.press("d")
    terminal.wait_for(*BUTTONS)
    terminal.press_in_reaction("enter")
    terminal.wait_until_gone("breaks 2 containers")
    assert names_in(engine) == everything

    terminal.press("d")
    terminal.wait_for(*BUTTONS)
    terminal.press_in_reaction("y", *"own", "enter")
    terminal.wait_until(lambda _: terminal.is_reversed(BUTTONS[2]), "focuses it")
    terminal.press("left")
    terminal.wait_until(lambda _: terminal.is_reversed(BUTTONS[1]), "focuses it")
    terminal.press("enter")
    terminal.wait_for("0 containers")
    assert names_in(engine) == set()
    quit_(terminal)


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_a_container_that_nobody_joined_is_removed(
    engine: PrivateEngine,
    open_on: Callable[..., Terminal],
    columns: int,
    lines: int,
) -> None:
    terminal = open_on(engine.url, columns=columns, lines=lines)
    terminal.wait_for("● own", "● indexer")
    terminal.press("j", "d")
    terminal.wait_for("Keep indexer", "Remove indexer")
    terminal.press_in_reaction("tab")
    terminal.wait_until(
        lambda _: terminal.is_reversed("Remove indexer"), "focuses Remove"
    )
    terminal.press("enter")
    terminal.wait_for("2 containers")
    assert names_in(engine) == {"own", "torrent"}


def test_the_screen_follows_by_itself(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    terminal = open_on(engine.url)
    terminal.wait_for("● own", "3 containers", "nothing wrong")

    engine.run("newcomer")
    terminal.wait_for("4 containers", "1 container that shares no network")

    engine.docker("restart", "-t", "0", "own")
    terminal.wait_for("stale join", "1 incident")

    engine.docker("restart", "-t", "0", "torrent", "indexer")
    terminal.wait_for("nothing wrong")

    engine.docker("stop", "-t", "0", "own")
    terminal.wait_for("owner stopped", "1 incident")

    engine.docker("start", "own")
    terminal.wait_for("stale join", "1 incident")
    quit_(terminal)


def test_a_change_shows_before_the_next_regular_look(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    terminal = open_on(engine.url, "--interval", "600")
    terminal.wait_for("● own", "nothing wrong")
    # Until the stream of events is open there is nothing to follow.
    engine.run("first")
    terminal.wait_for("4 containers")

    engine.docker("restart", "-t", "0", "own")
    terminal.wait_for("stale join", "1 incident")


def test_an_engine_that_hangs(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    terminal = open_on(engine.url, "--interval", "2")
    terminal.wait_for("● own", "name     own")

    engine.pause_daemon()
    terminal.wait_for("has not answered for ", " s")

    terminal.press("j")
    terminal.wait_for("name     indexer")
    terminal.press("?")
    terminal.wait_for("Arrange", "Kill, unless")
    terminal.press("escape")
    terminal.wait_until_gone("Kill, unless")
    terminal.press("/")
    terminal.wait_until_gone("Fold")
    terminal.press(*"torr")
    terminal.wait_until_gone("├─ ● indexer")
    terminal.press("enter")
    terminal.wait_for("Fold", "has not answered for ")
    quit_(terminal)


def test_keys_that_come_at_once(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    terminal = open_on(engine.url)
    terminal.wait_for("● own", "name     own")

    terminal.press("/torr")

    terminal.wait_until_gone("├─ ● indexer")


def test_an_engine_that_hangs_and_goes_on(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    terminal = open_on(engine.url, "--interval", "2")
    terminal.wait_for("● own")

    engine.pause_daemon()
    terminal.wait_for("has not answered for ")
    engine.resume_daemon()

    terminal.wait_until_gone("has not answered for")
    engine.run("newcomer")
    terminal.wait_for("4 containers")


def test_a_removal_asked_of_an_engine_that_hangs(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    def attempt() -> float:
        terminal = open_on(engine.url, program=NSTUI)
        terminal.wait_for("● own", "name     own")
        engine.pause_daemon()

        terminal.press("d")
        terminal.wait_for("did not answer")
        took = quit_(terminal)

        engine.resume_daemon()
        assert names_in(engine) == {"own", "torrent", "indexer"}
        return took

    # Without waiting for another request.
    assert fastest(attempt, QUIT_LIMIT) < QUIT_LIMIT


def test_an_engine_that_is_killed_and_comes_back(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    terminal = open_on(engine.url)
    terminal.wait_for("● own", "nothing wrong")

    engine.kill_daemon()
    shown = terminal.wait_for(SILENT, "what was seen at")
    assert "● own" in shown

    engine.ensure_runs()
    terminal.wait_until_gone(SILENT)
    engine.run("newcomer", "--network=none")
    terminal.wait_for("4 containers")
    quit_(terminal)


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_without_an_engine_the_demo_is_offered(
    tmp_path: Path, open_on: Callable[..., Terminal], columns: int, lines: int
) -> None:
    terminal = open_on(f"unix://{tmp_path}/d.sock", columns=columns, lines=lines)
    terminal.wait_for(*NO_ENGINE)

    terminal.press("\x10")
    terminal.wait_for("Search for commands", "Look: Findings")
    terminal.press(*"demo: show")
    terminal.wait_until_gone("Look: Findings")
    terminal.wait_for("Demo: show a simulated host")
    terminal.press("enter")

    terminal.wait_for("DEMO", "● ")
    terminal.wait_until_gone(SILENT)
    quit_(terminal)


def test_an_engine_that_comes_later(
    engine: PrivateEngine, open_on: Callable[..., Terminal]
) -> None:
    engine.kill_daemon()
    terminal = open_on(engine.url)
    terminal.wait_for(*NO_ENGINE)

    engine.ensure_runs()

    terminal.wait_for("3 containers", "own")
    # A screen may be read in several parts.
    terminal.wait_until_gone(SILENT)
