"""Turns verdicts into orders: one plan of a group at a time, for all it can heal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.watching.cases import related_containers
from nstui.analysis.watching.decisions import HealOrder
from nstui.analysis.watching.holds import IncidentVerdict
from nstui.model.frozen import dataclass
from nstui.model.step import Action
from nstui.model.watch import Hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.watching.cases import Draft
    from nstui.analysis.watching.holds import Scene
    from nstui.model.container import ContainerId


_BUSY = IncidentVerdict(hold=Hold.AT_WORK, reason="its group is being healed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A group, and the order for it."""

    within: frozenset[str]
    """The ids of its containers, and of those that they joined and that are gone."""

    touched: frozenset[ContainerId]
    order: HealOrder


def make_orders(
    scene: Scene, verdicts: Mapping[str, IncidentVerdict]
) -> tuple[tuple[HealOrder, ...], dict[str, IncidentVerdict]]:
    """Return what to heal now, and the verdicts after that.

    What has to wait for another plan of its group gets a verdict that says so.
    """
    busy = _busy(scene)
    groups: list[_Group] = []
    after = dict(verdicts)
    for key, verdict in verdicts.items():
        if verdict.draft is None:
            continue
        made = _make(scene, key, verdict.draft, verdict.spared)
        near = [one for one in groups if not one.within.isdisjoint(made.within)]
        if not busy.isdisjoint(made.within) or not all(_fit(one, made) for one in near):
            after[key] = _BUSY
            continue
        groups = [one for one in groups if one not in near]
        groups.append(_merge((*near, made)))
    return tuple(one.order for one in groups), after


def _busy(scene: Scene) -> frozenset[str]:
    """Return the groups for which a plan is being carried out."""
    graph = scene.report.graph
    found: set[ContainerId] = set()
    for tracked in scene.state.tracked.values():
        if tracked.order:
            found.update(c for c in tracked.incident.containers)
            found.update(
                c.id for c in graph.containers.values() if c.name in tracked.touched
            )
    return _within(scene, found)


def _within(scene: Scene, containers: Iterable[ContainerId]) -> frozenset[str]:
    known = tuple(containers)
    here = [c for c in known if c in scene.report.graph.containers]
    related = related_containers(scene.report, here)
    return related.gone.union(known, (member.id for member in related.members))


def _make(
    scene: Scene, key: str, draft: Draft, spared: frozenset[ContainerId]
) -> _Group:
    touched = frozenset(draft.touched)
    down = frozenset(c for c in touched if not scene.report.graph.runs(c))
    order = HealOrder(key=key, request=draft.request, starts=down, spared=spared)
    within = _within(scene, (*draft.touched, *draft.owners, *draft.request.targets))
    return _Group(within=within, touched=touched, order=order)


def _fit(one: _Group, other: _Group) -> bool:
    """Tell whether one plan could do the work of two."""
    heals = {one.order.request.action, other.order.request.action} == {Action.HEAL}
    return (
        heals
        and one.order.spared.isdisjoint(other.touched)
        and other.order.spared.isdisjoint(one.touched)
    )


def _merge(groups: tuple[_Group, ...]) -> _Group:
    first, *others = groups
    for other in others:
        targets = (*first.order.request.targets, *other.order.request.targets)
        timeouts = (first.order.request.timeout, other.order.request.timeout)
        request = replace(
            first.order.request,
            targets=tuple(dict.fromkeys(targets)),
            timeout=max((t for t in timeouts if t is not None), default=None),
        )
        first = _Group(
            within=first.within | other.within,
            touched=first.touched | other.touched,
            order=replace(
                first.order,
                request=request,
                also=(*first.order.also, other.order.key, *other.order.also),
                starts=first.order.starts | other.order.starts,
                spared=first.order.spared | other.order.spared,
            ),
        )
    return first
