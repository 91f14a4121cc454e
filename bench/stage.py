"""The private engine that everything is measured on, and its containers."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.support.busybox_image import image_archive, static_busybox
from tests.support.private_engine import IMAGE, PrivateEngine, missing_requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extent import Extent

NAMES = re.compile(r"g\d\d-(?:own|d\d)")
"""The containers that exist during all measurements."""

PROBE = "a0-probe"
"""The container that comes and goes; its name sorts near the top of any list."""

OWNER_OF_PROBE = "g00-own"
_AT_ONCE = 4
_FOREVER = ("sleep", "100000")
_ENVIRONMENT = ["ENV PATH=/bin"]


class CannotMeasure(Exception):
    """The machine lacks a requirement of the measurements."""


class Stage:
    """A running engine with owners and their dependents."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.engine = engine
        self.containers = 0
        self._daemons: list[psutil.Process] = []

    def fill(self, extent: Extent) -> None:
        """Start the owners, then their dependents."""
        groups = [f"g{number:02}" for number in range(extent.groups)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(self._own, groups):
                pass
            dependents = [(g, n) for g in groups for n in range(extent.dependents)]
            for _ in pool.map(lambda one: self._join(*one), dependents):
                pass
        self.containers = len(groups) + len(dependents)
        self._daemons = [psutil.Process(pid) for pid in self._daemon_pids()]

    def create_joined(self, name: str) -> str:
        """Create a container that joined the first owner; return its id."""
        return self.engine.create(name, f"--network=container:{OWNER_OF_PROBE}")

    @contextmanager
    def crowd(self, names: list[str]) -> Iterator[list[str]]:
        """Yield the ids of containers that are created, but not started."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            ids = list(pool.map(self.create_joined, names))
        try:
            yield ids
        finally:
            self.engine.docker("rm", "--force", *ids)

    def daemon_cpu_s(self) -> float:
        """Return the CPU seconds that the engine and its containerd have used."""
        times = [daemon.cpu_times() for daemon in self._daemons]
        return sum(usage.user + usage.system for usage in times)

    def _own(self, group: str) -> str:
        return self.engine.run(f"{group}-own", command=_FOREVER)

    def _join(self, group: str, number: int) -> str:
        return self.engine.run(
            f"{group}-d{number}", f"--network=container:{group}-own", command=_FOREVER
        )

    def _daemon_pids(self) -> Iterator[int]:
        folder = self.engine.folder
        for path in ("pid", "exec/containerd/containerd.pid"):
            yield int(Path(folder, path).read_text())


@contextmanager
def staged(extent: Extent) -> Iterator[Stage]:
    """Yield a stage, and remove it at the end.

    Raises:
        CannotMeasure: The machine cannot run a private engine.

    """
    reason = missing_requirement()
    if reason is not None:
        raise CannotMeasure(f"no engine of its own: {reason}")
    engine = PrivateEngine()
    try:
        engine.start()
        # docksurf requires that an image has an environment.
        engine.client.import_image_from_data(
            image_archive(static_busybox()),
            repository=IMAGE.partition(":")[0],
            tag=IMAGE.partition(":")[2],
            changes=_ENVIRONMENT,
        )
        stage = Stage(engine)
        stage.fill(extent)
        yield stage
    finally:
        engine.stop()
