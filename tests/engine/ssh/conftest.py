"""An ssh server with an engine behind it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.ssh.behind import processes
from tests.support.guard_program import wait_until
from tests.support.ssh_server import SshMissing, SshServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield an empty folder."""
    with tempfile.TemporaryDirectory(prefix="nstui-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[SshServer]:
    """Yield a server with users of its own."""
    made = SshServer(folder)
    try:
        with made.serving(has_users=True):
            yield made
    except SshMissing as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def engine(private_engine: PrivateEngine) -> PrivateEngine:
    """Return the session's engine with an owner and its dependent."""
    private_engine.ensure_runs()
    private_engine.remove_all()
    private_engine.run("own")
    private_engine.run("dep", "--network=container:own")
    return private_engine


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Path]:
    """Yield where nstui makes its private folders; in the end there are none."""
    with tempfile.TemporaryDirectory(prefix="r-", dir=folder) as made:
        monkeypatch.setenv("XDG_RUNTIME_DIR", made)
        yield Path(made)
        wait_until(lambda: not processes(made))
        assert not list(Path(made).iterdir())


@pytest.fixture
def _client(runtime: Path, server: SshServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ssh log in there."""
    assert runtime.exists()
    for name, value in server.client().items():
        monkeypatch.setenv(name, value)
