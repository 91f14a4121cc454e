"""``nstui explain`` against a real engine: every source, before and after."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import run_nstui

if TYPE_CHECKING:
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE = 60.0
"""Seconds for a program to begin to listen."""


@pytest.fixture
def engine(engine_host: PrivateEngine) -> PrivateEngine:
    """Return the session's engine with an owner and its dependent."""
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    return engine_host


def told(engine: PrivateEngine, name: str = "dep") -> str:
    """Return what is said of a container."""
    done = run_nstui("-H", engine.url, "explain", name)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_source_agrees(engine: PrivateEngine) -> None:
    own, dep = engine.pid_of("own"), engine.pid_of("dep")
    text = told(engine)
    lines = text.splitlines()
    assert lines[0] == "dep  bb:1  running"
    assert lines[1] == "net"
    assert lines[2].endswith("→ own, running")
    assert f", pid {dep}, with own; own: net:[" in lines[3]
    assert lines[4] == f"  runtime  /proc/{own}/ns/net, the process of own"
    assert "  resolv.conf  of own" in lines
    assert lines[-1].endswith(f"{engine.inspect('dep', 'Id')}/config.json")


def test_a_stale_join_is_said_first(engine: PrivateEngine) -> None:
    before = engine.pid_of("own")
    engine.docker("restart", "-t", "0", "own")
    text = told(engine)
    assert text.splitlines()[1].startswith("✗ stale join  runs in net:[")
    assert f"/proc/{before}/ns/net, process {before} no longer exists" in text


def test_an_owner_that_is_gone(engine: PrivateEngine) -> None:
    engine.docker("rm", "-f", "own")
    text = told(engine)
    assert text.splitlines()[1].startswith("✗ owner gone  joined ")
    assert "which no longer exists; deleted; it still sees the old content" in text


def test_the_same_as_json(engine: PrivateEngine) -> None:
    done = run_nstui("-H", engine.url, "explain", "dep", "--json")
    document = json.loads(done.stdout)
    (share,) = document["shares"]
    own = engine.inspect("own", "Id")
    assert share["engine"]["target"] == own
    assert share["runtime"]["container"] == own
    assert share["kernel"]["namespace"] == share["joined"]["namespace"]
    assert {file["belongs_to"] for file in document["files"]["mounted"]} == {own}


def test_one_that_does_not_run(engine: PrivateEngine) -> None:
    engine.docker("stop", "-t", "0", "dep")
    text = told(engine)
    assert "kernel   not running; own: net:[" in text
    assert "files\n  not running\n" in text


def test_who_serves_the_published_ports(engine_host: PrivateEngine) -> None:
    engine_host.run("web", "-p", "127.0.0.1::80", "-p", "127.0.0.1::99")
    engine_host.run(
        "app", "--network=container:web", command=("httpd", "-f", "-p", "80")
    )
    pid = engine_host.pid_of("app")
    deadline = time.monotonic() + PATIENCE
    while f"httpd ({pid})" not in told(engine_host, "app"):
        assert time.monotonic() < deadline
    for name in ("web", "app"):
        text = told(engine_host, name)
        assert f"]:80/tcp  app: httpd ({pid})\n" in text
        assert f"->80/tcp  app: httpd ({pid})\n" in text
        assert "->99/tcp  no listener\n" in text
        assert re.search(r"  eth0  up  172\.\d+\.\d+\.\d+/16", text), text
        assert "routes\n  0.0.0.0/0 via 172." in text
    inside = json.loads(
        run_nstui("-H", engine_host.url, "explain", "web", "--json").stdout
    )["inside"]
    (waiting,) = inside["listeners"]
    assert waiting["port"] == 80
    assert waiting["holders"][0]["container"] == engine_host.inspect("app", "Id")
