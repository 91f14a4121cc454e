"""What an engine may answer to a pull, and where credentials come from."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import TYPE_CHECKING

import pytest
from requests import RequestException

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.sdk import build_client
from nstui.errors import EngineUnreachable, PullFailed, Unreachable
from nstui.model.image import PullProgress
from tests.support.busy import PATIENT_S
from tests.support.servers import UnixServer, http_answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

ID = "sha256:" + "a1" * 32
VERSION = http_answer({"ApiVersion": "1.41", "MinAPIVersion": "1.12"})
IMAGE = http_answer({"Id": ID, "RepoTags": ["app:1"]})
LAYER = {"status": "Downloading", "id": "a", "progressDetail": {"current": 1}}
DONE = {"status": "Status: Downloaded newer image for app:1"}
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
LAST = b"0\r\n\r\n"
MOMENT_S = 0.3


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def told(*lines: object) -> bytes:
    """Return the head of an answer, and a chunk for each line."""
    return HEAD + b"".join(chunk(json.dumps(one).encode() + b"\r\n") for one in lines)


class PullingEngine:
    """Answers a pull as it is told to, and notes how it was asked."""

    def __init__(self, answer: bytes, image: bytes = IMAGE) -> None:
        self.answer = answer
        self.image = image
        self.asked = b""
        self.hangs_up = True
        self.later: list[bytes] = []
        """What follows the answer, each part a moment after the one before."""

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        while request := connection.recv(65536):
            if b"/images/create" in request:
                self.asked = request
                connection.sendall(self.answer)
                for part in self.later:
                    time.sleep(MOMENT_S)
                    connection.sendall(part)
                if self.hangs_up:
                    return
            else:
                is_image = b"/images/" in request
                connection.sendall(self.image if is_image else VERSION)


def pull(
    tmp_path: Path,
    engine: PullingEngine,
    on_progress: Callable[[PullProgress], None] = lambda _: None,
    reference: str = "app:1",
    platform: str = "",
) -> str:
    """Pull an image from a scripted engine; return its id."""
    with UnixServer(tmp_path / "engine.sock", engine) as server:
        asks = DockerEngine(Endpoint(server.url, None), timeout=PATIENT_S)
        try:
            return asks.pull(reference, on_progress, platform).id
        finally:
            asks.close()


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of docker's configuration, which is not there yet."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


def query(engine: PullingEngine) -> str:
    return engine.asked.split()[1].decode().partition("/images/create?")[2]


def credentials(engine: PullingEngine) -> object:
    """Return the credentials that were sent; None if there were none."""
    found = re.search(rb"(?i)x-registry-auth: (\S+)", engine.asked)
    return json.loads(base64.urlsafe_b64decode(found[1])) if found else None


@pytest.mark.parametrize(
    ("reference", "platform", "asked"),
    [
        ("app:1", "", "fromImage=app&tag=1"),
        ("app", "", "fromImage=app&tag=latest"),
        ("host:5000/a/app", "", "fromImage=host%3A5000%2Fa%2Fapp&tag=latest"),
        (f"app@{ID}", "", f"fromImage=app&tag={ID.replace(':', '%3A')}"),
        ("app:1", "linux/arm64", "fromImage=app&tag=1&platform=linux%2Farm64"),
    ],
)
def test_what_is_asked_for(
    tmp_path: Path, reference: str, platform: str, asked: str
) -> None:
    engine = PullingEngine(told(LAYER, DONE) + LAST)
    assert pull(tmp_path, engine, reference=reference, platform=platform) == ID
    assert query(engine) == asked
    assert credentials(engine) is None


def test_progress_is_told_once(tmp_path: Path) -> None:
    seen: list[PullProgress] = []
    engine = PullingEngine(told(LAYER, LAYER, DONE) + LAST)
    pull(tmp_path, engine, seen.append)
    assert seen == [PullProgress(layers=1, received=1, size=1)]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            http_answer({"message": "manifest unknown"}, "404 Not Found"),
            "app:1 cannot be pulled: manifest unknown",
        ),
        (
            http_answer({"message": "no basic auth\ncredentials"}, "500 Error"),
            "app:1 cannot be pulled: no basic auth credentials",
        ),
        (
            told(LAYER, {"errorDetail": {"message": "a\n b"}, "error": "c"}) + LAST,
            "app:1 cannot be pulled: a b",
        ),
        (
            told(LAYER, {"error": "unexpected EOF"}) + LAST,
            "app:1 cannot be pulled: unexpected EOF",
        ),
    ],
    ids=["status 404", "status 500", "detail", "error"],
)
def test_a_refusal_in_the_engines_words(
    tmp_path: Path, answer: bytes, message: str
) -> None:
    with pytest.raises(PullFailed) as refusal:
        pull(tmp_path, PullingEngine(answer))
    assert str(refusal.value) == message


def test_an_image_that_is_not_there_afterwards(tmp_path: Path) -> None:
    gone = http_answer({"message": "No such image: app:1"}, "404 Not Found")
    engine = PullingEngine(told(DONE) + LAST, image=gone)
    with pytest.raises(PullFailed, match=r"^app:1 was pulled, and the engine has"):
        pull(tmp_path, engine)


@pytest.mark.parametrize(
    "answer",
    [told(LAYER), told(LAYER) + b"ff\r\n{", HEAD, b""],
    ids=["between chunks", "in a chunk", "after the head", "at once"],
)
def test_an_answer_that_breaks_off_is_no_success(tmp_path: Path, answer: bytes) -> None:
    with pytest.raises(EngineUnreachable, match=r"broke|ended") as error:
        pull(tmp_path, PullingEngine(answer))
    assert error.value.reason is Unreachable.OTHER


@pytest.mark.parametrize("answer", [b"", told(LAYER)], ids=["at once", "in between"])
def test_an_engine_that_says_nothing_more(
    tmp_path: Path, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.engine.pulling.PULL_SILENCE_S", 0.3)
    engine = PullingEngine(answer)
    engine.hangs_up = False
    with pytest.raises(PullFailed) as error:
        pull(tmp_path, engine)
    assert str(error.value) == (
        "app:1 cannot be pulled: the engine has reported nothing about it for 0.3 s"
    )


def test_a_pull_may_take_longer_than_the_engine_may_be_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.engine.pulling.PULL_SILENCE_S", 5 * MOMENT_S)
    engine = PullingEngine(told(LAYER))
    line = chunk(json.dumps(LAYER).encode() + b"\r\n")
    engine.later = [line] * 7 + [LAST]
    assert pull(tmp_path, engine) == ID


def test_something_that_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable, match="is not a Docker engine"):
        pull(tmp_path, PullingEngine(HEAD + chunk(b"hello\n") + LAST))


def test_whoever_hears_of_it_may_end_it(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def end(_: PullProgress) -> None:
        raise Enough

    engine = PullingEngine(told(LAYER))
    engine.hangs_up = False
    with pytest.raises(Enough):
        pull(tmp_path, engine, end)


def test_the_credentials_of_the_registry_alone(tmp_path: Path, config: Path) -> None:
    words = base64.b64encode(b"me:secret").decode()
    config.write_text(json.dumps({"auths": {"host:5000": {"auth": words}}}))
    engine = PullingEngine(told(DONE) + LAST)
    pull(tmp_path, engine, reference="host:5000/app:1")
    sent = credentials(engine)
    assert isinstance(sent, dict)
    assert (sent["username"], sent["password"]) == ("me", "secret")
    (tmp_path / "engine.sock").unlink()
    pull(tmp_path, engine, reference="app:1")
    assert credentials(engine) is None


def helper(config: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let docker's configuration name a credential helper."""
    config.write_text(json.dumps({"credsStore": "ours"}))
    program = config.parent / "docker-credential-ours"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{config.parent}:/usr/bin:/bin")


