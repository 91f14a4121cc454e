"""What the front answers, through its sockets."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.guard.decisions import read_decisions
from nstui.guard.looks import AT_ONCE, LookFailed, Looks
from nstui.guard.loop import Loop
from tests.support.front_thread import FrontThread
from tests.support.guard_client import LIMIT_S, PluginConnection, question
from tests.support.leftovers import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DENIED: dict[str, object] = {"Allow": False, "Msg": "web would lose its network"}
ALLOWED: dict[str, object] = {"Allow": True}
ASK = "/AuthZPlugin.AuthZReq"


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[FrontThread]:
    """Yield a front whose looks may take as long as a test."""
    monkeypatch.setattr("nstui.analysis.guarding.settings.MOST_S", LIMIT_S)
    front = FrontThread()
    front.configure(deadline_s=LIMIT_S)
    with front:
        yield front


def _wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _decisions(front: FrontThread, number: int) -> list[dict[str, object]]:
    """Return what was written down, once there are that many."""
    file = front.setup.decisions
    _wait(lambda: len(list(read_decisions(file, 0))) >= number)
    return list(read_decisions(file, 0))


def test_it_is_an_authorization_plugin(front: FrontThread) -> None:
    connection = PluginConnection(front.setup.plugin_socket)
    assert connection.post("/Plugin.Activate") == {"Implements": ["authz"]}
    assert connection.post("/AuthZPlugin.AuthZRes", b'{"x":1}') == ALLOWED
    assert connection.post("/nstui.Ping") == {"pid": os.getpid(), "asked": 0}
    assert "Err" in connection.post("/VolumeDriver.List")
    connection.close()


@pytest.mark.parametrize(
    ("method", "uri"),
    [
        ("GET", "/v1.41/containers/json"),
        ("HEAD", "/_ping"),
        ("POST", "/v1.41/containers/vpn/start"),
        ("DELETE", "/v1.41/images/vpn"),
    ],
)
def test_what_is_harmless_is_let_through_without_a_look(
    front: FrontThread, method: str, uri: str
) -> None:
    assert front.ask(method, uri) == ALLOWED
    assert front.looks() == []
    assert not front.setup.decisions.exists()


def test_a_look_decides_about_the_rest(front: FrontThread) -> None:
    assert front.ask("DELETE", "/v1.41/containers/vpn?force=1", "me/1") == DENIED
    assert front.ask("POST", "/v1.41/containers/free/stop") == ALLOWED

    first = front.looks()[0][0]
    asked = first["asked"]
    assert isinstance(asked, dict)
    assert (asked["change"], asked["reference"]) == ("rm", "vpn")
    assert (asked["force"], asked["user_agent"]) == (True, "me/1")
    written = _decisions(front, 2)
    assert [one["reason"] for one in written] == ["would-break", "breaks-nothing"]
    assert [one["denied"] for one in written] == [True, False]


def test_a_warning_denies_nothing_and_writes_down_what_it_would_have() -> None:
    front = FrontThread()
    front.configure(mode="warn")
    with front:
        assert front.ask("DELETE", "/containers/vpn") == ALLOWED
        assert front.ask("DELETE", "/containers/crash") == ALLOWED
        written = _decisions(front, 2)
        hour = front.control({"do": "status"})["last_hour"]
    assert [(one["allow"], one["denied"]) for one in written] == [(False, False)] * 2
    assert written[0]["message"] == "web would lose its network"
    assert hour == {"allowed": 0, "denied": 0, "warned": 1, "cannot_look": 1}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("crash", "nstui ended with exit code 1: it broke [2J"),
        ("kill", "nstui ended with signal 9"),
        ("silent", "its answer cannot be read"),
        ("nonsense", "its answer cannot be read"),
        ("endless", "its answer is too long"),
    ],
)
def test_where_it_cannot_look_a_removal_alone_is_denied(
    front: FrontThread, name: str, why: str
) -> None:
    denied = front.ask("DELETE", f"/containers/{name}")
    assert front.ask("POST", f"/containers/{name}/restart") == ALLOWED
    written = _decisions(front, 2)
    assert denied["Allow"] is False
    assert why in str(denied["Msg"])
    assert [one["reason"] for one in written] == ["cannot-look", "cannot-look"]
    assert str(denied["Msg"]).isprintable()


def test_a_look_has_its_deadline() -> None:
    front = FrontThread()
    front.configure(deadline_s=0.3)
    with front:
        denied = front.ask("DELETE", "/containers/hang")
        assert front.ask("POST", "/containers/hang/restart") == ALLOWED
    assert denied["Allow"] is False
    assert "(it took longer than 0.3 s)" in str(denied["Msg"])


def test_whoever_sees_first_that_a_look_is_late_says_the_same() -> None:
    with closing(Loop()) as loop:
        looks = Looks(loop, ("sleep", "60"), deadline_s=0.3)
        with pytest.raises(LookFailed, match=r"^it took longer than 0\.3 s$"):
            looks.look((), time.monotonic() + 0.05)


def test_what_is_denied_without_a_look_is_for_the_settings_to_say() -> None:
    front = FrontThread()
    front.configure(cannot_look=["stop"])
    with front:
        assert front.ask("DELETE", "/containers/crash") == ALLOWED
        assert front.ask("POST", "/containers/crash/stop")["Allow"] is False


def test_a_looker_that_cannot_be_started_is_a_look_that_failed() -> None:
    front = FrontThread()
    front.setup = front.setup._replace(looker="/nowhere/nstui guard look")
    with front:
        denied = front.ask("DELETE", "/containers/free")
        assert front.ask("POST", "/containers/free/kill") == ALLOWED
    assert "it could not be started: No such file or directory" in str(denied["Msg"])


def test_a_look_that_hangs_is_ended_with_all_that_it_has_started() -> None:
    front = FrontThread()
    front.configure(deadline_s=1)
    with front:
        front.ask("DELETE", "/containers/hang")
        pids = [int(word) for word in (front.path / "pids").read_text().split()]
        assert len(pids) == 2
        _wait(lambda: not any(map(is_alive, pids)))


def test_200_removals_that_wait_for_looks_delay_nothing_that_is_harmless(
    front: FrontThread,
) -> None:
    with ThreadPoolExecutor(200) as many:
        waiting = [
            many.submit(front.ask, "DELETE", f"/containers/wait{number}")
            for number in range(200)
        ]
        _wait(lambda: len(front.looks()) == AT_ONCE)
        _wait(lambda: sum(map(len, front.looks())) + _waiting(front) == 200)
        for _ in range(50):
            assert front.ask("GET", "/containers/json") == ALLOWED
        assert not any(one.done() for one in waiting)
        (front.path / "go-on").touch()
        assert all(one.result() == ALLOWED for one in waiting)
    # The last one was for all that had to wait.
    assert len(front.looks()) == AT_ONCE + 1


def test_one_look_serves_all_that_wait(front: FrontThread) -> None:
    with ThreadPoolExecutor(40) as many:
        firsts = []
        for number in range(AT_ONCE):
            firsts.append(many.submit(front.ask, "DELETE", f"/containers/wait{number}"))
            _wait(lambda: len(front.looks()) == len(firsts))
        rest = [
            many.submit(front.ask, "DELETE", f"/containers/{name}")
            for name in ("vpn", "free", "vpn", "free") * 5
        ]
        _wait(lambda: _waiting(front) == 20)
        (front.path / "go-on").touch()
        answers = [one.result() for one in rest]
        assert [one.result() for one in firsts] == [ALLOWED] * AT_ONCE
    assert answers == [DENIED, ALLOWED] * 10
    # Those that are the same are asked about once.
    assert len(front.looks()) == AT_ONCE + 1
    assert len(front.looks()[-1]) == 2


def _waiting(front: FrontThread) -> int:
    """Return how many calls wait for a look to begin."""
    found = front.control({"do": "status"})["looks"]
    assert isinstance(found, dict)
    return int(found["waiting"])


def test_compose_is_heard_to_its_end_before_a_look(front: FrontThread) -> None:
    agent = "compose/2.40.0"
    front.ask("POST", "/v1.41/containers/web/stop", agent)
    with ThreadPoolExecutor(2) as both:
        both.submit(front.ask, "POST", "/v1.41/containers/vpn/stop", agent)
        both.submit(front.ask, "POST", "/v1.41/containers/web/stop", agent)
    front.ask("POST", "/v1.41/containers/web/stop", "other/1")

    looks = [asked for look in front.looks() for asked in look]
    recent = [asked["recent"] for asked in looks]
    assert recent[0] == []
    for calls in recent[1:3]:
        assert isinstance(calls, list)
        assert len(calls) == 2
        assert calls[0]["uri"] == "/v1.41/containers/web/stop"
    assert recent[3] == []


def test_no_body_of_a_client_is_kept_or_written_down(front: FrontThread) -> None:
    secret = "c2VjcmV0" * 20
    body = question("DELETE", "/containers/vpn", body=secret)
    connection = PluginConnection(front.setup.plugin_socket)
    assert connection.post(ASK, body) == DENIED
    connection.close()
    _decisions(front, 1)
    for file in front.path.rglob("*"):
        if file.is_file():
            assert secret not in file.read_text()


def test_a_body_of_64_mib_is_read_and_dropped(front: FrontThread) -> None:
    connection = PluginConnection(front.setup.plugin_socket)
    before = _memory_kib()
    huge = question("DELETE", "/containers/vpn", body="A" * (64 << 20))
    assert connection.post(ASK, huge) == DENIED
    # Nothing of it is known, so it is let through, and that is written down.
    assert connection.post(ASK, b'"' + b"x" * (64 << 20)) == ALLOWED
    connection.close()
    assert _decisions(front, 2)[1]["reason"] == "unreadable"
    del huge
    assert _memory_kib() - before < 200_000


def _memory_kib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nContent-Length: 100\r\n\r\n{",
        b"POST /AuthZ",
        b"",
    ],
)
def test_half_a_request_delays_nobody(front: FrontThread, sent: bytes) -> None:
    clients = []
    for _ in range(50):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(front.setup.plugin_socket))
        client.sendall(sent)
        clients.append(client)
    assert front.ask("GET", "/_ping") == ALLOWED
    assert front.ask("DELETE", "/containers/vpn") == DENIED
    for client in clients:
        client.close()


def test_a_request_that_does_not_end_is_hung_up_on(
    front: FrontThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.guard.connections.REQUEST_S", 0.1)
    with (
        socket.socket(socket.AF_UNIX) as idle,
        socket.socket(socket.AF_UNIX) as slow,
    ):
        for client in (idle, slow):
            client.settimeout(LIMIT_S)
            client.connect(str(front.setup.plugin_socket))
        slow.sendall(b"POST /Auth")
        assert slow.recv(1) == b""
        # An engine may be about to use one that is idle, and would lose its question.
        idle.sendall(b"POST /nstui.Ping HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00nonsense\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"x" * 100_000,
    ],
)
def test_who_sends_no_request_is_hung_up_on(front: FrontThread, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(str(front.setup.plugin_socket))
        client.sendall(sent)
        # What was sent and not read resets the connection.
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert front.ask("GET", "/_ping") == ALLOWED


def test_requests_in_one_piece_are_answered_in_their_order(front: FrontThread) -> None:
    request = b"POST /nstui.Ping HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    last = b"POST /x HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(str(front.setup.plugin_socket))
        client.sendall(request * 1500 + last)
        with client.makefile("rb") as answers:
            got = answers.read()
    assert got.count(b"HTTP/1.1 200") == 1500
    assert got.count(b"HTTP/1.1 404") == 1


def test_who_waits_for_an_answer_is_not_read_from(front: FrontThread) -> None:
    """It could fill the memory with further requests."""
    body = question("DELETE", "/containers/wait")
    head = f"POST {ASK} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(front.setup.plugin_socket))
        client.sendall(head.encode() + body)
        _wait(front.looks)
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.sendall(head.encode() * (1 << 20))
        (front.path / "go-on").touch()
        client.settimeout(LIMIT_S)
        assert client.recv(12) == b"HTTP/1.1 200"


def test_a_client_that_leaves_without_its_answer_harms_nobody(
    front: FrontThread,
) -> None:
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(front.setup.plugin_socket))
    body = question("DELETE", "/containers/vpn")
    head = f"POST {ASK} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)
    client.close()
    assert front.ask("DELETE", "/containers/vpn") == DENIED


def test_a_question_that_was_lost_is_let_through(front: FrontThread) -> None:
    connection = PluginConnection(front.setup.plugin_socket)
    assert connection.post(ASK) == ALLOWED
    assert connection.post(ASK, b"[]") == ALLOWED
    assert connection.post(ASK, b"\xff{") == ALLOWED
    connection.close()
    assert [one["reason"] for one in _decisions(front, 3)] == ["unreadable"] * 3


def test_as_many_lost_questions_are_denied_as_removals_were_under_way() -> None:
    front = FrontThread()
    front.lost = 1
    with front:
        connection = PluginConnection(front.setup.plugin_socket)
        denied = connection.post(ASK)
        assert connection.post(ASK) == ALLOWED
        connection.close()
    assert denied["Allow"] is False
    assert "try again" in str(denied["Msg"])


def test_it_counts_the_removals_that_are_under_way(front: FrontThread) -> None:
    with ThreadPoolExecutor(2) as both:
        one = both.submit(front.ask, "DELETE", "/containers/wait")
        other = both.submit(front.ask, "POST", "/containers/wait/stop")
        _wait(lambda: front.undecided.value == 1)
        (front.path / "go-on").touch()
        assert one.result() == other.result() == ALLOWED
    assert front.undecided.value == 0


def test_a_full_disk_changes_no_answer() -> None:
    front = FrontThread()
    front.setup = front.setup._replace(decisions=Path("/dev/full"))
    with front:
        assert front.ask("DELETE", "/containers/vpn") == DENIED
        assert front.ask("DELETE", "/containers/free") == ALLOWED
        _wait(lambda: front.control({"do": "status"})["decisions_lost"] == 2)
        problems = front.control({"do": "status"})["problems"]
    assert problems == ["decisions are not written: No space left on device"]


def test_status_tells_what_it_did_and_how_long_it_took(front: FrontThread) -> None:
    front.ask("GET", "/_ping")
    front.ask("DELETE", "/containers/vpn")
    front.ask("DELETE", "/containers/free")
    front.ask("DELETE", "/containers/crash")

    found = front.control({"do": "status"})

    assert found["asked"] == 4
    assert found["mode"] == "enforce"
    hour = {"allowed": 1, "denied": 1, "warned": 0, "cannot_look": 1}
    assert found["last_hour"] == hour
    harmless, looked = found["harmless"], found["looked"]
    assert isinstance(harmless, dict)
    assert isinstance(looked, dict)
    assert (harmless["answers"], looked["answers"]) == (1, 3)
    assert 0 < harmless["p50_ms"] <= harmless["most_ms"]
    assert found["looks"] == {"under_way": 0, "waiting": 0}


def test_damaged_settings_are_the_defaults_and_said() -> None:
    front = FrontThread()
    front.setup.settings.write_text("{")
    with front:
        assert front.ask("DELETE", "/containers/vpn") == DENIED
        found = front.control({"do": "status"})
    assert found["problems"] == ["its settings: is not a JSON object"]


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"do": "dance"}', b"\xff"])
def test_its_own_socket_refuses_what_is_no_request(
    front: FrontThread, line: bytes
) -> None:
    found = front.control(line)
    assert found["ok"] is False
    assert found["error"]


ANOTHER_USER = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
)
TELL = """
import socket, sys
with socket.socket(socket.AF_UNIX) as guard:
    guard.connect(sys.argv[1])
    guard.sendall(sys.argv[2].encode() + b"\\n")
    print(guard.makefile().readline())
