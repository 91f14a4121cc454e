"""The two hosts of the contract suite, and less time to be well in."""

from __future__ import annotations

import pytest

from nstui.service import former, recompose, recreate
from tests.contract.conftest import host

__all__ = ["host"]


@pytest.fixture(autouse=True)
def _less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a new container for well sooner: there are many of them here.

    And nothing that was killed here is still at work.
    """
    monkeypatch.setattr(former, "GRACE_S", 0.0)
    monkeypatch.setattr(recompose, "STEADY_S", 0.2)
    monkeypatch.setattr(recompose, "PAUSE_S", 0.05)
    monkeypatch.setattr(recreate, "PAUSE_S", 0.05)
