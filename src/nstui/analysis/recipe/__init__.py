"""How a container's inspect is read, to make an equal one."""

from __future__ import annotations

from nstui.analysis.recipe.joining import find_left_out, without_refused
from nstui.analysis.recipe.networks import has_networks
from nstui.analysis.recipe.reading import read_recipe
from nstui.analysis.recipe.volumes import (
    Declared,
    declare_volumes,
    lender_of,
    lends,
    read_mounted,
)

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
