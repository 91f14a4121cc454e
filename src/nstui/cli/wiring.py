"""The composition root: create the adapters that the commands work with."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from nstui.analysis.findings.ignoring import REPORT_ALL
from nstui.cli.hosts import one_host, options_for, several_hosts
from nstui.cli.running import at_end_of_command
from nstui.errors import AuditFailed, NstuiError, UsageProblem
from nstui.model.own import OwnProcess
from nstui.service.host_choice import HostChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from nstui.analysis.findings.ignoring import Reporting
    from nstui.cli.hosts import ChosenHost
    from nstui.cli.running import AtEnd
    from nstui.cli.settings import Settings
    from nstui.demo.audit_log import MemoryAuditLog
    from nstui.engine.docker_engine import DockerEngine
    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import Manager
    from nstui.model.ssh import SshTarget
    from nstui.ports import (
        AuditLog,
        Claims,
        Compose,
        HostEvidence,
        HostNamespaces,
        Managers,
        Register,
        RemoteShell,
        Tickets,
        WatchState,
        WatchView,
    )
    from nstui.service.host import Host
    from nstui.ssh.link import SshLink

    class _Reads(HostNamespaces, HostEvidence, Protocol):
        """Reads all that is known of a machine besides its engine."""


PROC_VARIABLE = "NSTUI_PROC"
"""Names the ``/proc`` of the engine's machine, where a container cannot have it."""


def wire(
    settings: Settings,
    reporting: Reporting = REPORT_ALL,
    *,
    has_particulars: bool = True,
    at_end: AtEnd | None = None,
) -> Host:
    """Return the adapters for the host that the settings select.

    The engine is asked for its identity without waiting for the answer, which takes
    some engines longer than to list all containers.

    Args:
        settings: The global options.
        reporting: What the user wants reported of the findings.
        has_particulars: Whether the command shows a container's details.
        at_end: What is called at the end of the command; needed in other threads than
            the command's.

    An engine behind ssh is connected to first, which may ask for passwords.

    Raises:
        UsageProblem: the options contradict each other or make no sense, or so does the
            environment.
        EngineUnreachable: the context is unknown, or there is no way to its host.

    """
    if settings.demo:
        return connect_demo(reporting=reporting)
    endpoint, options = one_host(settings)
    return _wire_endpoint(
        endpoint,
        settings,
        replace(reporting, options=options),
        has_particulars=has_particulars,
        log_in=partial(_log_in, settings, at_end or at_end_of_command()),
    )


def wire_hosts(
    settings: Settings,
    reporting: Reporting = REPORT_ALL,
    *,
    has_particulars: bool = True,
) -> tuple[HostChoice, ...]:
    """Return the hosts that the settings select, at least one; none is connected yet.

    Args:
        settings: The global options.
        reporting: What the user wants reported of the findings.
        has_particulars: Whether the command shows a container's details.

    Raises:
        UsageProblem: the options contradict each other or make no sense.
        EngineUnreachable: a context that was typed is unknown.

    """
    chosen = several_hosts(settings)
    if chosen is not None:
        return choices_of(chosen, settings, reporting, has_particulars=has_particulars)
    connect = _asking_once(settings, reporting, has_particulars=has_particulars)
    if settings.demo:
        return (HostChoice("demo", connect),)
    endpoint, _ = one_host(settings)
    name = settings.host or settings.context or endpoint.context or endpoint.url
    return (HostChoice(name, connect),)


def _asking_once(
    settings: Settings, reporting: Reporting, *, has_particulars: bool
) -> Callable[[], Host]:
    """Return what connects to a host; only the first time ssh may ask something.

    The screen may be there the next time, and a thread may be the caller.
    """
    first = iter((settings,))
    silent = replace(settings, may_ask=False)
    at_end = at_end_of_command()

    def connect() -> Host:
        return wire(
            next(first, silent),
            reporting,
            has_particulars=has_particulars,
            at_end=at_end,
        )

    return connect


def choices_of(
    chosen: tuple[ChosenHost, ...],
    settings: Settings,
    reporting: Reporting = REPORT_ALL,
    *,
    has_particulars: bool = True,
) -> tuple[HostChoice, ...]:
    """Return how to connect to each of several hosts; arguments as above.

    They are connected at the same time. What ssh has to ask for that it asks before.
    """
    silent = replace(settings, may_ask=False)
    at_end = at_end_of_command()
    log_in = _log_in_ahead(chosen, settings, at_end)

    def connect(one: ChosenHost) -> Host:
        if isinstance(one.endpoint, NstuiError):
            raise one.endpoint
        return _wire_endpoint(
            one.endpoint,
            silent,
            replace(reporting, options=options_for(one.options, one.endpoint)),
            has_particulars=has_particulars,
            log_in=log_in,
        )

    return tuple(HostChoice(one.name, partial(connect, one)) for one in chosen)


