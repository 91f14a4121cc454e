"""Takes files along that neither an image nor a volume has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import EngineRefused

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.ports import ContainerEngine


def carry(
    engine: ContainerEngine,
    old: ContainerId,
    new: ContainerId,
    paths: tuple[str, ...],
) -> None:
    """Put files of an old container into the new one; return once they are there.

    Raises:
        EngineRefused: not all of them have come to be there.
        EngineUnreachable: the engine did not answer.

    """
    if not paths:
        return
    carried = engine.carry_files(old, new, paths)
    try:
        there = frozenset(engine.changes(new))
    except EngineRefused:
        # Some storage drivers cannot compare; that is no reason to doubt.
        return
    missing = [path for path in carried if path not in there]
    if missing:
        raise EngineRefused(
            f"the new container did not get {', '.join(missing)} of the old one"
        )
