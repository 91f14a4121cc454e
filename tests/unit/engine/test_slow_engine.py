"""Engines that answer some requests late, badly, or not at all."""

from __future__ import annotations

import itertools
import threading
import time
from typing import TYPE_CHECKING

import pytest

from nstui.engine.answer import MAX_INSPECT_BYTES
from nstui.engine.client import MAX_PARALLEL_INSPECTS
from nstui.engine.docker_engine import TOO_LATE, DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.reader import Asked, SocketReader
from nstui.errors import EngineUnreachable
from nstui.model.container import ContainerEvent, ContainerId, Join
from nstui.model.namespace import NamespaceKind
from tests.support.busy import PATIENT_S, fastest
from tests.support.captured import CAPTURED, id_of, inspect_of, row_of
from tests.support.servers import (
    PortServer,
    ScriptedEngine,
    UnixServer,
    http_answer,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

LIMIT_S = 60.0
HASTY_S = 0.3
NAMES = ("owner", "dependent", "linked", "created", "unhealthy", "exited", "paused")
IMAGE_PATH = f"/images/{row_of('owner')['ImageID']}/json"
"""All are of one image, and the owner has labels that only it can vouch for."""


@pytest.fixture
def script() -> ScriptedEngine:
    """Return an engine with seven containers that answers everything."""
    return ScriptedEngine(
        {
            "/version": http_answer(CAPTURED["version"]),
            "/containers/json": http_answer([row_of(name) for name in NAMES]),
            IMAGE_PATH: http_answer({"Id": row_of("owner")["ImageID"], "Config": {}}),
        }
        | {f"/{id_of(name)}/json": http_answer(inspect_of(name)) for name in NAMES}
    )


@pytest.fixture
def engine(script: ScriptedEngine, tmp_path: Path) -> Iterator[DockerEngine]:
    """Yield the adapter to it, which waits for as long as it takes."""
    with UnixServer(tmp_path / "d.sock", script) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENT_S)
        yield engine
        engine.close()


