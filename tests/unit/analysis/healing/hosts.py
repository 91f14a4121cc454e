"""Broken hosts, and what healing them comes to, in short."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import Graph, find_containers
from nstui.analysis.healing.plans import make_heal_plan
from nstui.model.container import ComposeService, ContainerId
from nstui.model.plan import Layer, Policy, Request
from nstui.model.snapshot import FormerContainer
from nstui.model.step import Action, Verb
from tests.support.builders import cid, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin, Cost
    from nstui.model.plan import Plan
    from nstui.model.snapshot import Snapshot
    from nstui.model.step import Step

GONE = cid("the gone one")


def remembering(
    snapshot: Snapshot,
    names: Mapping[ContainerId, str],
    services: Mapping[ContainerId, str],
) -> Snapshot:
    """Return a snapshot that knows what some that are gone were called."""
    known = {
        gone: FormerContainer(
            gone,
            name,
            ComposeService("p", services[gone]) if gone in services else None,
        )
        for gone, name in names.items()
    }
    return replace(snapshot, former_containers=MappingProxyType(known))


def composed(container: Container, *needs: str) -> Container:
    """Return a container of the project ``p``: its name is its service's."""
    service = ComposeService("p", container.name, needs, "/p", ("/p/compose.yml",))
    return replace(container, compose=service)


def failed_to_start(container: Container) -> Container:
    """Return a container whose last start the engine refused."""
    assert container.inspection is not None
    inspection = replace(container.inspection, start_error="No such container")
    return replace(container, inspection=inspection)


def heal(  # noqa: PLR0913 - one for each thing a test may care about
    *containers: Container,
    targets: str = "",
    net: Mapping[str, int] | None = None,
    ipc: Mapping[str, int] | None = None,
    names: Mapping[ContainerId, str] | None = None,
    onto: str | None = None,
    chosen: Mapping[ContainerId, str] | None = None,
    layer: Layer = Layer.ASK,
    policy: Policy = Policy.PROTECT,
    costs: Mapping[str, Cost] | None = None,
    asks_nobody: bool = False,
    services: Mapping[ContainerId, str] | None = None,
    resolved: Mapping[str, tuple[ComposeJoin, ...]] | None = None,
    compose: bool = False,
) -> Plan:
    """Return the plan that heals a host.

    Args:
        containers: Who is there.
        targets: Whom to heal, by their names; nobody: all.
        net: Inodes, as for `snapshot`.
        ipc: The same.
        names: What those that are gone were called.
        onto: The name of the new owner.
        chosen: For one that is gone the name of the new owner.
        layer: What becomes of what was written.
        policy: What may happen to others.
        costs: What is known of recreations, by name.
        asks_nobody: Whether what needs a decision is left alone.
        services: The services of the project ``p`` that those that are gone were of.
        resolved: What compose resolves containers to join, by their names.
        compose: Whether compose may change more than what a container joins.

    """
    seen = remembering(
        snapshot(*containers, net=net, ipc=ipc), names or {}, services or {}
    )
    answers = {cid(name): joins for name, joins in (resolved or {}).items()}
    seen = replace(seen, compose_joins=MappingProxyType(answers))
    graph = Graph(seen.containers)
    request = Request(
        action=Action.HEAL,
        targets=find_containers(graph, targets.split()),
        policy=policy,
        onto=None if onto is None else cid(onto),
        chosen=tuple((gone, cid(name)) for gone, name in (chosen or {}).items()),
        layer=layer,
        asks_nobody=asks_nobody,
        compose=compose,
    )
    known = {cid(name): cost for name, cost in (costs or {}).items()}
    return make_heal_plan(seen, graph, request, known)


def steps(plan: Plan) -> list[str]:
    """Return the steps in short: ``restart dep``, ``recreate dep on net:own``."""
    return [_step(step) for step in plan.steps if step.verb is not Verb.WAIT]


def _step(step: Step) -> str:
    words = f"{step.verb} {step.name}"
    if step.verb is not Verb.RECREATE:
        return words
    names: dict[str, str] = {cid(name): name for name in KNOWN}
    joins = " ".join(
        f"{j.kind}:{names.get(j.reference, j.reference)}" for j in step.joins
    )
    return f"{words} on {joins}" + ("" if step.starts else " stopped")


KNOWN = ("own", "new", "dep", "far", "other", "vpn", "a", "b")
"""The names that `steps` says for ids."""


def undecided(plan: Plan) -> set[str]:
    """Return who stays broken for want of a decision."""
    return {one.name for one in plan.unhealed if one.needs_decision}


def reasons(plan: Plan) -> dict[str, str]:
    """Return who stays broken, and why."""
    return {one.name: one.reason for one in plan.unhealed}
