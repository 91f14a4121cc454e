"""The machine that was measured on, without its name."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from bench.stage import Stage

_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine and the date."""

    date: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    engine: str
    load: float
    """The load average of the last minute before: more than 0 means noise."""

    commit: str


def describe_machine(stage: Stage) -> Machine:
    """Return the facts about this machine and its private engine."""
    return Machine(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=os.cpu_count() or 0,
        memory_gib=round(psutil.virtual_memory().total / _GIB, 1),
        kernel=".".join(platform.release().split(".")[:2]),
        python=platform.python_version(),
        engine=str(stage.engine.client.version()["Version"]),
        load=round(os.getloadavg()[0], 1),
        commit=_commit(),
    )


def _commit() -> str:
    """Return the measured version, as git describes it."""
    done = subprocess.run(
        ("git", "describe", "--always", "--dirty", "--abbrev=10"),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"
