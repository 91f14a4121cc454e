"""Runs a program that may hang, and takes down what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from nstui.errors import EngineRefused, EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GRACE_S = 10.0
"""How long a program may take to end once it is asked to."""


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
