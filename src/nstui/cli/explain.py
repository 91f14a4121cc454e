"""The evidence for what a container shares."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.explanation import explain as put_together
from nstui.analysis.lookup import find_container
from nstui.cli.completion import complete_names
from nstui.cli.exits import ExitCode
from nstui.cli.options import json_option
from nstui.cli.wiring import wire
from nstui.render.document import dump
from nstui.render.explain_document import explain_document

if TYPE_CHECKING:
    from nstui.cli.wiring import Settings


@click.command()
@click.argument("name", shell_complete=complete_names)
@json_option
@click.pass_obj
def explain(settings: Settings, *, name: str, as_json: bool) -> int:
    """Print what each source says of the namespaces that a container shares.

    The engine's declaration, the kernel's inodes, what the runtime was told, and whose
    files are mounted; where they disagree that comes first.
    """
    host = wire(settings)
    report = host.observer.look()
    container = find_container(report.graph, name)
    evidence = interior = None
    if host.evidence is not None and container.pid is not None:
        evidence = host.evidence.evidence(container.id, container.pid)
        interior = host.evidence.interior(container.id, container.pid)
    told = put_together(report, container.id, evidence, interior)
    if as_json:
        click.echo(dump(explain_document(report, told)))
        return ExitCode.DONE
    from nstui.render.explain_text import explain_lines  # noqa: PLC0415 - not for JSON
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415 - as above

    console = console_on(sys.stdout)
    for line in explain_lines(report, told):
        console.print(text_of(line), soft_wrap=True)
    return ExitCode.DONE
