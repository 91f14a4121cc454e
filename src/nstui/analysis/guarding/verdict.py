"""The guard's answer to one call, and the answer where it could not look."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.guarding.requests import AskedChange, Change
    from nstui.analysis.guarding.tickets import Ticket


class Reason(StrEnum):
    """Why a call is let through or denied."""

    HARMLESS = "harmless"
    """It ends no container, whoever is there."""

    BREAKS_NOTHING = "breaks-nothing"
    """It breaks no running dependent."""

    UNKNOWN = "unknown"
    """The engine has no such container, and says so itself."""

    TICKET = "ticket"
    """It was allowed in advance."""

    LABEL = "label"
    """The container's own label ``nstui.guard`` is ``off``."""

    COMPOSE = "compose"
    """Compose takes all dependents along."""

    MANAGED = "managed"
    """It is the work of a swarm or of Kubernetes."""

    HEALED = "healed"
    """A standing watch heals what it breaks."""

    WOULD_BREAK = "would-break"
    """A running dependent would be worse off."""

    MAY_BREAK = "may-break"
    """What could not be read may be a dependent."""

    CANNOT_LOOK = "cannot-look"
    """It could not be told in time."""


class Verdict(NamedTuple):
    """The answer to one call as ``enforce`` gives it.

    In ``warn`` a denied one is let through, and written down as what it is.
    """

    allow: bool
    reason: Reason
    message: str = ""
    """What the client is told if it is denied, otherwise why it is let through; one or
    more lines without control characters, or empty."""

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return self._asdict() | {"reason": str(self.reason)}

    @classmethod
    def from_json(cls, value: object) -> Verdict | None:
        """Return what `to_json` gave; None if it is nothing of the kind."""
        if not isinstance(value, dict):
            return None
        allow, message = value.get("allow"), value.get("message")
        known = {reason.value: reason for reason in Reason}
        reason = known.get(str(value.get("reason")))
        if not isinstance(allow, bool) or not isinstance(message, str):
            return None
        return None if reason is None else cls(allow, reason, message)


HARMLESS = Verdict(allow=True, reason=Reason.HARMLESS)


def by_ticket(ticket: Ticket) -> Verdict:
    """Return the verdict about a call that a ticket lets through."""
    return Verdict(allow=True, reason=Reason.TICKET, message=ticket.why)


def cannot_look(asked: AskedChange, why: str, denied: Collection[Change]) -> Verdict:
    """Return the verdict about a call whose effects could not be told.

    Args:
        asked: What it asks for.
        why: Why not, as the end of a sentence.
        denied: What is denied then; the rest is let through.

    """
    if asked.change not in denied:
        words = printable(why)
        return Verdict(allow=True, reason=Reason.CANNOT_LOOK, message=words)
    what = f"{asked.change} of {asked.reference}" if asked.reference else asked.change
    words = (
        f"{what}: nstui could not look at what would break ({why}); nothing was"
        " changed; `nstui guard status` tells more"
    )
    return Verdict(allow=False, reason=Reason.CANNOT_LOOK, message=printable(words))
