"""The commands as programs of their own, against a real engine."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.engine.looking import errors
from tests.engine.program import read_json, run_nstui, wrong_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@pytest.fixture
def engine(engine_host: PrivateEngine) -> PrivateEngine:
    """Return the session's engine with an owner and its dependent."""
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    return engine_host


def names_in(engine: PrivateEngine) -> list[str]:
    """Return the names of all containers, in their order."""
    listed = engine.docker("ps", "-a", "--format", "{{.Names}}").stdout
    return sorted(listed.split())


def test_check_follows_what_happens(engine: PrivateEngine) -> None:
    healthy = run_nstui("-H", engine.url, "check")
    assert (healthy.returncode, healthy.stderr) == (0, "")

    engine.docker("restart", "-t", "0", "own")

    assert run_nstui("-H", engine.url, "check").returncode == 1
    found = wrong_in(read_json("-H", engine.url, "check"))
    assert found == errors("stale-join", "dep")


def test_tree_without_a_command_and_with_one(engine: PrivateEngine) -> None:
    named = run_nstui("-H", engine.url, "tree")
    assert (named.returncode, named.stderr) == (0, "")
    assert named.stdout.index("own") < named.stdout.index("dep")
    assert run_nstui("-H", engine.url).stdout.split() == named.stdout.split()


def test_rm_is_refused_and_says_whom_it_would_harm(engine: PrivateEngine) -> None:
    for options in ((), ("--yes",), ("--force", "--yes")):
        refused = run_nstui("-H", engine.url, "rm", *options, "own")
        assert refused.returncode == 4
        assert "dep" in refused.stderr
        assert refused.stdout == ""
    assert names_in(engine) == ["dep", "own"]


def test_rm_with_dependents(engine: PrivateEngine) -> None:
    command = ("rm", "--force", "--with-dependents", "--yes", "own")
    done = run_nstui("-H", engine.url, *command)

    assert (done.returncode, done.stdout.split()) == (0, ["dep", "own"])
    assert names_in(engine) == []


def test_rm_that_accepts_the_harm(engine: PrivateEngine) -> None:
    command = ("rm", "--force", "--break-dependents", "--yes", "own")
    done = run_nstui("-H", engine.url, *command)

    assert (done.returncode, done.stdout.split()) == (0, ["own"])
    assert names_in(engine) == ["dep"]
    found = wrong_in(read_json("-H", engine.url, "check"))
    assert found == errors("owner-gone", "dep")


def test_no_engine(tmp_path: Path) -> None:
    done = run_nstui("-H", f"unix://{tmp_path}/none.sock", "tree")

    assert (done.returncode, done.stdout) == (3, "")
    assert "none.sock does not exist" in done.stderr


def test_an_engine_over_tcp(engine: PrivateEngine) -> None:
    with tcp_proxy(str(engine.socket)) as url:
        document = read_json("-H", url, "tree")
        refused = run_nstui("-H", url, "rm", "--force", "own")

    assert document["engine"]["endpoint"] == url
    assert document["namespaces_read"] == "inode"
    assert [len(group["members"]) for group in document["groups"]] == [2]
    assert refused.returncode == 4


@contextmanager
def tcp_proxy(socket_path: str) -> Iterator[str]:
    """Yield the address of a port on the loopback that leads to a unix socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, socket_path), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, socket_path: str) -> None:
    while True:
        try:
            near, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_relay, args=(near, socket_path), daemon=True).start()


def _relay(near: socket.socket, socket_path: str) -> None:
    """Pass on what either side says until one of them has gone."""
    with near, socket.socket(socket.AF_UNIX) as far, suppress(OSError):
        far.connect(socket_path)
        other = {near: far, far: near}
        while True:
            for source in select.select([near, far], [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                other[source].sendall(data)
