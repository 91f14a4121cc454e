"""The two containers of a replacement that was cut off, found by id and by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.outcome import new_name
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import PlanRecord
    from nstui.model.step import Step


REPLACING = frozenset({Verb.RECREATE, Verb.COMPOSE, Verb.RESTORE})
"""The steps that put one container in the place of another."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """The two containers of an interrupted replacement, as far as they exist."""

    old: Container | None
    new: Container | None
    other: Container | None = None
    """A third container that has taken the name."""


def find_leftover(graph: Graph, record: PlanRecord, step: Step) -> Leftover:
    """Return the containers of a replacement, found by id and by temporary names."""
    if step.verb is Verb.COMPOSE:
        return _by_compose(graph, step)
    new = None if record.new is None else graph.containers.get(record.new)
    return _with_other(graph, step, new)


def find_replaced(graph: Graph, step: Step, made: Collection[ContainerId]) -> Leftover:
    """Return the containers of any replacement of a plan, in progress or done.

    Args:
        graph: The dependencies.
        step: The step that replaces a container.
        made: The new containers of the plan.

    """
    if step.verb is Verb.COMPOSE:
        left = _by_compose(graph, step)
        # A restoration that was cut off has left this.
        restored = _named(graph, new_name(step.name, step.container))
        return left if restored is None else replace(left, new=restored)
    holder = _named(graph, step.name)
    is_new = holder is not None and holder.id in made
    return _with_other(graph, step, holder if is_new else None)


def _by_compose(graph: Graph, step: Step) -> Leftover:
    old, holder = graph.containers.get(step.container), _named(graph, step.name)
    # Compose v2 first gives this name to the new one, v1 finally to the old one.
    aside = _named(graph, f"{short_id(step.container)}_{step.name}")
    new = next((c for c in (aside, holder) if c is not None and c != old), None)
    return Leftover(old, new)


def _with_other(graph: Graph, step: Step, known: Container | None) -> Leftover:
    old, holder = graph.containers.get(step.container), _named(graph, step.name)
    new = known or _named(graph, new_name(step.name, step.container))
    is_other = holder is not None and holder not in (old, new)
    return Leftover(old, new, holder if is_other else None)


def leftover_text(step: Step, left: Leftover) -> str:
    """Return what is left of a replacement, as the end of a sentence."""
    if left.old is None and left.new is None:
        return "the old container is gone"
    words = []
    if left.old is not None:
        words.append(f"the old container is {left.old.name}, {left.old.state}")
    if left.new is not None:
        words.append(f"the new one is {left.new.name}, {left.new.state}")
    else:
        words.append("there is no new one")
    if left.other is not None:
        words.append(f"{step.name} is another container now")
    return "; ".join(words)


def _named(graph: Graph, name: str) -> Container | None:
    """Return the container with exactly this name."""
    found = graph.resolve(name)
    container = None if found is None else graph.containers[found]
    return container if container is not None and container.name == name else None
