"""Real networks, where the machine lets them be made."""

from __future__ import annotations

import os
import subprocess
from shutil import which
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.unit.procfs.inside.networks import Networks

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("unshare", "nsenter", "ip", "ss", "mount")


def cannot(reason: str) -> NoReturn:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"no real networks: {reason}")
    pytest.skip(f"no real networks: {reason}")


@pytest.fixture(scope="session")
def _can_make_networks() -> None:
    """Make sure that this machine lets networks be made."""
    if os.geteuid() != 0:
        cannot("needs root")
    for program in PROGRAMS:
        if which(program) is None:
            cannot(f"needs {program}")
    probe = ["unshare", "-n", "ip", "link", "add", "type", "veth"]
    if subprocess.run(probe, capture_output=True, timeout=30, check=False).returncode:
        cannot("making interfaces is refused")


@pytest.fixture
def networks(_can_make_networks: None) -> Iterator[Networks]:
    """Return a way to start processes, all of which are ended afterwards."""
    started = Networks()
    yield started
    started.close()
