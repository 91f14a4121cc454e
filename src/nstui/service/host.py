"""One host: the engine, and the services that observe it and act on it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from nstui.analysis.findings.ignoring import REPORT_ALL
from nstui.model.frozen import dataclass
from nstui.model.host_options import HERE, HostOptions
from nstui.model.own import OwnProcess
from nstui.service.former import FormerContainers
from nstui.service.observer import Observer, now_utc

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.analysis.findings.ignoring import Reporting
    from nstui.ports import (
        AuditLog,
        Claims,
        Compose,
        ContainerEngine,
        ContainerShells,
        HostEvidence,
        HostNamespaces,
        Managers,
        Register,
        Tickets,
        WatchView,
    )
    from nstui.service.executor import Executor


@dataclass(frozen=True, kw_only=True)
class Host:
    """The engine of a host, and the services that use it.

    The class has no slots, since `functools.cached_property` needs a ``__dict__``.
    """

    engine: ContainerEngine
    observer: Observer
    make_executor: Callable[[], Executor]
    endpoint: str
    """The address of the engine, known before the engine has answered."""

    context: str | None
    """The docker context that it was found through; None if an address was given."""

    evidence: HostEvidence | None
    """Reads more about single containers; None if nothing can."""

    shells: ContainerShells | None
    """Opens shells in containers; None if that is impossible, as in the demo."""

    is_demo: bool

    options: HostOptions = HERE
    """Those that printed commands have, so that they are for this host."""

    find_watch: Callable[[], WatchView | None] | None = None
    """Returns what reads the standing watch of the engine; None if there is none."""

    @cached_property
    def executor(self) -> Executor:
        """What carries out plans; imported and created at the first access."""
        return self.make_executor()

    clock: Callable[[], datetime] = now_utc
    """Returns the time, in UTC."""

    @cached_property
    def watch(self) -> WatchView | None:
        """Reads what the standing watch of the engine does; None if there is none."""
        return None if self.find_watch is None else self.find_watch()

    @property
    def is_acting(self) -> bool:
        """Whether a plan is being carried out."""
        executor = self.__dict__.get("executor")
        return executor is not None and self.executor.is_acting


def open_host(  # noqa: PLR0913 - one for each adapter
    engine: ContainerEngine,
    host: HostNamespaces,
    audit_log: AuditLog,
    *,
    endpoint: str,
    context: str | None = None,
    who: str = "",
    find_compose: Callable[[], Compose] | None = None,
    managers: Managers | None = None,
    evidence: HostEvidence | None = None,
    shells: ContainerShells | None = None,
    register: Register | None = None,
    find_claims: Callable[[], Claims | None] | None = None,
    find_watch: Callable[[], WatchView | None] | None = None,
    find_own: Callable[[], OwnProcess] = OwnProcess,
    find_tickets: Callable[[], Tickets | None] | None = None,
    clock: Callable[[], datetime] = now_utc,
    is_demo: bool = False,
    reporting: Reporting = REPORT_ALL,
) -> Host:
    """Return a host made of the given adapters. Nothing is read or connected yet.

    Args:
        engine: The engine that runs the containers.
        host: Reads the namespaces on the engine's machine.
        audit_log: The audit log.
        endpoint: The address of the engine.
        context: The docker context that it was found through, if any.
        who: The user, for the audit log.
        find_compose: Returns the adapter of compose, when it is first needed; None if
            compose is not used.
        managers: The managers that can be asked to act; None if there are none.
        evidence: Reads more about single containers.
        shells: Opens shells in containers.
        register: Where the containers seen are noted; None if they are not.
        find_claims: Returns what keeps other programs from the containers of a plan,
            when it is first needed; None if there are no others.
        find_watch: Returns what reads the standing watch of the engine, when it is
            first needed; None if there is none.
        find_own: Returns what tells in which container nstui itself runs, when it is
            first needed.
        find_tickets: Returns what tells the guard of the engine what a plan does, when
            it is first needed; None if there is none.
        clock: Returns the time, in UTC.
        is_demo: Whether the host is simulated.
        reporting: What the user wants reported of the findings.

    """
    former = FormerContainers(audit_log, register, engine.past_events)
    observer = Observer(
        engine, host, clock, former, audit_log, managers=managers, reporting=reporting
    )

    def make_executor() -> Executor:
        # Imported here, since commands that only read do not need them.
        from nstui.service.audit import ActionAudit  # noqa: PLC0415
        from nstui.service.executor import Executor  # noqa: PLC0415
        from nstui.service.recompose import NoCompose  # noqa: PLC0415
        from nstui.service.step_runner import NoManagers  # noqa: PLC0415

        audit = ActionAudit(
            audit_log,
            endpoint=endpoint,
            find_engine_id=lambda: engine.machine().engine_id,
            who=who,
            clock=clock,
        )
        compose = NoCompose() if find_compose is None else find_compose()
        return Executor(
            engine,
            observer,
            audit,
            compose,
            managers or NoManagers(),
            evidence=evidence,
            claims=None if find_claims is None else find_claims(),
            own=find_own(),
            tickets=None if find_tickets is None else find_tickets(),
            options=reporting.options,
        )

    return Host(
        engine=engine,
        observer=observer,
        make_executor=make_executor,
        endpoint=endpoint,
        context=context,
        evidence=evidence,
        shells=shells,
        is_demo=is_demo,
        find_watch=find_watch,
        clock=clock,
        options=reporting.options,
    )
