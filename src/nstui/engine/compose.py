"""The compose command of this machine, turned to the engine that nstui looks at."""

from __future__ import annotations

import os
import re
import shutil
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nstui.analysis.project_trust import find_writer, why_distrusted
from nstui.engine._command import run_command
from nstui.engine._connection import Connection
from nstui.engine._project import project_of, read_facts
from nstui.engine._reach import read_reach
from nstui.engine._unchanged import parsed_config, resolved_joins, why_changed
from nstui.errors import EngineRefused, HalfDone
from nstui.model.healing import Recomposition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nstui.engine._command import Ended
    from nstui.engine._project import Project
    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin

T = TypeVar("T")

QUESTION_S = 20.0
"""How long compose may take to answer what changes nothing."""

PATIENCE_S = 120.0
"""How long it may take to recreate the containers of a service."""

NEWEST_ENGINE_OF_V1 = 24
"""The last engine that compose v1 was made for.

It looks for a field in the description of an image that newer ones leave out, and
fails when the old container is stopped and renamed already.
"""

_PLUGIN = ("docker", "compose")
_STANDALONE = ("docker-compose",)
_DIRECTORY = "--project-directory"

_SET_ASIDE = frozenset(
    {
        "COMPOSE_ENV_FILES",
        "COMPOSE_FILE",
        "COMPOSE_PROJECT_NAME",
        "DOCKER_CERT_PATH",
        "DOCKER_CONTEXT",
        "DOCKER_HOST",
        "DOCKER_TLS",
        "DOCKER_TLS_VERIFY",
    }
)
"""What of the user's environment is about another engine or another project."""

_MANNERS = {
    "COMPOSE_ANSI": "never",
    "COMPOSE_PROGRESS": "plain",
    # It can be set in a project's own file too, and would remove other containers.
    "COMPOSE_REMOVE_ORPHANS": "0",
}

_BLANK = "variable is not set"
"""How compose says that it takes nothing for the value of a variable."""

_JOINED_NOBODY = "is trying to use reuse the"
"""How compose v1 says that it makes a container without the join it should have."""

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_SMALL_TALK = re.compile(
    r"(Container|Network|Volume|Image) \S+ +\w+$"
    r"|(Creating|Recreating|Starting|Stopping|Removing|Pulling) .*\.\.\."
    r"|time=\S+ level=(warning|info) |WARNING: |See '|Run 'docker"
    r"|Encountered errors while bringing up the project"
)
"""Lines that do not say what went wrong."""


