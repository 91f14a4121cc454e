"""What a signal does to a simulated container."""

from __future__ import annotations

from nstui.analysis.signals import SignalEnd, signal_number, what_it_does

_EXIT_BY_SIGNAL = 128


def fatal_code(signal: str, stop_signal: str = "") -> int | None:
    """Return the exit code that a signal brings, or None if programs live on.

    Args:
        signal: Its name, with or without ``SIG``, or its number.
        stop_signal: What the container is stopped by, which its program heeds.

    Raises:
        ValueError: there is no such signal.

    """
    number = signal_number(signal)
    if number is None:
        raise ValueError(signal)
    ends = what_it_does(signal, stop_signal) is SignalEnd.ENDS
    return _EXIT_BY_SIGNAL + number if ends else None
