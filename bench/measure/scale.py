"""Measures the cost of one look by the number of containers and of processes."""

from __future__ import annotations

import copy
import hashlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bench.measure.spread import Spread, exponent, spread
from bench.simulated import populate
from nstui.analysis.tree.tree import build_tree
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.namespace import NamespaceKind
from nstui.procfs.host import ProcHost
from nstui.procfs.machine import LocalMachine
from nstui.procfs.scan import scan_processes
from nstui.service.observer import Observer
from tests.support.servers import ScriptedEngine, UnixServer, http_answer
from tests.unit.procfs.tree import ProcTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bench.extent import Extent
    from bench.stage import Stage
    from nstui.model.container import Container
    from nstui.ports import ContainerEngine

FAST = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
"""Where an artificial ``/proc`` is in memory, like the real one."""

_NET = (NamespaceKind.NET,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The durations of looks, by size."""

    processes: int
    """The number of processes while the number of containers grew."""

    looks_ms: dict[int, Spread]
    """By the number of simulated containers."""

    served_ms: Spread | None
    """With the most containers, from a real engine's answers over a socket."""

    by_processes_ms: dict[int, Spread]
    """With the most containers, by the number of processes."""

    scans_ms: dict[int, Spread]
    """The scan of all processes for one kind, by their number."""

    @property
    def container_exponent(self) -> float:
        """The power by which a look grows with the containers."""
        return _power(self.looks_ms)

    @property
    def process_exponent(self) -> float:
        """The power by which a look grows with the processes."""
        return _power(self.by_processes_ms)

    @property
    def scan_exponent(self) -> float:
        """The power by which the scan grows with the processes."""
        return _power(self.scans_ms)


def measure_scale(stage: Stage | None, extent: Extent) -> Scale:
    """Measure looks at simulated containers among artificial processes.

    Args:
        stage: The engine whose answers are repeated for many containers; None to leave
            that out.
        extent: The sizes and repetitions.

    """
    processes = extent.processes[-1]
    looks, by_processes, scans = {}, {}, {}
    served = None
    for groups in extent.sim_groups:
        with _Machine(groups) as machine:
            machine.add_others(processes)
            looks[machine.size] = machine.time_looks(machine.engine, extent.repeats)
    with _Machine(extent.sim_groups[-1]) as machine:
        for count in extent.processes:
            machine.add_others(count)
            by_processes[count] = machine.time_looks(machine.engine, extent.repeats)
            scans[count] = machine.time_scans(extent.repeats)
        if stage is not None:
            served = machine.time_served(stage, extent.repeats)
    return Scale(
        processes=processes,
        looks_ms=looks,
        served_ms=served,
        by_processes_ms=by_processes,
        scans_ms=scans,
    )


def time_ms(work: Callable[[], object], repeats: int) -> Spread:
    """Time a function several times, after one run that is not counted."""
    work()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return spread(taken)


class _Machine:
    """Simulated containers, and a ``/proc`` with their processes and others."""

    def __init__(self, groups: int) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="nstui-proc-", dir=FAST if FAST.is_dir() else None
        )
        self._path = Path(self._folder.name)
        self._world = World()
        populate(self._world, groups)
        self.engine = SimEngine(self._world)
        self._containers = self.engine.containers()
        self.size = len(self._containers)
        self._tree = ProcTree(self._path)
        self._others = self.size + 1
        self._next_pid = 1 + max(c.pid or 0 for c in self._containers)
        for container in self._containers:
            net = container.name.partition("-")[0]
            self._tree.add(container.pid or 0, f"0::/docker/{container.id}", net=net)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def add_others(self, total: int) -> None:
        """Add processes outside of containers until there are this many in total."""
        target = self._tree.path(1, f"ns/{NamespaceKind.NET}").readlink()
        while self._others < total:
            process = self._tree.path(self._next_pid)
            (process / "ns").mkdir(parents=True)
            (process / "ns" / NamespaceKind.NET).symlink_to(target)
            self._next_pid += 1
            self._others += 1

    def time_looks(self, engine: ContainerEngine, repeats: int) -> Spread:
        """Time the list, the namespaces of containers, and the analysis."""
        observer = Observer(engine, ProcHost(self._tree.root))

        def look() -> None:
            report = observer.look()
            assert report.findings is not None  # noqa: S101 - computed by asking
            build_tree(report)

        return time_ms(look, repeats)

    def time_scans(self, repeats: int) -> Spread:
        """Time the scan of every process for one kind of namespace."""
        return time_ms(
            lambda: scan_processes(LocalMachine(self._tree.root), _NET), repeats
        )

    def time_served(self, stage: Stage, repeats: int) -> Spread:
        """Time looks through the real adapter, with a real engine's answers."""
        answers = served_answers(stage, self._containers)
        path = self._path / "engine.sock"
        with UnixServer(path, ScriptedEngine(answers)) as server:
            engine = DockerEngine(Endpoint(server.url, context=None))
            try:
                return self.time_looks(engine, repeats)
            finally:
                engine.close()


def served_answers(stage: Stage, containers: Iterable[Container]) -> dict[str, bytes]:
    """Return a real engine's answers, adapted to other containers."""
    client = stage.engine.client
    rows = {row["Names"][0]: row for row in client.containers(all=True)}
    shapes = {
        True: (rows["/g00-own"], client.inspect_container("g00-own")),
        False: (rows["/g00-d0"], client.inspect_container("g00-d0")),
    }
    answers = {"/version": http_answer(client.version())}
    listed = []
    owner = ""
    for container in sorted(
        containers, key=lambda c: (c.name[:5], not c.name.endswith("n"))
    ):
        is_owner = container.name.endswith("-own")
        owner = container.id if is_owner else owner
        row, inspect = copy.deepcopy(shapes[is_owner])
        mode = row["HostConfig"]["NetworkMode"] if is_owner else f"container:{owner}"
        row |= {"Id": container.id, "Names": [f"/{container.name}"]}
        row["HostConfig"]["NetworkMode"] = mode
        for network in row["NetworkSettings"]["Networks"].values():
            network["EndpointID"] = hashlib.sha256(container.id.encode()).hexdigest()
        inspect |= {"Id": container.id, "Name": f"/{container.name}"}
        inspect["HostConfig"]["NetworkMode"] = mode
        inspect["State"]["Pid"] = container.pid
        listed.append(row)
        answers[f"/{container.id}/json"] = http_answer(inspect)
    return {"/containers/json": http_answer(listed), **answers}


def _power(by_size: Mapping[int, Spread]) -> float:
    return exponent(list(by_size), [timings.median for timings in by_size.values()])