class ComposeCli:
    """The plugin ``docker compose``, or ``docker-compose``; implements `ports.Compose`.

    The latter may be compose v1, or v2 under that name. Nothing is run before the first
    question.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        environ: Mapping[str, str] | None = None,
        *,
        patience: float = PATIENCE_S,
    ) -> None:
        """Take where the engine is.

        Args:
            endpoint: The engine that compose has to talk to.
            environ: What programs are run with; the program's own if None.
            patience: How many seconds the recreation of a service may take.

        """
        self._endpoint = endpoint
        self._environ = environment(
            endpoint, os.environ if environ is None else environ
        )
        self._patience = patience
        self._lock = threading.Lock()
        self._found: tuple[str, ...] | None = None
        self._has_looked = False
        self._is_v1 = False

    def recreation(self, container: Container) -> Recomposition:
        """Return the command that recreates a service's container, or why none does.

        It is not used if somebody else could have written the project's files, or if
        they cannot be read as they were: one has an error, or uses a variable that is
        not set here.
        """
        service = container.compose
        project = None if service is None else project_of(service)
        program = None if project is None else self._program()
        if project is None or program is None:
            return Recomposition()
        words = (*program, *project.words)
        refused = self._why_not(project, words, container)
        if refused:
            return Recomposition(refused=refused)
        how = ("-d", "--no-deps", "--no-build", "--force-recreate")
        return Recomposition(command=(*words, "up", *how, project.service))

    def joins(self, container: Container) -> tuple[ComposeJoin, ...] | None:
        """Return what a container's service joins, as compose resolves it now.

        Nothing is believed of files that somebody else could have written. Compose v1
        has no answer that can be read.
        """
        service = container.compose
        project = None if service is None else project_of(service)
        program = None if project is None else self._program()
        if project is None or program is None or self._is_v1:
            return None
        words = (*program, *project.words)
        if self._why_not(project, words, container):
            return None
        asked = ("config", "--format", "json")
        ended = self._ask_of(words, project.folder, asked, is_answer=True)
        if ended.code != 0:
            return None
        return resolved_joins(parsed_config(ended.output), project.service)

    def recreate(self, container: Container, command: tuple[str, ...]) -> None:
        """Run a command of `recreation`; return when it has ended well.

        Everything that speaks against it is looked for again first.

        Raises:
            EngineRefused: it failed, and the message is its own; or it is not the one
                to run any more, and nothing was done.
            HalfDone: the containers are there, but did not join what they should.
            EngineUnreachable: it did not end in time.

        """
        now = self.recreation(container)
        if now.command != command:
            raise EngineRefused(
                now.refused or f"compose would not recreate {container.name} any more"
            )
        ended = run_command(
            command,
            environ=self._environ,
            folder=command[command.index(_DIRECTORY) + 1],
            limit_s=self._patience,
        )
        if ended.code != 0:
            raise EngineRefused(
                last_word(ended.output)
                or f"{' '.join(command[:2])} ended with exit code {ended.code}"
            )
        for line in _lines(ended.output):
            if _JOINED_NOBODY in line:
                raise HalfDone(
                    "compose made a container with a namespace of its own: " + line
                )

    def _why_not(
        self, project: Project, words: tuple[str, ...], container: Container
    ) -> str:
        """Return why a project is not used; nothing of it is read before it may be."""
        try:
            reach = self._with_engine(read_reach)
        except EngineRefused as refusal:
            return f"the engine does not say what is mounted where: {refusal}"
        facts = read_facts(project, reach)
        if refused := why_distrusted(facts):
            return refused
        asked = partial(self._ask_of, words, project.folder)
        if refused := _why_unreadable(asked(("config", "-q"))):
            return refused
        writer, path = find_writer(facts)
        if not writer:
            return ""
        volumes = reach.volumes_of.get(container.id, frozenset())
        answer = partial(asked, is_answer=True)
        changed = why_changed(answer, container, volumes, is_v1=self._is_v1)
        return changed and f"{writer} can write {path}, and {changed}"

    def _program(self) -> tuple[str, ...] | None:
        """Return compose's first words; None if there is none that can be used."""
        with self._lock:
            if not self._has_looked:
                self._found = self._look()
                self._has_looked = True
            return self._found

    def _look(self) -> tuple[str, ...] | None:
        for words in (_PLUGIN, _STANDALONE):
            if shutil.which(words[0], path=self._environ.get("PATH")) is None:
                continue
            ended = self._ask_of(words, "/", ("version", "--short"))
            self._is_v1 = ended.output.strip().startswith("1.")
            if ended.code == 0 and not (self._is_v1 and self._is_engine_too_new()):
                return words
        return None

    def _is_engine_too_new(self) -> bool:
        """Tell whether the engine is one that compose v1 cannot deal with."""
        info = self._with_engine(Connection.info)
        major = info.version.partition(".")[0]
        is_known = info.name == "Docker" and major.isdecimal()
        return not is_known or int(major) > NEWEST_ENGINE_OF_V1

    def _with_engine(self, question: Callable[[Connection], T]) -> T:
        connection = Connection(self._endpoint, QUESTION_S, QUESTION_S)
        try:
            return question(connection)
        finally:
            connection.close()

    def _ask_of(
        self,
        subject: tuple[str, ...],
        folder: str,
        words: tuple[str, ...],
        *,
        is_answer: bool = False,
    ) -> Ended:
        return run_command(
            (*subject, *words),
            environ=self._environ,
            folder=folder,
            limit_s=QUESTION_S,
            is_answer=is_answer,
        )


def environment(endpoint: Endpoint, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which compose talks to an engine, and to no other."""
    kept = {name: value for name, value in environ.items() if name not in _SET_ASIDE}
    found = kept | _MANNERS | {"DOCKER_HOST": endpoint.url}
    tls = endpoint.tls
    if tls is None:
        return found
    found["DOCKER_TLS_VERIFY" if tls.verify else "DOCKER_TLS"] = "1"
    one = tls.ca or tls.cert or tls.key
    if one is not None:
        found["DOCKER_CERT_PATH"] = str(Path(one).parent)
    return found


def last_word(output: str) -> str:
    """Return what of a program's output says why it failed; "" if it says nothing."""
    lines = tuple(_lines(output))
    telling = [line for line in lines if not _SMALL_TALK.match(line)]
    return (telling or lines or ("",))[-1]


def _lines(output: str) -> Iterator[str]:
    """Yield the lines that are not empty, without what is meant for a terminal."""
    for line in _ESCAPES.sub("", output).splitlines():
        words = " ".join(line.split())
        if words:
            yield words


def _why_unreadable(ended: Ended) -> str:
    """Return why a project cannot be used as it is read now; "" if it can."""
    if ended.code != 0:
        return f"compose cannot read the project: {last_word(ended.output)}"
    if _BLANK in ended.output:
        return "the project uses a variable that is not set here"
    return ""
