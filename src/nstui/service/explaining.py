"""Looks at one container as closely as the machine lets one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.explanation import explain
from nstui.analysis.members import members_of, network_members, pids_of

if TYPE_CHECKING:
    from nstui.analysis.explanation import Explanation
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.ports import HostEvidence

BETWEEN_S = 0.2
"""Between two readings of what is used: the least that makes a percentage of it."""


def explain_container(
    host: HostEvidence | None, report: Report, container: ContainerId
) -> Explanation:
    """Read all there is to know of a container; it takes at least `BETWEEN_S`.

    Args:
        host: Tells it; None if nobody can.
        report: What the engine and the kernel say of all.
        container: Of whom.

    """
    if host is None:
        return explain(report, container, None)
    pids = pids_of(report, network_members(report, container))
    before = after = host.usage(pids)
    begun = time.monotonic()
    evidence = interior = None
    if container in pids:
        evidence = host.evidence(container, pids[container])
        interior = host.interior(container, pids[container])
    if pids:
        time.sleep(max(0.0, begun + BETWEEN_S - time.monotonic()))
        after = host.usage(pids)
    return explain(
        report,
        container,
        evidence,
        interior,
        members_of(report, container, before, after),
    )
