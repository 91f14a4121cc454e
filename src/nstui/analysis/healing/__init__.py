"""How what is broken is put right: whom to start, to restart and to recreate."""

from __future__ import annotations

from nstui.analysis.healing.broken import find_broken
from nstui.analysis.healing.parts import make_heal_plan
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.healing.successors import find_unproven
from nstui.analysis.healing.unfinished import (
    make_finish_plan,
    request_after,
    request_beside,
    without_cut_off,
)

__all__ = [
    "find_broken",
    "find_scope",
    "find_unproven",
    "make_finish_plan",
    "make_heal_plan",
    "request_after",
    "request_beside",
    "without_cut_off",
]
