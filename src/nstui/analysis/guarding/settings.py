"""How the guard of an engine is set up: what the file of its settings says."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from nstui.analysis.guarding.requests import Change

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_S = 0.1
MOST_S = 3.5
"""Seconds that a look may take: no call to the engine may wait for longer than 5 s."""


class Mode(StrEnum):
    """What becomes of what the guard would deny."""

    ENFORCE = "enforce"
    """It is denied."""

    WARN = "warn"
    """It is let through, and written down as what it is."""


class GuardSettings(NamedTuple):
    """The settings; the defaults are those of a guard whose file is damaged."""

    mode: Mode = Mode.ENFORCE
    engine: str = "unix:///var/run/docker.sock"
    """The address of the engine, as ``nstui -H`` takes it."""

    deadline_s: float = 3.0
    """Seconds after which a look has failed."""

    cannot_look: tuple[Change, ...] = (Change.RM, Change.PRUNE)
    """What is denied if the guard cannot look; the rest is let through."""

    heal_instead: bool = False
    """Whether a restart may be let through that a running watch heals."""

    def to_json(self) -> dict[str, object]:
        """Return them as the JSON object that the file holds."""
        words = {
            "mode": str(self.mode),
            "cannot_look": list(map(str, self.cannot_look)),
        }
        return self._asdict() | words


DEFAULTS = GuardSettings()


def read_settings(content: bytes) -> tuple[GuardSettings, tuple[str, ...]]:
    """Return what a file says, and what is wrong with it, as the ends of sentences.

    What is wrong has its default; what is not known is left alone, since it may be of a
    newer version.
    """
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return DEFAULTS, ("is not a JSON object",)
    found: dict[str, Any] = {}
    problems = []
    for key, read in _READERS.items():
        if key not in document:
            continue
        try:
            found[key] = read(document[key])
        except (TypeError, ValueError):
            problems.append(f"has no usable {key!r}")
    return DEFAULTS._replace(**found), tuple(problems)


def _engine(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not LEAST_S <= value <= MOST_S:
        raise ValueError
    return float(value)


def _changes(value: object) -> tuple[Change, ...]:
    if not isinstance(value, list):
        raise TypeError
    return _distinct(map(Change, value))


def _distinct(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(dict.fromkeys(changes))


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_READERS = {
    "mode": Mode,
    "engine": _engine,
    "deadline_s": _seconds,
    "cannot_look": _changes,
    "heal_instead": _switch,
}
