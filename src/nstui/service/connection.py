"""One host, ready to be looked at and acted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.service.executor import Executor
from nstui.service.lineage import Lineage
from nstui.service.observer import Observer, utc_now
from nstui.service.recompose import NoCompose
from nstui.service.tracing import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.ports import (
        Compose,
        ContainerEngine,
        ContainerShells,
        HostEvidence,
        HostNamespaces,
        TraceStore,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The engine of a host, and what works with it."""

    engine: ContainerEngine
    observer: Observer
    executor: Executor
    endpoint: str
    """Where the engine is, for the time before it has answered."""

    evidence: HostEvidence | None
    """Tells more of single containers; None if nobody can."""

    shells: ContainerShells | None
    """Starts shells in containers; None if nothing runs in them."""

    is_demo: bool


def connect(  # noqa: PLR0913 - a host is put together from as many parts
    engine: ContainerEngine,
    host: HostNamespaces,
    store: TraceStore,
    *,
    endpoint: str,
    who: str = "",
    compose: Compose | None = None,
    evidence: HostEvidence | None = None,
    shells: ContainerShells | None = None,
    clock: Callable[[], datetime] = utc_now,
    is_demo: bool = False,
) -> Connection:
    """Put a host together from its sources. Asks nobody yet.

    Args:
        engine: What runs the containers.
        host: What the kernel of the engine's machine says.
        store: Where a trace of every action is kept.
        endpoint: Where the engine is.
        who: On whose behalf actions are carried out.
        compose: Recreates what it manages; None if there is no compose.
        evidence: Tells more of single containers.
        shells: Starts shells in containers.
        clock: Tells the time, in UTC.
        is_demo: Whether all of it is simulated.

    """
    observer = Observer(engine, host, clock, Lineage(store))
    tracer = Tracer(store, endpoint=endpoint, who=who, clock=clock)
    return Connection(
        engine=engine,
        observer=observer,
        executor=Executor(engine, observer, tracer, compose or NoCompose()),
        endpoint=endpoint,
        evidence=evidence,
        shells=shells,
        is_demo=is_demo,
    )
