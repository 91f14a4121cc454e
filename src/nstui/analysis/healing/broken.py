"""Who is broken in the sense of healing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.findings import find_findings
from nstui.analysis.healing.failed import is_worth_a_start
from nstui.model.finding import FindingCode, Severity

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding
    from nstui.model.snapshot import Snapshot

HEALABLE = frozenset(
    {
        FindingCode.STALE_JOIN,
        FindingCode.OWNER_GONE,
        FindingCode.OWNER_STOPPED,
        FindingCode.START_FAILED,
    }
)
"""What healing can be about; `find_broken` says whether it is."""


def find_broken(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId] = ()
) -> dict[ContainerId, None]:
    """Return who is torn from what it joined, or could not be started without it.

    Who merely does not run is not broken. A job that has done its work, and one that
    could not be started for another reason, are only if they are named: the log and
    the exit code of the one would go, and nothing says that the other would start now.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        named: Whom the user named.

    """
    found = {
        finding.container
        for finding in find_findings(snapshot, graph)
        if finding.code in HEALABLE and _is_healed(graph, finding, named)
    }
    return {c: None for c in graph.containers if c in found}


def _is_healed(graph: Graph, finding: Finding, named: Collection[ContainerId]) -> bool:
    """Tell whether healing is about a finding, of a code that it can be about."""
    container = finding.container
    match finding.code:
        case FindingCode.OWNER_STOPPED:
            return graph.containers[container].state.has_process
        case FindingCode.OWNER_GONE:
            return finding.severity is not Severity.NOTICE or container in named
        case FindingCode.START_FAILED:
            return is_worth_a_start(graph, container) or container in named
    return True
