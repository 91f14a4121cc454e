"""What could not be looked at where all namespaces of a machine are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.namespaces import is_this_machine, unplaced
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.namespaces import Scan
    from nstui.analysis.report import Report
    from nstui.model.holders import Holders, ProcessScan

_PERMISSION = "that needs root, in a container SYS_PTRACE"
NOT_HERE = "what else there is on its machine is read where the engine runs"
"""Said where nobody can look at all."""


def unread(report: Report, scan: Scan, kind: NamespaceKind) -> tuple[str, ...]:
    """Return what could not be looked at, a sentence each: nothing is said of it."""
    return tuple(_unread(report, scan.holders, kind))


def _unread(report: Report, holders: Holders, kind: NamespaceKind) -> Iterator[str]:
    if not is_this_machine(report):
        note = report.snapshot.host.note
        endpoint = report.snapshot.engine.endpoint
        yield note or f"no container runs to tell whether {endpoint} is this machine"
        return
    if report.snapshot.namespaces_read is not NamespacesRead.INODE:
        note = report.snapshot.host.note
        yield f"which of them containers are in is not known: {note}"
    elif names := unplaced(report, kind):
        yield f"{', '.join(names)}: could not be read, and may be in one of these"
    yield from _unread_processes(holders.processes, kind)
    if holders.mounts.holders is None:
        yield "what is mounted could not be read"
    if kind is NamespaceKind.NET:
        for name in holders.mounts.leftovers or ():
            yield f"/run/netns/{name} is a name without a namespace"


def _unread_processes(scan: ProcessScan, kind: NamespaceKind) -> Iterator[str]:
    refused = scan.unread[kind].refused if kind in scan.unread else 0
    if scan.holders is None:
        yield "the machine's processes could not be listed"
        return
    if scan.hides_others:
        yield "other users' processes are hidden here: there may be more"
    if refused:
        count = "1 process" if refused == 1 else f"{refused} processes"
        yield f"{count} could not be asked: {_PERMISSION}"
