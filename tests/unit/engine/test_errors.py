"""Everything that can go wrong with an engine is one sentence of ours."""

from __future__ import annotations

import http.client
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from urllib3.exceptions import ProtocolError

from nstui.engine.answer import BadAnswer
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint, Tls
from nstui.engine.errors import Call, unreachable
from nstui.engine.sdk import translated_sdk
from nstui.errors import (
    EngineUnreachable,
    Unreachable,
)
from tests.support.busy import PATIENT_S, fastest
from tests.support.servers import UnixServer, hangs_up, http_answer, says, silent

if TYPE_CHECKING:
    from collections.abc import Callable


def failure(url: str, *, timeout: float = 0.3) -> EngineUnreachable:
    """Return what the first call to an endpoint raises."""
    engine = DockerEngine(Endpoint(url, None), timeout=timeout)
    try:
        with pytest.raises(EngineUnreachable) as caught:
            engine.containers()
    finally:
        engine.close()
    assert "\n" not in str(caught.value)
    assert url in str(caught.value)
    return caught.value


def test_no_socket(tmp_path: Path) -> None:
    problem = failure(f"unix://{tmp_path}/none.sock")

    assert problem.reason is Unreachable.MISSING_SOCKET
    assert str(problem).startswith("no Docker engine is listening: unix:///")
    assert "does not exist; is it running?" in str(problem)


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "d.sock"))

    problem = failure(f"unix://{tmp_path}/d.sock")

    assert problem.reason is Unreachable.REFUSED
    assert "refused the connection" in str(problem)


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    tmp_path.joinpath("file").touch()

    assert failure(f"unix://{tmp_path}/file").reason is Unreachable.REFUSED


