"""The entry point: runs a command and turns its end into an exit code."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import click

from nstui.cli.commands import cli
from nstui.cli.exits import ExitCode, exit_code_for
from nstui.errors import EngineUnreachable, NstuiError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO


def main(arguments: Sequence[str] | None = None) -> None:
    """Run nstui and end the process with the exit code of what it did."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            # The shell closed it, as with >&-; Python then has no stream at all.
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - kept
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = run(arguments)
    if threading.active_count() == 1:
        # All has been written, and nobody is waited for: Python would only take apart
        # what there is, which lasts as long as its own start.
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run nstui and return its exit code.

    Args:
        arguments: What follows the program's name; None: what the shell gave.

    """
    streams = sys.stdout, sys.stderr
    try:
        code = _outcome(arguments)
        for stream in streams:
            stream.flush()
    except SystemExit as end:
        # This is how click ends when it has answered a shell, and how click and rich
        # end when whoever read the output has seen enough.
        code = end.code if isinstance(end.code, int) else ExitCode.FAILED
    except KeyboardInterrupt:
        # A second ctrl+c that came when the plan had just ended.
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        code = ExitCode.FAILED
    except OSError as problem:
        complain(str(problem))
        code = ExitCode.FAILED
    sys.stdout, sys.stderr = streams
    for stream in streams:
        _let_go(stream)
    return code


def complain(sentence: str) -> None:
    """Say on stderr what went wrong, in one line."""
    from nstui.analysis.text import printable  # noqa: PLC0415

    click.echo(f"nstui: {printable(' '.join(sentence.split()))}", err=True)


def _outcome(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(arguments, prog_name="nstui", standalone_mode=False)
    except click.exceptions.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        complain(error.format_message())
        return error.exit_code
    except NstuiError as error:
        complain(str(error))
        if isinstance(error, EngineUnreachable):
            click.echo("nstui --demo shows it on a simulated host", err=True)
        return exit_code_for(error)
    return result if isinstance(result, int) else ExitCode.DONE


def _let_go(stream: TextIO) -> None:
    """Keep Python from writing, at its end, what nobody reads any more."""
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
