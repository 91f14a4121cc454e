"""What a run of nstui leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.demo.world import World

if TYPE_CHECKING:
    from pathlib import Path

VPN_FAMILY = ("prowlarr", "qbit-exporter", "qbittorrent", "sonarr", "vpn")
"""The demo's VPN owner and all that depend on it, the deepest first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The exit code and what was written."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """What was said on stderr, if that was one sentence and nothing else was."""
        assert self.out == ""
        assert self.err.startswith("nstui: ")
        assert self.err.endswith("\n")
        assert self.err[:-1].isprintable()
        return self.err.removeprefix("nstui: ").removesuffix("\n")


Nstui = Callable[..., Answer]
Stage = Callable[[World], World]


def names(world: World) -> set[str]:
    """Return the names of all containers."""
    return {record.name for record in world.records}


def no_engine(folder: Path) -> str:
    """Return an address where nothing is."""
    return f"unix://{folder}/none.sock"