def _log_in_ahead(
    chosen: tuple[ChosenHost, ...], settings: Settings, at_end: AtEnd
) -> Callable[[SshTarget], SshLink]:
    """Log in to those of several hosts where ssh asks; return what connects to each."""
    endpoints = [one.endpoint for one in chosen]
    targets = [
        one.ssh
        for one in endpoints
        if not isinstance(one, NstuiError) and one.ssh is not None
    ]
    if not targets:
        return partial(_log_in, settings, at_end)
    from nstui.cli.ssh_logins import Logins  # noqa: PLC0415

    logins = Logins(settings, at_end)
    logins.begin(targets)
    return logins.take


def _log_in(settings: Settings, at_end: AtEnd, target: SshTarget) -> SshLink:
    """Return the connection to a machine."""
    from nstui.cli.ssh_wiring import connect  # noqa: PLC0415

    return connect(settings, target, at_end)


def _wire_endpoint(
    endpoint: Endpoint,
    settings: Settings,
    reporting: Reporting,
    *,
    has_particulars: bool,
    log_in: Callable[[SshTarget], SshLink],
) -> Host:
    """Return the adapters for the engine at an address."""
    link, settled = None, None
    if endpoint.ssh is not None:
        from nstui.cli.ssh_wiring import settle  # noqa: PLC0415

        link = log_in(endpoint.ssh)
        settled = partial(settle, link, settings, endpoint.ssh)
        endpoint = endpoint.through(link)
    from nstui.engine.docker_engine import DockerEngine  # noqa: PLC0415

    engine = DockerEngine(endpoint, has_particulars=has_particulars)
    # The screen asks later, since its list would be old by the time it is shown.
    engine.greet(with_list=link is not None or not has_particulars)
    from nstui.engine.shells import DockerShells  # noqa: PLC0415
    from nstui.service.host import open_host  # noqa: PLC0415

    engine.list_ahead()
    host = _find_host(None if link is None else link.shell)
    audit_log = connect_audit_log(settings)
    engine.list_ahead()
    if settled is not None:
        try:
            settled()
        except BaseException:
            engine.close()
            if link is not None:
                link.close()
            raise
    if link is not None and link.found_socket is not None:
        # What is shown is another engine than the one that was named: it says so.
        endpoint = endpoint.at(link.found_socket)
        options = reporting.options.at(endpoint.url)
        reporting = replace(reporting, options=options)
        engine.close()
        engine = DockerEngine(endpoint, has_particulars=has_particulars)
    return open_host(
        engine,
        host,
        audit_log,
        endpoint=endpoint.url,
        context=endpoint.context,
        who=current_user(),
        find_compose=partial(_find_compose, endpoint),
        managers=FoundLater(partial(_find_managers, endpoint, engine)),
        evidence=host,
        shells=DockerShells(endpoint),
        register=_find_register(endpoint, engine),
        find_claims=partial(_find_claims, endpoint, engine),
        find_watch=partial(find_watch, endpoint),
        # nstui runs in no container of another machine.
        find_own=OwnProcess if link else partial(find_own_process, settings),
        find_tickets=partial(_find_tickets, endpoint, link),
        reporting=reporting,
    )


def _find_host(shell: RemoteShell | None) -> _Reads:
    """Return what reads ``/proc`` of the engine's machine.

    Args:
        shell: A shell on that machine; None if it is this one.

    """
    if shell is not None:
        from nstui.procfs.remote import remote_host  # noqa: PLC0415

        return remote_host(shell)
    from nstui.procfs.host import ProcHost  # noqa: PLC0415

    return ProcHost(proc_folder(os.environ))


def proc_folder(environ: Mapping[str, str]) -> Path:
    """Return the root of ``/proc`` that tells about the engine's machine; use it.

    A task of a swarm has a pid namespace of its own, and with it a ``/proc`` that shows
    no other container. It can have the machine's mounted elsewhere.

    Raises:
        UsageProblem: the environment names no folder with processes.

    """
    from nstui.procfs.host import PROC  # noqa: PLC0415

    chosen = environ.get(PROC_VARIABLE, "")
    if not chosen:
        return PROC
    folder = type(PROC)(chosen)
    if not folder.is_absolute() or not (folder / "self" / "cgroup").exists():
        raise UsageProblem(
            f"{PROC_VARIABLE} is {chosen!r}, where no /proc that shows nstui is mounted"
        )
    # What is counted of single processes comes from psutil, which must read the same.
    import psutil  # noqa: PLC0415

    psutil.PROCFS_PATH = chosen
    return folder


def find_own_process(settings: Settings) -> OwnProcess:
    """Return what tells in which container nstui runs; of the demo, nothing.

    Args:
        settings: The global options.

    Raises:
        UsageProblem: the environment makes no sense.

    """
    if settings.demo:
        return OwnProcess()
    from nstui.procfs.machine import LocalMachine  # noqa: PLC0415
    from nstui.procfs.own import read_own_process  # noqa: PLC0415

    return read_own_process(LocalMachine(proc_folder(os.environ)))


