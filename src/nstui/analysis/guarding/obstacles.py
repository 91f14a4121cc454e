"""What stands in the way of installing the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.guarding.engine_command import conflicting, forbids_plugin
from nstui.analysis.guarding.engine_config import (
    PLUGIN,
    PLUGINS_KEY,
    UnusableConfig,
    read_config,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.guarding.installation import MachineFacts, Wanted

DOCKER = "Docker"


def find_obstacles(facts: MachineFacts, wanted: Wanted) -> tuple[str, ...]:
    """Return what stands in the way of an installation, each as a sentence.

    Args:
        facts: What was found; the engine answers, if it could be asked.
        wanted: What is to be there.

    """
    engine = facts.engine
    if not facts.is_root:
        return ("the guard is a service of the machine: run this as root",)
    if engine.name != DOCKER:
        name = engine.name or "none that says its name"
        return (f"this engine is {name}: only Docker asks a plugin",)
    found = [*_engine_obstacles(facts), *_file_obstacles(facts)]
    if wanted.has_units:
        found += _unit_obstacles(facts)
    elif facts.front_problem:
        found.append(
            f"the guard does not answer ({facts.front_problem}): without units, start"
            " it first, and keep it running: nstui guard serve --socket PATH"
        )
    return tuple(found)


def _engine_obstacles(facts: MachineFacts) -> Iterable[str]:
    engine = facts.engine
    if engine.pid is None or engine.command is None:
        yield (
            "no process of this machine was found to be the engine: it runs elsewhere,"
            " or behind a proxy"
        )
        return
    if not engine.sees_files:
        yield (
            f"the engine (process {engine.pid}) sees other files than this shell:"
            " it runs in a container or a snap, or without root"
        )
    if forbids_plugin(engine.command):
        yield (
            "the engine was started with --authorization-plugin, so it refuses the same"
            f" in {facts.config.path}: add --authorization-plugin={PLUGIN} there"
            " instead, or move the plugins into the file"
        )


def _file_obstacles(facts: MachineFacts) -> Iterable[str]:
    config = facts.config
    if config.problem:
        yield f"{config.path} {config.problem}"
        return
    try:
        document = read_config(config.content or b"")
    except UnusableConfig as problem:
        yield f"{config.path} {problem}"
        return
    command = facts.engine.command
    both = () if command is None else conflicting(command, document)
    others = [key for key in both if key != PLUGINS_KEY]
    if others:
        yield (
            f"the engine refuses to read {config.path} again: {', '.join(others)} is"
            " there and on its command line"
        )
    for file in (facts.settings, facts.kept):
        if file.problem:
            yield f"{file.path} {file.problem}"


def _unit_obstacles(facts: MachineFacts) -> Iterable[str]:
    if facts.open_to:
        yield (
            f"nstui is in files that {facts.open_to} can change, and the guard runs as"
            " root: install nstui for root, as docs/watch.md shows, or use --no-units"
        )
    for file in facts.units:
        if file.problem:
            yield f"{file.path} {file.problem}"
