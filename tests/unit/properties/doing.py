"""Plans made and carried out on simulated hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import assume

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.model.step import Action, Verb
from nstui.service.host import open_host
from tests.unit.properties.recipes import build, request_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.demo.world import World
    from nstui.model.plan import Plan
    from nstui.model.step import Step
    from nstui.service.host import Host
    from tests.unit.properties.recipes import Recipe, Wish


def connect_to(world: World) -> Host:
    """Return nstui, connected to a simulated host."""
    return open_host(SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="sim")


def plan_on(world: World, wish: Wish) -> Plan:
    """Return the plan for a wish."""
    request = request_of(wish, world)
    assume(request.targets or request.action is Action.PRUNE)
    return connect_to(world).executor.plan(request)


def accepted(recipe: Recipe, wish: Wish) -> Plan:
    """Return a plan that nobody objects to."""
    plan = plan_on(build(recipe), wish)
    assume(plan.is_permitted and not plan.objections and plan.steps)
    return plan


def carried_out(recipe: Recipe, wish: Wish) -> World:
    """Return the host on which a plan was carried out to its end."""
    world = build(recipe)
    connect_to(world).executor.carry_out(plan_on(world, wish))
    return world


def take(world: World, steps: Iterable[Step]) -> World:
    """Return the host on which steps were taken one by one."""
    engine = SimEngine(world)
    for step in steps:
        match step.verb:
            case Verb.STOP:
                engine.stop(step.container)
            case Verb.KILL:
                engine.kill(step.container)
            case Verb.START:
                engine.start(step.container)
            case Verb.RESTART:
                engine.restart(step.container)
            case Verb.RM:
                engine.remove(step.container, force=step.force)
            case Verb.WAIT:
                engine.containers()
    return world
