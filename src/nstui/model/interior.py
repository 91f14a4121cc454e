"""What is going on inside one container's network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from nstui.model.inside import Interfaces, Listener, Routes
    from nstui.model.snapshot import ReadProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Interior:
    """A network from within, each part as far as it could be read."""

    interfaces: Interfaces | ReadProblem
    routes: Routes | ReadProblem
    listeners: tuple[Listener, ...] | ReadProblem
    owners: Mapping[int, ContainerId]
    """Whose process each pid is that holds a listener; one that is missing is no
    container's."""
