"""One host, ready to be looked at and acted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.service.executor import Executor
from nstui.service.observer import Observer

if TYPE_CHECKING:
    from nstui.ports import ContainerEngine, HostNamespaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The engine of a host, and what works with it."""

    engine: ContainerEngine
    observer: Observer
    executor: Executor
    endpoint: str
    """Where the engine is, for the time before it has answered."""

    is_demo: bool


def connect(
    engine: ContainerEngine,
    host: HostNamespaces,
    *,
    endpoint: str,
    is_demo: bool = False,
) -> Connection:
    """Put a host together from its two sources. Asks nobody yet."""
    observer = Observer(engine, host)
    return Connection(
        engine=engine,
        observer=observer,
        executor=Executor(engine, observer),
        endpoint=endpoint,
        is_demo=is_demo,
    )
