"""Findings about a container and those it joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import exit_text, is_failed_job, is_finished_job, start_error
from nstui.analysis.findings.networks import (
    find_misnamed,
    find_unnamed,
    joined_under_its_name,
)
from nstui.analysis.plans.commands import (
    Remedy,
    after,
    command,
    commands,
    quoted_name,
    word_for,
    words_for,
)
from nstui.analysis.plans.outcomes import stale_hops
from nstui.analysis.text import shell_commands
from nstui.model.container import ContainerId, ContainerState, short_id
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.graph.graph import Chain, Graph
    from nstui.analysis.graph.presence import Dependency
    from nstui.analysis.plans.commands import Words
    from nstui.analysis.succession import Succession
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot


def find_broken_join(
    snapshot: Snapshot, graph: Graph, container: Container, kind: NamespaceKind
) -> Finding | None:
    """Return the finding for the break in a chain that is nearest to the container."""
    chain = graph.chain(container.id, kind)
    home = joined_under_its_name(graph, chain, kind)
    if home is not None and chain.gone is None:
        misnamed = find_misnamed(snapshot, graph, chain, home, kind)
        here = snapshot.namespace(container.id, kind)
        if misnamed is not None or here == snapshot.namespace(chain.hops[1], kind):
            return misnamed
    for joined in chain.hops[1:]:
        if not graph.runs(joined):
            return _owner_stopped(snapshot, graph, chain, joined, kind)
    if chain.gone is not None:
        host = graph.presence.owner(container.id, kind)
        if host is not None and chain.gone.by_name:
            docker = command(snapshot.engine)
            return find_unnamed(snapshot, graph, chain, host, docker)
        return _owner_gone(snapshot, graph, chain, kind)
    if len(chain.hops) > 1 and container.state.has_process and not chain.loops:
        return _stale_join(snapshot, graph, chain, kind)
    return None


def _owner_gone(
    snapshot: Snapshot, graph: Graph, chain: Chain, kind: NamespaceKind
) -> Finding:
    container = graph.containers[chain.hops[0]]
    if is_finished_job(graph, container):
        words = "has finished"
        return _job_done(snapshot, graph, chain, words, Severity.NOTICE)
    if is_failed_job(graph, container):
        words = f"ended with exit code {exit_text(container)}"
        return _job_done(snapshot, graph, chain, words, Severity.WARNING)
    runs = container.state.has_process
    gone = "" if chain.gone is None else _gone_text(snapshot, chain.gone)
    remedy = _orphan_remedy(snapshot, graph, container, chain)
    evidence = ""
    if kind is NamespaceKind.NET and chain.gone is not None:
        evidence = _lost_files(snapshot, container, chain.gone)
    return Finding(
        code=FindingCode.OWNER_GONE,
        severity=Severity.ERROR if runs else Severity.WARNING,
        container=container.id,
        message=f"joined {_path_text(graph, chain)}{gone}, which no longer exists"
        + (evidence if runs else "; it cannot start"),
        remedy=remedy.text,
        is_command=remedy.is_command,
        kind=kind,
        gone="" if chain.gone is None else chain.gone.reference,
    )


def _job_done(
    snapshot: Snapshot, graph: Graph, chain: Chain, words: str, severity: Severity
) -> Finding:
    container = graph.containers[chain.hops[0]]
    gone = "" if chain.gone is None else _gone_text(snapshot, chain.gone)
    again = ("nstui", "heal", word_for(container))
    return Finding(
        code=FindingCode.OWNER_GONE,
        severity=severity,
        container=container.id,
        message=f"{words}; it joined {_path_text(graph, chain)}{gone}, which no longer"
        " exists",
        remedy=after("if its log and exit code are not needed", again).text,
        gone="" if chain.gone is None else chain.gone.reference,
    )


def _gone_text(snapshot: Snapshot, gone: Dependency) -> str:
    """Return the name of a container that no longer exists, as far as it is known."""
    former = snapshot.former_containers.get(ContainerId(gone.reference))
    reference = short_id(gone.reference)
    return reference if former is None else f"{former.name} ({reference})"


def _lost_files(snapshot: Snapshot, container: Container, gone: Dependency) -> str:
    """Return which of the engine's files went with the owner, if the kernel tells."""
    reading = snapshot.host.processes.get(container.id)
    files = reading.files if reading is not None and reading.files is not None else ()
    names = [
        file.name
        for file in files
        if file.is_deleted
        and file.belongs_to is not None
        and (gone.by_name or file.belongs_to == gone.reference)
    ]
    return f"; deleted with it: {', '.join(names)}" if names else ""


