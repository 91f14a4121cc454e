"""What a plan announces reaches the guard; nobody waits for one that is not well."""

from __future__ import annotations

import json
import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.requests import Change
from nstui.guard.announcing import GuardTickets
from nstui.model.container import ContainerId
from tests.support.front_thread import FrontThread
from tests.support.servers import UnixServer, hangs_up, says, silent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VPN = ContainerId("f" * 64)
DENIED = {"Allow": False, "Msg": "web would lose its network"}


def test_what_is_announced_is_let_through_once() -> None:
    with FrontThread() as front:
        tickets = GuardTickets(str(front.setup.control_socket))
        tickets.issue(VPN, "vpn", Change.RM)
        assert front.ask("POST", "/containers/vpn/stop") == DENIED
        assert front.ask("DELETE", f"/containers/{VPN}") == {"Allow": True}
        assert front.ask("DELETE", "/containers/vpn") == DENIED


def test_what_is_announced_and_not_done_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nstui.guard.announcing.VALID_S", 0.1)
    with FrontThread() as front:
        GuardTickets(str(front.setup.control_socket)).issue(VPN, "vpn", Change.RM)
        file = next(front.setup.tickets.iterdir())
        ends = json.loads(file.read_text())["expires"]
        while time.time() < ends:
            time.sleep(0.01)
        assert front.ask("DELETE", "/containers/vpn") == DENIED


@pytest.mark.parametrize("wrong_s", [-86_400.0, 86_400.0])
def test_a_guard_behind_ssh_goes_by_its_own_clock(wrong_s: float) -> None:
    asked = []
    with FrontThread() as front:

        def forward(path: str) -> str:
            asked.append(path)
            return str(front.setup.control_socket)

        tickets = GuardTickets(
            "/there/guard.sock", clock=lambda: time.time() + wrong_s, forward=forward
        )
        tickets.issue(VPN, "vpn", Change.RM)
        assert front.ask("DELETE", "/containers/vpn") == {"Allow": True}
    assert asked == ["/there/guard.sock"]


def test_where_no_socket_is_forwarded_nothing_happens() -> None:
    tickets = GuardTickets("/there/guard.sock", forward=lambda _: None)
    tickets.issue(VPN, "vpn", Change.RM)


def test_without_a_guard_nothing_happens(tmp_path: Path) -> None:
    GuardTickets(str(tmp_path / "guard.sock")).issue(VPN, "vpn", Change.RM)
    (tmp_path / "file").touch()
    GuardTickets(str(tmp_path / "file")).issue(VPN, "vpn", Change.RM)
    GuardTickets("x" * 200).issue(VPN, "vpn", Change.RM)


def test_a_guard_that_has_gone_is_none(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "guard.sock"))
    GuardTickets(str(tmp_path / "guard.sock")).issue(VPN, "vpn", Change.RM)


@pytest.mark.parametrize(
    "manners",
    [silent, hangs_up, says(b"x" * 70_000), says(b"no")],
    ids=["silent", "hangs up", "babbles", "half a line"],
)
def test_a_guard_that_is_not_well_is_not_waited_for(
    tmp_path: Path, manners: Callable[[socket.socket], None]
) -> None:
    with UnixServer(tmp_path / "guard.sock", manners):
        GuardTickets(str(tmp_path / "guard.sock")).issue(VPN, "vpn", Change.RM)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_guard_that_is_not_for_this_user_is_none(tmp_path: Path) -> None:
    with UnixServer(tmp_path / "guard.sock", silent):
        (tmp_path / "guard.sock").chmod(0o600)
        tmp_path.chmod(0o755)
        os.seteuid(65534)
        try:
            GuardTickets(str(tmp_path / "guard.sock")).issue(VPN, "vpn", Change.RM)
        finally:
            os.seteuid(0)
