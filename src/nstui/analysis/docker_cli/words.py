"""Reads the words of a docker command line, as the docker command itself does.

The global options are those of ``cli/flags`` in github.com/docker/cli, the options of
the commands those of ``cli/command/container``. They are read by pflag: options and
names can be mixed, ``--`` ends the options, and a long option has to be whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.signals import signal_number
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Values = Mapping[str, str]
    """The options that were given, by their long name; the last value of each."""

COMPOSE = "compose"
START = "start"

_GROUP = "container"
"""The command that all commands on containers belong to, and that can be left out."""

_SYNONYMS = {"remove": "rm"}
"""Other names that the docker command has for its commands."""

_SWITCH = False
_WITH_VALUE = True

_GLOBAL = {
    "config": _WITH_VALUE,
    "context": _WITH_VALUE,
    "debug": _SWITCH,
    "host": _WITH_VALUE,
    "log-level": _WITH_VALUE,
    "tls": _SWITCH,
    "tlscacert": _WITH_VALUE,
    "tlscert": _WITH_VALUE,
    "tlskey": _WITH_VALUE,
    "tlsverify": _SWITCH,
}
_GLOBAL_SHORT = {"c": "context", "D": "debug", "H": "host", "l": "log-level"}

_DATED = "time"
"""What ``--timeout`` was called before 28.0."""

_STOPPING = {"signal": _WITH_VALUE, "timeout": _WITH_VALUE, _DATED: _WITH_VALUE}
_STOPPING_SHORT = {"s": "signal", "t": "timeout"}

_OPTIONS: dict[str, tuple[dict[str, bool], dict[str, str]]] = {
    "rm": (
        {"force": _SWITCH, "volumes": _SWITCH, "link": _SWITCH},
        {"f": "force", "v": "volumes", "l": "link"},
    ),
    "stop": (_STOPPING, _STOPPING_SHORT),
    "restart": (_STOPPING, _STOPPING_SHORT),
    "kill": ({"signal": _WITH_VALUE}, {"s": "signal"}),
    START: (
        {
            "attach": _SWITCH,
            "interactive": _SWITCH,
            "detach-keys": _WITH_VALUE,
            "checkpoint": _WITH_VALUE,
            "checkpoint-dir": _WITH_VALUE,
        },
        {"a": "attach", "i": "interactive"},
    ),
}
"""The options of each command, and their short names."""

GUARDED = frozenset({"rm", "stop", "restart", "kill"})
"""The commands that can take a namespace away."""

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
"""What Go's ``strconv.ParseBool`` takes for the two."""

_LONGEST_STOP_S = 86_400


class _NotRead(Exception):
    """The docker command would refuse the words, or means more than is read here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalOptions:
    """What stands before the name of a command."""

    words: tuple[str, ...]
    """As they were given."""

    rest: tuple[str, ...]
    """The name of the command, and everything after it."""

    values: Values
    """By the long name of each option; a switch is ``true`` or ``false``."""

    @property
    def host(self) -> str | None:
        """The value of ``--host``; None if it was not given."""
        return self.values.get("host")

    @property
    def context(self) -> str | None:
        """The value of ``--context``; None if it was not given."""
        return self.values.get("context")


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerCommand:
    """A command on containers."""

    verb: str
    names: tuple[str, ...]
    """The containers, as they were given; none for compose."""

    force: bool = False
    volumes: bool = False
    timeout: int | None = None
    """Seconds; None if it was not given."""

    signal: str | None = None
    """As the engine accepts it; None if it was not given."""

    is_dated: bool = False
    """Whether it has an option of which newer docker commands say that it is old."""


def read_globals(words: Sequence[str]) -> GlobalOptions | None:
    """Return the global options of a command line.

    Args:
        words: All words after ``docker``.

    Returns:
        The options; None if the docker command would refuse them.

    """
    try:
        values, rest = _read(words, _GLOBAL, _GLOBAL_SHORT, is_mixed=False)
    except _NotRead:
        return None
    count = len(words) - len(rest)
    return GlobalOptions(words=tuple(words[:count]), rest=tuple(rest), values=values)


def read_command(rest: Sequence[str]) -> DockerCommand | None:
    """Return a command on containers, or compose.

    Args:
        rest: The name of the command, and everything after it.

    Returns:
        The command; None for any other, and if an option or a value of it is not known
        here.

    """
    words = rest[1:] if rest[:1] == (_GROUP,) else rest
    if rest[:1] == (COMPOSE,):
        return DockerCommand(verb=COMPOSE, names=())
    verb = _SYNONYMS.get(words[0], words[0]) if words else ""
    if verb not in _OPTIONS:
        return None
    try:
        values, names = _read(words[1:], *_OPTIONS[verb], is_mixed=True)
        return _command(verb, values, tuple(names))
    except _NotRead:
        return None


def _command(verb: str, values: Values, names: tuple[str, ...]) -> DockerCommand:
    if not names or values.get("link") == "true":
        raise _NotRead
    return DockerCommand(
        verb=verb,
        names=names,
        force=values.get("force") == "true",
        volumes=values.get("volumes") == "true",
        timeout=_seconds(values.get("timeout", values.get(_DATED))),
        signal=_signal(values.get("signal")),
        is_dated=_DATED in values,
    )


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) > _LONGEST_STOP_S:
        raise _NotRead
    return int(text)


def _signal(text: str | None) -> str | None:
    if text is None:
        return None
    if signal_number(text) is None:
        raise _NotRead
    return text.upper().removeprefix("SIG")


def _read(
    words: Sequence[str],
    known: Mapping[str, bool],
    short: Mapping[str, str],
    *,
    is_mixed: bool,
) -> tuple[Values, Sequence[str]]:
    """Return the options among some words, and the other words.

    Args:
        words: The words.
        known: The long names of the options, and whether each has a value.
        short: The long name of each short one.
        is_mixed: Whether options can follow other words.

    Raises:
        _NotRead: an option is not known, or lacks its value.

    """
    values: dict[str, str] = {}
    others: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            return values, [*others, *left]
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            values[name] = _value(known, name, value if equals else None, left)
        elif word.startswith("-") and word != "-":
            _read_short(word[1:], known, short, values, left)
        elif is_mixed:
            others.append(word)
        else:
            return values, [word, *left]
    return values, others


def _read_short(
    letters: str,
    known: Mapping[str, bool],
    short: Mapping[str, str],
    values: dict[str, str],
    left: list[str],
) -> None:
    """Read short options that share one hyphen, as in ``-fv`` or ``-t5``."""
    while letters:
        name, letters = short.get(letters[0], ""), letters[1:]
        given = None
        if letters.startswith("="):
            given, letters = letters[1:], ""
        elif letters and known.get(name):
            given, letters = letters, ""
        values[name] = _value(known, name, given, left)


def _value(
    known: Mapping[str, bool], name: str, given: str | None, left: list[str]
) -> str:
    """Return the value of an option; take it from the words that are left if needed."""
    if name not in known:
        raise _NotRead
    if known[name]:
        if given is None and not left:
            raise _NotRead
        return left.pop(0) if given is None else given
    if given is None or given in _TRUE:
        return "true"
    if given in _FALSE:
        return "false"
    raise _NotRead
