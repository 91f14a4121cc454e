"""Filtering the rows of the tree by what the user has typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.tree.tree import RowKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.analysis.tree.namespaces import HeldNamespace
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import Container
    from nstui.model.finding import Finding


MIN_ID_DIGITS = 4
"""The digits at which a word is taken for the beginning of an id. One or two of them
are the beginning of some id on most hosts."""


def filter_rows(
    rows: Iterable[TreeRow], report: Report, text: str
) -> tuple[TreeRow, ...]:
    """Return the rows with a container that matches every word of a text.

    A word matches anywhere in the name, image, compose project and service, state,
    findings, published ports, addresses, names of networks or name of the pod, ignoring
    case, or at the beginning of the id. A container also matches by the name of an
    owner that no longer exists. For a namespace without a container a word matches in
    its number, processes and mounts.

    The rows above and below a match are kept, too, and marked as context.
    """
    words = tuple(text.casefold().split())
    if not words:
        return tuple(rows)
    return _Filter(report, words).keep(rows, None)


def list_matches(rows: Iterable[TreeRow]) -> Iterator[TreeRow]:
    """Yield the matches among rows that were filtered, in the order they are shown."""
    for top in rows:
        yield from (row for row in top.walk() if not row.is_context)


def best_match(rows: Iterable[TreeRow], text: str) -> TreeRow | None:
    """Return the match that a filter's text most likely means; None without a match.

    It is the first one with exactly that name; or else the first one with all words in
    its name; or else the first one.
    """
    words = text.casefold().split()

    def rank(row: TreeRow) -> int:
        name = row.label.casefold()
        if words == [name]:
            return 0
        return 1 if all(word in name for word in words) else 2

    return min(list_matches(rows), key=rank, default=None)


class _Filter:
    """Keeps what matches every one of some words."""

    def __init__(self, report: Report, words: tuple[str, ...]) -> None:
        self._report = report
        self._words = words

    def keep(
        self,
        rows: Iterable[TreeRow],
        above: TreeRow | None,
        *,
        is_below_match: bool = False,
    ) -> tuple[TreeRow, ...]:
        """Return the matches among rows with what is above and below them."""
        kept: list[TreeRow] = []
        for row in rows:
            is_match = self._is_match(row, above)
            is_kept = is_match or is_below_match
            below = self.keep(row.children, row, is_below_match=is_kept)
            if is_kept or below:
                kept.append(
                    replace(
                        row,
                        children=below,
                        finding=_finding(row, below),
                        is_context=not is_match,
                    )
                )
        return tuple(kept)

    def _is_match(self, row: TreeRow, above: TreeRow | None) -> bool:
        if row.held is not None:
            text = _held_text(row.held, self._report)
            return all(word in text for word in self._words)
        if row.container is None:
            return False
        container = self._report.graph.containers[row.container]
        findings = self._report.findings_by_container.get(container.id, ())
        joined = above.label if above is not None and above.kind is RowKind.GONE else ""
        texts = (*_texts(container), *(finding.code for finding in findings), joined)
        text = " ".join(texts).casefold()
        return all(word in text or _begins_id(container, word) for word in self._words)


def _finding(row: TreeRow, below: Iterable[TreeRow]) -> Finding | None:
    """Return the finding of a row that was kept; a heading has the worst below it."""
    if row.container is not None:
        return row.finding
    found = (each.finding for top in below for each in top.walk())
    known = (finding for finding in found if finding is not None)
    return min(known, key=lambda finding: finding.severity.rank, default=None)


def _texts(container: Container) -> Iterator[str]:
    """Yield everything about a container that a word may be part of."""
    yield container.name
    yield container.image
    yield str(container.compose or "")
    yield container.state
    yield from map(str, container.ports)
    yield from container.networks
    yield from container.addresses
    if container.pod is not None:
        yield container.pod.name


def _begins_id(container: Container, word: str) -> bool:
    return len(word) >= MIN_ID_DIGITS and container.id.startswith(word)


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
