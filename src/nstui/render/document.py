"""Hosts, plans, findings and removed containers as JSON: ``nstui/1``."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS
from nstui.analysis.tree.namespaces import NOT_HERE, find_held, find_limitations
from nstui.model.finding import Severity
from nstui.model.namespace import NamespaceKind
from nstui.render.incidents import iso_text, whole_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from nstui.analysis.report import FindingChange, Report
    from nstui.analysis.tree.namespaces import HeldNamespace, HolderScan
    from nstui.model.audit import DamagedRecord, RemovedContainer, Restored
    from nstui.model.container import Container
    from nstui.model.finding import Finding, Group, Incident
    from nstui.model.holders import ProcessHolder


SCHEMA = "nstui/1"
"""The schema of the JSON on stdout; that of the files on disk is another."""

SHOWN_KINDS = (NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC)
"""The kinds that are always listed; ``uts`` only if a container joined one."""


def manager_fields(container: Container) -> dict[str, object] | None:
    """Return the fields of a container's manager, or None."""
    manager = container.manager
    if manager is None:
        return None
    return {
        "kind": manager.kind.value,
        "name": manager.name,
        "user": manager.is_user,
        "proven": manager.is_proven,
    }


def pod_fields(container: Container) -> dict[str, object] | None:
    """Return the fields of the Podman pod that a container is in, or None."""
    pod = container.pod
    return None if pod is None else {"name": pod.name, "infra": pod.is_infra}


def dump(document: Mapping[str, object] | Sequence[Mapping[str, object]]) -> str:
    """Return a document, or a list of them, as indented text in ASCII.

    Other characters are escaped.
    """
    return json.dumps(document, indent=2, ensure_ascii=True)


def host_document(
    report: Report, kinds: Iterable[NamespaceKind] = (NamespaceKind.NET,)
) -> dict[str, object]:
    """Return everything that is known of a host, with its groups of some kinds."""
    snapshot = report.snapshot
    return {
        "schema": SCHEMA,
        "taken_at": iso_time(snapshot.taken_at),
        "namespaces_read": snapshot.namespaces_read.value,
        "namespaces_note": snapshot.host.note,
        "engine": {
            "endpoint": snapshot.engine.endpoint,
            "context": snapshot.engine.context,
            "name": snapshot.engine.name,
            "version": snapshot.engine.version,
        },
        "containers": [_container(report, c) for c in snapshot.containers],
        "groups": [_group(g) for kind in kinds for g in report.groups(kind)],
        "findings": [
            finding_fields(report.graph.name(f.container), f) for f in report.findings
        ],
        "incidents": [_incident(report, one) for one in report.incidents],
        "ignored": [
            {
                **finding_fields(report.graph.name(i.finding.container), i.finding),
                "because": i.because,
            }
            for i in report.ignored
        ],
    }


def held_document(report: Report, scan: HolderScan | None) -> dict[str, object]:
    """Return every namespace of a machine, and why some could not be read."""
    if scan is None:
        return {"namespaces": None, "namespaces_unread": [NOT_HERE]}
    sentences = [s for kind in scan.kinds for s in find_limitations(report, scan, kind)]
    return {
        "namespaces": _held(find_held(report, scan)),
        "namespaces_unread": list(dict.fromkeys(sentences)),
    }


def _held(held: Iterable[HeldNamespace]) -> list[dict[str, object]]:
    return [
        {
            "namespace": str(namespace.namespace),
            "kind": namespace.namespace.kind.value,
            "containers": None
            if namespace.containers is None
            else list(namespace.containers),
            "processes": _count(namespace),
            "pid": None if namespace.processes is None else namespace.processes.pid,
            "command": None
            if namespace.processes is None
            else namespace.processes.command,
            "first": _first(namespace.processes),
            "mounts": [
                {"kind": m.kind.value, "path": m.path} for m in namespace.mounts
            ],
            "left": namespace.is_left,
        }
        for namespace in held
    ]


def _count(held: HeldNamespace) -> int | None:
    """Return how many processes are in a namespace; None if unknown."""
    if held.processes is not None:
        return held.processes.count
    return 0 if held.is_empty else None


def _first(processes: ProcessHolder | None) -> list[dict[str, object]]:
    return [
        {
            "pid": process.pid,
            "command": process.command,
            "started_at": (
                None if process.started_at is None else iso_time(process.started_at)
            ),
            "container": process.container,
        }
        for process in ([] if processes is None else processes.first)
    ]


