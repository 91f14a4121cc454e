"""What the table ``watch`` of the configuration sets for ``nstui watch``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.watching.choices import NAMES, parse_choice
from nstui.analysis.watching.decisions import WatchLimits, WatchOptions
from nstui.analysis.watching.durations import parse_duration
from nstui.model.frozen import dataclass
from nstui.model.watch import WatchMode

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.watching.decisions import WatchChoice


class LogFormat(StrEnum):
    """How ``nstui watch`` writes what it tells."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """What is set; None for what is left to the default."""

    mode: WatchMode | None = None
    settle_s: float | None = None
    health_s: float | None = None
    budget: tuple[int, float] | None = None
    """How many attempts for a container are made, within how many seconds."""

    back_off: tuple[float, float] | None = None
    """The first wait between two attempts, and the longest, in seconds."""

    circuit_s: float | None = None
    notify: tuple[str, ...] | None = None
    """The addresses for notifications, which may contain secrets."""

    metrics: str | None = None
    log_format: LogFormat | None = None
    by_name: Mapping[str, WatchChoice] | None = None
    """What is set for single containers, by name."""


NOTHING_SET = WatchSettings()

MODE_KEY = "mode"
"""The key in the table of a container for what its label ``nstui.watch`` says."""


def watch_limits(settings: WatchSettings) -> WatchLimits:
    """Return the limits that apply."""
    limits = WatchLimits()
    if settings.settle_s is not None:
        limits = replace(limits, settle_s=settings.settle_s)
    if settings.health_s is not None:
        limits = replace(limits, health_s=settings.health_s)
    if settings.budget is not None:
        count, within_s = settings.budget
        limits = replace(limits, budget=count, budget_s=within_s)
    if settings.back_off is not None:
        first_s, longest_s = settings.back_off
        limits = replace(limits, back_off_s=first_s, longest_back_off_s=longest_s)
    if settings.circuit_s is not None:
        limits = replace(limits, circuit_s=settings.circuit_s)
    return limits


def watch_options(settings: WatchSettings, only: tuple[str, ...]) -> WatchOptions:
    """Return what the watch is to do.

    Args:
        settings: What is set by the options and the configuration.
        only: The names or labels to which it is limited; empty for all containers.

    """
    return WatchOptions(
        limits=watch_limits(settings),
        only=only,
        mode=settings.mode or WatchMode.HEAL,
        by_name=settings.by_name or MappingProxyType({}),
    )


def seconds_text(seconds: float) -> str:
    """Return a duration as it is written in a configuration: ``3s``, ``10m``, ``1h``.

    It is read as the same duration again.
    """
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def watch_words(settings: WatchSettings) -> Mapping[str, tuple[str, bool]]:
    """Return each setting in words, and whether it is set, by its key.

    The addresses for notifications are masked, since they may contain passwords.
    """
    limits = watch_limits(settings)
    notify = ", ".join(masked(url) for url in settings.notify or ())
    names = (
        f"{name}: {_choice_words(choice)}"
        for name, choice in (settings.by_name or {}).items()
    )
    budget = f"{limits.budget} in {seconds_text(limits.budget_s)}"
    back_off = (
        f"{seconds_text(limits.back_off_s)} to"
        f" {seconds_text(limits.longest_back_off_s)}"
    )
    mode = settings.mode or WatchMode.HEAL
    log_format = settings.log_format or LogFormat.TEXT
    return {
        "mode": (mode.value, settings.mode is not None),
        "settle": (seconds_text(limits.settle_s), settings.settle_s is not None),
        "health": (seconds_text(limits.health_s), settings.health_s is not None),
        "budget": (budget, settings.budget is not None),
        "back-off": (back_off, settings.back_off is not None),
        "circuit": (seconds_text(limits.circuit_s), settings.circuit_s is not None),
        "notify": (notify or "none", settings.notify is not None),
        "metrics": (settings.metrics or "none", settings.metrics is not None),
        "log-format": (log_format.value, settings.log_format is not None),
        "names": ("; ".join(names) or "none", settings.by_name is not None),
    }


def masked(url: str) -> str:
    """Return an address without what may be secret in it: ``ntfy://…``."""
    scheme, found, _ = url.partition("://")
    return f"{scheme}://…" if found else "…"