def test_the_credentials_of_a_helper(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = '{"Username": "<token>", "Secret": "abc"}'
    helper(config, f"cat >/dev/null; echo '{said}'", monkeypatch)
    engine = PullingEngine(told(DONE) + LAST)
    pull(tmp_path, engine)
    sent = credentials(engine)
    assert isinstance(sent, dict)
    assert sent["IdentityToken"] == "abc"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 1", "Credentials store"),
        ("sleep 10", "no answer within 2 s"),
        ("echo nonsense", "Expecting value"),
    ],
    ids=["fails", "hangs", "speaks nonsense"],
)
def test_a_helper_that_fails_is_named_only_if_the_pull_fails(
    tmp_path: Path,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    why: str,
) -> None:
    limit_s = 2.0 if script == "sleep 10" else PATIENT_S
    monkeypatch.setattr("nstui.engine.pulling.CREDENTIALS_S", limit_s)
    helper(config, script, monkeypatch)
    engine = PullingEngine(told(DONE) + LAST)
    assert pull(tmp_path, engine) == ID
    (tmp_path / "engine.sock").unlink()
    engine.answer = told({"error": "denied"}) + LAST
    with pytest.raises(PullFailed) as error:
        pull(tmp_path, engine)
    start = "app:1 cannot be pulled: denied (and the credentials for it cannot be read"
    assert str(error.value).startswith(f"{start}: {why}")


def test_a_damaged_configuration(tmp_path: Path, config: Path) -> None:
    config.write_text(json.dumps({"auths": {"host": {"auth": "!"}}}))
    engine = PullingEngine(told({"error": "denied"}) + LAST)
    with pytest.raises(PullFailed, match=r"denied .and the credentials for it cannot"):
        pull(tmp_path, engine)


@pytest.mark.parametrize("reference", ["https://host/app", "-host-.de/app"])
def test_a_name_that_makes_no_sense(tmp_path: Path, reference: str) -> None:
    engine = PullingEngine(
        http_answer({"message": "invalid reference format"}, "400 Bad Request")
    )
    with pytest.raises(PullFailed, match="invalid reference format"):
        pull(tmp_path, engine, reference=reference)


def test_an_id_is_not_asked_for(tmp_path: Path) -> None:
    engine = PullingEngine(told(DONE) + LAST)
    with pytest.raises(PullFailed, match="is the id of an image"):
        pull(tmp_path, engine, reference=ID)
    assert engine.asked == b""


def test_damaged_credentials_matter_to_pulls_alone(config: Path) -> None:
    damaged = {"auths": {"host": {"auth": "!"}}, "HttpHeaders": {"X-From": "me"}}
    config.write_text(json.dumps(damaged))
    client = build_client(Endpoint("tcp://127.0.0.1:1", None), "1.41", 1.0)
    with client, pytest.raises(RequestException) as error:
        client.stop("it")
    assert error.value.request is not None
    assert error.value.request.headers["X-From"] == "me"
