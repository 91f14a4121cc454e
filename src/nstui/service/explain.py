"""Reads everything that can be known of one container."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.explain import make_explanation
from nstui.analysis.tree.members import member_pids, members_of, network_members

if TYPE_CHECKING:
    from nstui.analysis.explain import Explanation
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
        host: The reader of the host; None if there is none.
        report: What the engine and the kernel say of all.
        container: The container.

    """
    if host is None:
        return make_explanation(report, container, None)
    pids = member_pids(report, network_members(report, container))
    before = after = host.usage(pids)
    begun = time.monotonic()
    evidence = interior = None
    if container in pids:
        evidence = host.evidence(container, pids[container])
        interior = host.interior(container, pids[container])
    if pids:
        time.sleep(max(0.0, begun + BETWEEN_S - time.monotonic()))
        after = host.usage(pids)
    return make_explanation(
        report,
        container,
        evidence,
        interior,
        members_of(report, container, before, after),
    )
