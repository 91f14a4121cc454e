"""Measures the bytes that the help and the prompts of nstui take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.stage import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.subjects import Subject

PROMPTS = {"help": "?", "stop": "s", "restart": "R", "remove": "d", "kill": "K"}
"""The keys that open something over the whole screen."""

_SETTLED_S = 0.6


def measure_prompts(subject: Subject, environ: Mapping[str, str]) -> dict[str, int]:
    """Open and close each; return the bytes that were sent for the opening."""
    found = {}
    with Terminal(subject.command, {**environ, **subject.environ}) as terminal:
        terminal.wait_until(lambda s: NAMES.search(s.text()) is not None, LIMIT_S)
        for name, key in PROMPTS.items():
            terminal.wait_for_silence(_SETTLED_S, LIMIT_S)
            terminal.draw()
            before, moment = terminal.screen.cells(), terminal.moment
            terminal.press(key)
            terminal.wait_until(lambda s: s.cells() != before, LIMIT_S)  # noqa: B023 - called at once
            terminal.wait_for_silence(_SETTLED_S, LIMIT_S)
            found[name] = sum(len(record.data) for record in terminal.since(moment))
            terminal.press("escape")
    return found
