"""Shells in containers of a real engine."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.engine.endpoint import Endpoint, resolve_endpoint
from nstui.engine.shells import PROMPT_WAIT_S, DockerShells
from nstui.errors import ContainerVanished, EngineRefused, EngineUnreachable
from nstui.model.container import ContainerId
from nstui.ports import TerminalSize
from tests.support.builders import cid
from tests.support.busy import PATIENT_S, fastest
from tests.support.captured import CAPTURED
from tests.support.servers import Relay, TlsServer, UnixServer, http_answer
from tests.unit.engine.test_tls import make_certificate

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from nstui.ports import Shell
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

SIZE = TerminalSize(columns=70, lines=20)
PATIENCE = 60.0
MUCH = 300_000


@pytest.fixture
def own(engine_host: PrivateEngine) -> ContainerId:
    return ContainerId(engine_host.run("own"))


@pytest.fixture
def shells(engine_host: PrivateEngine) -> DockerShells:
    return DockerShells(Endpoint(engine_host.url, None), timeout=PATIENT_S)


def said(shell: Shell, until: str | None) -> str:
    """Return what a shell writes up to some words, or to its end."""
    deadline = time.monotonic() + PATIENCE
    found = b""
    while time.monotonic() < deadline:
        data = shell.read()
        if data == b"":
            assert until is None, found
            return found.decode()
        found += data or b""
        if until is not None and until.encode() in found:
            return found.decode()
        time.sleep(0.01)
    raise AssertionError(found)


def type_(shell: Shell, text: str) -> None:
    """Type some text, however long it takes."""
    data = text.encode()
    while data:
        data = data[shell.write(data) :]


def session(shell: Shell) -> None:
    """Go through everything that a terminal does."""
    said(shell, "# ")
    type_(shell, "stty size; echo $((6 * 7))\n")
    assert "20 70\r\n42\r\n" in said(shell, "42\r\n")
    shell.resize(TerminalSize(columns=100, lines=30))
    type_(shell, "until stty size | grep '30 100'; do sleep 0.1; done\n")
    said(shell, "30 100\r\n")
    # The key with which the engine would let go of the shell.
    type_(shell, "\x10")
    said(shell, "do sleep 0.1; done")
    type_(shell, "\x03stty -echo; echo q''uiet\n")
    said(shell, "quiet\r\n")
    type_(shell, f"head -c {MUCH} /dev/zero | tr '\\0' x; echo; echo end\n")
    assert said(shell, "end\r\n").count("x") == MUCH
    type_(shell, "exit\n")
    said(shell, None)


def test_a_session(shells: DockerShells, own: ContainerId) -> None:
    shell = shells.open(own, SIZE)
    session(shell)
    shell.close()


def test_what_is_closed_is_let_go_of(shells: DockerShells, own: ContainerId) -> None:
    before = open_files()
    for _ in range(3):
        shells.open(own, SIZE).close()
    await_condition(lambda: open_files() <= before)


def test_words_that_come_with_the_head_of_the_answer(tmp_path: Path) -> None:
    with UnixServer(tmp_path / "d.sock", talk_at_once) as server:
        shells = DockerShells(Endpoint(server.url, None), timeout=PATIENT_S)
        shell = shells.open(cid("x"), SIZE)
        assert said(shell, "# ") == "/ # "
        shell.close()


def talk_at_once(connection: socket.socket) -> None:
    """Answer as an engine whose shell says something before the answer is read."""
    upgraded = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\n/ # "
    answers = {
        b"/version": http_answer(CAPTURED["version"]),
        b"/exec": http_answer({"Id": "e"}),
        b"/exec/e/start": upgraded,
        b"/exec/e/json": http_answer({"Pid": 1}),
        b"/exec/e/resize": http_answer({}),
    }
    with connection.makefile("rb") as reader:
        while line := reader.readline():
            path = line.split()[1].partition(b"?")[0]
            length, is_upgrade = 0, False
            while (header := reader.readline()) != b"\r\n":
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                # A proxy passes Upgrade on only if Connection names it.
                is_upgrade |= header.lower() == b"connection: upgrade\r\n"
            reader.read(length)
            if path.endswith(b"/start") and not is_upgrade:
                return
            ends = [end for end in answers if path.endswith(end)]
            connection.sendall(answers[max(ends, key=len)])


def open_files() -> int:
    """Return how many files and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def await_condition(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_session_over_tls(
    engine_host: PrivateEngine, own: ContainerId, tmp_path: Path
) -> None:
    make_certificate(tmp_path)
    relay = Relay(engine_host.socket)
    with TlsServer(tmp_path / "cert.pem", tmp_path / "key.pem", relay) as server:
        environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
        endpoint = resolve_endpoint(server.url, None, environ)
        shell = DockerShells(endpoint, timeout=PATIENT_S).open(own, SIZE)
        session(shell)
        shell.close()


def test_bash_is_preferred(
    engine_host: PrivateEngine, shells: DockerShells, own: ContainerId
) -> None:
    script = "printf '#!/bin/sh\\necho it is bash\\n' >/bin/bash; chmod +x /bin/bash"
    engine_host.docker("exec", "own", "sh", "-c", script)
    shell = shells.open(own, SIZE)
    assert said(shell, None) == "it is bash\r\n"
    shell.close()


def test_a_container_without_a_shell(
    engine_host: PrivateEngine, shells: DockerShells, own: ContainerId
) -> None:
    engine_host.docker("exec", "own", "rm", "/bin/sh")
    with pytest.raises(EngineRefused, match=r'exec: "sh": executable file not found'):
        shells.open(own, SIZE)


def test_a_container_that_cannot_have_one(
    engine_host: PrivateEngine, shells: DockerShells, own: ContainerId
) -> None:
    with pytest.raises(ContainerVanished):
        shells.open(cid("nobody"), SIZE)
    engine_host.docker("pause", "own")
    with pytest.raises(EngineRefused, match="is paused"):
        shells.open(own, SIZE)
    engine_host.docker("unpause", "own")
    engine_host.docker("stop", "own")
    with pytest.raises(EngineRefused, match="is not running"):
        shells.open(own, SIZE)


def test_a_shell_that_says_nothing_is_one(
    engine_host: PrivateEngine, shells: DockerShells, own: ContainerId
) -> None:
    script = "printf '#!/bin/sh\\nread it; echo $it\\n' >/bin/bash; chmod +x /bin/bash"
    engine_host.docker("exec", "own", "sh", "-c", script)

    def attempt() -> float:
        began = time.monotonic()
        shell = shells.open(own, SIZE)
        took = time.monotonic() - began
        type_(shell, "hi\n")
        assert "hi\r\n" in said(shell, None)
        shell.close()
        return took

    limit_s = PROMPT_WAIT_S + 1
    assert fastest(attempt, limit_s) < limit_s


def test_the_end_of_the_container_is_that_of_the_shell(
    engine_host: PrivateEngine, shells: DockerShells, own: ContainerId
) -> None:
    shell = shells.open(own, SIZE)
    said(shell, "# ")
    engine_host.docker("kill", "own")
    said(shell, None)
    shell.close()


def test_an_engine_that_hangs(
    engine_host: PrivateEngine, shells: DockerShells, own: ContainerId
) -> None:
    shell = shells.open(own, SIZE)
    said(shell, "# ")
    engine_host.pause_daemon()

    hasty = DockerShells(Endpoint(engine_host.url, None), timeout=1)
    with pytest.raises(EngineUnreachable, match="did not answer within 1 s"):
        hasty.open(own, SIZE)
    while shell.read():
        pass  # What it wrote before was still on its way.
    assert shell.read() is None
    shell.resize(TerminalSize(columns=10, lines=10))
    # It would wait for longer than the test may take.
    shell.close()
