"""Where the guard's commands find the guard and its engine."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from nstui.analysis.guarding.places import Places, places_below
from nstui.cli.hosts import one_endpoint
from nstui.errors import UsageProblem
from nstui.guard.noted import noted_settings

if TYPE_CHECKING:
    from nstui.cli.settings import Settings

ROOT_VARIABLE = "NSTUI_GUARD_ROOT"
"""Names the folder below which all of the guard's paths are; for tests."""

PROGRAM = (sys.executable, "-P", "-m")
"""What runs a module of this very nstui, whatever folder it is run in."""


def guard_places() -> Places:
    """Return the paths of the guard."""
    return places_below(os.environ.get(ROOT_VARIABLE, ""))


def engine_socket(settings: Settings) -> str:
    """Return the path of the socket of the engine that the guard is for.

    That is the one that it was installed for, which sudo does not forget, or else the
    one that the settings select.

    Raises:
        UsageProblem: it is not an engine of this machine, or the guard was installed
            for another one.

    """
    if settings.demo:
        raise UsageProblem("the demo has no guard: no engine is there to ask it")
    noted = noted_settings(guard_places().settings).engine
    is_given = settings.names_hosts
    if noted and not is_given:
        return noted
    found = _selected(settings)
    if noted and os.path.realpath(noted) != os.path.realpath(found):
        raise UsageProblem(
            f"the guard is installed for the engine at unix://{noted}, and one machine"
            " has one guard: leave out -H and -c, or uninstall it first"
        )
    return found


def _selected(settings: Settings) -> str:
    endpoint = one_endpoint(settings)
    if endpoint.socket_path is None:
        raise UsageProblem(
            f"the guard is installed on the engine's own machine, and {endpoint.label}"
            " may be another one: run this on the host itself, with"
            " -H unix:///path/of/the/socket"
        )
    return endpoint.socket_path
