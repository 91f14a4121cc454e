"""The files of the docker command that nstui changes: its plugin, its configuration."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.engine.endpoint import config_folder
from nstui.errors import DecisionMissing, Unsaved
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    Config = dict[str, object]

_NAME = "docker-nstui"
MARK = '# Written by "nstui docker-plugin install".'
"""The second line of a plugin that is nstui's."""


@dataclass(frozen=True, slots=True)
class DockerPlaces:
    """Where the docker command of this user looks."""

    folder: Path

    @property
    def script(self) -> Path:
        """The plugin."""
        return self.folder / "cli-plugins" / _NAME

    @property
    def config(self) -> Path:
        """The configuration; behind a symbolic link, which stays."""
        return Path(os.path.realpath(self.folder / "config.json"))


def find_places(environ: Mapping[str, str]) -> DockerPlaces:
    """Return where the docker command of this user looks."""
    return DockerPlaces(config_folder(environ).absolute())


def read_script(path: Path) -> str | None:
    """Return the present plugin; None if there is none.

    Raises:
        DecisionMissing: it is not nstui's.
        Unsaved: it cannot be read.

    """
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
        text = path.read_text(errors="replace") if is_file else ""
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise _unsaved(path, problem) from problem
    if text.split("\n")[1:2] != [MARK]:
        raise DecisionMissing(
            f"refused, nothing was changed: {path} is not nstui's; move it away first"
        )
    return text


def read_config(path: Path) -> tuple[Config, str]:
    """Return docker's configuration, and its text; both empty if there is none.

    Raises:
        Unsaved: it cannot be read, or is not one.

    """
    try:
        text = path.read_text(encoding="utf-8")
        config = json.loads(text or "{}")
    except (FileNotFoundError, NotADirectoryError):
        return {}, ""
    except OSError as problem:
        raise _unsaved(path, problem) from problem
    except ValueError as problem:
        raise Unsaved(
            f"nothing was changed: {path} is not valid JSON: {problem}"
        ) from problem
    if not isinstance(config, dict):
        raise Unsaved(f"nothing was changed: {path} is not a JSON object")
    return config, text


def write(path: Path, text: str, *, mode: int) -> None:
    """Replace a file whole; one that exists keeps its mode and its owner.

    Raises:
        Unsaved: it cannot be written; it is as before then.

    """
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".nstui-")
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a number
            with suppress(FileNotFoundError):
                old = path.stat()
                mode = stat.S_IMODE(old.st_mode) | (mode & 0o111)
                with suppress(PermissionError):
                    os.fchown(descriptor, old.st_uid, old.st_gid)
            os.fchmod(descriptor, mode)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(draft).replace(path)
    except OSError as problem:
        if draft is not None:
            with suppress(OSError):
                Path(draft).unlink()
        raise _unsaved(path, problem) from problem


def remove_file(path: Path) -> None:
    """Remove a file, if it exists.

    Raises:
        Unsaved: it cannot be removed.

    """
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise _unsaved(path, problem) from problem


def _unsaved(path: Path, problem: OSError) -> Unsaved:
    return Unsaved(f"nothing was changed: {path}: {problem.strerror}")
