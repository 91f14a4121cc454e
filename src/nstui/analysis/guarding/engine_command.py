"""The engine's command line: its file, and the options that conflict with the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding.engine_config import PLUGINS_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEFAULT_CONFIG = "/etc/docker/daemon.json"
DEFAULT_PIDFILE = "/var/run/docker.pid"

_LETTERS = {
    "D": "debug",
    "G": "group",
    "H": "host",
    "b": "bridge",
    "g": "data-root",
    "l": "log-level",
    "p": "pidfile",
    "s": "storage-driver",
}
"""The options of one letter, and what they are called in full."""

_SWITCHES = {"D"}
"""Those that take no value."""

_PATHS = {"config-file", "pidfile"}
"""The options with a value that matters here."""

_PLURALS = {"registry": "registries"}


class EngineCommand(NamedTuple):
    """What the daemon was told when it was started."""

    config_file: str
    """The path of its configuration file, as given."""

    is_explicit: bool
    """Whether that was given; the engine does without the default file only."""

    options: frozenset[str]
    """The names of the options that were given, without dashes."""

    pidfile: str
    """The path of the file with its process id, as given."""


def read_command(words: Sequence[str]) -> EngineCommand:
    """Return what a command line says.

    Args:
        words: The program and its arguments.

    """
    values: dict[str, str] = {}
    following = iter(words[1:])
    for word in following:
        name, has_value, value = _option(word)
        if name in _PATHS and not has_value:
            value = next(following, "")
        if name:
            values[name] = value
    return EngineCommand(
        config_file=values.get("config-file") or DEFAULT_CONFIG,
        is_explicit="config-file" in values,
        options=frozenset(values),
        pidfile=values.get("pidfile") or DEFAULT_PIDFILE,
    )


def _option(word: str) -> tuple[str, bool, str]:
    """Return the name of an option, whether its value is in the same word, and that."""
    if word.startswith("--"):
        name, sign, value = word[2:].partition("=")
        return name, bool(sign), value
    if word.startswith("-") and len(word) > 1:
        letter = word[1]
        attached = word[2:].removeprefix("=")
        return _LETTERS.get(letter, ""), bool(attached) or letter in _SWITCHES, attached
    return "", False, ""


def conflicting(command: EngineCommand, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that must not be in the file, as they were given as options.

    The engine refuses to start, and to read the file again, if there is one.

    Args:
        command: What the daemon was told.
        keys: The keys of the file.

    """
    return tuple(key for key in keys if not command.options.isdisjoint(_names(key)))


def forbids_plugin(command: EngineCommand) -> bool:
    """Tell whether the engine would refuse a file that names authorization plugins."""
    return bool(conflicting(command, (PLUGINS_KEY,)))


def _names(key: str) -> set[str]:
    """Return the options that mean the same as a key: a list has another number."""
    singular = next(
        (
            key.removesuffix(many) + one
            for one, many in _PLURALS.items()
            if key.endswith(many)
        ),
        key.removesuffix("s"),
    )
    return {key, singular}
