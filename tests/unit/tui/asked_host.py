"""A simulated host that knows what it was asked, and answers when it is told to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nstui.demo.host import SimHost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.demo.world import World
    from nstui.model.container import ContainerId
    from nstui.model.holders import Holders
    from nstui.model.namespace import NamespaceKind
    from nstui.model.network import Usage
    from nstui.model.snapshot import ReadProblem


class AskedHost(SimHost):
    """Counts how often it was asked what it is asked in the background."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked_for_holders = 0
        self.answers_of_usage = 0
        self._may_answer = threading.Event()
        self._may_answer.set()

    def hold_back(self) -> None:
        """Let who asks what holds namespaces wait."""
        self._may_answer.clear()

    def answer(self) -> None:
        """Let everybody have an answer again."""
        self._may_answer.set()

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Answer when it is time."""
        self.asked_for_holders += 1
        self._may_answer.wait(60)
        return super().holders(kinds)

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        """Answer, and count it."""
        found = super().usage(pids)
        self.answers_of_usage += 1
        return found
