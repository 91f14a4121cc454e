"""The exit codes of the program, and its orderly end on a signal."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import TYPE_CHECKING

import click

from nstui.errors import (
    DecisionMissing,
    EngineUnreachable,
    Interrupted,
    ManagedElsewhere,
    NstuiError,
    PlanOutdated,
    UsageProblem,
    WouldBreakDependents,
    WouldLoseChanges,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType


class ExitCode(IntEnum):
    """The exit codes. They are documented in the README, and scripts rely on them."""

    DONE = 0
    FAILED = 1
    """The engine refused, a name is unknown, or a finding needs attention."""

    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    """Dependents would break, something would be lost, the plan no longer held, another
    nstui acts on the group, or a decision is missing."""

    INTERRUPTED = 130


_CODES: dict[type[NstuiError], ExitCode] = {
    UsageProblem: ExitCode.USAGE,
    EngineUnreachable: ExitCode.UNREACHABLE,
    WouldBreakDependents: ExitCode.REFUSED,
    WouldLoseChanges: ExitCode.REFUSED,
    ManagedElsewhere: ExitCode.REFUSED,
    DecisionMissing: ExitCode.REFUSED,
    PlanOutdated: ExitCode.REFUSED,
    Interrupted: ExitCode.INTERRUPTED,
}


def exit_code_for(error: NstuiError) -> ExitCode:
    """Return the exit code that an error ends the program with."""
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    return ExitCode.FAILED


_BY_URGENCY = (
    ExitCode.DONE,
    ExitCode.FAILED,
    ExitCode.REFUSED,
    ExitCode.UNREACHABLE,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
)
"""The exit codes, the worst last. Anything may be wrong on a host that does not answer;
one whose address makes no sense will never answer."""


def worst_code(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the exit code for several hosts, from those that each would have alone."""
    return max(codes, key=_BY_URGENCY.index, default=ExitCode.DONE)


def complain(sentence: str) -> None:
    """Print an error on stderr, in one line."""
    from nstui.analysis.text import printable  # noqa: PLC0415

    click.echo(f"nstui: {printable(' '.join(sentence.split()))}", err=True)


WAIT = "nstui: the step under way is finished first; a second ctrl+c ends it at once"


@contextmanager
def ending_in_order(stop_soon: Callable[[], object]) -> Iterator[None]:
    """Stop the work in the block on a first signal, and end the program on a second.

    These are what ctrl+c, ``kill`` and a closed terminal send. One that is ignored, as
    after nohup(1), stays ignored.

    Args:
        stop_soon: Called on the first signal; makes the work end by itself.

    Raises:
        KeyboardInterrupt: a second signal arrived.

    """
    import signal  # noqa: PLC0415

    is_asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_asked
        if is_asked:
            raise KeyboardInterrupt
        is_asked = True
        stop_soon()
        # Writing to a closed terminal fails.
        with suppress(OSError):
            click.echo(WAIT, err=True)

    before = {
        number: signal.signal(number, ask)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
