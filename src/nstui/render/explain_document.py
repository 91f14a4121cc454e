"""The evidence for what a container shares, and its network, as JSON.

A part that could not be read is null, and `problems` says why.
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


def inside_document(report: Report, told: Explanation) -> dict[str, object] | None:
    """Return a network from within; None if none was read."""
    interior = told.interior
    if interior is None:
        return None
    owner = publisher(report, told.container.id)
    ports = () if owner is None else publications(report, owner, interior)
    parts = {
        "interfaces": interior.interfaces,
        "routes": interior.routes,
        "listeners": interior.listeners,
        "outsiders": told.outsiders,
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
            [_outsider(each) for each in told.outsiders]
            if isinstance(told.outsiders, tuple)
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
    """Return one container of a network with what it uses."""
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
        "interfaces": [_interface(each) for each in found.interfaces],
        "unplaced_addresses": _addresses(found.unplaced),
    }


def _interface(each: Interface) -> dict[str, object]:
    return {
        "name": each.name,
        "is_up": each.is_up,
        "addresses": _addresses((*each.ipv4, *each.ipv6)),
        "received": each.received,
        "sent": each.sent,
    }


def _addresses(found: Iterable[Address]) -> list[dict[str, object]]:
    return [
        {
            "address": each.text,
            "prefix": each.prefix,
            "is_inferred": each.is_inferred,
        }
        for each in found
    ]


def _routes(found: Routes | ReadProblem) -> dict[str, object] | None:
    if isinstance(found, ReadProblem):
        return None
    return {
        "ipv4": [_route(each) for each in found.ipv4],
        "ipv6": [_route(each) for each in found.ipv6],
        "other_tables": list(found.other_tables),
    }


def _route(each: Route) -> dict[str, object]:
    return {
        "destination": each.destination,
        "gateway": each.gateway,
        "is_direct": each.is_direct,
        "interface": each.interface,
        "metric": each.metric,
    }


def _listener(each: Listener, interior: Interior) -> dict[str, object]:
    return {
        "protocol": each.socket.protocol.value,
        "address": each.socket.address,
        "port": each.socket.port,
        "holders": _holders((each,), interior),
    }


def _holders(
    found: Iterable[Listener], interior: Interior
) -> list[dict[str, object]] | None:
    """Return who holds any of some sockets; None if that is not known of one."""
    holders: dict[int, dict[str, object]] = {}
    for each in found:
        if each.holders is None:
            return None
        for holder in each.holders:
            holders[holder.pid] = {
                "pid": holder.pid,
                "command": holder.command,
                "container": interior.owners.get(holder.pid),
            }
    return list(holders.values())


def _publication(each: Publication, interior: Interior) -> dict[str, object]:
    first = each.ports[0]
    return {
        "host_port": first.host_port,
        "host_addresses": [port.host_ip for port in each.ports],
        "container_port": first.container_port,
        "protocol": first.protocol,
        "is_served": None if each.listeners is None else bool(each.listeners),
        "holders": (
            None if each.listeners is None else _holders(each.listeners, interior)
        ),
    }


def _outsider(each: NetworkProcess) -> dict[str, object]:
    return {"pid": each.pid, "command": each.command, "container": each.container}


def explain_document(report: Report, told: Explanation) -> dict[str, object]:
    """Return everything that each source says of one container."""
    name = told.container.name
    return {
        "schema": SCHEMA,
        "namespaces_read": report.snapshot.namespaces_read.value,
        "container": told.container.id,
        "name": name,
        "manager": manager_fields(told.container),
        "findings": [finding_fields(name, finding) for finding in told.findings],
        "disagreements": list(told.disagreements),
        "shares": [_share(report, share) for share in told.shares],
        "runtime": _runtime(told.evidence),
        "files": _files(told.evidence),
        "inside": inside_document(report, told),
        "members": [member_document(each) for each in told.members],
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
    """Return what is known of one that is gone, and from where."""
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
