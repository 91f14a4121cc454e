"""The compose command of this machine, turned to the engine that nstui looks at."""

from __future__ import annotations

import os
import re
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.engine._command import run_command
from nstui.engine.docker_engine import DockerEngine
from nstui.errors import EngineRefused, HalfDone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.engine._command import Ended
    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import ComposeService

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

_PROJECT = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_-]*")
_SERVICE = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]*")
"""Names come from labels, which an image may have too: none may be an option."""

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

    def recreation(self, service: ComposeService) -> tuple[str, ...] | None:
        """Return the command that recreates a service's containers, as words.

        None if compose is not here, or the project's files are not, or they cannot be
        read as they were: one has an error, or uses a variable that is not set here.
        """
        if not _PROJECT.fullmatch(service.project):
            return None
        if not _SERVICE.fullmatch(service.service):
            return None
        files = _files(service)
        program = self._program() if files else None
        if program is None:
            return None
        options = (_DIRECTORY, service.folder, "-p", service.project)
        named = (word for path in files for word in ("-f", path))
        project = (*program, *options, *named)
        ended = self._ask((*project, "config", "-q"), service.folder)
        if ended.code != 0 or _BLANK in ended.output:
            return None
        how = ("-d", "--no-deps", "--force-recreate")
        return (*project, "up", *how, service.service)

    def run(self, command: tuple[str, ...]) -> None:
        """Run a command of `recreation`; return when it has ended well.

        Raises:
            EngineRefused: it failed; the message is its own.
            HalfDone: the containers are there, but did not join what they should.
            EngineUnreachable: it did not end in time.

        """
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
            ended = self._ask((*words, "version", "--short"), "/")
            if ended.code == 0 and not self._is_too_old(ended.output):
                return words
        return None

    def _is_too_old(self, version: str) -> bool:
        """Tell whether compose is v1, and the engine one that it cannot deal with."""
        if not version.strip().startswith("1."):
            return False
        engine = DockerEngine(self._endpoint)
        try:
            info = engine.info()
        finally:
            engine.close()
        major = info.version.partition(".")[0]
        is_known = info.name == "Docker" and major.isdecimal()
        return not is_known or int(major) > NEWEST_ENGINE_OF_V1

    def _ask(self, words: tuple[str, ...], folder: str) -> Ended:
        return run_command(
            words, environ=self._environ, folder=folder, limit_s=QUESTION_S
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


def _files(service: ComposeService) -> tuple[str, ...]:
    """Return the project's files as full paths; none if one of them is not here."""
    folder = Path(service.folder)
    if not folder.is_absolute() or not folder.is_dir():
        return ()
    paths = tuple(folder / name for name in service.files)
    return tuple(str(path) for path in paths) if all(map(Path.is_file, paths)) else ()
