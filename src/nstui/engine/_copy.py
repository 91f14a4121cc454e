"""What an engine is told to create a container that is equal to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.recipe import (
    declare_volumes,
    lender_of,
    lends,
    without_refused,
)
from nstui.analysis.recipe.reading import MODES
from nstui.engine._json import texts
from nstui.model.container import JOIN_PREFIX
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.container import Join
    from nstui.model.recipe import Mounted, Recipe

    Lenders = Mapping[str, tuple[Mounted, ...]]


def copy_body(
    recipe: Recipe, joins: Iterable[Join], image: str, lenders: Lenders
) -> dict[str, object]:
    """Return the body of a create, without what is said of networks.

    Args:
        recipe: What it takes to make the container to be like.
        joins: What the new one joins, in place of all that the other joined.
        image: What it is made from.
        lenders: See `volume_fields`.

    """
    references = {join.kind: join.reference for join in joins}
    if NamespaceKind.NET in references:
        recipe = without_refused(recipe)
    config = {**recipe.config, "Image": image}
    if NamespaceKind.UTS in references:
        config.pop("Hostname", None)
    host = {**recipe.host, **volume_fields(recipe, lenders)}
    for kind, key in MODES.items():
        if kind in references:
            host[key] = f"{JOIN_PREFIX}{references[kind]}"
        elif kind in recipe.joins:
            host[key] = ""
    return {**config, "HostConfig": host}


def volume_fields(recipe: Recipe, lenders: Lenders) -> dict[str, object]:
    """Return the fields of ``HostConfig`` by which an equal container has the volumes.

    Args:
        recipe: What it takes to make the container to be like.
        lenders: What is mounted into those of whom it has volumes and who exist still,
            each by the reference in ``VolumesFrom``, without a mode.

    """
    host = recipe.host
    declared = declare_volumes(recipe, lends(lenders.values()))
    borrowed = texts(host.get("VolumesFrom"))
    kept = [reference for reference in borrowed if lender_of(reference) in lenders]
    # What is null and what is empty stay so.
    return {
        "Binds": list(declared.binds) or host.get("Binds"),
        "Mounts": list(declared.mounts) or host.get("Mounts"),
        "VolumesFrom": kept if borrowed else host.get("VolumesFrom"),
    }
