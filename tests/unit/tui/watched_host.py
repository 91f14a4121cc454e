"""A host that remembers what it was asked, and can be made to answer late."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.network import Interior

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.model.container import ContainerId
    from nstui.model.holders import Evidence, Holders, HoldingProcess
    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.model.network import ProcessUsage, Usage
    from nstui.model.snapshot import ReadProblem
    from nstui.ports import HostEvidence


class WatchedHost:
    """Implements `nstui.ports.HostEvidence` by asking another one.

    Attributes:
        asked: What was asked, of whom, in that order.
        asked_at: When, on the clock of `time.monotonic`.
        most_at_once: How many questions were ever open at one time.

    """

    def __init__(self, host: HostEvidence) -> None:
        self._host = host
        self._open = threading.Event()
        self._open.set()
        self._count = threading.Lock()
        self._at_once = 0
        self._problem: ReadProblem | None = None
        self.most_at_once = 0
        self.asked: list[tuple[str, tuple[ContainerId, ...]]] = []
        self.asked_at: list[float] = []

    def hold(self) -> None:
        """Answer nothing until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Answer what was asked, and from now on at once."""
        self._open.set()

    def refuse(self, problem: ReadProblem) -> None:
        """Let nothing be read from now on."""
        self._problem = problem

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        with self._asked("evidence", container):
            return self._host.evidence(container, pid)

    def interior(self, container: ContainerId, pid: int) -> Interior:
        with self._asked("interior", container):
            if self._problem is None:
                return self._host.interior(container, pid)
            return Interior(
                interfaces=self._problem,
                routes=self._problem,
                listeners=self._problem,
                owners=MappingProxyType({}),
            )

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        with self._asked("usage", *pids):
            if self._problem is not None:
                return dict.fromkeys(pids, self._problem)
            return self._host.usage(pids)

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        return self._host.processes(container, pid)

    def outsiders(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        return self._host.outsiders(namespaces, containers)

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        return self._host.holders(kinds)

    @contextmanager
    def _asked(self, what: str, *whom: ContainerId) -> Iterator[None]:
        with self._count:
            self.asked_at.append(time.monotonic())
            self.asked.append((what, whom))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self._open.wait()
        try:
            yield
        finally:
            with self._count:
                self._at_once -= 1
