"""Real processes in cgroups of containers, where the machine lets them be made."""

from __future__ import annotations

import os
import secrets
from shutil import which
from typing import TYPE_CHECKING, NoReturn

import pytest

from nstui.model.container import ContainerId
from tests.unit.procfs.processes import Sleepers, writable_hierarchy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAMS = ("unshare", "nsenter")


def cannot(reason: str) -> NoReturn:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"no real processes: {reason}")
    pytest.skip(f"no real processes: {reason}")


@pytest.fixture(scope="session")
def hierarchy() -> Path:
    """Return where cgroups can be made, if this machine has all that is needed."""
    if os.geteuid() != 0:
        cannot("needs root")
    for program in PROGRAMS:
        if which(program) is None:
            cannot(f"needs {program}")
    found = writable_hierarchy()
    if found is None:
        cannot("needs a cgroup hierarchy that can be written to")
    return found


@pytest.fixture
def sleepers(hierarchy: Path) -> Iterator[Sleepers]:
    """Return a way to start processes, all of which are ended afterwards."""
    processes = Sleepers(hierarchy)
    yield processes
    processes.close()


@pytest.fixture
def ids() -> tuple[ContainerId, ContainerId]:
    """Return two ids that nothing on this machine has."""
    return ContainerId(secrets.token_hex(32)), ContainerId(secrets.token_hex(32))
