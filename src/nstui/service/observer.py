"""Makes reports on a host from what the engine and the kernel say."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.findings.ignoring import REPORT_ALL
from nstui.analysis.findings.networks import may_lack
from nstui.analysis.managers import with_managers
from nstui.analysis.place import engine_obstacle, own_obstacle
from nstui.analysis.report import Report
from nstui.errors import AuditFailed, EngineRefused, InternalFault, NstuiError
from nstui.model.audit import DamagedRecord
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.outcome import PlanRecord
from nstui.model.snapshot import HostReading, ReadProblem, Snapshot
from nstui.service.former import (
    FormerContainers,
    confirm_removals,
    may_settle,
    settle_records,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import timedelta

    from nstui.analysis.findings.ignoring import Reporting
    from nstui.model.container import Container, ContainerId, Manager
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import EngineInfo
    from nstui.ports import AuditLog, ContainerEngine, HostNamespaces, Managers


class RestartMemory:
    """Remembers restart counts from look to look, of existing containers only."""

    def __init__(self) -> None:
        """Begin with an empty memory."""
        self._lock = threading.Lock()
        self._last: dict[ContainerId, tuple[int, datetime]] = {}
        self._periods: dict[ContainerId, timedelta] = {}

    def learn(self, containers: Iterable[Container]) -> Mapping[ContainerId, timedelta]:
        """Take in one look; return how long the last runs of containers were.

        Only containers with a restart count that was seen to rise are included. A
        count that has fallen means that the container was started by hand.
        """
        with self._lock:
            last, periods = {}, {}
            for container in containers:
                inspection = container.inspection
                if inspection is None or inspection.started_at is None:
                    continue
                now = inspection.restart_count, inspection.started_at
                last[container.id] = now
                period = self._period(container.id, *now)
                if period is not None:
                    periods[container.id] = period
            self._last, self._periods = last, periods
            return MappingProxyType(periods)

    def _period(
        self, container: ContainerId, count: int, started: datetime
    ) -> timedelta | None:
        before = self._last.get(container)
        if before is None or count < before[0]:
            return None
        if count == before[0]:
            return self._periods.get(container)
        return (started - before[1]) / (count - before[0])


def now_utc() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Observer:
    """Looks at one host. Its methods may be called from several threads."""

    def __init__(  # noqa: PLR0913 - one for each source of a report
        self,
        engine: ContainerEngine,
        host: HostNamespaces,
        clock: Callable[[], datetime] = now_utc,
        former: FormerContainers | None = None,
        audit_log: AuditLog | None = None,
        *,
        managers: Managers | None = None,
        reporting: Reporting = REPORT_ALL,
    ) -> None:
        """Store the sources; nothing is read yet.

        Args:
            engine: Lists the containers.
            host: Reads their namespaces.
            clock: Returns the time, in UTC.
            former: Remembers containers that are gone; None for a new memory.
            audit_log: Keeps the records of interrupted plans; None if nothing does.
            managers: The managers that can be asked to act; None if there are none.
            reporting: What the user wants reported of the findings.

        """
        self._engine = engine
        self._host = host
        self._clock = clock
        self._former = former or FormerContainers()
        self._audit_log = audit_log
        self._managers = managers
        self._reporting = reporting
        self._restarts = RestartMemory()
        self._expected: Mapping[ContainerId, int] = {}
        """The first processes that the last look has found."""

    def look(self) -> Report:
        """Return a new report on the host.

        Raises:
            EngineUnreachable: the engine does not answer, or not in time.
            EngineRefused: the engine answered with an error.

        """
        containers, reading = self._read()
        records, problems = self._unfinished()
        engine = self._engine.info()
        reading = self._explained(reading, containers, engine)
        containers = with_managers(containers, reading, engine)
        report = Report(
            Snapshot(
                taken_at=self._clock(),
                engine=engine,
                containers=containers,
                host=reading,
                reached=self._reachable_managers(containers),
                former_containers=self._former.learn(containers),
                restart_periods=self._restarts.learn(containers),
                unfinished=records,
                unread_records=problems,
            ),
            self._reporting,
        )
        networks = self._kept_networks(report)
        if networks:
            host = replace(reading, kept=networks)
            report = replace(report, snapshot=replace(report.snapshot, host=host))
        missing = self._networks(report)
        if missing is not None:
            now = replace(report.snapshot, networks=missing)
            report = replace(report, snapshot=now)
        if self._audit_log is not None and any(
            may_settle(one, report) for one in records
        ):
            engine_id = self._engine.machine().engine_id
            with suppress(AuditFailed):
                settle_records(self._audit_log, report, engine_id)
                confirm_removals(self._audit_log, report, engine_id)
        return report

    def _read(self) -> tuple[tuple[Container, ...], HostReading]:
        """Ask the engine for its containers, and the kernel for their namespaces.

        The kernel is asked at the same time for the processes of the last look. That is
        of use only if the engine still names exactly these.
        """
        # One that fails is followed by one that asks for nothing ahead.
        expected, self._expected = self._expected, {}
        begun = self._host.begin(expected) if expected else None
        containers = self._engine.containers()
        pids = _pids(containers)
        if begun is not None and pids == expected:
            reading = begun()
        else:
            reading = self._host.read(pids)
        stale = _stale_pids(reading)
        if stale:
            # A container was restarted between the engine's answer and the kernel's.
            self._engine.forget(stale)
            containers = self._engine.containers()
            pids = _pids(containers)
            reading = self._host.read(pids)
        self._expected = pids
        return containers, reading

    def _explained(
        self, reading: HostReading, containers: Iterable[Container], engine: EngineInfo
    ) -> HostReading:
        """Return the reading with what keeps its level from being the best."""
        if reading.obstacle:
            return reading
        found = own_obstacle(reading, {each.id for each in containers})
        if found is None and reading.level is NamespacesRead.DECLARED:
            machine = self._engine.machine()
            found = engine_obstacle(reading.place, engine, machine)
        if found is None:
            return reading
        return replace(reading, obstacle=found.words, note=found.sentence)

    def _reachable_managers(
        self, containers: Iterable[Container]
    ) -> frozenset[Manager]:
        """Return the managers of containers that can be asked to act."""
        found = {c.manager for c in containers if c.manager is not None}
        if self._managers is None:
            return frozenset()
        return frozenset(m for m in found if m.is_proven and self._managers.reaches(m))

    def _kept_networks(self, report: Report) -> Mapping[ContainerId, Namespace]:
        """Return the network namespace that the engine keeps for each likely owner.

        This is read only if containers share a network namespace without declaring it,
        which is rare.
        """
        doubtful = report.graph.presence.doubtful(NamespaceKind.NET)
        inspections = {c: report.graph.containers[c].inspection for c in doubtful}
        paths = {c: i.sandbox for c, i in inspections.items() if i and i.sandbox}
        return self._host.kept(paths) if paths else {}

    def _networks(self, report: Report) -> frozenset[str] | None:
        """Return the engine's networks, if a container may have lost its own.

        None if no container has, or if the networks cannot be read.
        """
        engine = report.snapshot.engine
        if not any(may_lack(engine, one) for one in report.snapshot.containers):
            return None
        try:
            return self._engine.networks()
        except EngineRefused:
            # A proxy in front of the engine may allow requests for containers only.
            return None

    def _unfinished(self) -> tuple[tuple[PlanRecord, ...], tuple[str, ...]]:
        """Return the interrupted plans, and why other records could not be read."""
        if self._audit_log is None:
            return (), ()
        try:
            found = self._audit_log.unfinished()
        except AuditFailed as problem:
            return (), (f"could not read the plans that were cut off: {problem}",)
        records = [one for one in found if isinstance(one, PlanRecord)]
        records.sort(key=lambda record: record.began_at)
        damaged = tuple(
            f"the record of a plan was skipped, {one.place}: {one.problem}"
            for one in found
            if isinstance(one, DamagedRecord)
        )
        return tuple(records), damaged

    def glimpse(self) -> Report:
        """Return a report from the engine's list alone, which is quick.

        The kernel is not read, and most containers have no inspection yet.

        Raises:
            EngineUnreachable: the engine does not answer, or not in time.
            EngineRefused: the engine answered with an error.

        """
        unread = HostReading(NamespacesRead.DECLARED)
        engine = self._engine.info()
        containers = with_managers(self._engine.listed(), unread, engine)
        return Report(
            Snapshot(
                taken_at=self._clock(),
                engine=engine,
                containers=containers,
                host=unread,
                former_containers=self._former.learn(containers, is_glimpse=True),
                is_glimpse=True,
            ),
            self._reporting,
        )

    def look_afresh(self) -> Report:
        """Return a new report that uses nothing cached by earlier looks."""
        self.forget()
        return self.look()

    def with_former(self, report: Report, gone: Collection[ContainerId]) -> Report:
        """Return the report with what is known of further containers that are gone."""
        unknown = {*gone} - report.snapshot.former_containers.keys()
        if not unknown:
            return report
        known = {**report.snapshot.former_containers, **self._former.find(unknown)}
        former = MappingProxyType(known)
        return Report(replace(report.snapshot, former_containers=former))

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        """Drop what is cached of some containers; None: of all."""
        self._expected = {}
        self._engine.forget(containers)


def _pids(containers: Iterable[Container]) -> dict[ContainerId, int]:
    return {
        container.id: container.pid
        for container in containers
        if container.pid is not None and container.state.has_process
    }


def _stale_pids(reading: HostReading) -> tuple[ContainerId, ...]:
    """Return the containers whose cached pid is gone or another process's.

    If no pid at all could be confirmed, the pids are those of another machine, and
    asking the engine again would change nothing: the result is empty then.
    """
    if reading.level is NamespacesRead.DECLARED:
        return ()
    gone = {ReadProblem.VANISHED, ReadProblem.NOT_THE_CONTAINER}
    return tuple(c for c, p in reading.processes.items() if p.problem in gone)


class Prefetch:
    """Takes a first glimpse of a host while the text UI is still loading."""

    def __init__(self, observer: Observer) -> None:
        """Start at once, in a daemon thread that only `take` waits for."""
        self._observer = observer
        self._result: Report | NstuiError | None = None
        self._thread = threading.Thread(
            target=self._glimpse, name="prefetch", daemon=True
        )
        self._thread.start()

    def wait(self, limit_s: float) -> Report | None:
        """Return the glimpse if it is there within so many seconds, otherwise None."""
        self._thread.join(limit_s)
        return self._result if isinstance(self._result, Report) else None

    def take(self) -> Report:
        """Return the glimpse; wait for it if necessary.

        Raises:
            NstuiError: the engine's list could not be read.

        """
        self._thread.join()
        if isinstance(self._result, NstuiError):
            raise self._result
        if self._result is None:
            raise InternalFault("the first glimpse ended without a result")
        return self._result

    def _glimpse(self) -> None:
        try:
            self._result = self._observer.glimpse().complete()
        except NstuiError as error:
            self._result = error
        except Exception as error:  # noqa: BLE001 - `take` raises it
            self._result = InternalFault.of(error)
