"""What each source says of a share, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.explanation import why_unread
from nstui.analysis.succession import HOW_KNOWN
from nstui.model.container import ContainerId, is_id, short_id
from nstui.model.snapshot import ReadProblem
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.explanation import Place, Share
    from nstui.analysis.report import Report
    from nstui.model.evidence import Evidence, RuntimeJoin
    from nstui.model.snapshot import MountedFile

_UNREAD = {
    ReadProblem.VANISHED: "its process has gone, or is hidden",
    ReadProblem.DENIED: "needs root: run nstui with sudo",
    ReadProblem.NOT_THE_CONTAINER: "its process is not one of this machine",
    None: "could not be read",
}


def engine_words(report: Report, share: Share) -> str:
    """Return what the engine declares."""
    if share.declared is None:
        words = "the host's own" if share.is_host else "its own"
        if share.joined_by:
            words += f", joined by {_names(report, share.joined_by)}"
        return words
    words = f"container:{short_id(share.declared.reference)}"
    target = share.declared.target
    if target is None:
        gone = _known_words(report, share.declared.reference)
        return printable(f"{words}, which no longer exists{gone}")
    state = report.graph.containers[target].state
    words = f"{words} → {report.graph.name(target)}, {state}"
    if share.joined_by:
        words += f"; joined by {_names(report, share.joined_by)}"
    return printable(words)


def _known_words(report: Report, reference: str) -> str:
    """Return what is known of one that is gone, and from where."""
    if not is_id(reference):
        return ""
    known = report.snapshot.ancestors.get(ContainerId(reference))
    if known is None:
        return "; nobody knows what it was called"
    service = "" if known.compose is None else f", of {known.compose}"
    return f"; it was called {known.name}{service}, {HOW_KNOWN[known.source]}"


def kernel_words(report: Report, share: Share) -> str:
    """Return what the kernel says of it and of what it joined."""
    return "; ".join((here_words(report, share), *there_words(report, share)))


def here_words(report: Report, share: Share) -> str:
    """Return where the kernel shows it to be, and with whom."""
    words = _place_words(share.here)
    if share.mates:
        words += f", with {_names(report, share.mates)}"
    return words


def there_words(report: Report, share: Share) -> tuple[str, ...]:
    """Return where the kernel shows what it joined to be; nothing if it joined none."""
    if share.there is None:
        return ()
    name = printable(report.graph.name(share.there.container))
    return (f"{name}: {_place_words(share.there)}",)


def _place_words(place: Place) -> str:
    if place.pid is None:
        return printable(place.unread)
    if place.namespace is None:
        return f"pid {place.pid}: {_UNREAD[place.problem]}"
    return f"{place.namespace}, pid {place.pid}"


def runtime_words(report: Report, share: Share, evidence: Evidence | None) -> str:
    """Return what the runtime was told, and whether that leads anywhere still."""
    if evidence is None:
        return printable(why_unread(report, share.here.container))
    if evidence.joins is None:
        return printable(f"not read: {evidence.joins_problem}")
    if share.runtime is None:
        return "was told to make a new one" if not share.is_host else "the host's own"
    return printable(f"{share.runtime.path}, {_told_words(report, share.runtime)}")


def _told_words(report: Report, join: RuntimeJoin) -> str:
    if join.pid is None:
        return "which names no process"
    if not join.is_there:
        return f"where no process {join.pid} is any more"
    if join.container is None:
        return f"process {join.pid}, which is no container's"
    if join.container in report.graph.containers:
        return f"the process of {report.graph.name(join.container)}"
    return f"a process of {short_id(join.container)}, which is unknown"


def file_words(report: Report, container: ContainerId, file: MountedFile) -> str:
    """Return whose a file is that a container sees, and whether it is there still."""
    if file.belongs_to is None:
        whose = f"from {file.source}"
    elif file.belongs_to == container:
        whose = "its own"
    elif file.belongs_to in report.graph.containers:
        whose = f"of {report.graph.name(file.belongs_to)}"
    else:
        whose = f"of {short_id(file.belongs_to)}, which no longer exists"
    gone = "; //deleted: it sees what was in it then" if file.is_deleted else ""
    return printable(f"{whose}{gone}")


def _names(report: Report, containers: Iterable[ContainerId]) -> str:
    return printable(", ".join(report.graph.name(c) for c in containers))
