"""Saves lines in a new file that only the user can read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.errors import Unsaved

if TYPE_CHECKING:
    from collections.abc import Iterable


MODE = 0o600
"""A log may hold secrets."""


def default_path(name: str) -> str:
    """Return the path of a file in the current folder, or in the user's home.

    The latter is where the current folder cannot be written to.
    """
    return name if os.access(".", os.W_OK | os.X_OK) else str(Path("~", name))


def save_lines(path: str, lines: Iterable[str]) -> Path:
    """Save lines in a file that does not exist yet; return its full path.

    A file that could not be written completely is removed.

    Args:
        path: The path as a user types it; a leading ``~`` is the home folder.
        lines: The lines, without line ends.

    Raises:
        Unsaved: Nothing was saved; the message says why.

    """
    if not path.strip():
        raise Unsaved("a name for the file is missing")
    try:
        file = Path(path.strip()).expanduser().absolute()
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    except FileExistsError:
        raise Unsaved(f"{path} exists already: choose another name") from None
    except (OSError, RuntimeError, ValueError) as problem:
        raise Unsaved(f"{path} cannot be written: {_reason(problem)}") from problem
    try:
        with os.fdopen(
            descriptor, "w", encoding="utf-8", errors="backslashreplace"
        ) as out:
            out.writelines(f"{line}\n" for line in lines)
    except OSError as problem:
        with suppress(OSError):
            file.unlink()
        raise Unsaved(f"{path} cannot be written: {_reason(problem)}") from problem
    return file


def _reason(problem: Exception) -> str:
    reason = getattr(problem, "strerror", None) or str(problem)
    return reason[:1].lower() + reason[1:]
