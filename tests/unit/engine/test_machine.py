"""What an engine says of the machine that it runs on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from nstui.engine.decode import decode_info, decode_machine
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineUnreachable
from nstui.model.snapshot import EngineMachine
from tests.support.busy import give_time
from tests.support.guard_program import wait_until
from tests.support.servers import UnixServer, http_answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

DESKTOP = {
    "OperatingSystem": "Docker Desktop",
    "Name": "docker-desktop",
    "CgroupDriver": "cgroupfs",
    "ID": "0c6f2a5e-7a1b-4f3e-9a54-52f2d2a0c1de",
}
NOTHING = EngineMachine()
PATIENCE_S = 60.0


def test_what_it_says_is_kept() -> None:
    assert decode_machine(DESKTOP) == EngineMachine(
        system="Docker Desktop",
        name="docker-desktop",
        cgroup_driver="cgroupfs",
        engine_id="0c6f2a5e-7a1b-4f3e-9a54-52f2d2a0c1de",
    )
    assert decode_machine(DESKTOP, is_podman=True).engine_id == ""
    version = {"KernelVersion": "6.10.14-linuxkit"}
    assert decode_info(version, "", None).kernel == "6.10.14-linuxkit"


@pytest.mark.parametrize("odd", [None, 7, "a\nb", "\x1b[2J", "x" * 81])
def test_what_is_no_word_for_a_sentence_is_left_out(odd: object) -> None:
    raw = dict.fromkeys(DESKTOP, odd)

    assert decode_machine(raw) == NOTHING
    assert decode_info({"KernelVersion": odd}, "", None).kernel == ""


def asked(
    path: Path, answer: Callable[[socket.socket], None], limit_s: float = PATIENCE_S
) -> tuple[list[EngineMachine], list[str]]:
    """Return what an engine says when asked twice, and the paths it was asked for.

    Its version it says in any case, however little time there is for the answer.
    """
    paths: list[str] = []

    def serve(connection: socket.socket) -> None:
        line = connection.recv(65536).split(b"\r\n")[0].decode()
        paths.append(line.split(" ")[1])
        if line.startswith("GET /version"):
            version = {"ApiVersion": "1.41", "Version": "20.10"}
            connection.sendall(http_answer(version))
        else:
            answer(connection)

    with (
        UnixServer(path / "d.sock", serve) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("nstui.engine.versioned.MACHINE_S", limit_s)
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENCE_S)
        engine.info()
        give_time(engine, limit_s)
        found = [engine.machine(), engine.machine()]
        engine.close()
    return found, paths


def test_it_is_asked_once(tmp_path: Path) -> None:
    found, paths = asked(tmp_path, lambda c: c.sendall(http_answer(DESKTOP)))

    assert found == [decode_machine(DESKTOP)] * 2
    assert paths.count("/v1.41/info") == 1


def refuse(connection: socket.socket) -> None:
    """Answer as a proxy that lets nobody ask for that."""
    connection.sendall(http_answer({"message": "no"}, "403 Forbidden"))


def hang(connection: socket.socket) -> None:
    """Answer nothing until the other side gives up."""
    while connection.recv(65536):
        pass


@pytest.mark.parametrize(("answer", "limit_s"), [(refuse, PATIENCE_S), (hang, 0.3)])
def test_one_that_does_not_tell_is_not_asked_again(
    tmp_path: Path, answer: Callable[[socket.socket], None], limit_s: float
) -> None:
    found, paths = asked(tmp_path, answer, limit_s)

    assert found == [NOTHING] * 2
    assert paths.count("/v1.41/info") == 1


def test_one_that_takes_long_is_not_waited_for_and_heard_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.engine.versioned.MACHINE_S", 0.05)
    may_answer = threading.Event()
    paths: list[str] = []

    def serve(connection: socket.socket) -> None:
        while asked := connection.recv(65536):
            paths.append(asked.split(b" ")[1].decode())
            if paths[-1] == "/version":
                version = {"ApiVersion": "1.41", "Version": "20.10"}
                connection.sendall(http_answer(version))
            else:
                may_answer.wait(PATIENCE_S)
                connection.sendall(http_answer(DESKTOP))

    with UnixServer(tmp_path / "d.sock", serve) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENCE_S)
        assert engine.machine() == NOTHING
        assert engine.machine() == NOTHING
        may_answer.set()
        wait_until(lambda: engine.machine() != NOTHING, PATIENCE_S)
        assert engine.machine() == decode_machine(DESKTOP)
        engine.close()
    assert paths.count("/v1.41/info") == 1


class Replaced:
    """An engine that is another one after each of the things that tell of that."""

    def __init__(self) -> None:
        self.number = 1
        self.components: list[dict[str, str]] = []

    def serve(self, connection: socket.socket) -> None:
        """Answer what is asked on a connection; an event stream ends at once."""
        while asked := connection.recv(65536):
            path = asked.split(b" ")[1].decode()
            if path == "/version":
                version = {"ApiVersion": "1.41", "Version": "20.10"}
                connection.sendall(
                    http_answer({**version, "Components": self.components})
                )
            elif path.endswith("/info"):
                connection.sendall(http_answer({"ID": f"engine {self.number}"}))
            elif "/events" in path:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            else:
                connection.sendall(http_answer([]))


def test_another_engine_at_the_same_address_is_asked_for_its_own_id(
    tmp_path: Path,
) -> None:
    there, path = Replaced(), tmp_path / "d.sock"
    engine = DockerEngine(Endpoint(f"unix://{path}", None), timeout=PATIENCE_S)
    # Nobody is there yet, which is no answer.
    assert engine.machine() == NOTHING
    with UnixServer(path, there.serve):
        assert engine.machine().engine_id == "engine 1"
        there.number = 2
        assert engine.machine().engine_id == "engine 1"
        assert list(engine.events(since_ns=1)) == []
        assert engine.machine().engine_id == "engine 2"
    for _ in range(2):
        with pytest.raises(EngineUnreachable):
            engine.listed()
    there.number = 3
    path.unlink(missing_ok=True)
    with UnixServer(path, there.serve):
        assert engine.machine().engine_id == "engine 3"
    engine.close()


def test_podman_has_no_id(tmp_path: Path) -> None:
    """It makes up another one for each answer."""
    there = Replaced()
    there.components = [{"Name": "Podman Engine"}]
    with UnixServer(tmp_path / "d.sock", there.serve) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENCE_S)
        assert engine.info().is_podman
        assert engine.machine() == NOTHING
        engine.close()