"""


def _ticket(**changed: object) -> dict[str, object]:
    ticket: dict[str, object] = {
        "container": "f" * 64,
        "name": "vpn",
        "changes": ["rm", "stop"],
        "expires": time.time() + 60,
        "uses": 1,
        "why": "a test",
    }
    return {"do": "ticket", "ticket": ticket | changed}


def test_a_ticket_lets_one_call_through_without_a_look(front: FrontThread) -> None:
    assert front.control(_ticket()) == {"ok": True}
    assert front.ask("POST", "/containers/vpn/restart") == DENIED
    looks = len(front.looks())
    assert front.ask("DELETE", f"/containers/{'f' * 12}") == ALLOWED
    assert len(front.looks()) == looks
    assert front.ask("DELETE", "/containers/vpn") == DENIED
    reasons = [one["reason"] for one in _decisions(front, 4)]
    assert reasons == ["ticket-kept", "would-break", "ticket", "would-break"]


def test_who_has_another_clock_tells_for_how_long(front: FrontThread) -> None:
    for expires in (0, time.time() + 10**9):
        ticket = _ticket(expires=expires) | {"valid_s": 60}
        assert front.control(ticket) == {"ok": True}
        assert front.ask("DELETE", "/containers/vpn") == ALLOWED
    assert front.ask("DELETE", "/containers/vpn") == DENIED


@pytest.mark.parametrize(
    "valid_s", [0, -1, 10**9, 10**400, math.nan, math.inf, True, "60", [60]]
)
def test_a_time_that_makes_no_sense_is_refused(
    front: FrontThread, valid_s: object
) -> None:
    found = front.control(_ticket() | {"valid_s": valid_s})
    assert found["ok"] is False
    assert front.ask("DELETE", "/containers/vpn") == DENIED


def test_a_ticket_is_used_once_by_many_at_once(front: FrontThread) -> None:
    front.control(_ticket(uses=3))
    with ThreadPoolExecutor(20) as many:
        asked = [many.submit(front.ask, "DELETE", "/containers/vpn") for _ in range(20)]
        answers = [one.result() for one in asked]
    assert answers.count(ALLOWED) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"expires": 0},
        {"expires": time.time() + 10**9},
        {"expires": 10**400},
        {"expires": math.nan},
        {"expires": math.inf},
        {"uses": 0},
        {"uses": 1000},
        {"container": ""},
        {"changes": []},
        {"changes": ["dance"]},
        {"why": "x" * 10_000},
        {"name": 5},
    ],
)
def test_a_ticket_that_makes_no_sense_is_refused(
    front: FrontThread, changed: dict[str, object]
) -> None:
    found = front.control(_ticket(**changed))
    assert found["ok"] is False
    assert found["error"]
    assert front.ask("DELETE", "/containers/vpn") == DENIED


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("changed", "is_kept"),
    [
        pytest.param({"changes": ["rm"]}, True, id="a step of a plan"),
        pytest.param({}, False, id="more than one change"),
        pytest.param({"changes": ["rm"], "uses": 2}, False, id="more than one call"),
        pytest.param(
            {"changes": ["rm"], "expires": time.time() + 3600}, False, id="for long"
        ),
    ],
)
def test_a_ticket_of_who_is_not_root_is_for_a_step_of_a_plan(
    front: FrontThread, changed: dict[str, object], *, is_kept: bool
) -> None:
    line = json.dumps(_ticket(**{"expires": time.time() + 30} | changed))
    socket_path = str(front.setup.control_socket)
    done = subprocess.run(
        [*ANOTHER_USER, sys.executable, "-c", TELL, socket_path, line],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)

    assert found["ok"] is is_kept, found
    if is_kept:
        assert _decisions(front, 1)[0]["uid"] == 65534
        assert front.ask("DELETE", "/containers/vpn") == ALLOWED
    else:
        assert found["error"] == "only root may allow more than the next step of a plan"
        assert front.ask("DELETE", "/containers/vpn") == DENIED


def test_a_ticket_that_cannot_be_kept_is_refused() -> None:
    front = FrontThread()
    front.setup = front.setup._replace(tickets=Path("/dev/null/tickets"))
    with front:
        found = front.control(_ticket())
        assert front.ask("DELETE", "/containers/vpn") == DENIED
    assert found == {
        "ok": False,
        "error": "it could not be written: Not a directory",
    }


def test_more_connections_than_files_may_be_open_delay_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those that have not sent a whole request for longest make room."""
    monkeypatch.setattr("nstui.guard.serving._MOST_CONNECTIONS", 10)
    clients = []
    with FrontThread() as front:
        for _ in range(100):
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(front.setup.plugin_socket))
            clients.append(client)
        assert front.ask("GET", "/_ping") == ALLOWED
        assert front.ask("DELETE", "/containers/vpn") == DENIED
        clients[0].settimeout(LIMIT_S)
        assert clients[0].recv(1) == b""
    for client in clients:
        client.close()


def test_a_line_of_its_decisions_can_be_read(front: FrontThread) -> None:
    front.ask("DELETE", f"/containers/vpn{'x' * 5000}", "é\x1b" * 1000)
    _decisions(front, 1)
    line = front.setup.decisions.read_text().splitlines()[0]
    found = json.loads(line)
    assert len(found["reference"]) == 300
    assert len(found["user_agent"]) == 300
    assert line.isprintable()
