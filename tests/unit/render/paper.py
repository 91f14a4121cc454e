"""Something to print on: pipes and terminals of any width."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.demo.engine import SimEngine
from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.render.terminal import console_on
from nstui.render.text import words_of
from nstui.service.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest
    from rich.console import Console

    from nstui.analysis.report import Report
    from nstui.render.text import Line

NOW = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""What colours text on a terminal, and nothing else that a terminal obeys."""

HOSTILE = "[bold red]x[/]\x1b[2J\x1b]0;owned\x07\r\n\x7f\x9b31m\u202egnp\u200b"
"""Markup, escape sequences, control characters and what turns or hides text."""

HARMLESS = r"[bold red]x[/]\x1b[2J\x1b]0;owned\x07\r\n\x7f\x9b31m\u202egnp\u200b"
"""How the same is shown."""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_pipe(draw: Callable[[Console], object]) -> str:
    """Return what is written where there is no terminal."""
    stream = io.StringIO()
    draw(console_on(stream))
    return stream.getvalue()


def on_terminal(
    draw: Callable[[Console], object], width: int, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Return what is written to a terminal, with its styles."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(width))
    stream = Terminal()
    draw(console_on(stream))
    return stream.getvalue()


def lines_under(title: str, lines: Iterable[Line]) -> list[str]:
    """Return what is printed under a title, without the indent."""
    words = [words_of(line) for line in lines]
    found: list[str] = []
    for line in words[words.index(title) + 1 :]:
        if not line.startswith("  "):
            break
        found.append(line[2:])
    return found


def widest(lines: Iterable[str]) -> int:
    """Return how many columns the widest line takes."""
    return max(cell_len(line) for line in lines)


def demo_report() -> Report:
    """Return what is seen of the demo's world at one fixed moment."""
    world = demo_world(lambda: NOW)
    return Observer(SimEngine(world), SimHost(world), lambda: NOW).look()
