"""Every kind of question, answered badly: it ends in time and in a sentence."""

from __future__ import annotations

import gc
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.shells import DockerShells
from nstui.errors import EngineRefused, EngineUnreachable, NstuiError, Unreachable
from nstui.model.container import ContainerId
from nstui.ports import TerminalSize
from tests.support.busy import PATIENT_S
from tests.support.captured import ID
from tests.support.hostile import FAULTS, WELL, Hostile
from tests.support.servers import PortServer, UnixServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.hostile import Fault
    from tests.support.servers import Server

LIMIT_S = 0.15
"""What any call may take here; a drip would take a hundred times as long."""

SLACK_S = 10.0
"""What a busy machine may add to that."""

OWN = ContainerId(ID)


def connect(engine: DockerEngine) -> None:
    with engine._connection().acting(OWN) as client:  # noqa: SLF001 - as a copy does
        client.connect_container_to_network(OWN, "n")


def disconnect(engine: DockerEngine) -> None:
    with engine._connection().acting(OWN) as client:  # noqa: SLF001 - as a copy does
        client.disconnect_container_from_network(OWN, "n")


def shell(engine: DockerEngine) -> None:
    shells = DockerShells(engine._endpoint, timeout=engine._timeout)  # noqa: SLF001 - the same
    shells.open(OWN, TerminalSize(columns=80, lines=24)).close()


ASKED: dict[str, tuple[str, Callable[[DockerEngine], object]]] = {
    "version": ("GET /version", lambda e: e.info()),
    "list": ("GET /containers/json", lambda e: e.containers()),
    "inspect": (f"GET /containers/{ID}/json", lambda e: e.inspect(OWN)),
    "changes": (f"GET /containers/{ID}/changes", lambda e: e.changes(OWN)),
    "start": (f"POST /containers/{ID}/start", lambda e: e.start(OWN)),
    "stop": (f"POST /containers/{ID}/stop", lambda e: e.stop(OWN, 0)),
    "restart": (f"POST /containers/{ID}/restart", lambda e: e.restart(OWN, 0)),
    "kill": (f"POST /containers/{ID}/kill", lambda e: e.kill(OWN)),
    "rename": (f"POST /containers/{ID}/rename", lambda e: e.rename(OWN, "new")),
    "remove": (f"DELETE /containers/{ID}", lambda e: e.remove(OWN)),
    "create": ("POST /containers/create", lambda e: e.create_placeholder("a", "b")),
    "commit": ("POST /commit", lambda e: e.commit(OWN, "a:b")),
    "connect": ("POST /networks/n/connect", connect),
    "disconnect": ("POST /networks/n/disconnect", disconnect),
    "exec": (f"POST /containers/{ID}/exec", shell),
}
STREAMS: dict[str, tuple[str, Callable[[DockerEngine], object]]] = {
    "events": ("GET /events", lambda e: deque(e.events(), maxlen=9)),
    "log": (f"GET /containers/{ID}/logs", lambda e: deque(e.logs(OWN), maxlen=9)),
}
SHELL = {"shell": ("POST /exec/e/start", shell)}
OVER_A_PORT = ("version", "list", "start")
CHANGES = tuple(ASKED)[4:]
DRIPS = tuple(name for name in FAULTS if name.startswith("drip"))

