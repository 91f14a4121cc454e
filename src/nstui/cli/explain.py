"""The evidence for what a container shares."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.lookup import find_container
from nstui.cli.completion import complete_names
from nstui.cli.exits import ExitCode
from nstui.cli.options import json_option
from nstui.cli.wiring import wire
from nstui.render.document import dump
from nstui.render.explain_document import explain_document
from nstui.service.explaining import explain_container

if TYPE_CHECKING:
    from nstui.cli.wiring import Settings


@click.command()
@click.argument("name", shell_complete=complete_names)
@json_option
@click.pass_obj
def explain(settings: Settings, *, name: str, as_json: bool) -> int:
    """Print what each source says of the namespaces that a container shares.

    The engine's declaration, the kernel's inodes, what the runtime was told, and whose
    files are mounted; where they disagree that comes first. Then who is in its network
    and what that uses, and what the network is like from within.
    """
    host = wire(settings)
    report = host.observer.look()
    container = find_container(report.graph, name)
    told = explain_container(host.evidence, report, container.id)
    if as_json:
        click.echo(dump(explain_document(report, told)))
        return ExitCode.DONE
    from nstui.render.explain_text import explain_lines  # noqa: PLC0415 - not for JSON
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415 - as above

    console = console_on(sys.stdout)
    for line in explain_lines(report, told):
        console.print(text_of(line), soft_wrap=True)
    return ExitCode.DONE