def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    problem = failure(f"unix://{tmp_path}/{'x' * 120}")

    assert problem.reason is Unreachable.OTHER
    assert "too long" in str(problem)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_no_permission() -> None:
    # Not tmp_path, whose parents only their owner may enter.
    with (
        tempfile.TemporaryDirectory() as folder,
        UnixServer(Path(folder, "d.sock"), silent) as server,
    ):
        Path(folder).chmod(0o755)
        Path(folder, "d.sock").chmod(0)
        code = (
            "import os\n"
            "from nstui.engine import client\n"
            "from nstui.engine.docker_engine import DockerEngine\n"
            "from nstui.engine.endpoint import Endpoint\n"
            "from nstui.errors import EngineUnreachable\n"
            "os.setuid(65534)\n"
            "try:\n"
            f"    DockerEngine(Endpoint({server.url!r}, None)).info()\n"
            "except EngineUnreachable as problem:\n"
            "    print(problem.reason, problem, sep=': ')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

    assert done.stdout.startswith(f"permission: no permission to use {server.url}"), (
        done.stderr
    )
    assert "sudo usermod -aG docker $USER, then log in again" in done.stdout


def test_an_engine_that_accepts_and_never_answers(tmp_path: Path) -> None:
    def attempt() -> float:
        began = time.monotonic()
        with UnixServer(tmp_path / "d.sock", silent) as server:
            problem = failure(server.url)
        took = time.monotonic() - began

        assert problem.reason is Unreachable.TIMED_OUT
        assert str(problem) == f"{server.url} did not answer within 0.3 s"
        return took

    assert fastest(attempt, 2) < 2


def test_an_engine_that_does_not_even_accept(tmp_path: Path) -> None:
    path = str(tmp_path / "d.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        waiting = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(path)

        problem = failure(f"unix://{path}")

        for one in waiting:
            one.close()
    assert problem.reason is Unreachable.TIMED_OUT


@pytest.mark.parametrize(
    ("manners", "sentence"),
    [
        (hangs_up, "broke before an answer came"),
        (says(b"220 mail.example ESMTP\r\n"), "is not a Docker engine"),
        (says(b"\x00\x01\x02\x03\r\n\r\n"), "is not a Docker engine"),
        (says(http_answer(b"<html>hi</html>")), "is not a Docker engine"),
        (says(http_answer(b"<h1>no</h1>", "404 Not Found")), "HTTP 404: <h1>no</h1>"),
        (says(http_answer({"error": "x"}, "404 Not Found")), "is not a Docker engine"),
        (says(http_answer([], "500 Oops")), "is not a Docker engine"),
        (says(http_answer([1])), "is not a Docker engine"),
        (says(http_answer({})), "is not a Docker engine"),
        (says(http_answer({"ApiVersion": "new"})), "is not a Docker engine"),
        (says(http_answer({"ApiVersion": "1.10"})), "API versions below 1.24"),
        (says(http_answer({})[:-1]), "broke before an answer came"),
    ],
)
def test_what_is_no_engine(
    tmp_path: Path, manners: Callable[[socket.socket], None], sentence: str
) -> None:
    with UnixServer(tmp_path / "d.sock", manners) as server:
        assert sentence in str(failure(server.url, timeout=PATIENT_S))


def test_nobody_listens_at_a_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert failure(f"tcp://127.0.0.1:{port}").reason is Unreachable.REFUSED


def test_a_host_without_an_address() -> None:
    problem = failure("tcp://nowhere.invalid:2375", timeout=5)

    assert str(problem).startswith("no connection to tcp://nowhere.invalid:2375: ")


def test_tls_with_who_does_not_speak_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        tls = Tls(None, None, None, verify=False)
        engine = DockerEngine(Endpoint(url, None, tls), timeout=0.3)

        with pytest.raises(EngineUnreachable, match="did not answer within"):
            engine.info()

        engine.close()


def wrapped(problem: Exception) -> Exception:
    """Return an exception as the SDK passes it on."""
    return requests.ConnectionError(ProtocolError("x", problem))


@pytest.mark.parametrize(
    ("problem", "reason", "words"),
    [
        (requests.Timeout("late"), Unreachable.TIMED_OUT, "did not answer within 1 s"),
        (
            requests.ConnectionError(
                ProtocolError("x", http.client.IncompleteRead(b""))
            ),
            Unreachable.OTHER,
            "broke before an answer came",
        ),
        (
            requests.ConnectionError(
                ProtocolError("x", http.client.BadStatusLine("x"))
            ),
            Unreachable.OTHER,
            "is not a Docker engine",
        ),
        (http.client.LineTooLong("x"), Unreachable.OTHER, "is not a Docker engine"),
        (
            wrapped(BadAnswer("more than 1 MB")),
            Unreachable.BAD_ANSWER,
            "answered with more than 1 MB",
        ),
        (requests.ConnectionError("x"), Unreachable.OTHER, "broke before an answer"),
    ],
    ids=itertools.count(),
)
def test_what_the_sdk_raises_is_said_alike(
    problem: Exception, reason: Unreachable, words: str
) -> None:
    with (
        pytest.raises(EngineUnreachable, match=words) as caught,
        translated_sdk(Call("tcp://engine:1", 1.0)),
    ):
        raise problem
    assert caught.value.reason is reason


def test_what_is_handled_already_is_not_the_reason(tmp_path: Path) -> None:
    with UnixServer(tmp_path / "d.sock", silent) as server:
        try:
            tmp_path.joinpath("absent").read_bytes()
        except FileNotFoundError:
            problem = failure(server.url)

    assert problem.reason is Unreachable.TIMED_OUT


def test_a_context_is_named() -> None:
    engine = DockerEngine(Endpoint("unix:///nonexistent.sock", "prod"))

    with pytest.raises(EngineUnreachable, match=r"\(docker context 'prod'\)"):
        engine.info()


@pytest.mark.parametrize(
    ("now", "is_known", "reason"),
    [
        (Unreachable.REFUSED, True, Unreachable.OTHER),
        (Unreachable.MISSING_SOCKET, True, Unreachable.OTHER),
        (Unreachable.PERMISSION, True, Unreachable.OTHER),
        (Unreachable.TIMED_OUT, True, Unreachable.TIMED_OUT),
        (Unreachable.REFUSED, False, Unreachable.REFUSED),
    ],
)
def test_what_the_way_is_now_does_not_tell_what_was_asked(
    now: Unreachable, reason: Unreachable, *, is_known: bool
) -> None:
    way = EngineUnreachable("the way is closed", now)
    call = Call("ssh://nas", 5.0, is_known=is_known, why=lambda: way)

    problem = unreachable(ConnectionResetError(), call)

    assert (str(problem), problem.reason) == ("the way is closed", reason)
