"""A program in the place of ssh."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.stand_in_ssh import StandInSsh

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandInSsh:
    """Put the program into the way of nstui."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return StandInSsh(folder)


@pytest.fixture
def runtime() -> Iterator[Path]:
    """Yield an empty folder with a path that is short enough for sockets in it."""
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        yield Path(folder)
