"""The entry point: run a command and turn its result or error into an exit code."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import click

from nstui.cli.commands import cli
from nstui.cli.exits import ExitCode, complain, exit_code_for
from nstui.errors import EngineUnreachable, NstuiError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO


PROGRAM = "nstui"

_NO_ENGINE = {Unreachable.MISSING_SOCKET, Unreachable.REFUSED}


def main(arguments: Sequence[str] | None = None, program: str = PROGRAM) -> None:
    """Run nstui and end the process with its exit code.

    Args:
        arguments: The arguments after the program's name; None for `sys.argv`.
        program: What the user calls the program by.

    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            # The shell closed it, as with >&-; Python then has no stream at all.
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - kept
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = run(arguments, program)
    if threading.active_count() == 1:
        # All output is written and no other thread runs. Python's cleanup is skipped,
        # since it takes as long as Python's start.
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None, program: str = PROGRAM) -> int:
    """Run nstui and return its exit code; the arguments are those of `main`."""
    streams = sys.stdout, sys.stderr
    try:
        code = _outcome(arguments, program)
        for stream in streams:
            stream.flush()
    except SystemExit as end:
        # click exits like this after completing a command line for a shell; click and
        # rich do so when the reader of the output has closed it.
        code = end.code if isinstance(end.code, int) else ExitCode.FAILED
    except KeyboardInterrupt:
        # A second ctrl+c arrived just after the plan had ended.
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        code = ExitCode.FAILED
    except OSError as problem:
        complain(str(problem))
        code = ExitCode.FAILED
    sys.stdout, sys.stderr = streams
    for stream in streams:
        _flush_or_discard(stream)
    return code


def _outcome(arguments: Sequence[str] | None, program: str) -> int:
    try:
        result = cli.main(arguments, prog_name=program, standalone_mode=False)
    except click.exceptions.Abort:
        return ExitCode.INTERRUPTED
    except click.UsageError as error:
        place = program if error.ctx is None else error.ctx.command_path
        complain(f"{error.format_message().rstrip('.')} (see {place} --help)")
        return error.exit_code
    except click.ClickException as error:
        complain(error.format_message())
        return error.exit_code
    except NstuiError as error:
        complain(str(error))
        if _is_for_the_demo(error):
            click.echo("nstui --demo shows it on a simulated host", err=True)
        return exit_code_for(error)
    return result if isinstance(result, int) else ExitCode.DONE


def _is_for_the_demo(error: NstuiError) -> bool:
    """Tell whether an error is best answered by a hint at the demo."""
    is_missing = isinstance(error, EngineUnreachable) and error.reason in _NO_ENGINE
    # A service manager has it started every few seconds, and looks at nothing.
    return is_missing and "NOTIFY_SOCKET" not in os.environ


def _flush_or_discard(stream: TextIO) -> None:
    """Flush a stream; redirect it to the null device if its reader has closed it.

    Otherwise Python would report an error when it flushes the stream at its end.
    """
    try:
        stream.flush()
    except OSError:
        null_device = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null_device, stream.fileno())
        os.close(null_device)
