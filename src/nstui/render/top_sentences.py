"""What a line of the tree means that stands for no container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.forest import BranchKind
from nstui.model.namespace import NamespaceKind
from nstui.render.rows import noun
from nstui.render.text import printable

if TYPE_CHECKING:
    from nstui.analysis.forest import Branch
    from nstui.analysis.namespaces import Held
    from nstui.analysis.report import Report

_GONE = {
    NamespaceKind.NET: "while they run they have no network",
    NamespaceKind.PID: "they ended with it",
}
_STILL_THERE = "those that run are still in it"
"""Of a kind that the members of a namespace keep alive, all of it."""

_SENTENCES = {
    BranchKind.GONE: (
        "This container no longer exists. Those below joined its {noun}: {gone},"
        " and they can never start again until they are recreated on its successor."
    ),
    BranchKind.HOST: (
        "These use the {noun} of the engine's host itself. Nobody owns it, and"
        " nothing breaks for the others when one of them goes."
    ),
    BranchKind.UNDECLARED: (
        "The kernel shows these in one namespace, but no declaration says so."
    ),
    BranchKind.LOOP: "These joined each other, so none of them can start.",
    BranchKind.UNSHARED: (
        "Each of these has a {noun} of its own: there nothing breaks for others when"
        " one of them goes."
    ),
    BranchKind.HELD: (
        "Namespaces live for as long as a process is in them or they are mounted."
        " None of the containers above is in these: what keeps each of them alive is"
        " told with it."
    ),
    BranchKind.UNREAD: "{label}.",
}


def top_sentence(branch: Branch, report: Report) -> str:
    """Return what a line means; nothing if it stands for a container."""
    if branch.held is not None:
        return _held_sentence(branch.held, report)
    return _SENTENCES.get(branch.kind, "").format(
        noun=noun(branch.shared),
        gone=_GONE.get(branch.shared, _STILL_THERE),
        label=printable(branch.label),
    )


def _held_sentence(held: Held, report: Report) -> str:
    from nstui.render.held_text import left_words, owner_words  # noqa: PLC0415 - when asked

    if held.is_left:
        return f"{_capital(left_words(held))}. What is named below keeps it alive."
    if held.is_host:
        return "This is the host's own namespace, and no container uses it."
    if held.containers is None:
        return "Whether a container is in it could not be read."
    if held.owners:
        return f"Its processes are {owner_words(held, report)}."
    return "No container is in it. What is named below keeps it alive."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
