"""Several hosts behind ssh."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import NSTUI, run_nstui
from tests.engine.ssh.behind import url_of
from tests.support.private_engine import PrivateEngine
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.ssh_server import SshServer

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]


@pytest.fixture(scope="module")
def frozen(engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield another engine, which answers nothing."""
    assert engine.is_running
    other = PrivateEngine()
    try:
        other.start()
        other.pause_daemon()
        yield other
    finally:
        other.resume_daemon()
        other.stop()


def incidents_beside(silent: str, well: str) -> list[dict[str, object]]:
    """Return the incidents of a host that is asked beside one that is silent."""
    told = run_nstui("-H", silent, "-H", well, "check", "--json")

    assert told.returncode == 3
    first, second = json.loads(told.stdout)
    assert (first["host"], second["host"]) == (silent, well)
    assert "did not answer" in first["error"]
    assert second["namespaces_read"] == "inode"
    incidents: list[dict[str, object]] = second["incidents"]
    return incidents


@pytest.mark.usefixtures("_client")
def test_a_frozen_engine_behind_ssh_does_not_hide_the_others(
    server: SshServer, engine: PrivateEngine, frozen: PrivateEngine
) -> None:
    engine.docker("restart", "-t", "0", "own")
    well, silent = url_of(server, engine, "ash"), url_of(server, frozen)

    incidents = incidents_beside(silent, well)

    assert [one["cause"] for one in incidents] == ["owner-restarted"]


@pytest.mark.usefixtures("_client")
def test_a_frozen_ssh_server_does_not_hide_the_others(
    server: SshServer, engine: PrivateEngine
) -> None:
    """The kernel accepts connections for it, and nobody answers them."""
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        port = frozen.getsockname()[1]
        silent = f"ssh://root@127.0.0.1:{port}"
        incidents_beside(silent, url_of(server, engine))


@pytest.mark.usefixtures("_client")
def test_the_list_shows_both_and_opens_one(
    server: SshServer, engine: PrivateEngine, frozen: PrivateEngine
) -> None:
    engine.docker("restart", "-t", "0", "own", "dep")
    well, silent = url_of(server, engine, "ash"), url_of(server, frozen)
    with Terminal((*NSTUI, "-H", silent, "-H", well)) as terminal:
        terminal.wait_for("the engine does not answer", "nothing wrong", timeout=60)
        terminal.press("G", "\r")
        terminal.wait_for("● own", "● dep", "nothing wrong")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
