"""Whether a signal that is sent to a container ends it.

The numbers are those of Linux, where the containers run. The first process of a
container ignores signals that it does not handle, except ``KILL``. Many containers,
however, run a small init that forwards signals to a program, which they do end.
"""

from __future__ import annotations

import re
from enum import StrEnum

_NUMBERS = {
    "HUP": 1,
    "INT": 2,
    "QUIT": 3,
    "ILL": 4,
    "TRAP": 5,
    "ABRT": 6,
    "IOT": 6,
    "BUS": 7,
    "FPE": 8,
    "KILL": 9,
    "USR1": 10,
    "SEGV": 11,
    "USR2": 12,
    "PIPE": 13,
    "ALRM": 14,
    "TERM": 15,
    "STKFLT": 16,
    "CHLD": 17,
    "CLD": 17,
    "CONT": 18,
    "STOP": 19,
    "TSTP": 20,
    "TTIN": 21,
    "TTOU": 22,
    "URG": 23,
    "XCPU": 24,
    "XFSZ": 25,
    "VTALRM": 26,
    "PROF": 27,
    "WINCH": 28,
    "IO": 29,
    "POLL": 29,
    "PWR": 30,
    "SYS": 31,
}
_FIRST_REALTIME = 34
"""The first realtime signal; the C library reserves two lower ones for itself."""

_LAST_REALTIME = 64
_REALTIME = r"RT(MIN|MAX)(?:([+-])(\d{1,2}))?"

_TO_END = frozenset(
    _NUMBERS[name]
    for name in (
        *("KILL", "TERM", "INT", "QUIT", "ABRT"),
        *("ILL", "TRAP", "BUS", "FPE", "SEGV", "SYS"),
    )
)
"""Signals that are sent to end a program, or that otherwise only a fault raises."""

_LEFT_ALONE = frozenset(
    _NUMBERS[name]
    for name in ("CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "WINCH")
)
"""Signals with a default that does not end a program: it stops, continues or
ignores."""


class SignalEnd(StrEnum):
    """Whether a signal ends a container."""

    ENDS = "ends"
    MAY_END = "may_end"
    """It ends if its program does not handle the signal; most use it otherwise."""

    LIVES_ON = "lives_on"


def signal_names() -> tuple[str, ...]:
    """Return the names of all signals but the realtime ones, without ``SIG``."""
    return tuple(_NUMBERS)


def signal_number(text: str) -> int | None:
    """Return a signal's number, from its name with or without ``SIG`` or its number.

    Returns None if the engine knows no such signal.
    """
    if text.isdecimal() and text.isascii():
        number = int(text)
        is_known = number in _NUMBERS.values()
        is_realtime = _FIRST_REALTIME <= number <= _LAST_REALTIME
        return number if is_known or is_realtime else None
    name = text.upper().removeprefix("SIG")
    found = re.fullmatch(_REALTIME, name)
    return _NUMBERS.get(name) if found is None else _realtime(found)


def signal_name(number: int) -> str:
    """Return the name of a signal, with ``SIG``; empty for no signal that has one."""
    names = {code: name for name, code in reversed(_NUMBERS.items())}
    names |= {_FIRST_REALTIME: "RTMIN", _LAST_REALTIME: "RTMAX"}
    return f"SIG{names[number]}" if number in names else ""


def _realtime(name: re.Match[str]) -> int | None:
    """Return a realtime signal; the engine knows the first 16 and the last 15."""
    edge, sign, offset = name.groups()
    distance = int(offset or 0)
    if edge == "MIN":
        is_known = sign != "-" and distance <= 15  # noqa: PLR2004 - as said above
        return _FIRST_REALTIME + distance if is_known else None
    is_known = sign != "+" and distance <= 14  # noqa: PLR2004 - as said above
    return _LAST_REALTIME - distance if is_known else None


def what_it_does(signal: str | None, stop_signal: str = "") -> SignalEnd:
    """Tell whether a signal ends a container.

    Args:
        signal: The signal that ``kill`` sends; None for ``KILL``.
        stop_signal: The stop signal that the container declares.

    """
    if signal is None:
        return SignalEnd.ENDS
    number = signal_number(signal)
    own = signal_number(stop_signal)
    if number is None or number in _TO_END or number == own:
        return SignalEnd.ENDS
    return SignalEnd.LIVES_ON if number in _LEFT_ALONE else SignalEnd.MAY_END
