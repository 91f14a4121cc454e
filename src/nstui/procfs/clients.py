"""Units of systemd that run a container in the foreground: ``docker run --name web``.

The container itself is in a control group of the engine's. What belongs to the unit is
the client: systemd has started it, and it ends with the container.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nstui.procfs.managing import parent_of, unit_of
from nstui.procfs.process import Process

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from nstui.model.manager import Manager

_SYSTEMD = "systemd"
_CLIENTS = frozenset({"docker", "podman"})
_ELSEWHERE = ("-H", "--host", "-c", "--context", "--url", "--connection")
"""The options by which a client is told of another engine."""

_FIRST_PID = 1
_NAME = "--name"


def find_clients(root: Path) -> Mapping[str, Manager]:
    """Return the unit of each container that a unit's client runs, by its name.

    It looks at what every process is called, unless systemd does not run the machine.
    """
    if _called(root, _FIRST_PID) != _SYSTEMD:
        return {}
    found = {}
    for pid in _pids(root):
        if _called(root, pid) in _CLIENTS:
            name, manager = _client(root, pid)
            if name and manager is not None:
                found[name] = manager
    return found


def container_named(words: Sequence[str]) -> str:
    """Return the name of the container that a client runs; nothing if it tells none.

    Args:
        words: The client's command line.

    """
    before, verb, after = _taken_apart(words[1:])
    if any(word.startswith(_ELSEWHERE) for word in before):
        return ""
    if verb == "run":
        return _named(after)
    named = [word for word in after if not word.startswith("-")]
    return named[0] if verb == "start" and len(named) == 1 else ""


def _taken_apart(words: Sequence[str]) -> tuple[Sequence[str], str, Sequence[str]]:
    """Return what is before, at and after the word that says what a client does."""
    for number, word in enumerate(words):
        if word in {"run", "start"}:
            return words[:number], word, words[number + 1 :]
    return words, "", ()


def _named(options: Sequence[str]) -> str:
    for number, word in enumerate(options):
        if word.startswith(f"{_NAME}="):
            return word.partition("=")[2]
        if word == _NAME:
            return options[number + 1] if number + 1 < len(options) else ""
    return ""


def _client(root: Path, pid: int) -> tuple[str, Manager | None]:
    """Return what a client runs, and its unit if systemd itself has started it."""
    try:
        with Process(root, pid) as process:
            name = container_named(process.command_line())
            parent = parent_of(process) if name else None
            if parent is None or _called(root, parent) != _SYSTEMD:
                return "", None
            return name, unit_of(process.cgroup())
    except OSError:
        return "", None


def _pids(root: Path) -> Iterable[int]:
    try:
        with os.scandir(root) as found:
            return [int(each.name) for each in found if each.name.isdecimal()]
    except OSError:
        return ()


def _called(root: Path, pid: int) -> str:
    """Return what the kernel calls a process; nothing if it has gone."""
    try:
        return (root / str(pid) / "comm").read_text(errors="replace").rstrip("\n")
    except OSError:
        return ""
