"""This very nstui, with the Python that runs it, inside a container of any image.

An image with it would take half a minute to build: what it needs is mounted.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "nstui")


def mounts() -> tuple[str, ...]:
    """Return what has to be mounted, each as ``source:target:ro``."""
    places = ("/usr", "/lib", "/lib64", sys.base_prefix, sys.prefix, str(ROOT))
    needed = dict.fromkeys(place for place in places if Path(place).exists())
    outer = [
        place
        for place in needed
        if not any(place.startswith(f"{other}/") for other in needed)
    ]
    return tuple(f"{place}:{place}:ro" for place in outer)
