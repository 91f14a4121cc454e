"""Runs compose and other programs, with a time limit."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from nstui.engine.client import ApiClient
from nstui.errors import EngineRefused, EngineUnreachable, Unreachable
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nstui.engine.endpoint import Endpoint


GRACE_S = 10.0
"""How long a program may take to end once it is asked to."""

QUESTION_S = 20.0
"""How long compose may take to answer what changes nothing."""

NEWEST_ENGINE_OF_V1 = 24
"""The last engine that compose v1 was made for.

It looks for a field in the description of an image that newer ones leave out, and
fails when the old container is stopped and renamed already.
"""

_NEVER_PULLS_SINCE = (2, 10)
"""The first version whose ``up`` has ``--pull``."""

_PLUGIN = ("docker", "compose")
_STANDALONE = ("docker-compose",)

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

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_SMALL_TALK = re.compile(
    r"(Container|Network|Volume|Image) \S+ +\w+$"
    r"|(Creating|Recreating|Starting|Stopping|Removing|Pulling) .*\.\.\."
    r"|time=\S+ level=(warning|info) |WARNING: |See '|Run 'docker"
    r"|Encountered errors while bringing up the project"
)
"""Lines that do not say what went wrong."""

_NUMBERS = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    code: int
    output: str
    """What it answered."""

    errors: str
    """What it said besides."""

    @property
    def said(self) -> str:
        """All that it wrote, its errors last."""
        return f"{self.output}\n{self.errors}"


def run_command(
    words: Sequence[str],
    *,
    environ: Mapping[str, str],
    folder: str,
    limit_s: float,
    given: str = "",
) -> Ended:
    """Run a program in a folder; return when it has ended, however it did.

    What outlives the limit is ended, and all that it started.

    Args:
        words: The program and its arguments.
        environ: All that is in its environment, but for where it is.
        folder: Where it runs.
        limit_s: How many seconds it may take.
        given: What it may read. It is in no file that has a name.

    Raises:
        EngineRefused: there is no such program or folder, or it cannot be run.
        EngineUnreachable: it did not end in time.

    """
    # A pipe would stay open for as long as anybody holds it that the program started.
    with _input(given) as wanted, _temporary() as output, _temporary() as apart:
        streams = (wanted, output, apart)
        with _running(words, environ, folder, streams) as process:
            try:
                code = process.wait(limit_s)
            except subprocess.TimeoutExpired:
                raise EngineUnreachable(
                    f"{' '.join(words[:2])} did not end within {limit_s:g} s",
                    Unreachable.TIMED_OUT,
                ) from None
        return Ended(code, _text(output), _text(apart))


def _temporary() -> IO[bytes]:
    return tempfile.TemporaryFile()


@contextmanager
def _input(given: str) -> Iterator[IO[bytes] | int]:
    """Yield what a program reads, in memory alone: it may hold secrets."""
    if not given:
        yield subprocess.DEVNULL
        return
    with os.fdopen(os.memfd_create("given"), "w+b") as file:
        file.write(given.encode())
        file.seek(0)
        yield file


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


@contextmanager
def _running(
    words: Sequence[str],
    environ: Mapping[str, str],
    folder: str,
    streams: tuple[IO[bytes] | int, IO[bytes], IO[bytes]],
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process with a group of its own, which does not outlive this."""
    try:
        process = subprocess.Popen(  # noqa: S603 - words, not a line for a shell
            words,
            stdin=streams[0],
            stdout=streams[1],
            stderr=streams[2],
            cwd=folder,
            env={**environ, "PWD": folder},
            start_new_session=True,
        )
    except (OSError, ValueError) as problem:
        detail = (isinstance(problem, OSError) and problem.strerror) or str(problem)
        raise EngineRefused(f"{words[0]} cannot be run: {detail}") from problem
    try:
        yield process
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group, in peace if it lets us."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)


T = TypeVar("T")


class ComposeProgram:
    """The plugin ``docker compose``, or ``docker-compose``.

    The latter may be compose v1, or v2 under that name. Nothing is run before the first
    question.
    """

    def __init__(self, endpoint: Endpoint, environ: Mapping[str, str]) -> None:
        """Take where the engine is, and what programs are run with."""
        self._endpoint = endpoint
        self._environ = environment(endpoint, environ)
        self._lock = threading.Lock()
        self._found: tuple[str, ...] | None = None
        self._has_looked = False
        self._version: tuple[int, ...] = ()

    @property
    def words(self) -> tuple[str, ...] | None:
        """Compose's first words; None if there is none that can be used."""
        with self._lock:
            if not self._has_looked:
                self._found = self._look()
                self._has_looked = True
            return self._found

    @property
    def version(self) -> str:
        """What it says of itself, once it was found."""
        return ".".join(map(str, self._version))

    @property
    def is_v1(self) -> bool:
        """Whether it is compose v1, once it was found."""
        return self._version[:1] == (1,)

    @property
    def can_promise_not_to_pull(self) -> bool:
        """Whether its ``up`` takes ``--pull never``, once it was found."""
        return self._version >= _NEVER_PULLS_SINCE

    def with_engine(self, question: Callable[[ApiClient], T]) -> T:
        """Ask the engine that it is turned to."""
        connection = ApiClient(self._endpoint, QUESTION_S, QUESTION_S)
        try:
            return question(connection)
        finally:
            connection.close()

    def ask(self, words: tuple[str, ...], folder: str, given: str = "") -> Ended:
        """Run what changes nothing, and may read something; return how it ended."""
        return run_command(
            words,
            environ=self._environ,
            folder=folder,
            limit_s=QUESTION_S,
            given=given,
        )

    def run(self, words: tuple[str, ...], folder: str, patience: float) -> Ended:
        """Run what may change something; return how it ended."""
        return run_command(
            words, environ=self._environ, folder=folder, limit_s=patience
        )

    def _look(self) -> tuple[str, ...] | None:
        for words in (_PLUGIN, _STANDALONE):
            if shutil.which(words[0], path=self._environ.get("PATH")) is None:
                continue
            ended = self.ask((*words, "version", "--short"), "/")
            found = _NUMBERS.match(ended.output.strip())
            self._version = tuple(map(int, found.groups())) if found else ()
            if ended.code == 0 and not (self.is_v1 and self._is_engine_too_new()):
                return words
        return None

    def _is_engine_too_new(self) -> bool:
        """Tell whether the engine is one that compose v1 cannot deal with."""
        info = self.with_engine(ApiClient.info)
        major = info.version.partition(".")[0]
        is_known = info.is_docker and major.isdecimal()
        return not is_known or int(major) > NEWEST_ENGINE_OF_V1


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
    lines = tuple(output_lines(output))
    telling = [line for line in lines if not _SMALL_TALK.match(line)]
    return (telling or lines or ("",))[-1]


def output_lines(output: str) -> Iterator[str]:
    """Yield the lines that are not empty, without what is meant for a terminal."""
    for line in _ESCAPES.sub("", output).splitlines():
        words = " ".join(line.split())
        if words:
            yield words
