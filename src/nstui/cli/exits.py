"""What the program's exit code says."""

from __future__ import annotations

from enum import IntEnum

from nstui.errors import (
    EngineUnreachable,
    Interrupted,
    ManagedElsewhere,
    NstuiError,
    PlanOutdated,
    UsageProblem,
    WouldBreakDependents,
    WouldLoseChanges,
)


class ExitCode(IntEnum):
    """Documented in the README; scripts rely on them."""

    DONE = 0
    FAILED = 1
    """The engine refused, a name is unknown, or a finding needs attention."""

    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    """Dependents would break, something would be lost, the plan no longer held, or a
    decision is missing."""

    INTERRUPTED = 130


_CODES: dict[type[NstuiError], ExitCode] = {
    UsageProblem: ExitCode.USAGE,
    EngineUnreachable: ExitCode.UNREACHABLE,
    WouldBreakDependents: ExitCode.REFUSED,
    WouldLoseChanges: ExitCode.REFUSED,
    ManagedElsewhere: ExitCode.REFUSED,
    PlanOutdated: ExitCode.REFUSED,
    Interrupted: ExitCode.INTERRUPTED,
}


def exit_code_for(error: NstuiError) -> ExitCode:
    """Return the exit code that an error ends the program with."""
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    return ExitCode.FAILED
