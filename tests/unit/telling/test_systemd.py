"""What systemd is told, over a real socket."""

from __future__ import annotations

import os
import re
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.model.finding import Severity
from nstui.model.watch import (
    Hold,
    WatchedIncident,
    WatchEvent,
    WatchEventKind,
    WatchStatus,
)
from nstui.telling.systemd import SystemdSink, find_systemd, status_line
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.ports import WatchSink

STATUS = WatchStatus(
    pid=1,
    endpoint="unix:///run/docker.sock",
    started_at=NOON,
    written_at=NOON,
    looked_at=NOON,
    findings={},
)
QUIET = "STATUS=nothing is broken (healed 0, failed 0)"


class Manager:
    """systemd's end of the socket."""

    def __init__(self, address: str, variable: str) -> None:
        self.variable = variable
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)  # noqa: FBT003 - its only form

    def heard(self) -> list[str]:
        """Return the messages since the last time."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return found


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """Yield the receiver, at a path and in the abstract namespace."""
    name = f"nstui-notify-{os.getpid()}-{time.monotonic_ns()}"
    path = str(tmp_path / "notify")
    address, variable = (path, path)
    if request.param == "abstract":
        address, variable = f"\0{name}", f"@{name}"
    found = Manager(address, variable)
    yield found
    found.socket.close()


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def event(kind: WatchEventKind) -> WatchEvent:
    return WatchEvent(kind=kind, at=NOON, message="It happened.")


def incident(message: str, hold: Hold | None = None) -> WatchedIncident:
    return WatchedIncident(
        key=message,
        message=message,
        severity=Severity.ERROR,
        names=("web",),
        since=NOON,
        hold=hold,
        reason="",
    )


def test_a_watch_from_its_start_to_its_end(manager: Manager) -> None:
    problems: list[str] = []
    environ = {"NOTIFY_SOCKET": manager.variable, "WATCHDOG_USEC": "60000000"}
    found = find_systemd(environ, problems.append)
    assert found is not None
    sink: WatchSink = found

    sink.take(event(WatchEventKind.STARTED))
    assert manager.heard() == ["READY=1"]
    sink.update(STATUS)
    assert manager.heard() == [QUIET, "WATCHDOG=1"]
    sink.update(STATUS)
    assert manager.heard() == []
    sink.take(event(WatchEventKind.HEALED))
    assert manager.heard() == []
    sink.take(event(WatchEventKind.CONFIG_READ))
    reloading, ready = manager.heard()
    told = re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", reloading)
    assert told is not None
    assert 0 <= time.monotonic() - int(told[1]) / 1e6 < 60
    assert ready == "READY=1"
    sink.take(event(WatchEventKind.STOPPED))
    sink.close()
    assert manager.heard() == ["STOPPING=1"]
    assert problems == []


def test_a_look_makes_it_ready_too_and_closing_is_stopping(manager: Manager) -> None:
    sink = SystemdSink(manager.variable, watchdog_s=None, problem=pytest.fail)

    sink.update(STATUS)
    sink.close()

    assert manager.heard() == ["READY=1", QUIET, "STOPPING=1"]


def test_the_watchdog_is_told_by_the_loop_alone_and_not_too_often(
    manager: Manager,
) -> None:
    clock = Clock()
    sink = SystemdSink(
        manager.variable, watchdog_s=60, problem=pytest.fail, clock=clock
    )

    def beats() -> int:
        sink.update(STATUS)
        return manager.heard().count("WATCHDOG=1")

    assert beats() == 1
    clock.now += 14.9
    assert beats() == 0
    clock.now += 0.1
    assert beats() == 1
    clock.now += 1000
    for kind in WatchEventKind:
        sink.take(event(kind))
    assert "WATCHDOG=1" not in manager.heard()
    sink.close()


@pytest.mark.parametrize(
    ("environ", "is_told"),
    [
        pytest.param({}, False, id="without"),
        pytest.param({"WATCHDOG_USEC": "5000000"}, True, id="for any process"),
        pytest.param(
            {"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())},
            True,
            id="for this process",
        ),
        pytest.param(
            {"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, False, id="for another"
        ),
        pytest.param({"WATCHDOG_USEC": "0"}, False, id="zero"),
        pytest.param({"WATCHDOG_USEC": "soon"}, False, id="no number"),
        pytest.param({"WATCHDOG_USEC": "²"}, False, id="no number to Python either"),
    ],
)
def test_the_watchdog_is_told_if_systemd_wants_it(
    manager: Manager,
    environ: dict[str, str],
    is_told: bool,  # noqa: FBT001 - a row of a table
) -> None:
    sink = find_systemd({"NOTIFY_SOCKET": manager.variable, **environ}, pytest.fail)
    assert sink is not None

    sink.update(STATUS)

    assert ("WATCHDOG=1" in manager.heard()) is is_told
    sink.close()


def test_without_systemd_there_is_nothing_to_tell() -> None:
    assert find_systemd({}, pytest.fail) is None
    assert find_systemd({"NOTIFY_SOCKET": ""}, pytest.fail) is None


def test_an_address_of_another_kind_is_told() -> None:
    problems: list[str] = []

    assert find_systemd({"NOTIFY_SOCKET": "vsock:2:9999"}, problems.append) is None

    assert problems == [
        "systemd cannot be told how the watch is: NOTIFY_SOCKET is 'vsock:2:9999'"
    ]


def test_a_socket_that_is_gone_is_told_once_and_tried_again(tmp_path: Path) -> None:
    problems: list[str] = []
    path = str(tmp_path / "notify")
    sink = SystemdSink(path, watchdog_s=60, problem=problems.append)

    sink.update(STATUS)
    sink.update(STATUS)
    assert len(problems) == 1
    assert problems[0].endswith("No such file or directory")

    manager = Manager(path, path)
    sink.update(STATUS)
    assert manager.heard() == ["READY=1", QUIET, "WATCHDOG=1"]
    manager.socket.close()
    sink.update(replace(STATUS, healed=1))
    sink.close()
    assert len(problems) == 2
    assert problems[1].endswith("Connection refused")


def test_a_manager_that_is_busy_does_not_hold_up_the_watch(manager: Manager) -> None:
    sink = SystemdSink(manager.variable, watchdog_s=None, problem=pytest.fail)
    for number in range(10_000):
        sink.update(replace(STATUS, healed=number))
    assert len(manager.heard()) < 10_000

    sink.update(replace(STATUS, healed=10_000))

    assert manager.heard() == ["STATUS=nothing is broken (healed 10000, failed 0)"]
    sink.close()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(STATUS, "nothing is broken (healed 0, failed 0)", id="quiet"),
        pytest.param(
            replace(STATUS, healed=3, failed=1, incidents=(incident("web lost vpn"),)),
            "web lost vpn (healed 3, failed 1)",
            id="one",
        ),
        pytest.param(
            replace(STATUS, incidents=(incident("first"), incident("second"))),
            "2 incidents: first; … (healed 0, failed 0)",
            id="two",
        ),
        pytest.param(
            replace(STATUS, problem="the engine is away", is_dry_run=True),
            "dry run: the engine is away (healed 0, failed 0)",
            id="trouble",
        ),
        pytest.param(
            replace(STATUS, problem="a\nWATCHDOG=trigger\x1b[2J"),
            r"a\nWATCHDOG=trigger\x1b[2J (healed 0, failed 0)",
            id="a line break does not begin another assignment",
        ),
        pytest.param(
            replace(STATUS, problem="x" * 300),
            f"{'x' * 199}… (healed 0, failed 0)",
            id="long",
        ),
    ],
)
def test_the_status_is_one_line(status: WatchStatus, expected: str) -> None:
    assert status_line(status) == expected
