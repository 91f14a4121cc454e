"""What the standing watch knows about its own process."""

from __future__ import annotations

import os

import pytest

from nstui.cli.settings import Settings
from nstui.cli.wiring import find_own_process
from nstui.errors import UsageProblem
from nstui.model.own import OwnProcess


def test_its_own_process_is_read_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_own_process(Settings()).pids[0] == os.getpid()
    assert find_own_process(Settings(demo=True)) == OwnProcess()
    monkeypatch.setenv("NSTUI_PROC", "/nowhere")
    with pytest.raises(UsageProblem):
        find_own_process(Settings())
