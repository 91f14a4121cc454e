"""nstui run within the test, with a folder of the test's own for its traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.audit.log import FileAuditLog
from nstui.cli.main import run
from tests.unit.cli.answers import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return where nstui keeps its traces, which does not exist yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "nstui"


@pytest.fixture
def audit_log(folder: Path) -> FileAuditLog:
    """Return the audit log that nstui reads."""
    return FileAuditLog(folder)


@pytest.fixture
def nstui(capsys: pytest.CaptureFixture[str], folder: Path) -> Nstui:
    """Return what runs nstui without a terminal."""
    assert not folder.exists()

    def run_it(*arguments: str) -> Answer:
        code = run(arguments)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return run_it
