"""Plans on a simulated host wait for nothing."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a new container has shown at once, it has shown for as long as it must."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.0)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.0)
