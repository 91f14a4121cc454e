"""One host, with all that looks at it and acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nstui.service.former import FormerContainers
from nstui.service.observer import Observer, now_utc

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.ports import (
        AuditLog,
        Compose,
        ContainerEngine,
        ContainerShells,
        HostEvidence,
        HostNamespaces,
        Managers,
        Register,
    )
    from nstui.service.executor import Executor


@dataclass(frozen=True, kw_only=True)
class Host:
    """The engine of a host, and what works with it.

    It has no slots, because that is where the executor is kept.
    """

    engine: ContainerEngine
    observer: Observer
    make_executor: Callable[[], Executor]
    endpoint: str
    """Where the engine is, for the time before it has answered."""

    evidence: HostEvidence | None
    """Tells more of single containers; None if nobody can."""

    shells: ContainerShells | None
    """Starts shells in containers; None if nothing runs in them."""

    is_demo: bool

    @cached_property
    def executor(self) -> Executor:
        """What carries actions out; made, and imported, when it is first asked for."""
        return self.make_executor()

    @property
    def is_acting(self) -> bool:
        """Whether a plan is being carried out at the moment."""
        executor = self.__dict__.get("executor")
        return executor is not None and self.executor.is_acting


def open_host(  # noqa: PLR0913 - a host is put together from as many parts
    engine: ContainerEngine,
    host: HostNamespaces,
    store: AuditLog,
    *,
    endpoint: str,
    who: str = "",
    find_compose: Callable[[], Compose] | None = None,
    managers: Managers | None = None,
    evidence: HostEvidence | None = None,
    shells: ContainerShells | None = None,
    register: Register | None = None,
    clock: Callable[[], datetime] = now_utc,
    is_demo: bool = False,
) -> Host:
    """Put a host together from its sources. Asks nobody yet.

    Args:
        engine: What runs the containers.
        host: What the kernel of the engine's machine says.
        store: Where a trace of every action is kept.
        endpoint: Where the engine is.
        who: On whose behalf actions are carried out.
        find_compose: Returns what recreates what it manages; None if nothing does.
        managers: What manages containers; None: nobody that can be asked.
        evidence: Tells more of single containers.
        shells: Starts shells in containers.
        register: Where all that is seen is noted; None if nothing shall be.
        clock: Tells the time, in UTC.
        is_demo: Whether all of it is simulated.

    """
    former = FormerContainers(store, register, engine.past)
    observer = Observer(engine, host, clock, former, store, managers=managers)

    def make_executor() -> Executor:
        # Whoever only looks need not wait for the import of all that acts.
        from nstui.service.audit import ActionAudit  # noqa: PLC0415
        from nstui.service.executor import Executor  # noqa: PLC0415
        from nstui.service.recompose import NoCompose  # noqa: PLC0415
        from nstui.service.step_runner import NoManagers  # noqa: PLC0415

        audit = ActionAudit(store, endpoint=endpoint, who=who, clock=clock)
        compose = NoCompose() if find_compose is None else find_compose()
        theirs = managers or NoManagers()
        return Executor(engine, observer, audit, compose, theirs, evidence=evidence)

    return Host(
        engine=engine,
        observer=observer,
        make_executor=make_executor,
        endpoint=endpoint,
        evidence=evidence,
        shells=shells,
        is_demo=is_demo,
    )
