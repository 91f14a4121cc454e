"""The words of an incident: whom it happened to, what, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.findings.networks import has_only_loopback
from nstui.model.container import ContainerId, ContainerState, short_id
from nstui.model.finding import Finding, FindingCode, IncidentCause
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot


Key = tuple[IncidentCause, str, str]
"""A cause: what happened, to which container or network, and what tells it from
others."""

_ONLY_LO = "(only lo)"

_NETWORK_LOST = frozenset(
    {
        FindingCode.STALE_JOIN,
        FindingCode.OWNER_GONE,
        FindingCode.OWNER_STOPPED,
        FindingCode.NO_UPLINK,
    }
)
"""The findings of a container whose network may be dead."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Some findings with one cause."""

    key: Key
    findings: tuple[Finding, ...]
    perhaps: tuple[Finding, ...]

    @property
    def owner(self) -> ContainerId | None:
        """The container that is the cause, if it exists."""
        match self.key[0]:
            case IncidentCause.INTERRUPTED:
                return ContainerId(self.key[1])
            case IncidentCause.NETWORK_GONE | IncidentCause.OWN:
                return None
        return self.findings[0].owner

    @property
    def own(self) -> tuple[Finding, ...]:
        """The findings that tell of the cause itself, and whose remedy is that of all.

        They are those of an interrupted plan, and those that no other container causes.
        """
        match self.key[0]:
            case IncidentCause.INTERRUPTED:
                code = FindingCode.INTERRUPTED
                return tuple(f for f in self.findings if f.code is code)
            case IncidentCause.OWN:
                return self.findings
        return ()

    @property
    def containers(self) -> tuple[ContainerId, ...]:
        """The containers that have the findings, each once."""
        return tuple(dict.fromkeys(finding.container for finding in self.findings))

    @property
    def noun(self) -> str:
        """What they shared: ``network`` or ``ipc namespace``, for instance."""
        kinds = {finding.kind for finding in self.findings}
        if kinds == {NamespaceKind.NET}:
            return "network"
        return f"{kinds.pop()} namespace" if len(kinds) == 1 else "namespaces"


@dataclass(frozen=True, slots=True)
class IncidentWords:
    """The words of an incident, but for the names of its containers."""

    subject: str
    event: str
    since: datetime | None = None
    effect: str = ""
    glance: str = ""


def find_without_network(
    snapshot: Snapshot, graph: Graph, findings: Iterable[Finding]
) -> frozenset[ContainerId]:
    """Return the running containers that lost their network, as far as that was read.

    Each has only lo, and a finding that says that it should have more.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        findings: The findings about its containers.

    """
    return frozenset(
        finding.container
        for finding in findings
        if finding.code in _NETWORK_LOST
        and finding.kind is NamespaceKind.NET
        and has_only_loopback(snapshot, graph.containers[finding.container])
    )


def incident_words(
    snapshot: Snapshot, graph: Graph, gathered: Gathered
) -> IncidentWords:
    """Return the words of an incident, which claim no more than was read."""
    cause, subject, _ = gathered.key
    if cause is IncidentCause.OWNER_GONE:
        return _gone_words(snapshot, graph, gathered)
    if cause is IncidentCause.NETWORK_GONE:
        return _network_words(gathered)
    owner = graph.containers[ContainerId(subject)]
    if cause is IncidentCause.OWNER_STOPPED:
        return _stopped_words(snapshot, graph, gathered, owner)
    alone = {
        IncidentCause.NO_UPLINK: _uplink_words,
        IncidentCause.INTERRUPTED: _interrupted_words,
        IncidentCause.RESTART_MISMATCH: _mismatch_words,
        IncidentCause.OWN: _own_words,
    }.get(cause)
    if alone is not None:
        return alone(gathered, owner)
    return _left_words(snapshot, graph, gathered, owner)


def started(container: Container) -> datetime | None:
    """Return when a container was last started, if that is known."""
    return None if container.inspection is None else container.inspection.started_at


def _network_words(gathered: Gathered) -> IncidentWords:
    containers = gathered.containers
    return IncidentWords(
        f"network {gathered.key[1]}",
        "no longer exists",
        effect=f"{_many(containers)} made for it {_no_connection(containers)}",
        glance=_without_text(containers),
    )


def _own_words(gathered: Gathered, owner: Container) -> IncidentWords:
    messages = "; ".join(finding.message for finding in gathered.findings)
    return IncidentWords(owner.name, messages)


def _left_words(
    snapshot: Snapshot, graph: Graph, gathered: Gathered, owner: Container
) -> IncidentWords:
    """Return the words about containers in another namespace than their owner."""
    several, noun = _many(gathered.containers), gathered.noun
    is_one = len(gathered.containers) == 1
    lost = _without(snapshot, graph, gathered)
    tail, glance = _loss_text(gathered, lost), _loss_glance(gathered, lost)
    match gathered.key[0]:
        case IncidentCause.OWNER_RESTARTED:
            sits = "sits" if is_one else "sit"
            effect = f"{several} still {sits} in its old {noun}{tail}"
            return IncidentWords(
                owner.name, "was restarted", started(owner), effect, glance
            )
        case IncidentCause.OWNER_REPLACED:
            effect = f"{several} joined an earlier {owner.name}{tail}"
            return IncidentWords(
                owner.name, "was created", owner.created_at, effect, glance
            )
    effect = f"{several} that joined it {'is' if is_one else 'are'} not there{tail}"
    return IncidentWords(owner.name, f"is in another {noun}", None, effect, glance)


