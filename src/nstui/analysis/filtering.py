"""Which lines of the tree a filter shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.forest import prune

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.forest import Branch
    from nstui.analysis.namespaces import Held
    from nstui.analysis.report import Report


def filter_branches(
    branches: Iterable[Branch], report: Report, text: str
) -> tuple[Branch, ...]:
    """Return the lines whose container matches every word of a text.

    A word matches anywhere in the name, image, compose service, state or findings,
    in any case, or at the beginning of the id. Of a namespace without a container it
    matches in its number, its processes and its mounts.
    """
    words = text.casefold().split()
    if not words:
        return tuple(branches)
    return prune(branches, lambda branch: _matches(branch, report, words))


def _matches(branch: Branch, report: Report, words: Iterable[str]) -> bool:
    if branch.held is not None:
        text = _held_text(branch.held, report)
        return all(word in text for word in words)
    if branch.container is None:
        return False
    container = report.graph.containers[branch.container]
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


def _held_text(held: Held, report: Report) -> str:
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