def check_document(report: Report) -> dict[str, object]:
    """Return the findings of a host, with their counts."""
    host = host_document(report, kinds=())
    shared_keys = ("schema", "taken_at", "namespaces_read", "namespaces_note", "engine")
    counts = Counter(finding.severity for finding in report.findings)
    return {
        **{key: host[key] for key in shared_keys},
        "counts": {severity.value: counts[severity] for severity in Severity},
        "not_inspected": [
            {"container": c.id, "name": c.name, "problem": c.inspection_problem}
            for c in report.snapshot.containers
            if c.inspection is None
        ],
        "findings": host["findings"],
        "incidents": host["incidents"],
        "ignored": host["ignored"],
    }


def change_document(change: FindingChange, at: datetime) -> dict[str, object]:
    """Return a finding that has appeared or gone."""
    tracked = change.tracked
    return {
        "schema": SCHEMA,
        "at": iso_time(at),
        "change": "appeared" if change.has_appeared else "gone",
        "since": None if tracked.since is None else iso_time(tracked.since),
        "finding": finding_fields(tracked.name, tracked.finding),
    }


def dump_line(document: Mapping[str, object]) -> str:
    """Return a document as one line of text in ASCII."""
    return json.dumps(document, ensure_ascii=True)


def _container(report: Report, container: Container) -> dict[str, object]:
    compose = container.compose
    namespaces = {
        kind.value: _text(report.snapshot.namespace(container.id, kind))
        for kind in SHOWN_KINDS
    }
    uts = report.snapshot.namespace(container.id, NamespaceKind.UTS)
    if uts is not None:
        namespaces[NamespaceKind.UTS.value] = str(uts)
    return {
        "id": container.id,
        "name": container.name,
        "image": container.image,
        "state": container.state.value,
        "status": container.status,
        "health": container.health.value if container.health else None,
        "pid": container.pid,
        "compose": (
            {"project": compose.project, "service": compose.service}
            if compose
            else None
        ),
        "manager": manager_fields(container),
        "pod": pod_fields(container),
        "network_mode": container.network_mode,
        "ports": [str(port) for port in container.ports],
        "namespaces": namespaces,
        "joins": [
            {"kind": d.kind.value, "reference": d.reference, "target": d.target}
            for d in report.graph.dependencies(container.id)
            if d.kind in JOIN_KINDS
        ],
        "dependents": list(report.graph.dependents(container.id)),
        "inspection_problem": container.inspection_problem,
    }


def _group(group: Group) -> dict[str, object]:
    return {
        "kind": group.kind.value,
        "bond": group.bond.value,
        "namespace": _text(group.namespace),
        "owner": group.owner,
        "gone_reference": group.gone_reference,
        "members": list(group.members),
    }


def finding_fields(name: str, finding: Finding) -> dict[str, object]:
    """Return the fields of a finding; `name` is that of its container."""
    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "container": finding.container,
        "name": name,
        "message": finding.message,
        "since": None if finding.since is None else iso_time(finding.since),
        "remedy": finding.remedy,
    }


def _incident(report: Report, incident: Incident) -> dict[str, object]:
    """Return the fields of an incident; findings are given by their positions."""
    places = {finding: place for place, finding in enumerate(report.findings)}
    since = incident.since
    return {
        "cause": incident.cause.value,
        "severity": incident.severity.value,
        "owner": incident.owner,
        "since": None if since is None else iso_time(since),
        "containers": list(incident.containers),
        "findings": [places[finding] for finding in incident.findings],
        "perhaps": [places[finding] for finding in incident.perhaps],
        "message": whole_text(incident, None),
        "remedy": incident.remedy,
        "is_command": incident.is_command,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def iso_time(moment: datetime) -> str:
    """Return a time in UTC, to the second."""
    return iso_text(moment)


def _restored(restored: Restored | None) -> dict[str, object] | None:
    if restored is None:
        return None
    return {
        "id": restored.container,
        "name": restored.name,
        "at": iso_time(restored.at),
    }


def removed_document(
    records: Iterable[RemovedContainer], damaged: Iterable[DamagedRecord]
) -> dict[str, object]:
    """Return the recorded removed containers, without their inspects."""
    return {
        "schema": SCHEMA,
        "removed": [
            {
                "removed_at": iso_time(record.removed_at),
                "endpoint": record.endpoint,
                "engine_id": record.engine_id or None,
                "id": record.id,
                "name": record.name,
                "image": record.image,
                "confirmed": record.is_confirmed,
                "restored": _restored(record.restored),
            }
            for record in records
        ],
        "damaged": [
            {"place": record.place, "problem": record.problem} for record in damaged
        ],
    }
