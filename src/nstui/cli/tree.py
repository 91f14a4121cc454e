"""The commands ``nstui tree`` and ``nstui explain``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.graph.lookup import find_container
from nstui.analysis.tree.namespaces import HolderScan
from nstui.cli.wiring import wire
from nstui.render.document import dump, held_document, host_document
from nstui.render.explain_document import explain_document
from nstui.service.explain import explain_container

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.cli.settings import Settings
    from nstui.model.namespace import NamespaceKind


def show_tree(
    settings: Settings,
    kinds: tuple[NamespaceKind, ...] | None,
    *,
    as_json: bool,
    unfold: bool,
) -> None:
    """Print the tree of containers that share a namespace.

    Args:
        settings: Which host.
        kinds: The kinds of namespaces; None: all that there is something to show of.
        as_json: Whether a document is printed.
        unfold: Whether those are listed that share nothing, and namespaces without a
            container.

    """
    host = wire(settings)
    report = host.observer.look()
    kinds = report.kinds if kinds is None else kinds
    scan = None
    if unfold and host.evidence is not None:
        scan = HolderScan(host.evidence.holders(kinds), kinds, report)
        # A container that has started meanwhile is in what was found.
        report = host.observer.look()
    if as_json:
        document = host_document(report, kinds)
        if unfold:
            document.update(held_document(report, scan))
        click.echo(dump(document))
        return
    _print_kinds(report, kinds, unfold=unfold)
    if unfold:
        _print_held(report, scan)


def _print_kinds(
    report: Report, kinds: tuple[NamespaceKind, ...], *, unfold: bool
) -> None:
    """Print who shares each of some kinds of namespaces."""
    from nstui.render.terminal import console_on  # noqa: PLC0415
    from nstui.render.tree_text import print_tree  # noqa: PLC0415

    console = console_on(sys.stdout)
    for kind in kinds:
        if len(kinds) > 1:
            console.print(f"{kind} namespaces")
        print_tree(console, report, kind, unfold=unfold)


def _print_held(report: Report, scan: HolderScan | None) -> None:
    from nstui.render.held_sections import all_held_lines  # noqa: PLC0415
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415

    console = console_on(sys.stdout)
    for line in all_held_lines(report, scan):
        console.print(text_of(line), soft_wrap=True)


def print_evidence(settings: Settings, name: str, *, as_json: bool) -> None:
    """Print what each source says of the namespaces that a container shares."""
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
