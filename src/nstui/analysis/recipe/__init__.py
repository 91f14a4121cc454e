"""How the inspect of a container becomes the recipe for an equal one."""

from __future__ import annotations

from nstui.analysis.recipe.networks import (
    Declared,
    declare_volumes,
    has_networks,
    lender_of,
    lends,
    read_mounted,
)
from nstui.analysis.recipe.reading import find_left_out, read_recipe, without_refused

__all__ = [
    "Declared",
    "declare_volumes",
    "find_left_out",
    "has_networks",
    "lender_of",
    "lends",
    "read_mounted",
    "read_recipe",
    "without_refused",
]