def _stopped_words(
    snapshot: Snapshot, graph: Graph, gathered: Gathered, owner: Container
) -> IncidentWords:
    effect, glance = _needing_text(snapshot, graph, gathered, " until it runs")
    if owner.state is ContainerState.REMOVING:
        return IncidentWords(owner.name, "is being removed", None, effect, glance)
    if owner.state is not ContainerState.EXITED:
        return IncidentWords(owner.name, f"is {owner.state}", None, effect, glance)
    ended = None if owner.inspection is None else owner.inspection.finished_at
    event = "is not running" if ended is None else "stopped"
    return IncidentWords(owner.name, event, ended, effect, glance)


def _gone_words(snapshot: Snapshot, graph: Graph, gathered: Gathered) -> IncidentWords:
    reference = gathered.key[1]
    former = snapshot.former_containers.get(ContainerId(reference))
    subject = short_id(reference)
    if former is not None:
        subject = f"{former.name} ({subject})"
    effect, glance = _needing_text(snapshot, graph, gathered, "")
    return IncidentWords(subject, "no longer exists", None, effect, glance)


def _uplink_words(gathered: Gathered, owner: Container) -> IncidentWords:
    own = next((f for f in gathered.findings if f.container == owner.id), None)
    event = "has no connection (only lo)" if own is None else own.message
    others = [c for c in gathered.containers if c != owner.id]
    share = "shares" if len(others) == 1 else "share"
    effect = f"{_many(others)} {share} its network" if others else ""
    return IncidentWords(
        owner.name, event, None, effect, _without_text(gathered.containers)
    )


def _interrupted_words(gathered: Gathered, owner: Container) -> IncidentWords:
    others = [c for c in gathered.containers if c != owner.id]
    needs = "depends" if len(others) == 1 else "depend"
    messages = "; ".join(finding.message for finding in gathered.own)
    event = messages or "was left behind by a cut-off action"
    effect = f"{_many(others)} {needs} on it" if others else ""
    return IncidentWords(owner.name, event, None, effect)


def _mismatch_words(gathered: Gathered, owner: Container) -> IncidentWords:
    policy = "no" if owner.inspection is None else owner.inspection.restart_policy
    if len(gathered.containers) == 1:
        words = "that joined it restarts by itself and cannot start after a reboot"
    else:
        words = "that joined it restart by themselves and cannot start after a reboot"
    effect = f"{_many(gathered.containers)} {words}"
    return IncidentWords(owner.name, f"has the restart policy {policy}", None, effect)


def _needing_text(
    snapshot: Snapshot, graph: Graph, gathered: Gathered, until: str
) -> tuple[str, str]:
    """Return what becomes of containers without the one that they joined, twice."""
    up = [c for c in gathered.containers if graph.runs(c)]
    down = [c for c in gathered.containers if not graph.runs(c)]
    lost = _without(snapshot, graph, gathered)
    parts = []
    if up:
        runs = "runs" if len(up) == 1 else "run"
        parts.append(f"{_many(up)} that joined it still {runs}")
        if len(lost) == len(up):
            parts[0] = f"{_many(up)} that joined it {_no_connection(up)}"
        elif lost:
            parts[0] += f", {len(lost)} without a connection {_ONLY_LO}"
    if down:
        several = str(len(down)) if up else f"{_many(down)} that joined it"
        parts.append(f"{several} cannot start{until}")
    glance = f"{len(gathered.containers)} joined it"
    return ", ".join(parts), _without_text(lost) if lost else glance


def _without(
    snapshot: Snapshot, graph: Graph, gathered: Gathered
) -> frozenset[ContainerId]:
    return find_without_network(snapshot, graph, gathered.findings)


def _loss_text(gathered: Gathered, lost: frozenset[ContainerId]) -> str:
    """Return the end of a sentence about containers that have no connection."""
    if not lost:
        return ""
    if len(lost) == len(gathered.containers):
        return f" and {_no_connection(lost)}"
    has = "has" if len(lost) == 1 else "have"
    return f"; {len(lost)} of them {has} no connection {_ONLY_LO}"


def _loss_glance(gathered: Gathered, lost: frozenset[ContainerId]) -> str:
    if lost:
        return _without_text(lost)
    return f"{len(gathered.containers)} in another {gathered.noun}"


def _without_text(containers: Collection[ContainerId]) -> str:
    return f"{len(containers)} {'has' if len(containers) == 1 else 'have'} no network"


def _no_connection(containers: Collection[ContainerId]) -> str:
    return f"{'has' if len(containers) == 1 else 'have'} no connection {_ONLY_LO}"


def _many(containers: Collection[ContainerId]) -> str:
    count = len(containers)
    return f"{count} container{'' if count == 1 else 's'}"
