"""How what is broken is put right: whom to start, to restart and to recreate."""

from __future__ import annotations

from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.healing.scope import find_broken, find_scope

__all__ = ["find_broken", "find_scope", "make_heal_plan"]
