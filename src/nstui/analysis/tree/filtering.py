"""Finding words in texts, and filtering the rows of the tree by words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from nstui.analysis.tree.members import group_members, member_pids, publisher
from nstui.analysis.tree.tree import RowKind, keep_matching
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.report import Report
    from nstui.analysis.tree.namespaces import HeldNamespace
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId


def filter_rows(
    branches: Iterable[TreeRow], report: Report, text: str
) -> tuple[TreeRow, ...]:
    """Return the rows with a container that matches every word of a text.

    A word matches anywhere in the name, image, compose service, state or findings,
    ignoring case, or at the beginning of the id. For a namespace without a container it
    matches in its number, processes and mounts.
    """
    words = text.casefold().split()
    if not words:
        return tuple(branches)
    return keep_matching(branches, lambda row: _matches(row, report, words))


def _matches(row: TreeRow, report: Report, words: Iterable[str]) -> bool:
    if row.held is not None:
        text = _held_text(row.held, report)
        return all(word in text for word in words)
    if row.container is None:
        return False
    container = report.graph.containers[row.container]
    codes = (f.code for f in report.findings_by_container.get(container.id, ()))
    text = " ".join(
        (
            container.name,
            container.image,
            str(container.compose or ""),
            container.state,
            *codes,
        )
    ).casefold()
    return all(word in text or container.id.startswith(word) for word in words)


def _held_text(held: HeldNamespace, report: Report) -> str:
    first = () if held.processes is None else held.processes.first
    names = [] if held.was is None else list(held.was.names)
    known = report.graph.containers
    names += [known[each].name if each in known else each for each in held.owners]
    return " ".join(
        (
            str(held.namespace),
            *(f"{process.pid} {process.command}" for process in first),
            *(mount.path for mount in held.mounts),
            *names,
        )
    ).casefold()


@lru_cache(maxsize=8)
def _pattern(words: str) -> re.Pattern[str]:
    heeds_case = any(character.isupper() for character in words)
    return re.compile(re.escape(words), 0 if heeds_case else re.IGNORECASE)


def find_all(words: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return where words occur in a text, as pairs of start and end.

    Words are taken literally. Case matters only if the words contain capitals. Empty
    words occur nowhere.
    """
    if not words:
        return ()
    return tuple(found.span() for found in _pattern(words).finditer(text))


def group_of(report: Report, row: TreeRow) -> tuple[ContainerId, ...]:
    """Return the members of the group that a row is in, the owner first.

    The group is that of the tree's kind of namespace. For a row that is not a container
    it consists of the containers below the row.
    """
    if row.container is None:
        return tuple(b.container for b in row.walk() if b.container is not None)
    return group_members(report, row.container, row.shared)


def row_network(report: Report, row: TreeRow) -> ContainerId | None:
    """Return the container through which the network of a row can be read.

    It is the same container for all that the kernel shows in one network, so that a
    reading made for one of them is valid for the others. It is None if a row stands for
    no network, or for several.
    """
    if row.container is not None:
        return publisher(report, row.container) or row.container
    is_net = row.shared is NamespaceKind.NET
    if row.kind is RowKind.UNDECLARED and is_net:
        return next(iter(member_pids(report, group_of(report, row))), None)
    return None
