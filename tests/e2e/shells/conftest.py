"""Somewhere to paste commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.shells.shells import Desk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a place with programs that note how they are called."""
    return Desk(tmp_path)