each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
each_way = pytest.mark.parametrize("well", WELL.values(), ids=WELL)


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    """Collect no garbage of other tests in the midst of the deepest recursion."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@contextmanager
def hostile(
    server: Server, url: str, limit_s: float = LIMIT_S
) -> Iterator[DockerEngine]:
    """Yield the adapter to an engine, which waits no longer for a commit either."""
    with server, pytest.MonkeyPatch.context() as patch:
        patch.setattr("nstui.engine.docker_engine.COMMIT_S", limit_s)
        engine = DockerEngine(Endpoint(url, None), timeout=limit_s, patience=limit_s)
        try:
            yield engine
        finally:
            engine.close()


@contextmanager
def in_time(limits: float = 1) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < limits * LIMIT_S + SLACK_S


def unix(tmp_path: Path, target: str, fault: Fault) -> tuple[UnixServer, str]:
    server = UnixServer(tmp_path / "d.sock", Hostile(target, fault))
    return server, server.url


def port(target: str, fault: Fault) -> tuple[PortServer, str]:
    server = PortServer(Hostile(target, fault))
    return server, server.url


@each_fault
@pytest.mark.parametrize("asked", ASKED)
def test_a_bad_answer_ends_in_time_and_in_a_sentence(
    tmp_path: Path, asked: str, fault: Fault
) -> None:
    target, ask = ASKED[asked]
    with (
        hostile(*unix(tmp_path, target, fault)) as engine,
        in_time(),
        suppress(NstuiError),
    ):
        ask(engine)


@each_fault
@pytest.mark.parametrize("asked", OVER_A_PORT)
def test_so_it_does_over_a_port(asked: str, fault: Fault) -> None:
    target, ask = ASKED[asked]
    with hostile(*port(target, fault)) as engine, in_time(), suppress(NstuiError):
        ask(engine)


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("asked", ASKED)
def test_a_drip_is_an_answer_that_does_not_come(
    tmp_path: Path, asked: str, drip: str
) -> None:
    target, ask = ASKED[asked]
    if asked in {"start", "stop", "restart", "kill", "rename", "remove"}:
        # Of these the status says all; a body is not even read to its end.
        drip = "drip of headers"
    with (
        hostile(*unix(tmp_path, target, FAULTS[drip])) as engine,
        pytest.raises(EngineUnreachable, match="did not answer within") as caught,
    ):
        ask(engine)
    assert caught.value.reason is Unreachable.TIMED_OUT


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("asked", ["version", "list"])
def test_a_drip_over_a_port(asked: str, drip: str) -> None:
    target, ask = ASKED[asked]
    with (
        hostile(*port(target, FAULTS[drip])) as engine,
        pytest.raises(EngineUnreachable, match="did not answer within") as caught,
    ):
        ask(engine)
    assert caught.value.reason is Unreachable.TIMED_OUT


@each_way
@pytest.mark.parametrize("asked", ASKED)
def test_an_answer_in_another_form_is_as_good(
    tmp_path: Path, asked: str, well: Fault
) -> None:
    target, ask = ASKED[asked]
    with hostile(*unix(tmp_path, target, well), limit_s=PATIENT_S) as engine:
        ask(engine)
        ask(engine)


@each_way
@pytest.mark.parametrize("asked", OVER_A_PORT)
def test_so_it_is_over_a_port(asked: str, well: Fault) -> None:
    target, ask = ASKED[asked]
    with hostile(*port(target, well), limit_s=PATIENT_S) as engine:
        ask(engine)
        ask(engine)


@each_way
@pytest.mark.parametrize("asked", STREAMS)
@pytest.mark.parametrize("is_port", [False, True])
def test_a_stream_in_another_form_is_as_good(
    tmp_path: Path, asked: str, well: Fault, *, is_port: bool
) -> None:
    target, ask = STREAMS[asked]
    server, url = port(target, well) if is_port else unix(tmp_path, target, well)
    with hostile(server, url, PATIENT_S) as engine:
        found = ask(engine)
    assert isinstance(found, deque)
    assert len(found) == 1


@each_way
def test_a_shell_in_another_form_is_as_good(tmp_path: Path, well: Fault) -> None:
    server = unix(tmp_path, "POST /exec/e/start", well)
    with hostile(*server, limit_s=PATIENT_S) as engine:
        shell(engine)


@each_fault
@pytest.mark.parametrize("asked", [*STREAMS, *SHELL])
def test_a_bad_stream_ends_when_it_is_closed(
    tmp_path: Path, asked: str, fault: Fault
) -> None:
    target, ask = (STREAMS | SHELL)[asked]
    with hostile(*unix(tmp_path, target, fault)) as engine:
        closing = threading.Timer(3 * LIMIT_S, engine.close)
        closing.start()
        # A shell has some time to say its first words.
        with in_time(3 + 4), suppress(NstuiError):
            ask(engine)
        closing.cancel()
        closing.join()


@pytest.mark.parametrize("asked", [*STREAMS, *SHELL])
@pytest.mark.parametrize("drip", ["drip", "drip in the head", "drip of headers"])
def test_a_stream_that_does_not_begin(tmp_path: Path, asked: str, drip: str) -> None:
    target, ask = (STREAMS | SHELL)[asked]
    with (
        hostile(*unix(tmp_path, target, FAULTS[drip])) as engine,
        in_time(),
        pytest.raises(EngineUnreachable) as caught,
    ):
        ask(engine)
    assert caught.value.reason is Unreachable.TIMED_OUT


def test_an_event_without_an_end(tmp_path: Path) -> None:
    server = unix(tmp_path, "GET /events", FAULTS["endless body"])
    with hostile(*server, limit_s=PATIENT_S) as engine, in_time():
        events = engine.events()
        with pytest.raises(EngineUnreachable, match="a line of more than 1 MiB"):
            list(events)


@pytest.mark.parametrize("asked", ASKED)
def test_who_refuses_is_quoted(tmp_path: Path, asked: str) -> None:
    target, ask = ASKED[asked]
    with (
        hostile(
            *unix(tmp_path, target, FAULTS["403 page"]), limit_s=PATIENT_S
        ) as engine,
        pytest.raises(EngineRefused) as caught,
    ):
        ask(engine)
    words = str(caught.value)
    assert words.endswith("403 Forbidden: By administrative rules.")
    assert words.startswith("refused: ") or asked == "version"


@pytest.mark.parametrize("asked", CHANGES)
def test_what_a_gateway_did_not_pass_on_may_have_been_done(
    tmp_path: Path, asked: str
) -> None:
    target, ask = ASKED[asked]
    with (
        hostile(
            *unix(tmp_path, target, FAULTS["502 page"]), limit_s=PATIENT_S
        ) as engine,
        pytest.raises(EngineUnreachable, match="502 Bad Gateway: bad") as caught,
    ):
        ask(engine)
    assert caught.value.reason is Unreachable.OTHER
