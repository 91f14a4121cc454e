"""Whether the files of a compose project may be used, as ssh and sudo ask of theirs."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from nstui.model.project_files import PathKind

if TYPE_CHECKING:
    from nstui.model.project_files import PathFact, ProjectFacts

_ROOT = 0
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_WORDS = {PathKind.FILE: "regular file", PathKind.FOLDER: "folder"}


def why_distrusted(facts: ProjectFacts) -> str:
    """Return why a project's files are not used, as a sentence; "" if they may be.

    They must lie in no volume, belong to root or the user, and be writable by nobody
    else; so must all folders above them, and the links that lead there.
    """
    trusted = {_ROOT, facts.user}
    found = (_problem(fact, trusted) for fact in facts.paths)
    return next((problem for problem in found if problem), "")


def find_writer(facts: ProjectFacts) -> tuple[str, str]:
    """Return a container that can write a project's files, and where; or "" twice."""
    found = ((fact.writer, fact.path) for fact in facts.paths if fact.writer)
    return next(found, ("", ""))


def _problem(fact: PathFact, trusted: set[int]) -> str:
    wanted = fact.wanted or PathKind.FOLDER
    is_link = fact.kind is PathKind.LINK
    checks = (
        (fact.kind is PathKind.MISSING, "is not there"),
        (fact.kind is PathKind.UNREADABLE, "cannot be looked at"),
        (fact.in_volume, "is a volume or the engine's own folder"),
        (
            fact.owner not in trusted,
            f"belongs to neither root nor you, but to uid {fact.owner}",
        ),
        (not is_link and fact.kind is not wanted, f"is no {_WORDS[wanted]}"),
        (
            not is_link and _lets_others_write(fact),
            "can be written by others than its owner",
        ),
    )
    return next((f"{fact.path} {said}" for holds, said in checks if holds), "")


def _lets_others_write(fact: PathFact) -> bool:
    """Tell whether others may write; a folder on the way may protect what is in it."""
    protects = fact.wanted is None and fact.mode & stat.S_ISVTX
    return bool(fact.mode & _OTHERS_WRITE) and not protects
