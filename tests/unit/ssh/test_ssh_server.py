"""The ssh servers of the tests share the folder that sshd requires."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support import ssh_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a folder that is not there yet."""
    path = tmp_path / "sshd"
    monkeypatch.setattr(ssh_server, "PRIVILEGES", path)
    return path


def test_the_folder_is_there_until_the_last_server_has_ended(shared: Path) -> None:
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(ssh_server.privileges())
        second.enter_context(ssh_server.privileges())
        first.close()
        assert shared.is_dir()
        second.close()
        assert not shared.exists()


def test_a_folder_of_the_machine_stays(shared: Path) -> None:
    shared.mkdir(mode=0o755)
    with ssh_server.privileges():
        assert shared.is_dir()
    assert shared.is_dir()
