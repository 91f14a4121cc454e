"""Which imports are made within a function, and why: here, and nowhere else.

An import at the top of a module is the rule. One that is deferred has to save a start
something. What a run then does not import is held by `tests/unit/cli/test_imports.py`.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parents[2] / "src"

Import = tuple[str, str]
"""Who imports, and what."""


def _by(importer: str, *imported: str) -> frozenset[Import]:
    return frozenset((f"nstui.{importer}", each) for each in imported)


def _ours(importer: str, *imported: str) -> frozenset[Import]:
    return _by(importer, *(f"nstui.{each}" for each in imported))


DEFERRED: dict[str, frozenset[Import]] = {
    "Most runs are of check, tree or the screen, and need the words of no other.": (
        _ours("cli.commands", "cli.actions", "cli.docker_commands")
        | _ours("cli.commands", "cli.guard_command", "cli.watch_command")
    ),
    "What a command does is imported when it is run: help needs none of it.": (
        _ours("cli.actions", "cli.act", "cli.heal", "cli.recreate")
        | _ours("cli.commands", "cli.app", "cli.check", "cli.completion")
        | _ours("cli.commands", "cli.check_hosts", "cli.hosts", "cli.tree_hosts")
        | _ours(
            "cli.commands", "cli.removed", "cli.restore", "cli.tree", "cli.check_watch"
        )
        | _ours("cli.commands", "cli.show_config")
        | _ours("cli.watch_command", "cli.watch_host", "cli.watch_status")
        | _ours("cli.watch_command", "cli.hosts")
        | _ours("cli.guard_command", "cli.guard_allow", "cli.guard_install")
        | _ours("cli.guard_command", "cli.guard_look", "cli.guard_serve")
        | _ours("cli.guard_command", "cli.guard_status")
        | _ours("cli.options", "cli.completion")
        | _ours("cli.docker_commands", "cli.docker_files", "cli.docker_plugin")
        | _ours("cli.docker_commands", "cli.shell")
    ),
    "Only commands that act end in order, and the rest of Python needs no `signal`.": (
        _by("cli.exits", "signal")
    ),
    "Few engines are reached through ssh, and few connections are Podman's.": (
        _ours("cli.wiring", "cli.ssh_logins", "cli.ssh_wiring", "procfs.remote")
        | _by("engine.podman_connections", "tomllib")
    ),
    "Nothing is imported before the search for garbage is off.": (
        _ours("__main__", "cli.main")
    ),
    "Only what fails is said by the program itself, or in a proxy's page.": (
        _ours("cli.exits", "analysis.text")
        | _ours("cli.ssh_wiring", "cli.exits")
        | _by("analysis.findings.ignoring", "difflib")
        | _by("analysis.graph.graph", "difflib")
        | _by("analysis.preferences.parsing", "difflib")
        | _by("engine.errors", "html", "http")
    ),
    "Only who has a configuration needs what reads it.": (
        _ours("cli.commands", "analysis.findings.ignoring")
        | _ours("cli.config", "analysis.preferences.choices", "audit.last_left")
        | _ours("cli.config", "analysis.preferences.parsing")
        | _ours("cli.hosts", "cli.config")
        | _ours("cli.app", "tui.keymap")
        | _ours("cli.docker_hook", "analysis.findings.ignoring", "cli.config")
    ),
    "Few looks find a record, and only a record is of one engine or another.": (
        _ours("service.former", "analysis.same_engine")
        | _ours("render.terminal", "analysis.same_engine")
    ),
    "Few ask for several hosts.": _ours("cli.hosts", "analysis.hosts"),
    "Engines write few numbers with a point that count something.": (
        _by("engine.json", "decimal")
    ),
    "The engine answers while this is imported.": (
        _ours("cli.app", "render.first_screen", "tui.app", "tui.early", "tui.session")
        | _ours("cli.app", "service.hosts", "service.observer")
        | _ours("cli.wiring", "engine.docker_engine", "engine.shells")
        | _ours("cli.ssh_wiring", "engine.docker_engine", "engine.shells")
        | _ours("cli.wiring", "audit.folders", "audit.log", "audit.register")
        | _ours("cli.wiring", "audit.watch_state")
        | _ours("cli.wiring", "procfs.host", "service.host", "service.observer")
        | _ours("cli.wiring", "audit.watch_view")
        | _ours("cli.ssh_wiring", "procfs.remote", "render.first_screen")
        | _ours("cli.ssh_wiring", "service.host", "tui.early", "tui.session")
        | _ours("cli.check", "analysis.certainty")
        | _ours("cli.check", "render.findings", "render.incidents")
    ),
    "JSON needs no rich, and text no documents.": (
        _ours("cli.check", "render.document", "render.terminal")
        | _ours("cli.act", "render.pulling")
        | _ours("cli.removed", "render.terminal")
        | _ours("cli.watch_status", "audit.watch_document", "render.document")
        | _ours("cli.watch_status", "render.terminal")
        | _ours("cli.tree", "render.terminal", "render.tree_text")
        | _ours("cli.tree_hosts", "render.terminal")
        | _ours("cli.tree", "render.held_sections", "render.evidence_sections")
        | _ours("render.rows", "render.held_sections", "render.usage")
        | _ours("render.tree_text", "render.terminal")
        | _by("render.tree_text", "rich.text")
    ),
    "Python's digests load a library of encryption; few names need one.": (
        _by("audit.log", "hashlib")
        | _by("audit.folders", "hashlib")
        | _by("engine.endpoint", "hashlib")
    ),
    "Only --demo, or a user without a home folder, needs the simulation.": (
        _ours("cli.wiring", "demo.engine", "demo.home", "demo.host", "demo.audit_log")
    ),
    "Only actions need what acts, and what makes a container again.": (
        _ours("cli.wiring", "audit.claims", "engine.compose", "engine.managers")
        | _ours("cli.wiring", "procfs.machine", "procfs.own")
        | _ours("cli.wiring", "cli.guard_wiring", "guard.announcing")
        | _by("audit.folders", "tempfile")
        | _ours("engine.docker_engine", "analysis.recipe", "engine.images")
        | _ours("service.former", "analysis.plans.interruptions")
        | _ours("service.host", "service.audit", "service.executor")
        | _ours("service.host", "service.recompose", "service.step_runner")
        | _by("engine.compose_model", "yaml")
    ),
    "Only details show what is masked.": _ours("engine.decode", "engine.particulars"),
    "A look reads no stream of events, and few engines are Podman.": (
        _ours("engine.client", "engine.streams")
        | _ours("engine.reader", "engine.streams")
        | _ours("engine.docker_engine", "engine.podman")
    ),
    "The docker SDK takes longer to import than an engine to answer at a socket.": (
        _ours("engine.client", "engine.logs", "engine.sdk")
        | _ours("engine.compose_container", "engine.files")
        | _ours("engine.docker_engine", "engine.files", "engine.recreate", "engine.sdk")
        | _ours("engine.docker_engine", "engine.pulling")
        | _ours("engine.reader", "engine.sdk")
        | _ours("engine.shells", "engine.sdk")
        | _ours("cli.watch_host", "engine.sdk")
    ),
    "A look reads namespaces only; the rest of /proc is read for who asks.": (
        _ours("procfs.host", "procfs.evidence")
        | _ours("procfs.host", "procfs.network", "procfs.scan", "procfs.usage")
        | _ours("procfs.host", "procfs.own")
        | _by("procfs.usage", "psutil")
        | _by("cli.wiring", "psutil")
        | _ours("procfs.remote", "procfs.evidence", "procfs.network", "procfs.usage")
    ),
    "What cures a finding is looked for where something is wrong.": (
        _ours("analysis.findings.findings", "analysis.plans.managed")
        | _ours("analysis.findings.findings", "analysis.plans.interruptions")
        | _ours("cli.check", "analysis.healing.outlook")
        | _ours("cli.docker_hook", "audit.folders", "render.incidents")
        | _ours("tui.watch_follower", "analysis.watching.cases")
        | _ours("analysis.report", "analysis.findings.incident_words")
        | _ours("analysis.report", "analysis.findings.incidents")
        | _ours("analysis.findings.ends", "analysis.findings.remedies")
        | _ours("analysis.findings.joins", "analysis.findings.remedies")
        | _ours("analysis.findings.networks", "analysis.findings.remedies")
        | _ours("analysis.findings.networks", "analysis.plans.order")
        | _ours("analysis.plans.outcomes", "analysis.plans.order")
        | _ours("analysis.findings.incidents", "analysis.plans.interruptions")
        | _ours("analysis.findings.incidents", "analysis.plans.leftovers")
        | _ours("analysis.findings.joins", "analysis.succession")
        | _ours("analysis.findings.remedies", "analysis.plans.effects")
        | _ours("analysis.findings.remedies", "analysis.plans.preconditions")
        | _ours("analysis.findings.remedies", "analysis.plans.targets")
    ),
    "The libraries that tell are extras, and may not be installed.": (
        _ours("cli.check", "telling.once", "telling.opening")
        | _ours("cli.check_hosts", "telling.once")
        | _ours("cli.watch_host", "telling.opening", "telling.target")
        | _ours("telling.opening", "telling.metrics")
    ),
    "A screen is imported when it is first opened.": (
        _by("tui.app", "textual.theme")
        | _ours("tui.screens.main", "tui.screens.findings", "tui.screens.help")
        | _ours("tui.screens.findings", "tui.screens.help")
        | _ours("tui.screens.main", "tui.screens.watch")
        | _ours("tui.app", "tui.hosts")
        | _ours("tui.screens.hosts", "tui.screens.help")
        | _ours("tui.screens.watch", "tui.screens.help")
        | _ours("tui.screens.closing", "render.pulling")
        | _ours("tui.screens.main", "tui.screens.action_flow")
        | _ours("tui.screens.main", "analysis.healing.outlook")
        | _ours("tui.screens.main", "tui.screens.container_tools")
        | _ours("tui.screens.main", "tui.screens.restoring")
    ),
}
"""The imports that are deferred, by the reason for it."""


def test_each_deferred_import_has_a_reason() -> None:
    found = {each for path in SOURCE.rglob("*.py") for each in _deferred(path)}
    assert found == frozenset[Import]().union(*DEFERRED.values())


def test_each_deferred_import_has_one_reason() -> None:
    times = Counter(each for several in DEFERRED.values() for each in several)
    assert {each for each, count in times.items() if count > 1} == set()


def _deferred(path: Path) -> Iterator[Import]:
    """Yield what the functions of a module import."""
    importer = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for node in _within_functions(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((importer, each.name) for each in node.names)
        else:
            for each in node.names:
                name = f"{node.module}.{each.name}"
                module = SOURCE.joinpath(*name.split(".")).with_suffix(".py")
                yield importer, name if module.exists() else str(node.module)


def _within_functions(
    node: ast.AST, *, is_within: bool = False
) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if is_within and isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _within_functions(child, is_within=is_within or is_function)
