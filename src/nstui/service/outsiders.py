"""Adds to plans who has entered the namespaces that they end from outside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.outsiders import as_outsiders, ending_namespaces
from nstui.model.namespace import NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.report import Report
    from nstui.model.plan import Plan
    from nstui.ports import HostEvidence


def with_outsiders(
    evidence: HostEvidence | None, report: Report, plans: Iterable[Plan]
) -> tuple[Plan, ...]:
    """Return plans that name the processes of no container in what they end.

    It looks at every process of the machine, once, and only if a namespace ends.
    """
    made = tuple(plans)
    if evidence is None or report.snapshot.namespaces_read is not NamespacesRead.INODE:
        return made
    ending = [ending_namespaces(report, plan) for plan in made]
    everything = {namespace for each in ending for namespace in each}
    if not everything:
        return made
    found = evidence.strangers(everything, report.graph.containers.keys())
    if found is None:
        return made
    return tuple(
        replace(plan, outsiders=as_outsiders(report, owners, found))
        for plan, owners in zip(made, ending, strict=True)
    )
