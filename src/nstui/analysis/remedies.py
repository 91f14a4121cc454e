"""What to do about a finding: a command that can be pasted, or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.podman import PODMAN, PROGRAM
from nstui.analysis.shell import container_word, shell_commands, shell_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import EngineInfo

    Words = Sequence[str | None]
    """The words of a command; one that no shell could be told is None."""

UNWRITABLE = "its name cannot be written for a shell: select it in nstui and act there"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do."""

    text: str
    is_command: bool = False
    """Whether a shell does it when the text is pasted as it is."""


def commands(*several: Words) -> Remedy:
    """Return what is done by commands, one after the other."""
    line = shell_commands(several)
    return Remedy(UNWRITABLE) if line is None else Remedy(line, is_command=True)


def after(deed: str, *several: Words) -> Remedy:
    """Return what is done by commands once the user has done something else."""
    return Remedy(f"{deed}, then: {shell_commands(several) or UNWRITABLE}")


def word_for(container: Container) -> str | None:
    """Return the word by which a command is told of a container."""
    return container_word(container.name, container.id)


def words_for(graph: Graph, containers: Iterable[ContainerId]) -> Words:
    """Return the words by which a command is told of containers."""
    return [word_for(graph.containers[container]) for container in containers]


def named(reference: str) -> str:
    """Return a name within a sentence, which is harmless if that is pasted as well."""
    return shell_word(reference) or "what it joined"


def command(engine: EngineInfo) -> str:
    """Return the command line program of an engine."""
    return PROGRAM if engine.name == PODMAN else "docker"
