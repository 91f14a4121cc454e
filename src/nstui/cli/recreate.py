"""The command ``nstui recreate``."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nstui.analysis.graph.graph import find_containers
from nstui.cli.act import ask, can_be_asked, finish, terms_of
from nstui.cli.heal import LAYERS
from nstui.cli.options import TermOptions, misuse
from nstui.cli.wiring import wire
from nstui.model.plan import Layer, Request
from nstui.model.step import Action
from nstui.render.plan_text import losing_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.cli.settings import Settings
    from nstui.model.plan import Plan
    from nstui.service.executor import Executor


class RecreateOptions(TermOptions):
    """The options of recreating, as click passes them."""

    image: str
    pull: bool
    env_file: str | None
    keep_changes: bool
    drop_changes: bool
    with_compose: bool
    timeout: int | None
    wait_s: int


def recreate_containers(
    settings: Settings, names: tuple[str, ...], options: RecreateOptions
) -> int:
    """Make the named containers anew, and return the exit code."""
    layer = Layer.ASK
    if options["keep_changes"] or options["drop_changes"]:
        layer = Layer.KEEP if options["keep_changes"] else Layer.DROP
    terms = terms_of(options)
    path = options["env_file"] or ""
    environment = read_env_file(Path(path), os.environ) if path else ()
    host = wire(settings)
    request = Request(
        action=Action.RECREATE,
        targets=find_containers(host.observer.look().graph, names),
        policy=terms.policy,
        timeout=options["timeout"],
        wait_s=options["wait_s"],
        layer=layer,
        compose=options["with_compose"],
        image=options["image"],
        pull=options["pull"],
        environment=environment,
        env_file=path,
    )
    plan = host.executor.plan(request)
    is_asked = plan.losing and can_be_asked(terms) and not settings.read_only
    if is_asked and not terms.dry_run:
        plan = _ask_layer(plan, host.executor)
    return finish(settings, host, plan, terms)


def _ask_layer(plan: Plan, executor: Executor) -> Plan:
    """Ask what becomes of changes outside volumes; return the plan that results."""
    for recreation in plan.losing:
        click.echo(losing_text(recreation), err=True)
    # What a container wrote on its old image cannot be kept on a new one.
    only_drop = any(one.container in plan.request.targets for one in plan.losing)
    keep = "" if only_drop else " 'keep' to commit\nit to an image first, or"
    answer = ask(
        f"Recreating loses that. Press enter to change nothing, type{keep} 'drop' to"
        " discard it"
    )
    if answer not in LAYERS or (only_drop and LAYERS[answer] is Layer.KEEP):
        return plan
    return executor.plan(replace(plan.request, layer=LAYERS[answer]))


def read_env_file(path: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables in a file, each as ``NAME=value``, as docker reads it.

    Args:
        path: The file. An empty line and one that begins with ``#`` say nothing.
        environ: The variables that a name without a value is looked up in.

    Raises:
        click.UsageError: the file cannot be read, or a line of it makes no sense.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise misuse(f"{path} cannot be read: {problem}") from problem
    return tuple(_variables(path, lines, environ))


def _variables(
    path: Path, lines: list[str], environ: Mapping[str, str]
) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        entry = line.lstrip()
        if not entry or entry.startswith("#"):
            continue
        name, has_value, _ = entry.partition("=")
        if not name or any(character.isspace() for character in name):
            raise misuse(f"line {number} of {path} has no name of a variable: {name!r}")
        if has_value:
            yield entry
        elif name in environ:
            yield f"{name}={environ[name]}"
