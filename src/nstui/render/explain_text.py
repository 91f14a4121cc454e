"""The evidence for what a container shares, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.publishing import publisher
from nstui.model.container import short_id
from nstui.model.snapshot import ReadProblem
from nstui.render.interior_text import (
    interface_lines,
    listener_lines,
    published_lines,
    route_lines,
)
from nstui.render.member_text import member_lines, outsider_lines
from nstui.render.rows import finding_word
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.explanation import Explanation, Place, Share
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.evidence import Evidence, RuntimeJoin
    from nstui.model.snapshot import MountedFile

Line = tuple[Piece, ...]

_LABEL = 9
_FILE = len("resolv.conf") + 2
_UNREAD = {
    ReadProblem.VANISHED: "its process has gone, or is hidden",
    ReadProblem.DENIED: "needs root: run nstui with sudo",
    ReadProblem.NOT_THE_CONTAINER: "its process is not one of this machine",
    None: "could not be read",
}


def explain_lines(report: Report, told: Explanation) -> Iterator[Line]:
    """Yield what is wrong first, then each kind with what each source says of it."""
    container = told.container
    yield (
        Piece(printable(container.name), Tone.STRONG),
        Piece(printable(f"  {container.image}  {container.state}"), Tone.MUTED),
    )
    for finding in told.findings:
        message = Piece(f"  {printable(finding.message)}")
        yield (finding_word(finding), message)
        yield (Piece(f"    {printable(finding.remedy)}", Tone.MUTED),)
    for share in told.shares:
        yield (Piece(share.kind.value, Tone.STRONG),)
        yield _labelled("engine", _engine_words(report, share))
        yield _labelled("kernel", _kernel_words(report, share))
        yield _labelled("runtime", _runtime_words(report, share, told.evidence))
    yield (Piece("files", Tone.STRONG),)
    for line in _file_lines(report, told):
        yield _labelled("", line)
    yield from _titled("members", member_lines(report, told.members))
    yield from _titled("entered from outside", outsider_lines(report, told))
    yield from _inside(report, told)
    if told.evidence is not None and told.evidence.config is not None:
        yield (Piece("runtime's configuration", Tone.STRONG),)
        yield _labelled("", printable(told.evidence.config))


def _inside(report: Report, told: Explanation) -> Iterator[Line]:
    """Yield what is inside its network, under a title for each part."""
    if told.interior is None:
        return
    owner = publisher(report, told.container.id)
    parts = {
        "interfaces": interface_lines(told.interior),
        "ways out": route_lines(told.interior),
        "listening": listener_lines(report, told.interior),
        "published": ()
        if owner is None
        else published_lines(report, owner, told.interior),
    }
    for title, lines in parts.items():
        yield from _titled(title, ((Piece(words),) for words in lines))


def _titled(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines under a title, and no title without any."""
    shown = tuple(lines)
    if shown:
        yield (Piece(title, Tone.STRONG),)
    yield from ((Piece("  "), *line) for line in shown)


def _labelled(label: str, words: str) -> Line:
    return (Piece(f"  {label.ljust(_LABEL if label else 0)}", Tone.MUTED), Piece(words))


def _engine_words(report: Report, share: Share) -> str:
    """Return what the engine declares."""
    if share.declared is None:
        words = "the host's own" if share.is_host else "its own"
        if share.joined_by:
            words += f", joined by {_names(report, share.joined_by)}"
        return words
    words = f"container:{short_id(share.declared.reference)}"
    target = share.declared.target
    if target is None:
        return printable(f"{words}, which no longer exists")
    state = report.graph.containers[target].state
    words = f"{words} → {report.graph.name(target)}, {state}"
    if share.joined_by:
        words += f"; joined by {_names(report, share.joined_by)}"
    return printable(words)


def _kernel_words(report: Report, share: Share) -> str:
    """Return what the kernel says of it and of what it joined."""
    words = _place_words(share.here)
    if share.mates:
        words += f", with {_names(report, share.mates)}"
    if share.there is not None:
        name = printable(report.graph.name(share.there.container))
        words += f"; {name}: {_place_words(share.there)}"
    return words


def _place_words(place: Place) -> str:
    if place.pid is None:
        return "does not run"
    if place.namespace is None:
        return f"pid {place.pid}: {_UNREAD[place.problem]}"
    return f"{place.namespace}, pid {place.pid}"


def _runtime_words(report: Report, share: Share, evidence: Evidence | None) -> str:
    """Return what the runtime was told, and whether that leads anywhere still."""
    if evidence is None:
        return "does not run"
    if evidence.joins is None:
        return f"not read: {evidence.joins_problem}"
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


def _file_lines(report: Report, told: Explanation) -> Iterator[str]:
    evidence = told.evidence
    if evidence is None:
        yield "does not run: nothing is mounted"
    elif evidence.files is None:
        yield f"not read: {evidence.files_problem}"
    elif not evidence.files:
        yield "none of the engine's are mounted"
    else:
        yield from (_file_words(report, told, file) for file in evidence.files)


def _file_words(report: Report, told: Explanation, file: MountedFile) -> str:
    if file.belongs_to is None:
        whose = f"from {file.source}"
    elif file.belongs_to == told.container.id:
        whose = "its own"
    elif file.belongs_to in report.graph.containers:
        whose = f"of {report.graph.name(file.belongs_to)}"
    else:
        whose = f"of {short_id(file.belongs_to)}, which no longer exists"
    gone = "; //deleted: it sees what was in it then" if file.is_deleted else ""
    return printable(f"{file.name.ljust(_FILE)}{whose}{gone}")


def _names(report: Report, containers: Iterable[ContainerId]) -> str:
    return printable(", ".join(report.graph.name(c) for c in containers))
