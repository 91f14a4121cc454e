"""What a docker command that has just ended has broken, and why it has failed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.docker_cli.words import START
from nstui.analysis.graph.graph import start_needs
from nstui.model.container import ContainerId
from nstui.model.finding import FindingCode, IncidentCause, Severity
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from nstui.analysis.docker_cli.words import DockerCommand
    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.report import Report
    from nstui.model.finding import Incident


_NOT_STARTED = frozenset(
    {FindingCode.OWNER_GONE, FindingCode.OWNER_STOPPED, FindingCode.START_FAILED}
)
"""The findings that tell why a container does not run, if what it needs does not."""

_STARTING = frozenset({START, "restart"})

_INEXACT = timedelta(seconds=0.1)
"""How much earlier than its command an event may seem: the kernel counts the start of
a process in hundredths of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCommand:
    """A docker command that has just ended."""

    command: DockerCommand | None
    """What it did; None if its words could not be read."""

    began: datetime | None
    """When it began; None if that is unknown, or if the engine has another clock."""

    has_failed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The containers that it named, as they were given."""
        given = () if self.command is None else self.command.names
        return tuple(name.strip("/") for name in given)


def gone_owners(report: Report) -> tuple[ContainerId, ...]:
    """Return the containers that others joined and that no longer exist."""
    gone = (finding.gone for finding in report.findings if finding.gone)
    return tuple(dict.fromkeys(map(ContainerId, gone)))


def find_losses(
    report: Report, ended: EndedCommand, removed: Mapping[ContainerId, datetime]
) -> tuple[Incident, ...]:
    """Return why a command has failed, then what it has broken, each the worst first.

    A running container has lost its network by a command if that happened after the
    command had begun, or to an owner that the command names.

    Args:
        report: The report of a look after the command.
        ended: The command.
        removed: When containers that no longer exist were removed, as far as known.

    """
    failures = _find_failures(report, ended)
    losses = (
        incident
        for incident in report.incidents
        if incident not in failures
        and _loses_network(report, incident)
        and _is_due_to(report, incident, ended, removed)
    )
    return (*failures, *losses)


def _find_failures(report: Report, ended: EndedCommand) -> tuple[Incident, ...]:
    """Return what keeps the containers from starting that a command was to start."""
    if not ended.has_failed or ended.command is None:
        return ()
    if ended.command.verb not in _STARTING:
        return ()
    named = {report.graph.resolve(name) for name in ended.names}
    return tuple(
        incident
        for incident in report.incidents
        if any(
            finding.code in _NOT_STARTED
            and finding.container in named
            and _lacks_owner(report.graph, finding.container)
            for finding in incident.findings
        )
    )


def _lacks_owner(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container does not run, and neither does what it has to join."""
    needed = (one.target for one in start_needs(graph, container))
    return not graph.runs(container) and any(
        one is None or not graph.runs(one) for one in needed
    )


def _loses_network(report: Report, incident: Incident) -> bool:
    """Tell whether a running container has no network because of an incident."""
    return incident.cause is not IncidentCause.INTERRUPTED and any(
        finding.severity is Severity.ERROR
        and finding.kind is NamespaceKind.NET
        and report.graph.runs(finding.container)
        for finding in incident.findings
    )


def _is_due_to(
    report: Report,
    incident: Incident,
    ended: EndedCommand,
    removed: Mapping[ContainerId, datetime],
) -> bool:
    called = {name: report.graph.resolve(name) for name in ended.names}
    since = incident.since
    if incident.owner is None:
        gone = {ContainerId(finding.gone) for finding in incident.findings}
        since = max((removed[one] for one in gone & removed.keys()), default=None)
        unknown = [name for name, found in called.items() if name and found is None]
        is_named = any(_was_called(report, gone, name) for name in unknown)
    else:
        is_named = incident.owner in called.values()
    if is_named or since is None or ended.began is None:
        return is_named
    return since >= ended.began - _INEXACT


def _was_called(report: Report, gone: Iterable[ContainerId], name: str) -> bool:
    """Tell whether a name meant one of some containers that no longer exist."""
    former = report.snapshot.former_containers
    # A container can also be named by the beginning of its id.
    return any(
        one.startswith(name) or (one in former and former[one].name == name)
        for one in gone
    )
