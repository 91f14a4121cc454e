"""Where the guard finds everything, as it is told on its command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nstui.analysis.guarding.places import Places

if TYPE_CHECKING:
    from collections.abc import Sequence


class BadArguments(Exception):
    """The command line cannot be used; the message says why."""


class Setup(NamedTuple):
    """The paths of the guard, and what it looks with."""

    plugin_socket: Path
    control_socket: Path
    settings: Path
    rescue: Path
    tickets: Path
    decisions: Path
    looker: str = ""
    """A command that looks, instead of nstui itself, as a shell reads it."""

    listens: bool = False
    """Whether the sockets are made here, and not by systemd."""

    descriptors: tuple[int, ...] = ()
    """The listening sockets that a front hands to a new supervisor."""

    predecessor: int = 0
    """The process of that front, which ends when another one answers."""

    def to_arguments(self) -> list[str]:
        """Return the arguments that mean the same to `read_arguments`."""
        words = [f"--{key}={getattr(self, field)}" for key, field in _PATHS.items()]
        words += [f"--looker={self.looker}"] if self.looker else []
        words += ["--listen"] if self.listens else []
        if self.descriptors:
            words.append(f"--descriptors={','.join(map(str, self.descriptors))}")
            words.append(f"--predecessor={self.predecessor}")
        return words


def setup_at(places: Places, root: str = "") -> Setup:
    """Return the setup with the paths of a guard.

    Args:
        places: The paths.
        root: The folder that they are below; empty for those of the machine.

    """
    return Setup(
        plugin_socket=Path(places.plugin_socket),
        control_socket=Path(places.control_socket),
        settings=Path(places.settings),
        rescue=Path(places.rescue),
        tickets=Path(places.control_socket).parent / "tickets",
        decisions=Path(f"{root.rstrip('/')}/var/lib/nstui/guard/decisions.jsonl"),
    )


_PATHS = {
    "socket": "plugin_socket",
    "control": "control_socket",
    "settings": "settings",
    "rescue": "rescue",
    "tickets": "tickets",
    "decisions": "decisions",
}


def read_arguments(arguments: Sequence[str]) -> Setup:
    """Return what a command line says.

    Raises:
        BadArguments: It says what it cannot say.

    """
    given: dict[str, Any] = dict(map(_read, arguments))
    return setup_at(Places())._replace(**given)


def _read(word: str) -> tuple[str, object]:
    key, _, value = word.removeprefix("--").partition("=")
    try:
        if key in _PATHS and value.startswith("/"):
            return _PATHS[key], Path(value)
        if key == "looker":
            return key, value
        if word == "--listen":
            return "listens", True
        if key == "descriptors":
            return key, tuple(map(int, value.split(",")))
        if key == "predecessor":
            return key, int(value)
    except ValueError:
        pass
    raise BadArguments(f"{word!r} is no option of the guard's front")
