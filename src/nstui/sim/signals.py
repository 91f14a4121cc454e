"""What a signal does to a simulated container."""

from __future__ import annotations

from signal import Signals

_HEEDED = {Signals.SIGKILL, Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT}
_EXIT_BY_SIGNAL = 128


def fatal_code(signal: str) -> int | None:
    """Return the exit code that a signal brings, or None if programs live on.

    Args:
        signal: Its name, with or without ``SIG``, or its number.

    Raises:
        ValueError: there is no such signal.

    """
    number = Signals(int(signal)) if signal.isdigit() else _by_name(signal)
    return _EXIT_BY_SIGNAL + number if number in _HEEDED else None


def _by_name(name: str) -> Signals:
    for known in Signals:
        if known.name.removeprefix("SIG") == name.upper().removeprefix("SIG"):
            return known
    raise ValueError(name)
