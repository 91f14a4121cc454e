"""Which broken containers are started, restarted or recreated, and how."""

from __future__ import annotations

from nstui.analysis.healing.broken import find_broken
from nstui.analysis.healing.owners import find_unproven
from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.healing.scope import find_scope
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