def connect_demo(
    clock: Callable[[], datetime] | None = None, reporting: Reporting = REPORT_ALL
) -> Host:
    """Return the simulated host.

    Args:
        clock: The source of the present time; None for the system's clock.
        reporting: What the user wants reported of the findings.

    """
    # Only the simulated host needs these modules.
    from nstui.demo.audit_log import MemoryAuditLog  # noqa: PLC0415
    from nstui.demo.engine import SimEngine  # noqa: PLC0415
    from nstui.demo.home import demo_world  # noqa: PLC0415
    from nstui.demo.host import SimHost  # noqa: PLC0415
    from nstui.service.host import open_host  # noqa: PLC0415
    from nstui.service.observer import now_utc  # noqa: PLC0415

    clock = clock or now_utc
    world = demo_world(clock)
    host = SimHost(world)
    return open_host(
        SimEngine(world),
        host,
        MemoryAuditLog(),
        endpoint="demo://",
        evidence=host,
        clock=clock,
        is_demo=True,
        reporting=reporting,
    )


def connect_audit_log(settings: Settings) -> AuditLog:
    """Return the audit log. That of the demo is kept in memory only.

    A user without a home folder gets a log that refuses records: only actions, which
    must be recorded, are impossible then, and what was removed is unknown.
    """
    if settings.demo:
        return _memory_audit_log()
    from nstui.audit.folders import default_folder  # noqa: PLC0415
    from nstui.audit.log import FileAuditLog  # noqa: PLC0415

    try:
        return FileAuditLog(default_folder())
    except AuditFailed as error:
        audit_log = _memory_audit_log()
        audit_log.hide(str(error))
        return audit_log


def _find_register(endpoint: Endpoint, engine: DockerEngine) -> Register | None:
    """Return the register of observed containers; None without a home folder."""
    from nstui.audit.folders import default_folder  # noqa: PLC0415
    from nstui.audit.register import FileRegister  # noqa: PLC0415

    try:
        return FileRegister(
            default_folder(), endpoint.url, find_engine_id=partial(_engine_id, engine)
        )
    except AuditFailed:
        return None


def _engine_id(engine: DockerEngine) -> str:
    return engine.machine().engine_id


def _find_claims(endpoint: Endpoint, engine: DockerEngine) -> Claims | None:
    """Return what other programs of nstui act on; None without a home folder."""
    from nstui.audit.claims import FileClaims  # noqa: PLC0415
    from nstui.audit.folders import default_folder  # noqa: PLC0415

    try:
        return FileClaims(default_folder(), endpoint.url, partial(_engine_id, engine))
    except AuditFailed:
        return None


def _find_tickets(endpoint: Endpoint, link: SshLink | None) -> Tickets | None:
    """Return what tells the guard; None where the engine may be another machine's."""
    if link is None and not endpoint.is_local_socket:
        return None
    from nstui.cli.guard_wiring import guard_places  # noqa: PLC0415
    from nstui.guard.announcing import GuardTickets  # noqa: PLC0415

    forward = None if link is None else link.forwarded
    return GuardTickets(guard_places().control_socket, forward=forward)


def find_watch(endpoint: Endpoint) -> WatchView | None:
    """Return what reads the standing watch of an engine; None without a home folder."""
    from nstui.audit.folders import default_folder  # noqa: PLC0415
    from nstui.audit.watch_view import FileWatchView  # noqa: PLC0415

    try:
        return FileWatchView(default_folder(), endpoint.url)
    except AuditFailed:
        return None


def find_watch_state(endpoint: str) -> WatchState | None:
    """Return where a watch leaves what it does; None without a home folder.

    Args:
        endpoint: The address of the engine.

    """
    from nstui.audit.folders import default_folder  # noqa: PLC0415
    from nstui.audit.watch_state import WatchStateFile  # noqa: PLC0415

    try:
        return WatchStateFile(default_folder(), endpoint)
    except AuditFailed:
        return None


def _memory_audit_log() -> MemoryAuditLog:
    from nstui.demo.audit_log import MemoryAuditLog  # noqa: PLC0415

    return MemoryAuditLog()


def _find_compose(endpoint: Endpoint) -> Compose:
    from nstui.engine.compose import ComposeCli  # noqa: PLC0415

    return ComposeCli(endpoint)


class FoundLater:
    """Implements `nstui.ports.Managers` by an object that is created on first use."""

    def __init__(self, find: Callable[[], Managers]) -> None:
        self._find = find
        self._found: Managers | None = None

    def reaches(self, manager: Manager) -> bool:
        """Tell whether a manager can be asked to act."""
        return self._managers().reaches(manager)

    def run(self, command: tuple[str, ...]) -> None:
        """Run a manager's command, given as words, and return when it has ended."""
        self._managers().run(command)

    def _managers(self) -> Managers:
        if self._found is None:
            self._found = self._find()
        return self._found


def _find_managers(endpoint: Endpoint, engine: DockerEngine) -> Managers:
    from nstui.engine.managers import ManagerPrograms  # noqa: PLC0415

    return ManagerPrograms(endpoint, engine.ask)


def current_user() -> str:
    """Return the user that runs nstui, with the one that called sudo, if any."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        # The user id has no name, as is common in containers.
        name = f"uid {os.geteuid()}"
    sudo_user = os.environ.get("SUDO_USER")
    return f"{name} (sudo: {sudo_user})" if sudo_user else name
