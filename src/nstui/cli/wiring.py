"""The composition root: which adapters the commands work with."""

from __future__ import annotations

import os
import pwd
from functools import partial
from typing import TYPE_CHECKING

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import resolve_endpoint
from nstui.engine.shells import DockerShells
from nstui.errors import AuditFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.cli.settings import Settings
    from nstui.demo.store import MemoryStore
    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import Manager
    from nstui.ports import AuditLog, Compose, Managers, Register
    from nstui.service.host import Host


def wire(settings: Settings) -> Host:
    """Return the adapters for the host that the settings mean.

    The engine is asked who it is, which takes some engines longer than to list all
    containers. Nobody waits for its answer here.

    Raises:
        UsageProblem: the options contradict each other or make no sense.
        EngineUnreachable: the context is unknown, or its kind is not supported.

    """
    if settings.demo:
        return connect_demo()
    endpoint = resolve_endpoint(settings.host, settings.context, os.environ)
    engine = DockerEngine(endpoint)
    engine.greet()
    from nstui.procfs.host import ProcHost  # noqa: PLC0415
    from nstui.service.host import open_host  # noqa: PLC0415

    host = ProcHost()
    return open_host(
        engine,
        host,
        connect_store(settings),
        endpoint=endpoint.url,
        who=current_user(),
        find_compose=partial(_find_compose, endpoint),
        managers=FoundLater(partial(_find_managers, endpoint, engine)),
        evidence=host,
        shells=DockerShells(endpoint),
        register=_find_register(endpoint),
    )


def connect_demo(clock: Callable[[], datetime] | None = None) -> Host:
    """Return the simulated host, whose ages are told by a clock."""
    # No other host needs them.
    from nstui.demo.engine import SimEngine  # noqa: PLC0415
    from nstui.demo.home import demo_world  # noqa: PLC0415
    from nstui.demo.host import SimHost  # noqa: PLC0415
    from nstui.demo.store import MemoryStore  # noqa: PLC0415
    from nstui.service.host import open_host  # noqa: PLC0415
    from nstui.service.observer import now_utc  # noqa: PLC0415

    clock = clock or now_utc
    world = demo_world(clock)
    host = SimHost(world)
    return open_host(
        SimEngine(world),
        host,
        MemoryStore(),
        endpoint="demo://",
        evidence=host,
        clock=clock,
        is_demo=True,
    )


def connect_store(settings: Settings) -> AuditLog:
    """Return where traces are kept; those of the demo are forgotten at its end.

    A user without a home folder can still look; only actions need a trace.
    """
    if settings.demo:
        return _forgetful_store()
    from nstui.audit.folders import default_folder  # noqa: PLC0415
    from nstui.audit.log import FileStore  # noqa: PLC0415

    try:
        return FileStore(default_folder())
    except AuditFailed as error:
        nowhere = _forgetful_store()
        nowhere.refuse(str(error))
        return nowhere


def _find_register(endpoint: Endpoint) -> Register | None:
    """Return where what is seen is noted; None if the user has no home folder."""
    from nstui.audit.folders import default_folder  # noqa: PLC0415
    from nstui.audit.register import FileRegister  # noqa: PLC0415

    try:
        return FileRegister(default_folder(), endpoint.url)
    except AuditFailed:
        return None


def _forgetful_store() -> MemoryStore:
    from nstui.demo.store import MemoryStore  # noqa: PLC0415

    return MemoryStore()


def _find_compose(endpoint: Endpoint) -> Compose:
    from nstui.engine.compose import ComposeCli  # noqa: PLC0415

    return ComposeCli(endpoint)


class FoundLater:
    """Implements `nstui.ports.Managers` with what is imported when it is needed."""

    def __init__(self, find: Callable[[], Managers]) -> None:
        self._find = find
        self._found: Managers | None = None

    def reaches(self, manager: Manager) -> bool:
        """Tell whether a manager can be asked to act."""
        return self._managers().reaches(manager)

    def run(self, command: tuple[str, ...]) -> None:
        """Have a manager act, by the words of its command; return when it has."""
        self._managers().run(command)

    def _managers(self) -> Managers:
        if self._found is None:
            self._found = self._find()
        return self._found


def _find_managers(endpoint: Endpoint, engine: DockerEngine) -> Managers:
    from nstui.engine.managers import ManagerPrograms  # noqa: PLC0415

    return ManagerPrograms(endpoint, engine.ask)


def current_user() -> str:
    """Return who runs nstui, and on whose behalf."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        # A user id without a name, as containers are often run with.
        name = f"uid {os.geteuid()}"
    behind = os.environ.get("SUDO_USER")
    return f"{name} (sudo: {behind})" if behind else name
