"""What a tab says of a line where there is nothing that could be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.explanation import no_process
from nstui.analysis.forest import BranchKind
from nstui.analysis.subjects import network_of
from nstui.model.namespace import NamespaceKind
from nstui.render.details import Entry, Section
from nstui.render.summary import NOT_YET
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId

NO_EVIDENCE = "Go to a container to see what each source says of it."
NO_MEMBERS = "Go to a container to see its group."
NO_NETWORK = "Go to a container to see its network."

_WITHOUT_NETWORK = {
    BranchKind.GONE: (
        "It no longer exists, and has no network. Go to one of those that joined it to"
        " see what is left to them."
    ),
    BranchKind.HOST: (
        "This is the network of the machine itself. Go to one of the containers that"
        " use it to see what is in it."
    ),
    BranchKind.LOOP: "None of these can start, so they have no network.",
    BranchKind.UNDECLARED: "None of these runs, so they have no network.",
    BranchKind.UNSHARED: (
        "Each of these has a network of its own. Go to one to see what is in it."
    ),
}


def note(words: str, tone: Tone = Tone.PLAIN) -> Section:
    """Return a sentence as a section of its own."""
    return Section("", (Entry("", (Piece(printable(words), tone),)),))


def no_network_words(report: Report, branch: Branch) -> str | None:
    """Return why a line has no network that could be read; None if it has one."""
    container = network_of(report, branch)
    if container is None:
        # In the tree of another kind a line above others is of no network at all.
        is_net = branch.shared is NamespaceKind.NET
        return _WITHOUT_NETWORK.get(branch.kind, NO_NETWORK) if is_net else NO_NETWORK
    words = no_process_words(report, container)
    if words == NOT_YET:
        return words
    owner = report.graph.chain(container, NamespaceKind.NET).owner
    if words is None or owner is None or owner == container:
        return words
    return f"{words}; it would join the network of {report.graph.name(owner)}"


def no_process_words(report: Report, container: ContainerId) -> str | None:
    """Return why a container has no process to read of; None if it has one."""
    if report.snapshot.is_glimpse:
        return NOT_YET
    return no_process(report, container)
