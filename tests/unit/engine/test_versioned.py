"""What is asked of an engine before it has told its version."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from nstui.engine.client import ApiClient
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineRefused, EngineUnreachable, Unreachable
from nstui.model.container import ContainerId
from nstui.model.json import text
from tests.support.busy import PATIENT_S, give_time
from tests.support.captured import CAPTURED, id_of, inspect_of, row_of
from tests.support.servers import ScriptedEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("exited", "paused")
LIST, VERSION = "/containers/json", "/version"
EARLY = {f"GET {LIST}", f"GET {VERSION}"}
LIMIT_S = 0.3
WHY = "the other socket is missing"


def listed(*headers: str) -> bytes:
    """Return the list, with additional headers."""
    answer = http_answer([row_of(name) for name in NAMES])
    first, _, rest = answer.partition(b"\r\n")
    return b"\r\n".join((first, *(one.encode() for one in headers), rest))


@pytest.fixture
def script() -> ScriptedEngine:
    """Return an engine with two containers, silent when asked for its version."""
    return ScriptedEngine(
        {LIST: listed("Api-Version: 1.41")}
        | {f"/{id_of(name)}/json": http_answer(inspect_of(name)) for name in NAMES}
    )


@pytest.fixture
def engine(script: ScriptedEngine, tmp_path: Path) -> Iterator[DockerEngine]:
    """Yield the adapter to it."""
    with UnixServer(tmp_path / "d.sock", script) as server:
        endpoint = Endpoint(server.url, None, instead=WHY)
        engine = DockerEngine(endpoint, timeout=PATIENT_S)
        yield engine
        engine.close()


def test_containers_are_read_before_the_version_is_told(
    script: ScriptedEngine, tmp_path: Path
) -> None:
    with UnixServer(tmp_path / "d.sock", script) as server:
        client = ApiClient(Endpoint(server.url, None), PATIENT_S, PATIENT_S)
        client.greet(with_list=True)
        found = [ContainerId(text(row, "Id")) for row in client.rows()]
        with client.inspecting(found) as inspect:
            assert [inspect(one)["Id"] for one in found] == found
        assert {*script.requests} - EARLY == {
            f"GET /v1.41/containers/{id_of(name)}/json" for name in NAMES
        }
        give_time(client, LIMIT_S)
        with pytest.raises(EngineUnreachable, match="did not answer"):
            client.info()
        client.close()


@pytest.mark.parametrize(
    "headers",
    [
        ("Api-Version: 1.99",),
        ("Api-Version: 1.12",),
        ("Api-Version: newest",),
        ("Api-Version:",),
        (),
    ],
)
def test_a_list_that_names_no_version_nstui_speaks_is_not_believed(
    engine: DockerEngine, script: ScriptedEngine, headers: tuple[str, ...]
) -> None:
    version = CAPTURED["version"]
    assert isinstance(version, dict)
    script.answers[LIST] = listed(*headers)
    script.answers[VERSION] = http_answer({**version, "ApiVersion": "1.99"})
    engine.greet(with_list=True)
    assert len(engine.listed()) == len(NAMES)
    assert f"GET /v1.51{LIST}" in script.requests


def test_who_is_silent_is_waited_for_once(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    del script.answers[LIST]
    engine.greet(with_list=True)
    give_time(engine, LIMIT_S)
    with pytest.raises(EngineUnreachable, match="did not answer") as caught:
        engine.listed()
    give_time(engine, PATIENT_S)
    assert caught.value.reason is Unreachable.TIMED_OUT
    assert WHY in str(caught.value)
    assert {*script.requests} == EARLY

    script.answers[LIST] = listed()
    script.answers[VERSION] = http_answer(CAPTURED["version"])
    assert len(engine.listed()) == len(NAMES)


def test_a_version_that_was_told_by_another_engine_is_not_believed(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    engine.greet(with_list=True)
    engine.listed()
    del script.answers[LIST]
    give_time(engine, LIMIT_S)
    with pytest.raises(EngineUnreachable):
        engine.listed()
    give_time(engine, PATIENT_S)
    script.answers[LIST] = listed("Api-Version: 1.51")
    script.answers[VERSION] = http_answer(CAPTURED["version"])
    assert engine.info().name == "Docker"
    assert script.requests.count(f"GET {VERSION}") == 2


def test_the_version_of_an_engine_that_has_not_told_it_is_forgotten(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    engine.greet(with_list=True)
    engine.listed()
    give_time(engine, LIMIT_S)
    with pytest.raises(EngineUnreachable):
        engine.info()
    give_time(engine, PATIENT_S)
    version = CAPTURED["version"]
    assert isinstance(version, dict)
    script.answers[VERSION] = http_answer({**version, "ApiVersion": "1.44"})
    engine.listed()
    assert script.requests[-1] == f"GET /v1.44{LIST}"


def test_who_refuses_to_tell_its_version_is_quoted(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    script.answers[VERSION] = http_answer(b"no", "403 Forbidden", "text/plain")
    engine.greet(with_list=True)
    engine.listed()
    with pytest.raises(EngineRefused, match="refused to say what it is"):
        engine.info()


def test_a_list_that_is_old_once_the_version_is_told_is_not_believed(
    script: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.answers[LIST] = listed()
    may_tell = threading.Event()

    def answer(connection: socket.socket) -> None:
        if b"/version" in connection.recv(65_536, socket.MSG_PEEK):
            may_tell.wait(LIMIT_S)
        script(connection)

    script.answers[VERSION] = http_answer(CAPTURED["version"])
    monkeypatch.setattr("nstui.engine.versioned.MAX_LIST_AGE_S", 0.1)
    with UnixServer(tmp_path / "slow.sock", answer) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=10.0)
        engine.greet(with_list=True)
        threading.Timer(0.2, may_tell.set).start()
        assert len(engine.listed()) == len(NAMES)
        engine.close()
    assert f"GET /v1.41{LIST}" in script.requests
