"""How the inspect of a container becomes the recipe for an equal one."""

from __future__ import annotations

from nstui.analysis.recipe.mounts import declare_volumes, lender_of, read_mounted
from nstui.analysis.recipe.networks import has_networks, move_sysctls
from nstui.analysis.recipe.reading import find_left_out, read_recipe, replace_joins
from nstui.analysis.recipe.renewing import renew_recipe, without_defaults

__all__ = [
    "declare_volumes",
    "find_left_out",
    "has_networks",
    "lender_of",
    "move_sysctls",
    "read_mounted",
    "read_recipe",
    "renew_recipe",
    "replace_joins",
    "without_defaults",
]
