"""Everything that can go wrong in a way a user can act on.

::

    NstuiError                 exit code
    ├── UsageProblem           2   an option or address that makes no sense
    ├── EngineUnreachable      3   nobody answers at the endpoint
    ├── EngineRefused          1   the engine answered with an error
    │   ├── ContainerVanished  1   the container is no longer there
    │   ├── PullFailed         1   an image could not be pulled
    │   └── HalfDone           1   a change failed and could not all be undone
    ├── UnknownContainer       1   no container has that name
    ├── AmbiguousContainer     1   several ids begin like that
    ├── ActionImpossible       1   the plan says that the engine would refuse
    ├── ReadOnly               1   nstui was told to change nothing
    ├── InternalFault          1   nstui itself made a mistake
    ├── Unwritable             1   a shell cannot be told what a command would need
    ├── AuditFailed            1   no trace can be kept, so nothing was done
    ├── Unsaved                1   a file could not be written
    ├── GuardFailed            1   the guard could not be installed, or taken out
    ├── StepFailed             1   a step of a plan failed; those before it are done
    ├── Interrupted          130   a signal ended a plan between two steps
    ├── PlanOutdated           4   what the plan relied on has changed
    │   └── GroupInUse         4   another nstui is acting on the same group
    ├── DecisionMissing        4   only the user can decide what a plan leaves open
    ├── ManagedElsewhere       4   refused, because something else manages it
    ├── WouldLoseChanges       4   refused, because something would be lost
    └── WouldBreakDependents   4   refused, because others depend on it

Each carries one sentence that needs nothing added to be printed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan


LONGEST_FAULT = 200
"""How many characters of an unexpected exception's message are shown."""


class NstuiError(Exception):
    """Base of every error that is reported as one sentence."""


class UsageProblem(NstuiError):
    """An option or an address makes no sense."""


class Unreachable(StrEnum):
    """Why nobody answers at an endpoint."""

    MISSING_SOCKET = "missing_socket"
    PERMISSION = "permission"
    LOGIN = "login"
    """ssh would have to ask for a password, a passphrase, or about an unknown key."""

    NO_SHELL = "no_shell"
    """ssh has logged in, but the account there runs no shell."""

    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNKNOWN_CONTEXT = "unknown_context"
    UNSUPPORTED = "unsupported"
    BAD_ANSWER = "bad_answer"
    """The answer cannot be used: too large, broken, or not from an engine."""

    OTHER = "other"


class EngineUnreachable(NstuiError):
    """Nobody answers at the endpoint."""

    def __init__(self, message: str, reason: Unreachable = Unreachable.OTHER) -> None:
        """Take a sentence, with the remedy if there is one, and the reason."""
        super().__init__(message)
        self.reason = reason


class EngineRefused(NstuiError):
    """The engine answered with an error; the message is the engine's."""


class ContainerVanished(EngineRefused):
    """The container is no longer there."""


class PullFailed(EngineRefused):
    """An image could not be pulled; the message names it and says why."""


class HalfDone(EngineRefused):
    """A change of several parts failed and could not be undone completely."""


class UnknownContainer(NstuiError):
    """No container has that name, id or prefix of an id."""


class AmbiguousContainer(NstuiError):
    """Several ids begin with the given digits."""


class ActionImpossible(NstuiError):
    """The engine would refuse the action, so it was not tried."""


class Unwritable(NstuiError):
    """A word of a command cannot be quoted in a way that all shells read alike."""


class ReadOnly(NstuiError):
    """Refused, because nstui was told to change nothing."""

    def __init__(self) -> None:
        """Say by which option."""
        super().__init__("refused: nstui was started with --read-only")


class InternalFault(NstuiError):
    """An error in nstui itself."""

    @classmethod
    def of(cls, error: BaseException) -> InternalFault:
        """Return the fault that reports an unexpected exception."""
        said = " ".join(str(error).split())[:LONGEST_FAULT]
        what = f"{type(error).__name__}: {said}" if said else type(error).__name__
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        if last is not None:
            file = last.tb_frame.f_code.co_filename.rpartition("/")[2]
            what += f" ({file}, line {last.tb_lineno})"
        fault = cls(f"nstui failed here: {what}; please report it")
        fault.__cause__ = error
        return fault


class AuditFailed(NstuiError):
    """The action was not carried out, because no record of it could be kept."""


class Unsaved(NstuiError):
    """A file that the user asked for could not be written."""


class GuardFailed(NstuiError):
    """The guard could not be installed or taken out; the message says what is left."""


class StepFailed(NstuiError):
    """A step of a plan failed; the message says what was done and what was not."""

    def __init__(self, message: str, outcome: Outcome) -> None:
        """Keep the outcome of each step for callers that list them."""
        super().__init__(message)
        self.outcome = outcome


class Interrupted(NstuiError):
    """A signal ended a plan between two steps; the message says how far it came."""


class ManagedElsewhere(NstuiError):
    """Refused, because the container's manager has to be asked instead."""


class DecisionMissing(NstuiError):
    """Refused, because only the user can decide what the plan leaves open."""


class WouldLoseChanges(NstuiError):
    """Refused, because a container would lose files it wrote to its own file system."""


class WouldBreakDependents(NstuiError):
    """Refused, because the action would harm containers that depend on it."""

    def __init__(self, message: str, plan: Plan) -> None:
        """Keep the plan, so that callers can name the dependents."""
        super().__init__(message)
        self.plan = plan


class PlanOutdated(NstuiError):
    """The plan was stopped, because what it relied on has changed."""

    def __init__(self, message: str, plan: Plan | None = None) -> None:
        """Keep the plan that is valid now, if there is one."""
        super().__init__(message)
        self.plan = plan


class GroupInUse(PlanOutdated):
    """Another nstui, such as a standing watch, is acting on the same group."""
