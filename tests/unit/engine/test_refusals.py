"""What an engine answers that is no good news."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    NstuiError,
    Unreachable,
)
from nstui.model.container import ContainerId
from tests.support.busy import PATIENT_S, give_time
from tests.support.captured import CAPTURED, ID, OTHER
from tests.support.servers import ScriptedEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTAINER = ContainerId(ID)
LIMIT_S = 0.3


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[tuple[ScriptedEngine, DockerEngine]]:
    """Yield an engine that knows its version only, and the adapter to it."""
    script = ScriptedEngine({"/version": http_answer(CAPTURED["version"])})
    with UnixServer(tmp_path / "d.sock", script) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENT_S)
        yield script, engine
        engine.close()


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        ("404 Not Found", f"No such container: {ID}", ContainerVanished),
        (
            "404 Not Found",
            f"Cannot kill container: {ID}: No such container: {ID}",
            ContainerVanished,
        ),
        (
            "404 Not Found",
            f'no container with name or ID "{ID}" found: no such container',
            ContainerVanished,
        ),
        # What a dependent says whose owner is gone: it is there itself.
        (
            "404 Not Found",
            f"Cannot restart container {ID}: No such container: {OTHER}",
            EngineRefused,
        ),
        ("404 Not Found", "page not found", EngineRefused),
        ("409 Conflict", f"Container {ID} is not running", EngineRefused),
        ("403 Forbidden", "authorization denied by plugin", EngineRefused),
        ("500 Internal Server Error", "it has\n  dependent containers", EngineRefused),
    ],
)
def test_what_an_engine_refuses(
    scripted: tuple[ScriptedEngine, DockerEngine],
    status: str,
    message: str,
    error: type[NstuiError],
) -> None:
    script, engine = scripted
    script.answers["/kill"] = http_answer({"message": message}, status)

    with pytest.raises(EngineRefused) as caught:
        engine.kill(CONTAINER)

    assert type(caught.value) is error
    assert str(caught.value) == re.sub(r"\s+", " ", message)


def test_a_list_that_is_none(scripted: tuple[ScriptedEngine, DockerEngine]) -> None:
    script, engine = scripted
    script.answers["/containers/json"] = http_answer({"message": "hello"})

    with pytest.raises(EngineUnreachable, match="is not a Docker engine"):
        engine.containers()


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (http_answer({"message": "no"}, "500 Oops"), EngineRefused, "no"),
        (http_answer(b"<html>"), EngineUnreachable, "not a Docker engine"),
    ],
)
def test_events_that_are_none(
    scripted: tuple[ScriptedEngine, DockerEngine],
    answer: bytes,
    error: type[NstuiError],
    sentence: str,
) -> None:
    script, engine = scripted
    script.answers["/events"] = answer

    with pytest.raises(error, match=sentence):
        list(engine.events())


def test_events_that_do_not_begin(
    scripted: tuple[ScriptedEngine, DockerEngine],
) -> None:
    _, engine = scripted
    engine.info()
    give_time(engine, LIMIT_S)

    with pytest.raises(EngineUnreachable, match="did not answer") as caught:
        engine.events()

    assert caught.value.reason is Unreachable.TIMED_OUT


def test_a_closed_engine_says_so(
    scripted: tuple[ScriptedEngine, DockerEngine],
) -> None:
    _, engine = scripted
    engine.info()
    engine.close()

    with pytest.raises(EngineUnreachable, match="has been closed"):
        engine.containers()
