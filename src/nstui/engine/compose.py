"""Asks compose what it would do for a container that it made, and lets it do it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.healing.recomposing import find_writer, method_text, why_distrusted
from nstui.engine.compose_container import (
    find_hashed_changes,
    read_proxies,
    read_service_containers,
    unnamed_change_text,
)
from nstui.engine.compose_model import read_model
from nstui.engine.compose_program import ComposeProgram, find_failure_line, output_lines
from nstui.engine.compose_project import project_of, read_facts, read_host_mounts
from nstui.engine.compose_proof import (
    are_older,
    find_manual_changes,
    find_unhashed_changes,
    has_same_hash,
    with_grounds,
)
from nstui.errors import EngineRefused, HalfDone
from nstui.model.frozen import dataclass
from nstui.model.healing import Recomposition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.engine.compose_container import ServiceContainers
    from nstui.engine.compose_model import ComposeModel
    from nstui.engine.compose_program import ProgramResult
    from nstui.engine.compose_project import Project
    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin


PATIENCE_S = 120.0
"""Limit in seconds for compose to recreate the containers of a service."""

NO_COMPOSE = "no usable compose was found here"
NO_PROJECT = "its labels do not say where its project is"

_DIRECTORY = "--project-directory"
_UP_OPTIONS = ("-d", "--no-deps", "--no-build", "--force-recreate")
_ALL_PROFILES = ("--profile", "*")
_AS_WRITTEN = ("--no-interpolate",)

_UNSET_VARIABLE = re.compile(r'The \\?"?(\w+)\\?"? variable is not set')
"""The warning of compose that it uses an empty string for an unset variable."""

_JOIN_LOST = "is trying to use reuse the"
"""Part of the message of compose v1 that it creates a container without its join."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A project with trusted files, and how to ask compose about it."""

    container: Container
    project: Project
    program: tuple[str, ...]
    """The compose program and its fixed arguments."""

    writer: str
    """A sentence on a container that can write the project's files; empty if none."""


