"""Refuses the plans in the middle of which nstui itself would end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.managed import only_signals, own_end_text
from nstui.model.step import Verb

if TYPE_CHECKING:
    from nstui.analysis.graph.graph import Graph
    from nstui.model.plan import Plan
    from nstui.model.snapshot import Snapshot


_HARMLESS = frozenset(
    {Verb.START, Verb.UNPAUSE, Verb.WAIT, Verb.PULL, Verb.CONNECT, Verb.RESTORE}
)
"""The steps that neither end nor pause a container."""


def without_own_end(snapshot: Snapshot, graph: Graph, plan: Plan) -> Plan:
    """Return a plan; refused if it ends, or pauses, what nstui itself runs in.

    A signal that is not meant to end a container may be sent to nstui's own.

    Args:
        snapshot: The state of the host, with the containers with which nstui ends.
        graph: The dependencies.
        plan: The plan.

    """
    ended = {
        step.container: step.name
        for step in plan.steps
        if step.container in snapshot.own and step.verb not in _HARMLESS
        if not only_signals(step, graph)
    }
    own = [f"{ended[c]} {own_end_text(snapshot.own[c])}" for c in ended]
    return replace(plan, managed=(*own, *plan.managed)) if own else plan
