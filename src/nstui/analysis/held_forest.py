"""The lines of the tree for namespaces that no container is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.forest import Branch, BranchKind
from nstui.analysis.namespaces import find_held, strangers
from nstui.analysis.past import NO_PAST
from nstui.analysis.unread import unread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.namespaces import Held, Scan
    from nstui.analysis.past import Past
    from nstui.analysis.report import Report
    from nstui.model.namespace import NamespaceKind


def grow_held(
    report: Report, kind: NamespaceKind, scan: Scan, past: Past = NO_PAST
) -> Branch:
    """Return one line with the namespaces of a kind beneath it.

    Those that their containers have left come first; last comes what could not be
    looked at, a line for each sentence.
    """
    held = [one for one in find_held(report, scan, past) if one.namespace.kind is kind]
    sentences = unread(report, scan, kind)
    return held_branch(
        kind,
        branches=(
            *(_namespace(one) for one in strangers(held)),
            *(_sentence(kind, number, s) for number, s in enumerate(sentences)),
        ),
    )


def held_branch(
    kind: NamespaceKind, label: str = "", branches: Iterable[Branch] = ()
) -> Branch:
    """Return the line above such namespaces.

    Args:
        kind: Of which kind they are.
        label: What to say in the place of how many there are.
        branches: The lines beneath it.

    """
    return Branch(
        key="held",
        kind=BranchKind.HELD,
        container=None,
        label=label,
        finding=None,
        branches=tuple(branches),
        shared=kind,
    )


def _namespace(one: Held) -> Branch:
    return Branch(
        key=f"held:{one.namespace}",
        kind=BranchKind.NAMESPACE,
        container=None,
        label=str(one.namespace),
        finding=None,
        branches=(),
        shared=one.namespace.kind,
        held=one,
    )


def _sentence(kind: NamespaceKind, number: int, sentence: str) -> Branch:
    return Branch(
        key=f"unread:{number}",
        kind=BranchKind.UNREAD,
        container=None,
        label=sentence,
        finding=None,
        branches=(),
        shared=kind,
    )
