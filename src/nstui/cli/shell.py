"""The commands that send dangerous docker commands of a shell through nstui."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

import nstui
from nstui.analysis.docker_cli.words import GUARDED, read_command, read_globals
from nstui.analysis.graph.graph import find_containers
from nstui.analysis.text import shell_word
from nstui.cli.act import ActionTerms, finish, tell_remarks
from nstui.cli.docker_options import settings_of
from nstui.cli.exits import ExitCode, complain, ending_in_order
from nstui.cli.wiring import wire
from nstui.errors import (
    AuditFailed,
    EngineRefused,
    EngineUnreachable,
    Unreachable,
    Unwritable,
    UsageProblem,
)
from nstui.model.plan import Policy, Request
from nstui.model.step import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nstui.analysis.docker_cli.words import DockerCommand
    from nstui.analysis.graph.graph import Graph
    from nstui.cli.settings import Settings
    from nstui.model.container import ContainerId
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from nstui.service.results import Progress

_FOLDER = Path(__file__).with_name("shell_functions")
_FILES = {"bash": "docker.sh", "zsh": "docker.sh", "fish": "docker.fish"}

_TERMS = ActionTerms(policy=Policy.PROTECT, dry_run=False, as_json=False, yes=False)

_AT_ONCE = 50
"""How many containers docker itself acts on at once."""

_NOT_FOUND = 127
"""The exit code of a shell for a program that does not exist."""

_AS_DOCKER = frozenset(
    {
        Unreachable.MISSING_SOCKET,
        Unreachable.PERMISSION,
        Unreachable.REFUSED,
        Unreachable.UNKNOWN_CONTEXT,
    }
)
"""The reasons that docker will fail for as well, and tell in its own words."""


def shell_function(shell: str) -> str:
    """Return the function ``docker`` of a shell, as the shell reads it.

    Args:
        shell: The name of a shell that nstui knows.

    Raises:
        Unwritable: a shell cannot be told where nstui is.

    """
    text = (_FOLDER / _FILES[shell]).read_text(encoding="utf-8")
    # Where either is missing nstui has been removed, and docker acts by itself.
    places = {"@PYTHON@": sys.executable, "@PACKAGE@": str(nstui.__file__)}
    for mark, path in places.items():
        word = shell_word(path)
        if word is None:
            raise Unwritable(f"{path!r} cannot be written for {shell}")
        text = text.replace(mark, word)
    return text


def run_as_docker(settings: Settings, words: tuple[str, ...]) -> int:
    """Do what a docker command says, unless it would break others; return its code.

    What would break nothing is done without a word, and its output is that of docker.
    What nstui does not understand, and what the engine would refuse, is left to docker:
    nothing is broken by that.

    Args:
        settings: The global options, of which docker's own have precedence.
        words: All words after ``docker``.

    Raises:
        NstuiError: as for `nstui.cli.act.act`.

    """
    options = read_globals(words)
    command = None if options is None else read_command(options.rest)
    if options is None or command is None or command.verb not in GUARDED:
        return leave_to_docker(words)
    try:
        chosen = settings if settings.demo else settings_of(options, os.environ)
        host = wire(chosen)
        graph = host.observer.look().graph
        given = _resolved(graph, command.names)
        plan = host.executor.plan(_request(command, given))
    except (EngineRefused, EngineUnreachable, UsageProblem) as problem:
        if getattr(problem, "reason", None) not in _AS_DOCKER:
            complain(f"{problem}; docker acts without a look")
        return leave_to_docker(words)
    if not plan.is_permitted:
        # Nothing is done in part: a name that nobody has is an error.
        find_containers(graph, command.names)
        return finish(chosen, host, plan, _TERMS)
    is_plain = len(given) == len(command.names) and not command.is_dated
    if is_plain and plan.is_possible and plan.steps:
        try:
            return _carry_out(host, plan, given)
        except AuditFailed as problem:
            complain(f"{problem}; docker acts instead")
    return leave_to_docker(words)


def leave_to_docker(words: Sequence[str]) -> int:
    """Become the docker command; return an exit code only if there is none."""
    program = shutil.which("docker")
    if program is None:
        complain("there is no docker command here")
        return _NOT_FOUND
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # Python ignores this signal, and a program keeps what is ignored.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    return os.execv(program, ("docker", *words))  # noqa: S606 - as the shell does


def _resolved(graph: Graph, names: Sequence[str]) -> dict[ContainerId, str]:
    """Return the words for containers that exist, as they were given."""
    found = ((graph.resolve(name.strip("/")), name) for name in names)
    return {container: name for container, name in found if container is not None}


def _request(command: DockerCommand, targets: Mapping[ContainerId, str]) -> Request:
    return Request(
        action=Action(command.verb),
        targets=tuple(targets),
        policy=Policy.PROTECT,
        force=command.force,
        volumes=command.volumes,
        timeout=command.timeout,
        signal=command.signal,
    )


def _carry_out(host: Host, plan: Plan, given: Mapping[ContainerId, str]) -> int:
    """Carry out a plan that breaks nothing, with the output of docker."""
    executor = host.executor
    names = _Names(given)
    with ending_in_order(executor.stop_soon):
        outcome = executor.carry_out(
            plan, names.note, at_once=_AT_ONCE, checks_lasting=False
        )
    tell_remarks(outcome)
    return ExitCode.DONE


class _Names:
    """Prints the names of containers in the order in which they were given."""

    def __init__(self, given: Mapping[ContainerId, str]) -> None:
        """Begin with the first one; `given` has the word for each container."""
        self._left = dict(given)
        self._done: set[ContainerId] = set()

    def note(self, progress: Progress) -> None:
        """Note a step; print every name whose turn has come."""
        if progress.is_done and not progress.has_failed:
            self._done.add(progress.step.container)
        while self._left and next(iter(self._left)) in self._done:
            name = self._left.pop(next(iter(self._left)))
            # The output is a closed pipe or a terminal that is gone.
            with suppress(OSError):
                click.echo(name)