def _orphan_remedy(
    snapshot: Snapshot, graph: Graph, container: Container, chain: Chain
) -> Remedy:
    """Return the remedy for a container with an owner that is gone."""
    if chain.gone is None or chain.gone.by_name:
        gone = "" if chain.gone is None else chain.gone.reference
        again = words_for(graph, reversed(chain.hops))
        restart = (command(snapshot.engine), "restart", *again)
        return after(f"create {quoted_name(gone)} again", restart)
    from nstui.analysis.findings.remedies import dependents_option  # noqa: PLC0415
    from nstui.analysis.succession import (  # noqa: PLC0415
        find_succession,
        joins_of_service,
        kinds_of,
        why_unfit,
    )

    gone, last = ContainerId(chain.gone.reference), chain.hops[-1]
    known = find_succession(snapshot, graph, None, gone, joins_of_service(graph, gone))
    options = dependents_option(snapshot, graph, chain.hops)
    name = word_for(container)
    heal = ("nstui", "heal", *options, name)
    if known.successor is not None:
        kinds = kinds_of(graph, last, gone)
        if why_unfit(graph, last, known.successor, kinds) is None:
            return commands(heal)
    elif known.is_known and not known.proven:
        return after(f"create {quoted_name(known.gone_name)} again", heal)
    elif not known.proven and graph.containers[last].compose is not None:
        asked = f"ask compose with {shell_commands([heal]) or 'nstui heal'}"
        return _choice_remedy(graph, known, (*options, name), f"{asked}, or ")
    return _choice_remedy(graph, known, (*options, name))


def _choice_remedy(
    graph: Graph, known: Succession, arguments: Words, first: str = ""
) -> Remedy:
    """Return a remedy that has the user choose a new owner from the candidates."""
    others = known.candidates if known.successor is None else ()
    names = " or ".join(quoted_name(graph.name(one.container)) for one in others)
    perhaps = f", perhaps {names}" if names else ""
    heal = ("nstui", "heal", "--onto", "NEW_OWNER", *arguments)
    return after(f"{first}choose its new owner{perhaps}", heal)


def _owner_stopped(
    snapshot: Snapshot,
    graph: Graph,
    chain: Chain,
    stopped: ContainerId,
    kind: NamespaceKind,
) -> Finding | None:
    container = graph.containers[chain.hops[0]]
    owner = graph.containers[stopped]
    runs = container.state.has_process
    if start_error(container):
        # A refused start is the worse finding, and explains this one.
        return None
    if chain.gone is not None:
        # What it joined cannot be started either.
        remedy = _orphan_remedy(snapshot, graph, container, chain)
    else:
        from nstui.analysis.findings.remedies import bring_back  # noqa: PLC0415

        again = chain.hops[: chain.hops.index(stopped)] if runs else (stopped,)
        remedy = bring_back(snapshot, graph, again)
    state = "not running" if owner.state is ContainerState.EXITED else owner.state
    return Finding(
        code=FindingCode.OWNER_STOPPED,
        severity=Severity.ERROR if runs else Severity.NOTICE,
        container=container.id,
        message=f"joined {_path_text(graph, chain, stopped)}{owner.name},"
        f" which is {state}"
        + ("" if runs else f"; it cannot start until {owner.name} runs"),
        remedy=remedy.text,
        is_command=remedy.is_command,
        kind=kind,
        owner=stopped,
    )


def _stale_join(
    snapshot: Snapshot, graph: Graph, chain: Chain, kind: NamespaceKind
) -> Finding | None:
    again = stale_hops(snapshot, graph, chain, kind)
    if not again:
        return None
    from nstui.analysis.findings.remedies import bring_back  # noqa: PLC0415

    container, owner = graph.containers[chain.hops[0]], graph.containers[chain.hops[-1]]
    here = snapshot.namespace(container.id, kind)
    there = snapshot.namespace(owner.id, kind)
    since = None
    if here is not None and there is not None:
        since = None if owner.inspection is None else owner.inspection.started_at
        message = (
            f"runs in {here}{_foreign_namespace_text(graph, container, kind)};"
            f" {owner.name} has been in {there} since"
            f" its {_event_of_owner(container, owner)}"
        )
    else:
        message = (
            f"started before {owner.name}'s last start,"
            f" so it is in a {kind} namespace that {owner.name} has left"
        )
    remedy = bring_back(snapshot, graph, again)
    return Finding(
        code=FindingCode.STALE_JOIN,
        severity=Severity.ERROR,
        container=container.id,
        message=message,
        remedy=remedy.text,
        is_command=remedy.is_command,
        since=since,
        kind=kind,
        owner=owner.id,
    )


def _foreign_namespace_text(
    graph: Graph, container: Container, kind: NamespaceKind
) -> str:
    """Return which other container owns a container's namespace; empty if none does."""
    host = graph.presence.owner(container.id, kind)
    return "" if host in {None, container.id} else f", that of {graph.name(host)}"


def _event_of_owner(container: Container, owner: Container) -> str:
    """Return the event by which an owner got a namespace that its dependent is not in.

    An owner that is younger than its dependent has taken over the name of another.
    """
    started = container.inspection.started_at if container.inspection else None
    if started is None or owner.created_at is None or owner.created_at <= started:
        return "restart"
    return "first start"


def _path_text(graph: Graph, chain: Chain, end: ContainerId | None = None) -> str:
    """Return the names of the containers between the first and the end of a chain."""
    hops = chain.hops if end is None else chain.hops[: chain.hops.index(end)]
    return "".join(f"{graph.name(hop)}, which joined " for hop in hops[1:])
