"""The commands ``nstui tree`` and ``nstui explain``."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from nstui.analysis.explain import make_explanation
from nstui.analysis.findings.ignoring import Reporting
from nstui.analysis.graph.graph import find_container
from nstui.analysis.tree.members import member_pids, members_of, network_members
from nstui.analysis.tree.namespaces import HolderScan
from nstui.cli.config import configured
from nstui.cli.wiring import wire
from nstui.model.frozen import dataclass
from nstui.render.document import dump, held_document, host_document
from nstui.render.explain_document import explain_document

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.explain import Explanation
    from nstui.analysis.report import Report
    from nstui.cli.settings import Settings
    from nstui.model.container import ContainerId
    from nstui.model.namespace import NamespaceKind
    from nstui.ports import HostEvidence
    from nstui.service.host import Host


BETWEEN_S = 0.2
"""Seconds between two usage readings: the shortest time that yields a percentage."""


def explain_container(
    host: HostEvidence | None, report: Report, container: ContainerId
) -> Explanation:
    """Read and return all evidence about a container.

    Takes at least `BETWEEN_S` if a member of its network has a process.

    Args:
        host: The reader of the host; None if there is none.
        report: What the engine and the kernel say about all containers.
        container: The container in question.

    """
    if host is None:
        return make_explanation(report, container, None)
    pids = member_pids(report, network_members(report, container))
    before = after = host.usage(pids)
    begun = time.monotonic()
    evidence = interior = None
    if container in pids:
        evidence = host.evidence(container, pids[container])
        interior = host.interior(container, pids[container])
    if pids:
        time.sleep(max(0.0, begun + BETWEEN_S - time.monotonic()))
        after = host.usage(pids)
    return make_explanation(
        report,
        container,
        evidence,
        interior,
        members_of(report, container, before, after),
    )


def show_tree(
    settings: Settings,
    kinds: tuple[NamespaceKind, ...] | None,
    *,
    as_json: bool,
    unfold: bool,
) -> None:
    """Print the tree of containers that share a namespace.

    Args:
        settings: The global options, which select the host.
        kinds: The kinds of namespaces; None for all that have something to show.
        as_json: Whether to print JSON.
        unfold: Whether to list the containers that share nothing, and the namespaces
            without a container.

    """
    config = configured()
    reporting = Reporting(rules=config.rules)
    host = wire(settings, reporting, has_particulars=False)
    seen = look_at_tree(host, kinds=kinds, unfold=unfold)
    if as_json:
        click.echo(dump(seen.document()))
    else:
        print_seen(seen, config.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLook:
    """What is printed as a tree."""

    report: Report
    kinds: tuple[NamespaceKind, ...]
    unfold: bool
    """Whether everything is listed."""

    scan: HolderScan | None
    """The namespaces without a container; None if they were not looked for."""

    def document(self) -> dict[str, object]:
        """Return it as JSON."""
        document = host_document(self.report, self.kinds)
        if self.unfold:
            document.update(held_document(self.report, self.scan))
        return document


def look_at_tree(
    host: Host, *, kinds: tuple[NamespaceKind, ...] | None, unfold: bool
) -> TreeLook:
    """Look at a host; arguments as for `show_tree`."""
    report = host.observer.look()
    kinds = report.kinds if kinds is None else kinds
    scan = None
    if unfold and host.evidence is not None:
        scan = HolderScan(host.evidence.holders(kinds), kinds, report)
        # The scan includes containers that have started meanwhile; so must the report.
        report = host.observer.look()
    return TreeLook(report=report, kinds=kinds, unfold=unfold, scan=scan)


def print_seen(seen: TreeLook, columns: Collection[str] | None) -> None:
    """Print the trees of a host, with some of the optional columns; None for all."""
    _print_kinds(seen.report, seen.kinds, unfold=seen.unfold, columns=columns)
    if seen.unfold:
        _print_held(seen.report, seen.scan)


def _print_kinds(
    report: Report,
    kinds: tuple[NamespaceKind, ...],
    *,
    unfold: bool,
    columns: Collection[str] | None,
) -> None:
    """Print the tree of each kind of namespace."""
    from nstui.render.terminal import console_on  # noqa: PLC0415
    from nstui.render.tree_text import print_tree  # noqa: PLC0415

    console = console_on(sys.stdout)
    for kind in kinds:
        if len(kinds) > 1:
            console.print(f"{kind} namespaces")
        print_tree(console, report, kind, unfold=unfold, shown=columns)


def _print_held(report: Report, scan: HolderScan | None) -> None:
    from nstui.render.held_sections import all_held_lines  # noqa: PLC0415
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415

    console = console_on(sys.stdout)
    for line in all_held_lines(report, scan):
        console.print(text_of(line), soft_wrap=True)


def print_evidence(settings: Settings, name: str, *, as_json: bool) -> None:
    """Print what each source says about the namespaces that a container shares."""
    host = wire(settings)
    report = host.observer.look()
    container = find_container(report.graph, name)
    told = explain_container(host.evidence, report, container.id)
    if as_json:
        click.echo(dump(explain_document(report, told)))
        return
    from nstui.render.evidence_sections import explain_lines  # noqa: PLC0415
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415

    console = console_on(sys.stdout)
    for line in explain_lines(report, told):
        console.print(text_of(line), soft_wrap=True)