class ComposeCli:
    """Implements `ports.Compose` with the compose program of this machine."""

    def __init__(
        self,
        endpoint: Endpoint,
        environ: Mapping[str, str] | None = None,
        *,
        patience: float = PATIENCE_S,
    ) -> None:
        """Store how to run compose; nothing is run yet.

        Args:
            endpoint: The engine that compose has to use.
            environ: The environment of compose; None for that of nstui.
            patience: Limit in seconds for recreating a service.

        """
        given = os.environ if environ is None else environ
        self._program = ComposeProgram(endpoint, given)
        self._environ = {**given, "DOCKER_HOST": endpoint.transport_url}
        self._patience = patience

    def recreation(self, container: Container) -> Recomposition:
        """Return the command that recreates a service's container, or why not to.

        Compose is not used if another user could have written the project's files, if
        they cannot be read, or if an image is missing.
        """
        question = self._question(container)
        if isinstance(question, str):
            return Recomposition(refused=question)
        model = self._model(question)
        if isinstance(model, str):
            return Recomposition(refused=model)
        return self._decide(question, model)

    def joins(self, container: Container) -> tuple[ComposeJoin, ...] | None:
        """Return the joins of a container's service, as compose resolves them now.

        The ground of each join tells what proves that it was the same when compose made
        the container. None is returned if the files have changed since and a container
        can write them.
        """
        question = self._question(container)
        if isinstance(question, str):
            return None
        profiles: tuple[str, ...] = ()
        model = self._model(question)
        if isinstance(model, str) and not self._program.is_v1:
            # The joined service may be in a profile that is not active by default.
            profiles = _ALL_PROFILES
            model = self._model(question, profiles)
        if isinstance(model, str):
            return None
        if question.writer and self._decide(question, model).command is None:
            return None
        try:
            raw = self._program.with_engine(lambda engine: engine.inspect(container.id))
        except EngineRefused:
            return None
        ask = partial(self._ask_hash, question)
        return with_grounds(
            model,
            self._uninterpolated(question, profiles),
            container,
            raw,
            has_same_hash=has_same_hash(ask, model, container, raw),
        )

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),
    ) -> None:
        """Run a command returned by `recreation`, after checking that it still holds.

        Args:
            container: The container to recreate.
            command: The command.
            changes: The changes that the user has accepted.

        Raises:
            EngineRefused: compose failed, with its own message; or the command or its
                changes are not the same any more, and nothing was done.
            HalfDone: compose created the containers without their joins.
            EngineUnreachable: compose did not end in time.

        """
        now = self.recreation(container)
        if now.command != command:
            raise EngineRefused(
                now.refused or f"compose would no longer recreate {container.name}"
            )
        unasked = [change for change in now.changes if change not in changes]
        if unasked:
            raise EngineRefused(f"compose now {method_text(unasked)}")
        folder = command[command.index(_DIRECTORY) + 1]
        result = self._program.run(command, folder, self._patience)
        if result.code != 0:
            raise EngineRefused(
                find_failure_line(result.said)
                or f"{' '.join(command[:2])} ended with exit code {result.code}"
            )
        for line in output_lines(result.said):
            if _JOIN_LOST in line:
                raise HalfDone(
                    "compose made a container with a namespace of its own: " + line
                )

    def _question(self, container: Container) -> _Question | str:
        """Return how to ask about a project, or why its files must not be read."""
        if container.compose is None:
            return ""
        project = project_of(container.compose)
        if project is None:
            return NO_PROJECT
        program = self._program.words
        if program is None:
            return NO_COMPOSE
        try:
            mounts = self._program.with_engine(read_host_mounts)
        except EngineRefused as refusal:
            return f"the engine does not say what is mounted where: {refusal}"
        facts = read_facts(project, mounts)
        if refused := why_distrusted(facts):
            return refused
        writer, path = find_writer(facts)
        return _Question(
            container=container,
            project=project,
            program=program,
            writer=writer and f"{writer} can write {path}",
        )

    def _uninterpolated(
        self, question: _Question, profiles: tuple[str, ...]
    ) -> ComposeModel | None:
        """Return the project without variables replaced; None if its files changed."""
        files, made = question.project.files, question.container.created_at
        if not are_older(files, made):
            return None
        model = self._model(question, profiles, _AS_WRITTEN)
        return None if isinstance(model, str) else model

    def _model(
        self,
        question: _Question,
        profiles: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
    ) -> ComposeModel | str:
        """Return the project as compose resolves it now, or why it cannot."""
        project, is_v1 = question.project, self._program.is_v1
        named = () if is_v1 else ("--format", "json", project.service)
        config = ("config", *options, *named)
        words = (*question.program, *project.options, *profiles, *config)
        result = self._program.ask(words, project.folder)
        if result.code != 0:
            return f"compose cannot read the project: {find_failure_line(result.said)}"
        model = read_model(result.output, project.name, project.service, is_v1=is_v1)
        if model is None:
            return "compose's answer about the project cannot be read"
        if not model.has_service:
            return f"no such service: {project.service}"
        return replace(
            model, unset=tuple(dict.fromkeys(_UNSET_VARIABLE.findall(result.errors)))
        )

    def _decide(self, question: _Question, model: ComposeModel) -> Recomposition:
        """Return what compose would do with a project, or why not to use it."""
        read = partial(
            read_service_containers,
            container=question.container.id,
            model=model,
            proxies=read_proxies(self._environ),
        )
        try:
            present = self._program.with_engine(read)
        except EngineRefused as refusal:
            return Recomposition(refused=str(refusal), wrote=model.written)
        if refused := _why_impossible(model, present):
            return Recomposition(refused=refused, wrote=model.written)
        changes = self._changes(question, model, present)
        if changes and question.writer:
            refused = f"{question.writer}, and compose {method_text(changes)}"
            return Recomposition(refused=refused, wrote=model.written)
        return Recomposition(
            command=self._command(question),
            changes=changes,
            joins=model.joins,
            wrote=model.written,
        )

    def _changes(
        self, question: _Question, model: ComposeModel, present: ServiceContainers
    ) -> tuple[str, ...]:
        """Return what compose would change in a container, each in a few words."""
        adjusted = [*find_manual_changes(model, present)]
        found = [*find_unhashed_changes(model, present), *adjusted]
        ask = partial(self._ask_hash, question)
        if not has_same_hash(ask, model, question.container, present.container):
            named = find_hashed_changes(model, present)
            # Only the hash of v1 covers what is in `found`, and may differ due to it.
            if not named and not adjusted and not (model.is_v1 and found):
                named = (unnamed_change_text(present, self._program.version),)
            found += named
        return tuple(dict.fromkeys(found))

    def _ask_hash(
        self, question: _Question, words: tuple[str, ...], given: str
    ) -> ProgramResult:
        project = question.project
        place = (*project.location_options, "-f", "-") if given else project.options
        words = (*question.program, *place, *words)
        return self._program.ask(words, project.folder, given)

    def _command(self, question: _Question) -> tuple[str, ...]:
        never = ("--pull", "never") if self._program.can_promise_not_to_pull else ()
        words = (*question.program, *question.project.options)
        return (*words, "up", *_UP_OPTIONS, *never, question.project.service)


def _why_impossible(model: ComposeModel, present: ServiceContainers) -> str:
    """Return why compose cannot replace one container by one; empty if it can."""
    if not present.image_now:
        name = model.image or present.image_name
        return f"there is no image {name} here, and none is pulled or built"
    if model.scale != 1:
        return f"the project wants {model.scale} containers of the service"
    return ""
