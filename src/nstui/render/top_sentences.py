"""What a line of the tree means that stands for no container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.forest import BranchKind
from nstui.model.namespace import NamespaceKind
from nstui.render.rows import noun

if TYPE_CHECKING:
    from nstui.analysis.forest import Branch

_GONE = {
    NamespaceKind.NET: "while they run they have no network",
    NamespaceKind.PID: "they ended with it",
}
_STILL_THERE = "those that run are still in it"
"""Of a kind that the members of a namespace keep alive, all of it."""

_UNDECLARED = "The kernel shows these in one namespace, but no declaration says so."
_LOOP = "These joined each other, so none of them can start."


def top_sentence(branch: Branch) -> str:
    """Return what a line means; nothing if it stands for a container."""
    of = noun(branch.shared)
    match branch.kind:
        case BranchKind.GONE:
            now = _GONE.get(branch.shared, _STILL_THERE)
            return (
                f"This container no longer exists. Those below joined its {of}: {now},"
                " and they can never start again until they are recreated on its"
                " successor."
            )
        case BranchKind.HOST:
            return (
                f"These use the {of} of the engine's host itself. Nobody owns it, and"
                " nothing breaks for the others when one of them goes."
            )
        case BranchKind.UNSHARED:
            return (
                f"Each of these has a {of} of its own: there nothing breaks for others"
                " when one of them goes."
            )
        case BranchKind.UNDECLARED:
            return _UNDECLARED
        case BranchKind.LOOP:
            return _LOOP
        case BranchKind.CONTAINER:
            return ""