def _choice_words(choice: WatchChoice) -> str:
    words = []
    if choice.mode is not None:
        words.append(choice.mode.value)
    if choice.settle_s is not None:
        words.append(f"settle {seconds_text(choice.settle_s)}")
    if choice.stop_timeout_s is not None:
        words.append(f"stop-timeout {choice.stop_timeout_s}s")
    return ", ".join(words) or "nothing"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("it is empty" if value == "" else f"{value!r} is not a text")
    return value


def _duration(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return parse_duration(f"{value}")
    return parse_duration(_text(value))


def _mode(value: object) -> WatchMode:
    word = _text(value)
    if word not in set(WatchMode):
        raise ValueError(f"{word!r} is not one of {', '.join(WatchMode)}")
    return WatchMode(word)


def _log_format(value: object) -> LogFormat:
    word = _text(value)
    if word not in set(LogFormat):
        raise ValueError(f"{word!r} is not one of {', '.join(LogFormat)}")
    return LogFormat(word)


def _budget(value: object) -> tuple[int, float]:
    """Return a budget: ``"5 in 5m"``, or a number of attempts in the usual time."""
    count, within_s = value, WatchLimits().budget_s
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,4})\s+in\s+(\S+)", value.strip(), re.ASCII)
        if found is not None:
            count, within_s = int(found[1]), parse_duration(found[2])
    is_number = isinstance(count, int) and not isinstance(count, bool)
    if not is_number or int(str(count)) < 1 or within_s <= 0:
        raise ValueError(f"{value!r} is not a budget: write it like 5 in 5m")
    return int(str(count)), within_s


def _back_off(value: object) -> tuple[float, float]:
    """Return a back-off: ``"10s to 10m"``, or the first wait alone."""
    longest_s = WatchLimits().longest_back_off_s
    if not isinstance(value, str):
        first_s = _duration(value)
        return first_s, max(first_s, longest_s)
    first, found, longest = value.partition(" to ")
    first_s = parse_duration(first)
    if not found:
        return first_s, max(first_s, longest_s)
    longest_s = parse_duration(longest)
    if longest_s < first_s:
        raise ValueError(f"{value!r} ends with less than it begins with")
    return first_s, longest_s


def _addresses(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(_text, value))
    return (_text(value),)


def parse_names(
    value: object,
) -> tuple[Mapping[str, WatchChoice], tuple[str, ...]]:
    """Return the choices for single containers, and a sentence for each mistake.

    Args:
        value: The table ``watch.names``, with a table for each container.

    """
    if not isinstance(value, Mapping):
        return {}, (f"{value!r} is not a table with a table for each container",)
    found: dict[str, WatchChoice] = {}
    problems: list[str] = []
    for name, entry in value.items():
        if not isinstance(entry, Mapping):
            problems.append(f"{name}: {entry!r} is not a table")
            continue
        said = {str(key): str(each) for key, each in entry.items()}
        # It may be called as the label is.
        mode_key = MODE_KEY if MODE_KEY in said else NAMES[0]
        found[str(name)], wrong = parse_choice(said, mode_key)
        unknown = (
            f"{key} is not one of {', '.join((MODE_KEY, *NAMES[1:]))}"
            for key in said.keys() - {MODE_KEY, *NAMES}
        )
        problems += [f"{name}: {sentence}" for sentence in (*unknown, *wrong)]
    return MappingProxyType(found), tuple(problems)


WATCH_KEYS: Mapping[str, Callable[[WatchSettings, object], WatchSettings]] = {
    "mode": lambda known, value: replace(known, mode=_mode(value)),
    "settle": lambda known, value: replace(known, settle_s=_duration(value)),
    "health": lambda known, value: replace(known, health_s=_duration(value)),
    "budget": lambda known, value: replace(known, budget=_budget(value)),
    "back-off": lambda known, value: replace(known, back_off=_back_off(value)),
    "circuit": lambda known, value: replace(known, circuit_s=_duration(value)),
    "notify": lambda known, value: replace(known, notify=_addresses(value)),
    "metrics": lambda known, value: replace(known, metrics=_text(value)),
    "log-format": lambda known, value: replace(known, log_format=_log_format(value)),
}
"""What reads the value of each key of the table, but ``names``."""
