"""The evidence for what a container shares, and its network, as JSON.

A part that could not be read is null, and `problems` has the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.tree.members import publications, publisher
from nstui.model.container import ContainerId
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from nstui.render.document import SCHEMA, finding_fields, iso_time, manager_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.explain import Explanation, NamespaceEvidence, Share
    from nstui.analysis.report import Report
    from nstui.analysis.tree.members import Member, Publication
    from nstui.model.holders import Evidence, RuntimeJoin
    from nstui.model.network import (
        Address,
        Interface,
        Interfaces,
        Interior,
        Listener,
        NetworkProcess,
        Route,
        Routes,
    )
    from nstui.model.snapshot import MountedFile


def inside_document(
    report: Report, explanation: Explanation
) -> dict[str, object] | None:
    """Return a network as seen from inside; None if it was not read."""
    interior = explanation.interior
    if interior is None:
        return None
    owner = publisher(report, explanation.container.id)
    ports = () if owner is None else publications(report, owner, interior)
    parts = {
        "interfaces": interior.interfaces,
        "routes": interior.routes,
        "listeners": interior.listeners,
        "outsiders": explanation.outsiders,
    }
    return {
        **_interfaces(interior.interfaces),
        "routes": _routes(interior.routes),
        "listeners": (
            None
            if isinstance(interior.listeners, ReadProblem)
            else [_listener(each, interior) for each in interior.listeners]
        ),
        "published": [_publication(each, interior) for each in ports],
        "outsiders": (
            [_outsider(each) for each in explanation.outsiders]
            if isinstance(explanation.outsiders, tuple)
            else None
        ),
        "hides_processes": interior.hides_processes,
        "problems": {
            name: part.value
            for name, part in parts.items()
            if isinstance(part, ReadProblem)
        },
    }


def member_document(member: Member) -> dict[str, object]:
    """Return a container of a network with its CPU time and memory."""
    container, usage = member.container, member.usage
    inspection = container.inspection
    started = None if inspection is None else inspection.started_at
    used = usage if isinstance(usage, Usage) else None
    return {
        "container": container.id,
        "name": container.name,
        "state": container.state.value,
        "health": None if container.health is None else container.health.value,
        "started_at": None if started is None else iso_time(started),
        "restarts": None if inspection is None else inspection.restart_count,
        "cpu_percent": member.cpu_percent,
        "cpu_seconds": None if used is None else used.cpu_s,
        "memory": None if used is None else used.memory,
        "is_summed": None if used is None else used.is_summed,
        "problem": usage.value if isinstance(usage, ReadProblem) else None,
    }


def _interfaces(found: Interfaces | ReadProblem) -> dict[str, object]:
    if isinstance(found, ReadProblem):
        return {"interfaces": None, "unplaced_addresses": None}
    return {
        "interfaces": [_interface(interface) for interface in found.interfaces],
        "unplaced_addresses": _addresses(found.unplaced),
    }


def _interface(interface: Interface) -> dict[str, object]:
    return {
        "name": interface.name,
        "is_up": interface.is_up,
        "addresses": _addresses((*interface.ipv4, *interface.ipv6)),
        "received": interface.received,
        "sent": interface.sent,
    }


def _addresses(found: Iterable[Address]) -> list[dict[str, object]]:
    return [
        {
            "address": address.text,
            "prefix": address.prefix,
            "is_inferred": address.is_inferred,
        }
        for address in found
    ]


def _routes(found: Routes | ReadProblem) -> dict[str, object] | None:
    if isinstance(found, ReadProblem):
        return None
    return {
        "ipv4": [_route(route) for route in found.ipv4],
        "ipv6": [_route(route) for route in found.ipv6],
        "other_tables": list(found.other_tables),
    }


def _route(route: Route) -> dict[str, object]:
    return {
        "destination": route.destination,
        "gateway": route.gateway,
        "is_direct": route.is_direct,
        "interface": route.interface,
        "metric": route.metric,
    }


def _listener(listener: Listener, interior: Interior) -> dict[str, object]:
    return {
        "protocol": listener.socket.protocol.value,
        "address": listener.socket.address,
        "port": listener.socket.port,
        "holders": _holders((listener,), interior),
    }


def _holders(
    found: Iterable[Listener], interior: Interior
) -> list[dict[str, object]] | None:
    """Return the holders of some sockets; None if those of one are unknown."""
    holders: dict[int, dict[str, object]] = {}
    for each in found:
        if each.processes is None:
            return None
        for holder in each.processes:
            holders[holder.pid] = {
                "pid": holder.pid,
                "command": holder.command,
                "container": interior.owners.get(holder.pid),
            }
    return list(holders.values())


def _publication(publication: Publication, interior: Interior) -> dict[str, object]:
    first = publication.ports[0]
    return {
        "host_port": first.host_port,
        "host_addresses": [port.host_ip for port in publication.ports],
        "container_port": first.container_port,
        "protocol": first.protocol,
        "is_served": None
        if publication.listeners is None
        else bool(publication.listeners),
        "holders": (
            None
            if publication.listeners is None
            else _holders(publication.listeners, interior)
        ),
    }


def _outsider(process: NetworkProcess) -> dict[str, object]:
    return {
        "pid": process.pid,
        "command": process.command,
        "container": process.container,
    }


def explain_document(report: Report, explanation: Explanation) -> dict[str, object]:
    """Return the evidence of each source about a container."""
    name = explanation.container.name
    return {
        "schema": SCHEMA,
        "namespaces_read": report.snapshot.namespaces_read.value,
        "container": explanation.container.id,
        "name": name,
        "manager": manager_fields(explanation.container),
        "findings": [finding_fields(name, finding) for finding in explanation.findings],
        "disagreements": list(explanation.disagreements),
        "shares": [_share(report, share) for share in explanation.shares],
        "runtime": _runtime(explanation.evidence),
        "files": _files(explanation.evidence),
        "inside": inside_document(report, explanation),
        "members": [member_document(each) for each in explanation.members],
    }


def _share(report: Report, share: Share) -> dict[str, object]:
    declared = share.declared
    gone = None if declared is None else _known(report, declared.reference)
    return {
        "kind": share.kind.value,
        "engine": (
            None
            if declared is None
            else {
                "reference": declared.reference,
                "target": declared.target,
                "was": gone if declared.target is None else None,
            }
        ),
        "is_host": share.is_host,
        "kernel": _place(share.here),
        "joined": None if share.there is None else _place(share.there),
        "runtime": None if share.runtime is None else _join(share.runtime),
        "joined_by": list(share.joined_by),
        "together_with": list(share.mates),
    }


def _known(report: Report, reference: str) -> dict[str, object] | None:
    """Return what is known of a container that is gone, and from which source."""
    known = report.snapshot.former_containers.get(ContainerId(reference))
    if known is None:
        return None
    service = known.compose
    return {
        "name": known.name,
        "compose": (
            None
            if service is None
            else {"project": service.project, "service": service.service}
        ),
        "known_from": known.source.value,
    }


def _place(place: NamespaceEvidence) -> dict[str, object]:
    return {
        "container": place.container,
        "pid": place.pid,
        "namespace": None if place.namespace is None else str(place.namespace),
        "problem": None if place.problem is None else place.problem.value,
        "unread": place.unread or None,
    }


def _join(join: RuntimeJoin) -> dict[str, object]:
    return {
        "path": join.path,
        "pid": join.pid,
        "is_there": join.is_there,
        "container": join.container,
    }


def _runtime(evidence: Evidence | None) -> dict[str, object] | None:
    if evidence is None:
        return None
    return {"config": evidence.config, "problem": evidence.joins_problem}


def _files(evidence: Evidence | None) -> dict[str, object] | None:
    if evidence is None:
        return None
    files = None
    if evidence.files is not None:
        files = [_file(file) for file in evidence.files]
    return {"mounted": files, "problem": evidence.files_problem}


def _file(file: MountedFile) -> dict[str, object]:
    return {
        "name": file.name,
        "source": file.source,
        "is_deleted": file.is_deleted,
        "belongs_to": file.belongs_to,
    }
