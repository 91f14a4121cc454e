"""How certain a report is: how namespaces were identified, and what was not read."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.model.namespace import NamespacesRead

if TYPE_CHECKING:
    from nstui.analysis.report import Report

NOT_YET = "what each container shares is still to be read"


class Certainty(StrEnum):
    """How the namespaces of a host were identified."""

    NOT_YET = "not-yet"
    """They were not read yet."""

    UNUSED = "unused"
    """No container is in one."""

    VERIFIED = "verified"
    """By their inodes."""

    DENIED_TO_ROOT = "denied-to-root"
    """By what the kernel lets root read, which is not all."""

    PARTLY = "partly"
    """By what can be read without root."""

    DECLARED = "declared"
    """Not at all: only the engine was asked."""


_BY_LEVEL = {
    NamespacesRead.INODE: Certainty.VERIFIED,
    NamespacesRead.FINGERPRINT: Certainty.PARTLY,
    NamespacesRead.DECLARED: Certainty.DECLARED,
}


def certainty(report: Report) -> Certainty:
    """Return how namespaces were identified, or that they are not yet."""
    if report.snapshot.is_glimpse:
        return Certainty.NOT_YET
    host = report.snapshot.host
    if host.is_denied_to_root and not host.processes:
        # Only the machine's first process could not be read, which is no container.
        return Certainty.UNUSED
    if host.is_denied_to_root:
        return Certainty.DENIED_TO_ROOT
    return _BY_LEVEL[report.snapshot.namespaces_read]


def blind_spots(report: Report) -> tuple[str, ...]:
    """Return a sentence for everything that could not be read, and so has no findings.

    A running container that could not be inspected is not among them, since it has a
    finding.
    """
    if report.snapshot.is_glimpse:
        return (NOT_YET,)
    note = report.snapshot.host.note
    unknown = (
        f"{container.name} could not be inspected: {container.inspection_problem}"
        for container in report.snapshot.containers
        if container.inspection is None and not container.state.has_process
    )
    notes = (note,) if note else ()
    records = report.snapshot.unread_records
    return tuple(printable(each) for each in (*notes, *unknown, *records))
