"""nstui connected to a real engine, as the program connects."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from nstui.demo.audit_log import MemoryAuditLog
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.procfs.host import ProcHost
from nstui.service.host import open_host
from tests.support.busy import PATIENT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.ports import Compose, HostNamespaces, Managers
    from nstui.service.host import Host


@contextmanager
def attached(
    url: str,
    *,
    engine: DockerEngine | None = None,
    host: HostNamespaces | None = None,
    compose: Compose | None = None,
    managers: Managers | None = None,
) -> Iterator[Host]:
    """Yield a connection to an engine, whose traces are kept in memory.

    Args:
        url: Where the engine is.
        engine: What asks it; the adapter as the program makes it by default.
        host: What stands for the machine; its own ``/proc`` by default.
        compose: What recreates the containers of compose; nothing by default.
        managers: What manages containers; nobody that can be asked by default.

    """
    asks = engine or DockerEngine(
        Endpoint(url, None), timeout=PATIENT_S, patience=PATIENT_S
    )
    yield open_host(
        asks,
        host or ProcHost(),
        MemoryAuditLog(),
        endpoint=url,
        find_compose=None if compose is None else lambda: compose,
        managers=managers,
    )
    asks.close()
