"""The adapters that the commands work with."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from nstui.cli.wiring import proc_folder
from nstui.errors import UsageProblem


def test_proc_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "PROCFS_PATH", "/proc")
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "cgroup").touch()

    assert proc_folder({}) == Path("/proc")
    assert proc_folder({"NSTUI_PROC": ""}) == Path("/proc")
    assert psutil.PROCFS_PATH == "/proc"
    assert proc_folder({"NSTUI_PROC": str(tmp_path)}) == tmp_path
    assert str(tmp_path) == psutil.PROCFS_PATH


@pytest.mark.parametrize("words", ["proc", "/nowhere", "/", "/etc/hostname", "\0"])
def test_a_folder_without_processes_is_refused(words: str) -> None:
    with pytest.raises(UsageProblem, match="NSTUI_PROC is ") as caught:
        proc_folder({"NSTUI_PROC": words})
    assert repr(words) in str(caught.value)
