"""The evidence for what a container shares, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.snapshot import ReadProblem
from nstui.render.document import SCHEMA, finding_fields

if TYPE_CHECKING:
    from nstui.analysis.explanation import Explanation, Place, Share
    from nstui.analysis.report import Report
    from nstui.model.evidence import Evidence, RuntimeJoin
    from nstui.model.inside import Interface, Listener
    from nstui.model.interior import Interior
    from nstui.model.snapshot import MountedFile


def explain_document(report: Report, told: Explanation) -> dict[str, object]:
    """Return everything that each source says of one container."""
    name = told.container.name
    return {
        "schema": SCHEMA,
        "namespaces_read": report.snapshot.namespaces_read.value,
        "container": told.container.id,
        "name": name,
        "findings": [finding_fields(name, finding) for finding in told.findings],
        "shares": [_share(share) for share in told.shares],
        "runtime": _runtime(told.evidence),
        "files": _files(told.evidence),
        "inside": None if told.interior is None else _inside(told.interior),
    }


def _inside(interior: Interior) -> dict[str, object]:
    """Return a network from within; a part that could not be read is null."""
    interfaces, waiting = interior.interfaces, interior.listeners
    return {
        "interfaces": (
            None
            if isinstance(interfaces, ReadProblem)
            else [_interface(each) for each in interfaces.interfaces]
        ),
        "listeners": (
            None
            if isinstance(waiting, ReadProblem)
            else [_listener(each, interior) for each in waiting]
        ),
    }


def _interface(each: Interface) -> dict[str, object]:
    return {
        "name": each.name,
        "is_up": each.is_up,
        "addresses": [
            {"address": address.text, "prefix": address.prefix}
            for address in (*each.ipv4, *each.ipv6)
        ],
        "received": each.received,
        "sent": each.sent,
    }


def _listener(each: Listener, interior: Interior) -> dict[str, object]:
    holders = None
    if each.holders is not None:
        holders = [
            {
                "pid": holder.pid,
                "command": holder.command,
                "container": interior.owners.get(holder.pid),
            }
            for holder in each.holders
        ]
    return {
        "protocol": each.socket.protocol.value,
        "address": each.socket.address,
        "port": each.socket.port,
        "holders": holders,
    }


def _share(share: Share) -> dict[str, object]:
    declared = share.declared
    return {
        "kind": share.kind.value,
        "engine": (
            None
            if declared is None
            else {"reference": declared.reference, "target": declared.target}
        ),
        "is_host": share.is_host,
        "kernel": _place(share.here),
        "joined": None if share.there is None else _place(share.there),
        "runtime": None if share.runtime is None else _join(share.runtime),
        "joined_by": list(share.joined_by),
        "together_with": list(share.mates),
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "container": place.container,
        "pid": place.pid,
        "namespace": None if place.namespace is None else str(place.namespace),
        "problem": None if place.problem is None else place.problem.value,
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
