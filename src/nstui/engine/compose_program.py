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
"""Seconds that a program may take to end after SIGTERM."""

QUESTION_S = 20.0
"""Limit in seconds for a compose command that changes nothing."""

NEWEST_ENGINE_OF_V1 = 24
"""The last major version of the engine that compose v1 works with.

Compose v1 needs a field in the inspect of an image that newer engines leave out. It
fails after it has stopped and renamed the old container.
"""

_NEVER_PULLS_SINCE = (2, 10)
"""The first version of compose that has ``up --pull``."""

_PLUGIN = ("docker", "compose")
_STANDALONE = ("docker-compose",)

_REMOVED_VARIABLES = frozenset(
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
"""The variables of the user's environment that select an engine or a project."""

_ADDED_VARIABLES = {
    "COMPOSE_ANSI": "never",
    "COMPOSE_PROGRESS": "plain",
    # If a project's own .env file sets it, compose would remove other containers.
    "COMPOSE_REMOVE_ORPHANS": "0",
}

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_PROGRESS_LINES = re.compile(
    r"(Container|Network|Volume|Image) \S+ +\w+$"
    r"|(Creating|Recreating|Starting|Stopping|Removing|Pulling) .*\.\.\."
    r"|time=\S+ level=(warning|info) |WARNING: |See '|Run 'docker"
    r"|Encountered errors while bringing up the project"
)
"""Matches the lines of compose's output that do not say what went wrong."""

_NUMBERS = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """The result of a program that has ended."""

    code: int
    output: str
    """The text on its standard output."""

    errors: str
    """The text on its standard error."""

    @property
    def said(self) -> str:
        """Its standard output, followed by its standard error."""
        return f"{self.output}\n{self.errors}"


def run_program(
    words: Sequence[str],
    *,
    environ: Mapping[str, str],
    folder: str,
    limit_s: float,
    given: str = "",
) -> ProgramResult:
    """Run a program in a folder, and return its result, whether or not it failed.

    When the time limit has passed, the program and all processes that it started are
    killed.

    Args:
        words: The program and its arguments.
        environ: Its environment; ``PWD`` is added.
        folder: The working directory.
        limit_s: The time limit, in seconds.
        given: The text on its standard input, which is never in a named file.

    Raises:
        EngineRefused: the program cannot be run, or the folder does not exist.
        EngineUnreachable: the program did not end in time.

    """
    # Temporary files, not pipes: a process left by the program would keep a pipe open.
    with (
        _stdin_file(given) as stdin_file,
        _temporary() as stdout_file,
        _temporary() as stderr_file,
    ):
        streams = (stdin_file, stdout_file, stderr_file)
        with _start_process(words, environ, folder, streams) as process:
            try:
                code = process.wait(limit_s)
            except subprocess.TimeoutExpired:
                raise EngineUnreachable(
                    f"{' '.join(words[:2])} did not end within {limit_s:g} s",
                    Unreachable.TIMED_OUT,
                ) from None
        return ProgramResult(code, _text(stdout_file), _text(stderr_file))


def _temporary() -> IO[bytes]:
    return tempfile.TemporaryFile()


@contextmanager
def _stdin_file(given: str) -> Iterator[IO[bytes] | int]:
    """Yield the standard input for a program, in memory, as it may contain secrets."""
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
def _start_process(
    words: Sequence[str],
    environ: Mapping[str, str],
    folder: str,
    streams: tuple[IO[bytes] | int, IO[bytes], IO[bytes]],
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in its own process group; kill it at the end of the context."""
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of arguments, without a shell
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
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process group: with SIGTERM, and then with SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)


T = TypeVar("T")


class ComposeProgram:
    """The compose program: the plugin ``docker compose``, or ``docker-compose``.

    The latter may be compose v1, or v2 under that name. The program is looked for at
    the first use.
    """

    def __init__(self, endpoint: Endpoint, environ: Mapping[str, str]) -> None:
        """Store the engine's endpoint and the environment; nothing is run yet."""
        self._endpoint = endpoint
        self._environ = environment(endpoint, environ)
        self._lock = threading.Lock()
        self._found: tuple[str, ...] | None = None
        self._has_looked = False
        self._version: tuple[int, ...] = ()

    @property
    def words(self) -> tuple[str, ...] | None:
        """The words that run compose; None if no compose can be used."""
        with self._lock:
            if not self._has_looked:
                self._found = self._find()
                self._has_looked = True
            return self._found

    @property
    def version(self) -> str:
        """The version of compose; valid after the first access to `words`."""
        return ".".join(map(str, self._version))

    @property
    def is_v1(self) -> bool:
        """Whether this is compose v1; valid after the first access to `words`."""
        return self._version[:1] == (1,)

    @property
    def can_promise_not_to_pull(self) -> bool:
        """Whether ``up`` has ``--pull never``; valid after the first use of `words`."""
        return self._version >= _NEVER_PULLS_SINCE

    def with_engine(self, question: Callable[[ApiClient], T]) -> T:
        """Return `question` called with a new connection to compose's engine."""
        connection = ApiClient(self._endpoint, QUESTION_S, QUESTION_S)
        try:
            return question(connection)
        finally:
            connection.close()

    def ask(
        self, words: tuple[str, ...], folder: str, given: str = ""
    ) -> ProgramResult:
        """Run a command that changes nothing, with `given` on its standard input."""
        return run_program(
            words,
            environ=self._environ,
            folder=folder,
            limit_s=QUESTION_S,
            given=given,
        )

    def run(
        self, words: tuple[str, ...], folder: str, patience: float
    ) -> ProgramResult:
        """Run a command that may change something."""
        return run_program(
            words, environ=self._environ, folder=folder, limit_s=patience
        )

    def _find(self) -> tuple[str, ...] | None:
        for words in (_PLUGIN, _STANDALONE):
            if shutil.which(words[0], path=self._environ.get("PATH")) is None:
                continue
            result = self.ask((*words, "version", "--short"), "/")
            found = _NUMBERS.match(result.output.strip())
            self._version = tuple(map(int, found.groups())) if found else ()
            if result.code == 0 and not (self.is_v1 and self._is_engine_too_new()):
                return words
        return None

    def _is_engine_too_new(self) -> bool:
        """Tell whether the engine is newer than compose v1 can handle."""
        info = self.with_engine(ApiClient.info)
        major = info.version.partition(".")[0]
        is_known = info.is_docker and major.isdecimal()
        return not is_known or int(major) > NEWEST_ENGINE_OF_V1


def environment(endpoint: Endpoint, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with which compose uses this engine and no other."""
    kept = {
        name: value for name, value in environ.items() if name not in _REMOVED_VARIABLES
    }
    found = kept | _ADDED_VARIABLES | {"DOCKER_HOST": endpoint.transport_url}
    tls = endpoint.tls
    if tls is None:
        return found
    found["DOCKER_TLS_VERIFY" if tls.verify else "DOCKER_TLS"] = "1"
    one = tls.ca or tls.cert or tls.key
    if one is not None:
        found["DOCKER_CERT_PATH"] = str(Path(one).parent)
    return found


def find_failure_line(output: str) -> str:
    """Return the line of a program's output that tells why it failed, or ""."""
    lines = tuple(output_lines(output))
    telling = [line for line in lines if not _PROGRESS_LINES.match(line)]
    return (telling or lines or ("",))[-1]


def output_lines(output: str) -> Iterator[str]:
    """Yield the lines that are not empty, without escape sequences."""
    for line in _ESCAPES.sub("", output).splitlines():
        words = " ".join(line.split())
        if words:
            yield words
