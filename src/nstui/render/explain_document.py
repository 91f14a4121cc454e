"""The evidence for what a container shares, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ContainerId
from nstui.render.document import SCHEMA, finding_fields
from nstui.render.interior_document import inside_document, member_document
from nstui.render.manager_fields import manager_fields

if TYPE_CHECKING:
    from nstui.analysis.explanation import Explanation, Place, Share
    from nstui.analysis.report import Report
    from nstui.model.evidence import Evidence, RuntimeJoin
    from nstui.model.snapshot import MountedFile


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
    known = report.snapshot.ancestors.get(ContainerId(reference))
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


def _place(place: Place) -> dict[str, object]:
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
