"""What a docker command has broken, as far as that was by the command."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.docker_cli.words import read_command
from nstui.analysis.losses import EndedCommand, find_losses, gone_owners
from nstui.analysis.report import Report
from tests.support.builders import NOON, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot

LO = ("lo",)
VPN = container("vpn", started=5)
FREE = container("free")
DEP = container("dep", joins=cid("vpn"))
STALE = {"vpn": 8, "dep": 7}
RESTARTED = snapshot(VPN, DEP, FREE, net=STALE, interfaces={"dep": LO}, minutes=6)
GONE = snapshot(
    DEP,
    FREE,
    net={"dep": 7},
    interfaces={"dep": LO},
    former_containers={"vpn": "vpn"},
)


def stopped(minutes: int) -> Container:
    vpn = container("vpn", state="exited")
    assert vpn.inspection is not None
    at = NOON + timedelta(minutes=minutes)
    return replace(vpn, inspection=replace(vpn.inspection, finished_at=at))


STOPPED = snapshot(stopped(3), DEP, FREE, net={"dep": 7}, interfaces={"dep": LO})


def lost(
    seen: Snapshot,
    line: str,
    *,
    began: float | None = 4.0,
    removed: float | None = None,
    has_failed: bool = False,
) -> list[str]:
    """Return to whom it happened.

    Args:
        seen: The host after the command.
        line: The command.
        began: When it began, in minutes after noon.
        removed: When vpn was removed, likewise.
        has_failed: Whether it has failed.

    """
    at = None if began is None else NOON + timedelta(minutes=began)
    ended = EndedCommand(
        command=read_command(tuple(line.split())), began=at, has_failed=has_failed
    )
    when = {} if removed is None else {cid("vpn"): NOON + timedelta(minutes=removed)}
    return [one.subject.split()[0] for one in find_losses(Report(seen), ended, when)]


@pytest.mark.parametrize(
    ("seen", "line", "began", "removed", "found"),
    [
        pytest.param(RESTARTED, "restart vpn", 4, None, ["vpn"], id="restart"),
        pytest.param(RESTARTED, "restart /vpn", None, None, ["vpn"], id="by its name"),
        pytest.param(RESTARTED, f"kill {cid('vpn')[:9]}", 9, None, ["vpn"], id="by id"),
        pytest.param(RESTARTED, "compose up", 4, None, ["vpn"], id="by the time"),
        pytest.param(RESTARTED, "compose up", 5.001, None, ["vpn"], id="to a tick"),
        pytest.param(RESTARTED, "ps", 4, None, ["vpn"], id="words that mean nothing"),
        pytest.param(RESTARTED, "compose up", 5.1, None, [], id="before it"),
        pytest.param(RESTARTED, "compose up", None, None, [], id="nobody knows when"),
        pytest.param(RESTARTED, "restart free", 6, None, [], id="another container"),
        pytest.param(RESTARTED, "rm dep", 6, None, [], id="the dependent"),
        pytest.param(STOPPED, "stop vpn", 2, None, ["vpn"], id="stop"),
        pytest.param(STOPPED, "compose stop", 2, None, ["vpn"], id="stopped by then"),
        pytest.param(STOPPED, "compose stop", 4, None, [], id="stopped before"),
        pytest.param(GONE, "rm -f vpn", 4, None, ["vpn"], id="rm, by its last name"),
        pytest.param(GONE, f"rm {cid('vpn')[:7]}", 4, None, ["vpn"], id="rm by id"),
        pytest.param(GONE, "rm -f free", 4, None, [], id="rm of another"),
        pytest.param(GONE, "compose up", 4, 5, ["vpn"], id="removed by then"),
        pytest.param(GONE, "compose up", 4, 3, [], id="removed before"),
        pytest.param(GONE, "compose up", 4, None, [], id="removed, nobody knows when"),
    ],
)
def test_what_a_command_has_broken(
    seen: Snapshot,
    line: str,
    began: float | None,
    removed: float | None,
    found: list[str],
) -> None:
    assert lost(seen, line, began=began, removed=removed) == found


def test_what_does_not_run_has_lost_nothing() -> None:
    dep = container("dep", joins=cid("vpn"), state="exited")
    assert lost(snapshot(dep, former_containers={"vpn": "vpn"}), "rm -f vpn") == []


def test_another_kind_of_namespace_is_no_network() -> None:
    seen = snapshot(
        container("shm", started=5),
        container("w", joins_ipc="shm"),
        ipc={"shm": 2, "w": 1},
    )
    assert Report(seen).incidents
    assert lost(seen, "restart shm") == []


@pytest.mark.parametrize(
    ("line", "has_failed", "found"),
    [
        pytest.param("start dep", True, ["vpn"], id="start"),
        pytest.param("restart free dep", True, ["vpn"], id="restart"),
        pytest.param("start dep", False, [], id="it has not failed"),
        pytest.param("start free", True, [], id="another container"),
        pytest.param("stop dep", True, [], id="starts nothing"),
        pytest.param("ps", True, [], id="no such command"),
    ],
)
@pytest.mark.parametrize("owner", ["gone", "stopped"])
def test_why_a_start_has_failed(
    owner: str,
    line: str,
    has_failed: bool,  # noqa: FBT001 - a parameter of the test
    found: list[str],
) -> None:
    dep = container("dep", joins=cid("vpn"), state="exited", exit_code=137)
    there = (stopped(3),) if owner == "stopped" else ()
    seen = snapshot(*there, dep, FREE, former_containers={"vpn": "vpn"})
    assert lost(seen, line, has_failed=has_failed) == found


@pytest.mark.parametrize(("owner", "found"), [("exited", ["dep"]), ("running", [])])
def test_a_start_that_the_engine_refused(owner: str, found: list[str]) -> None:
    vpn = container("vpn", state=owner)
    dep = container("dep", joins=cid("vpn"), state="exited", start_error="refused")
    seen = snapshot(vpn, dep)
    assert [one.subject for one in Report(seen).incidents] == ["dep"]
    assert lost(seen, "start dep", has_failed=True) == found


def test_a_failure_is_told_once_and_first() -> None:
    down = container("down", joins=cid("vpn"), state="exited")
    other = container("other", joins=cid("own"))
    own = container("own", started=6)
    seen = snapshot(
        stopped(5),
        down,
        DEP,
        own,
        other,
        net={"other": 1, "own": 2},
    )
    assert lost(seen, "start down", has_failed=True) == ["vpn", "own"]


def test_the_owners_that_are_gone() -> None:
    assert gone_owners(Report(GONE)) == (cid("vpn"),)
    assert gone_owners(Report(RESTARTED)) == ()
