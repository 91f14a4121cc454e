"""A proxy before a real engine: it lets reading through, and says no in its own way."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from tests.engine.program import read_json, run_nstui, wrong_in
from tests.support.servers import UnixServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PAGE = (
    b"<html><body><h1>403 Forbidden</h1>Request forbidden by administrative"
    b" rules.</body></html>"
)
REFUSED = "refused: 403 Forbidden: Request forbidden by administrative rules."
UNREAD = "could not be inspected: RWLayer of container is unexpectedly nil"
_CHUNK = 65536


@dataclass
class Proxy:
    """Passes questions on, one with each connection; nothing that would change."""

    target: Path
    broken: set[str] = field(default_factory=set)
    """Parts of questions that the engine has trouble with."""

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(_CHUNK)
            if not data:
                return
            request += data
        line = request.split(b"\r\n")[0].decode()
        if not line.startswith("GET "):
            connection.sendall(http_answer(PAGE, "403 Forbidden", "text/html"))
        elif any(part in line for part in self.broken):
            problem = {"message": "RWLayer of container is unexpectedly nil"}
            connection.sendall(http_answer(problem, "500 Internal Server Error"))
        else:
            self._pass_on(connection, request)

    def _pass_on(self, connection: socket.socket, request: bytes) -> None:
        request = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(str(self.target))
            engine.sendall(request)
            gone = threading.Thread(target=_await_end, args=(connection, engine))
            gone.start()
            with suppress(OSError):
                while data := engine.recv(_CHUNK):
                    connection.sendall(data)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            gone.join()


def _await_end(connection: socket.socket, engine: socket.socket) -> None:
    with suppress(OSError):
        while connection.recv(_CHUNK):
            pass
    with suppress(OSError):
        engine.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(engine_host: PrivateEngine) -> Proxy:
    return Proxy(engine_host.socket)


@pytest.fixture
def url(proxy: Proxy, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a proxy before the session's engine."""
    with UnixServer(tmp_path / "p.sock", proxy) as server:
        yield server.url


def test_a_proxy_that_refuses_is_quoted(engine_host: PrivateEngine, url: str) -> None:
    engine_host.run("own")
    done = run_nstui("-H", url, "stop", "-y", "own")
    assert done.returncode == 1
    assert REFUSED in done.stderr
    assert "may still" not in done.stderr
    assert "not a Docker engine" not in done.stderr
    assert engine_host.inspect("own", "State", "Running") is True


def test_who_cannot_be_inspected_is_not_said_to_be_down(
    engine_host: PrivateEngine, proxy: Proxy, url: str
) -> None:
    engine_host.run("own")
    dep = engine_host.run("dep", "--network=container:own")
    proxy.broken.add(f"{dep}/json")

    told = run_nstui("-H", url, "explain", "dep")
    assert UNREAD in told.stdout
    assert "not running" not in told.stdout
    checked = run_nstui("-H", url, "check")
    assert checked.returncode == 1
    assert f"runs, and {UNREAD}" in checked.stdout
    assert f"docker -H {url} inspect dep" in checked.stdout
    assert wrong_in(read_json("-H", url, "check")) == {("dep", "unreadable", "warning")}

    proxy.broken.clear()
    assert run_nstui("-H", url, "check").returncode == 0


def test_events_and_logs_of_connections_that_end(
    engine_host: PrivateEngine, url: str
) -> None:
    own = engine_host.run("own", command=["sh", "-c", "echo hi; sleep 1000"])
    engine = DockerEngine(Endpoint(url, None), timeout=5)
    seen: list[str] = []
    events = engine.events()
    hearing = threading.Thread(target=lambda: seen.extend(e.action for e in events))
    hearing.start()
    engine_host.docker("pause", "own")
    engine_host.docker("unpause", "own")
    deadline = time.monotonic() + 60
    while seen != ["pause", "unpause"] and time.monotonic() < deadline:
        time.sleep(0.02)
    (container,) = engine.containers()
    assert container.id == own
    log = engine.logs(container.id)
    assert next(iter(log)).text == "hi"
    log.close()
    engine.close()
    hearing.join(60)
    assert not hearing.is_alive()
    assert seen == ["pause", "unpause"]