@pytest.fixture
def hasty(
    engine: DockerEngine, script: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> DockerEngine:
    """Return the same, which does not wait for long for what is not answered."""
    request = SocketReader._request  # noqa: SLF001 - where the time begins to run

    def limited(
        reader: SocketReader, path: str, max_bytes: int, asked: Asked | None
    ) -> tuple[int, bytes]:
        is_answered = path.partition("?")[0].endswith(tuple(script.answers))
        reader._timeout = PATIENT_S if is_answered else HASTY_S  # noqa: SLF001 - the same
        return request(reader, path, max_bytes, asked)

    monkeypatch.setattr(SocketReader, "_request", limited)
    return engine


def hurry(engine: DockerEngine) -> None:
    """Give a whole look little time, but not the single answers of it."""
    engine._timeout = HASTY_S  # noqa: SLF001 - as if it had been so all along


def problems(engine: DockerEngine) -> dict[str, str]:
    """Return who could not be inspected, and why."""
    return {
        container.name: container.inspection_problem
        for container in engine.containers()
        if container.inspection_problem is not None
    }


def inspect_path(name: str) -> str:
    return f"/{id_of(name)}/json"


def test_all_is_well(engine: DockerEngine) -> None:
    assert problems(engine) == {}
    assert [one.name for one in engine.containers()] == sorted(NAMES)


def test_a_greeting_is_answered_once(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    engine.greet()
    assert [engine.info().name for _ in range(2)] == ["Docker"] * 2
    assert script.requests == ["GET /version"]


def test_a_greeting_is_not_read_again_when_the_engine_is_back(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    engine.greet()
    script.answers[inspect_path("owner")], answer = (
        b"",
        script.answers[inspect_path("owner")],
    )
    script.hangs_up_after.add(inspect_path("owner"))
    assert set(problems(engine)) == {"owner"}
    script.answers[inspect_path("owner")] = answer
    assert problems(engine) == {}
    assert script.requests.count("GET /version") > 1


def test_a_greeting_without_an_answer_is_repeated(tmp_path: Path) -> None:
    answers = iter((b"", http_answer(CAPTURED["version"])))

    def answer_late(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(next(answers))

    with UnixServer(tmp_path / "late.sock", answer_late) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENT_S)
        engine.greet()
        assert engine.info().name == "Docker"
        engine.close()
        assert server.connections == 2


def test_who_is_closed_after_a_greeting_says_so(engine: DockerEngine) -> None:
    engine.greet()
    engine.close()
    with pytest.raises(EngineUnreachable, match="has been closed"):
        engine.info()


def test_where_nobody_is_a_greeting_fails_later(tmp_path: Path) -> None:
    engine = DockerEngine(Endpoint(f"unix://{tmp_path / 'none.sock'}", None))
    engine.greet()
    with pytest.raises(EngineUnreachable, match="does not exist"):
        engine.info()


LIST = "GET /v1.41/containers/json"


def request_list_ahead(engine: DockerEngine, script: ScriptedEngine) -> None:
    """Request the list as soon as the engine has answered the greeting."""
    engine.greet()
    deadline = time.monotonic() + LIMIT_S
    while LIST not in script.requests and time.monotonic() < deadline:
        engine.list_ahead()
        time.sleep(0.005)


def test_a_list_that_was_requested_ahead_is_read_once(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    request_list_ahead(engine, script)
    assert script.requests == ["GET /version", LIST]
    assert len(engine.listed()) == len(NAMES)
    assert script.requests == ["GET /version", LIST]
    assert len(engine.listed()) == len(NAMES)
    assert script.requests.count(LIST) == 2


def test_an_old_list_is_not_believed(
    engine: DockerEngine, script: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_list_ahead(engine, script)
    script.answers["/containers/json"] = http_answer([row_of("owner")])
    monkeypatch.setattr("nstui.engine.versioned.MAX_LIST_AGE_S", 0.0)
    assert [one.name for one in engine.listed()] == ["owner"]


def test_who_is_closed_after_a_list_was_requested_says_so(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    request_list_ahead(engine, script)
    engine.close()
    with pytest.raises(EngineUnreachable, match="has been closed"):
        engine.listed()


def test_no_list_is_requested_before_the_greeting_is_answered(
    script: ScriptedEngine, tmp_path: Path
) -> None:
    may_answer = threading.Event()

    def answer_late(connection: socket.socket) -> None:
        may_answer.wait(LIMIT_S)
        script(connection)

    with UnixServer(tmp_path / "late.sock", answer_late) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=LIMIT_S)
        engine.greet()
        engine.list_ahead()
        may_answer.set()
        assert engine.info().name == "Docker"
        assert script.requests == ["GET /version"]
        engine.close()


EARLY = "GET /containers/json"


def await_request(script: ScriptedEngine, request: str) -> None:
    """Return once the engine has been asked that."""
    deadline = time.monotonic() + LIMIT_S
    while request not in script.requests and time.monotonic() < deadline:
        time.sleep(0.005)


def test_a_list_that_was_requested_with_the_greeting_is_read_once(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    engine.greet(with_list=True)
    await_request(script, EARLY)
    engine.list_ahead()

    assert len(engine.listed()) == len(NAMES)
    assert sorted(script.requests) == [EARLY, "GET /version"]
    assert len(engine.listed()) == len(NAMES)
    assert script.requests.count(LIST) == 1


def test_an_old_list_of_the_greeting_is_not_believed(
    engine: DockerEngine, script: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.greet(with_list=True)
    await_request(script, EARLY)
    script.answers["/containers/json"] = http_answer([row_of("owner")])
    monkeypatch.setattr("nstui.engine.versioned.MAX_LIST_AGE_S", 0.0)
    assert [one.name for one in engine.listed()] == ["owner"]


def test_a_list_in_words_that_are_too_new_is_not_read(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    version = CAPTURED["version"]
    assert isinstance(version, dict)
    script.answers["/version"] = http_answer({**version, "ApiVersion": "1.99"})
    engine.greet(with_list=True)
    await_request(script, EARLY)
    script.answers["/containers/json"] = http_answer([row_of("owner")])
    assert [one.name for one in engine.listed()] == ["owner"]
    assert "GET /v1.51/containers/json" in script.requests


def test_who_refuses_to_be_asked_without_a_version_is_asked_again(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    listed = script.answers.pop("/containers/json")
    script.answers["/v1.41/containers/json"] = listed
    script.answers["/containers/json"] = http_answer({"message": "no"}, "400 Bad")
    engine.greet(with_list=True)
    assert len(engine.listed()) == len(NAMES)


def test_who_is_closed_after_a_greeting_with_a_list_says_so(
    engine: DockerEngine,
) -> None:
    engine.greet(with_list=True)
    engine.close()
    with pytest.raises(EngineUnreachable, match="has been closed"):
        engine.listed()


class Way:
    """A way to an engine that is far away."""

    def __init__(self, path: Path) -> None:
        self.socket_path = str(path)

    def problem(self) -> EngineUnreachable | None:
        return None


def test_a_list_from_far_away_may_be_older(
    script: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "far.sock"
    monkeypatch.setattr("nstui.engine.versioned.MAX_LIST_AGE_S", 0.0)
    with UnixServer(path, script) as server:
        engine = DockerEngine(Endpoint(server.url, None, via=Way(path)))
        engine.greet(with_list=True)
        await_request(script, EARLY)
        script.answers["/containers/json"] = http_answer([row_of("owner")])
        assert len(engine.listed()) == len(NAMES)
        engine.close()


def test_an_engine_that_hung_up_meanwhile(
    script: ScriptedEngine, tmp_path: Path
) -> None:
    def answer_once(connection: socket.socket) -> None:
        """Answer one question, as if more were welcome, and hang up at the next."""
        request = connection.recv(65536)
        path = request.split()[1].decode().partition("?")[0]
        ending = next(end for end in script.answers if path.endswith(end))
        connection.sendall(script.answers[ending])
        connection.recv(65536)

    with UnixServer(tmp_path / "once.sock", answer_once) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENT_S)
        assert problems(engine) == {}
        assert problems(engine) == {}
        engine.close()
        # The version, the list, the image, each container, and the list again.
        assert server.connections == 1 + 1 + 1 + len(NAMES) + 1


def test_an_image_that_does_not_answer_is_no_containers_problem(
    hasty: DockerEngine, script: ScriptedEngine
) -> None:
    del script.answers[IMAGE_PATH]

    assert problems(hasty) == {}
    assert problems(hasty) == {}

    assert sum("/images/" in request for request in script.requests) == 1


def test_who_has_vanished_is_not_remembered(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    engine.containers()
    everybody = script.answers["/containers/json"]
    script.answers["/containers/json"] = http_answer([])
    assert engine.containers() == ()
    script.answers["/containers/json"] = everybody
    script.requests.clear()

    engine.containers()

    assert len(script.requests) == 1 + len(NAMES)


def test_one_inspect_that_fails_is_that_containers_problem(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    script.answers[inspect_path("dependent")] = http_answer(
        {"message": "disk\nfull"}, "500 Internal Server Error"
    )

    assert problems(engine) == {"dependent": "disk full"}
    dependent = {one.name: one for one in engine.containers()}["dependent"]
    assert dependent.inspection is None
    assert dependent.joins == (Join(NamespaceKind.NET, ContainerId(id_of("owner"))),)


def test_the_next_container_is_asked_for_while_one_answers(
    script: ScriptedEngine, tmp_path: Path
) -> None:
    """The first inspect is answered only when the second has been asked."""
    second_asked = threading.Event()
    inspects = [inspect_path(name) for name in NAMES]

    def answer(connection: socket.socket) -> None:
        while request := connection.recv(65536):
            path = request.split()[1].decode().partition("?")[0]
            if path.endswith(inspects[0]):
                second_asked.wait(LIMIT_S)
            elif path.endswith(inspects[1]):
                second_asked.set()
            ending = next(end for end in script.answers if path.endswith(end))
            connection.sendall(script.answers[ending])

    with UnixServer(tmp_path / "eager.sock", answer) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=LIMIT_S / 2)
        assert problems(engine) == {}
        engine.close()
        assert server.connections == MAX_PARALLEL_INSPECTS


def test_nobody_is_asked_for_who_is_remembered(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    engine.containers()
    engine.forget([ContainerId(id_of("linked"))])
    script.requests.clear()

    assert problems(engine) == {}

    assert [one for one in script.requests if not one.endswith("s/json")] == [
        f"GET /v1.41/containers{inspect_path('linked')}"
    ]


def test_who_is_forgotten_while_all_are_asked_is_asked_again(
    script: ScriptedEngine, tmp_path: Path
) -> None:
    """An answer may be older than what made somebody forget it."""

    def answer(connection: socket.socket) -> None:
        while request := connection.recv(65536):
            path = request.split()[1].decode().partition("?")[0]
            script.requests.append(path)
            if path.endswith(inspect_path(NAMES[0])) and not forgotten:
                forgotten.append(NAMES[1])
                engine.forget([ContainerId(id_of(NAMES[1]))])
            ending = next(end for end in script.answers if path.endswith(end))
            connection.sendall(script.answers[ending])

    forgotten: list[str] = []
    with UnixServer(tmp_path / "late.sock", answer) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=LIMIT_S)
        engine.containers()
        script.requests.clear()
        engine.containers()
        engine.close()
    assert sum(inspect_path(NAMES[1]) in path for path in script.requests) == 1


def test_who_was_asked_in_vain_is_dropped_when_it_is_too_late(
    hasty: DockerEngine, script: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, dropped = [], []
    ask, drop = SocketReader.ask, SocketReader.drop

    def noted(reader: SocketReader, path: str) -> Asked | None:
        found = ask(reader, path)
        asked.append(found)
        return found

    def let_go(reader: SocketReader, one: Asked) -> None:
        drop(reader, one)
        dropped.append(one)

    monkeypatch.setattr(SocketReader, "ask", noted)
    monkeypatch.setattr(SocketReader, "drop", let_go)
    for name in NAMES:
        del script.answers[inspect_path(name)]
    hurry(hasty)
    assert set(problems(hasty).values()) == {TOO_LATE}
    assert dropped == asked[-len(dropped) :] != []
    assert all(one is not None and one.connection.fileno() < 0 for one in asked)


def test_an_inspect_without_its_configuration_is_a_problem(
    engine: DockerEngine, script: ScriptedEngine
) -> None:
    script.answers[inspect_path("linked")] = http_answer({"Id": id_of("linked")})

    assert problems(engine) == {"linked": "the engine's answer is incomplete"}


def test_one_inspect_that_takes_too_long(
    hasty: DockerEngine, script: ScriptedEngine
) -> None:
    answer = script.answers.pop(inspect_path("owner"))

    assert problems(hasty) == {"owner": TOO_LATE}
    script.answers[inspect_path("owner")] = answer
    assert problems(hasty) == {}


def test_a_look_ends_in_time_whatever_the_engine_does(
    hasty: DockerEngine, script: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There are few containers here.
    monkeypatch.setattr("nstui.engine.client.MAX_PARALLEL_INSPECTS", 2)
    for name in NAMES:
        del script.answers[inspect_path(name)]
    hurry(hasty)

    def attempt() -> float:
        script.requests.clear()
        began = time.monotonic()
        late = problems(hasty)
        took = time.monotonic() - began
        assert late == dict.fromkeys(NAMES, TOO_LATE)
        inspects = [path for path in script.requests if not path.endswith("s/json")]
        assert len([path for path in inspects if path.endswith("/json")]) < len(NAMES)
        return took

    limit_s = 4 * HASTY_S + HASTY_S + 1
    assert fastest(attempt, limit_s) < limit_s


DEEP = b'{"HostConfig": ' + b"[" * 5000 + b"]" * 5000 + b"}"
SHALLOWER = b'{"HostConfig": ' + b"[" * 200 + b"]" * 200 + b"}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (http_answer(b"<html>"), "answered with something that is not JSON"),
        (http_answer(b""), "answered with something that is not JSON"),
        (http_answer(b'{"HostConfig": "\xff"}'), "that is not JSON"),
        (http_answer([1]), "the engine's answer is incomplete"),
        (http_answer({"HostConfig": 5}), "the engine's answer is incomplete"),
        (http_answer(DEEP), "answered with JSON that is nested too deeply"),
        (http_answer(SHALLOWER), "answered with JSON that is nested too deeply"),
        (
            http_answer(b'{"HostConfig": "' + b"x" * MAX_INSPECT_BYTES + b'"}'),
            "answered with more than 16 MB",
        ),
        (
            http_answer(b"x").replace(b"th: 1", b"th: 1000000000000"),
            "broke before an answer came",
        ),
        (http_answer({"HostConfig": {}})[:-3], "broke before an answer came"),
        (CHUNKED + b"FFFFFFFFFFFF\r\nx", "broke before an answer came"),
        (CHUNKED + b"hello\r\n", "broke before an answer came"),
        (b"", "broke before an answer came"),
        (
            http_answer(b"x").replace(
                b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"
            ),
            "answered with something compressed",
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n",
            "answered with a redirect to another address",
        ),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n", "not a Docker engine"),
        (b"HTTP/1.1 200 OK\r\na: " + b"x" * 99_999 + b"\r\n\r\n", "not a Docker"),
        (b"\x00\x01\x02\r\n\r\n", "not a Docker engine"),
        (http_answer(b"<h1>no</h1>", "403 Forbidden"), "refused: 403 Forbidden: no"),
        (http_answer(b"<h1>no</h1>", "502 Bad Gateway"), ": 502 Bad Gateway: no"),
        (http_answer(b"oops", "500 Oops"), ": 500 Internal Server Error: oops"),
    ],
    # The answers themselves would be too long to read.
    ids=itertools.count(),
)
def test_an_inspect_that_is_no_good_is_that_containers_problem(
    engine: DockerEngine, script: ScriptedEngine, answer: bytes, why: str
) -> None:
    script.answers[inspect_path("owner")] = answer
    script.hangs_up_after.add(inspect_path("owner"))

    ((name, problem),) = problems(engine).items()
    assert name == "owner"
    assert why in problem
    assert "\n" not in problem
    assert len(engine.containers()) == len(NAMES)


@pytest.mark.parametrize(
    ("newest", "oldest", "chosen"),
    [
        ("1.41", "1.12", "v1.41"),
        ("1.99", "1.24", "v1.51"),
        ("1.99", "1.90", "v1.90"),
        ("1.41", None, "v1.41"),
    ],
)
def test_the_newest_version_of_the_api_that_both_know(
    engine: DockerEngine,
    script: ScriptedEngine,
    newest: str,
    oldest: str | None,
    chosen: str,
) -> None:
    version = {"ApiVersion": newest, "MinAPIVersion": oldest}
    script.answers["/version"] = http_answer(version)

    engine.containers()
    engine.info()

    assert script.requests[:2] == ["GET /version", f"GET /{chosen}/containers/json"]
    assert script.requests.count("GET /version") == 1


@pytest.mark.parametrize("has_port", [False, True])
def test_a_past_that_does_not_end_is_what_came_in_time(
    script: ScriptedEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    has_port: bool,
) -> None:
    """So answers an engine whose clock is behind: it waits for the moment asked for."""
    limit_s = 0.5
    event = b'{"Action": "die", "Actor": {"ID": "x", "Attributes": {"name": "own"}}}\n'
    piece = b"%x\r\n%s\r\n" % (len(event), event)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    script.answers["/events"] = head + piece
    server = PortServer(script) if has_port else UnixServer(tmp_path / "d", script)
    with server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENT_S)
        engine.info()
        told: tuple[ContainerEvent, ...] = ()
        # A busy machine may need more time for what does come.
        while not told and limit_s < LIMIT_S:
            monkeypatch.setattr("nstui.engine.client.PAST_EVENTS_TIMEOUT_S", limit_s)
            began = time.monotonic()
            told = engine.past_events((ContainerId("x"),))
            took = time.monotonic() - began
            limit_s *= 2
        engine.close()
    assert [(one.action, one.name) for one in told] == [("die", "own")]
    assert took < LIMIT_S
