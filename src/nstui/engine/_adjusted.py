"""What was changed of a container itself since compose made it.

An engine renames, limits and restarts a container otherwise while it is there. Compose
knows nothing of it, and would make one as its project says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.engine._json import mapping, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.engine._compose_model import Model
    from nstui.engine._present import Present

_NANO = 1_000_000_000


def find_adjusted(model: Model, present: Present) -> Iterator[str]:
    """Yield what would be as the project says again, each in a few words."""
    if not _is_named(model, text(present.container, "Name").lstrip("/")):
        yield "name"
    said, host = model.config, present.host
    if said.get("deploy"):
        # It can say the same in another way.
        return
    policy = text(mapping(host.get("RestartPolicy")), "Name")
    if _policy(text(said, "restart")) != _policy(policy):
        yield "restart"
    memory = _bytes(said.get("mem_limit"))
    if memory is not None and memory != (number(host, "Memory") or 0):
        yield "mem_limit"
    cpus, nano = said.get("cpus", 0), number(host, "NanoCpus") or 0
    if isinstance(cpus, int | float) and round(cpus * _NANO) != nano:
        yield "cpus"


def _is_named(model: Model, name: str) -> bool:
    """Tell whether a name is one that compose gives; v2 may give that of v1."""
    if own := text(model.config, "container_name"):
        return name == own
    separator = "_" if model.is_v1 else "[-_]"
    parts = (re.escape(model.project), re.escape(model.service), r"\d+")
    return re.fullmatch(separator.join(parts), name) is not None


def _policy(word: str) -> str:
    """Return a restart policy without its count; one that says no is none."""
    name = word.partition(":")[0]
    return "" if name == "no" else name


def _bytes(said: object) -> int | None:
    """Return a limit in bytes; None if it is said in another unit."""
    if said is None:
        return 0
    if isinstance(said, str) and said.isdecimal():
        return int(said)
    return said if isinstance(said, int) else None
