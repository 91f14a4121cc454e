"""What tests ask an executor for, and what they look at afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from tests.engine.looking import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import ContainerId
    from nstui.service.host import Host
    from nstui.service.results import Progress

CHAIN = {"own", "dep", "far"}
"""What the fixture ``target`` starts; another stands apart."""


def removal(target: ContainerId, policy: Policy = Policy.WITH_DEPENDENTS) -> Request:
    """Return the request to kill and remove a container."""
    return Request(action=Action.RM, targets=(target,), policy=policy, force=True)


def present(connection: Host) -> set[str]:
    """Return the names of all containers that there are now."""
    return names(connection.observer.look_afresh())


def once(
    step: int, do: Callable[[], object], *, is_done: bool
) -> Callable[[Progress], None]:
    """Return what does something when a step is begun, or when it has been taken."""

    def tell(progress: Progress) -> None:
        if (progress.number, progress.is_done) == (step, is_done):
            do()

    return tell
