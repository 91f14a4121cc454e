"""What an engine with the guard refuses to whoever asks, and what it lets through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.guard.conftest import Guarded

pytestmark = pytest.mark.docker


@pytest.fixture
def group(guarded: Guarded) -> Guarded:
    """Run an owner with a dependent, and one that nobody has joined."""
    guarded.engine.run("vpn")
    guarded.engine.run("web", "--network=container:vpn")
    guarded.engine.run("free")
    return guarded


def running(guarded: Guarded) -> set[str]:
    listed = guarded.engine.docker("ps", "--format={{.Names}}").stdout
    return {*listed.split()}


@pytest.mark.parametrize(
    "command",
    ["rm -f vpn", "stop vpn", "restart vpn", "kill vpn", "rm -f /vpn"],
)
def test_docker_itself_refuses(group: Guarded, command: str) -> None:
    done = group.engine.docker(*command.split(), check=False)

    assert done.returncode != 0
    assert "authorization denied by plugin nstui: " in done.stderr
    assert "web" in done.stderr
    assert "nstui" in done.stderr.partition("plugin nstui: ")[2]
    assert running(group) == {"vpn", "web", "free"}


def test_what_breaks_nobody_is_done(group: Guarded) -> None:
    assert group.engine.docker("rm", "-f", "free").returncode == 0
    assert group.engine.docker("stop", "web").returncode == 0
    # Nobody runs any more who would break.
    assert group.engine.docker("rm", "-f", "vpn").returncode == 0
    assert running(group) == set()


def test_a_confirmed_plan_of_nstui_is_done(group: Guarded) -> None:
    done = group.nstui("rm", "-f", "-y", "--with-dependents", "vpn")

    assert done.returncode == 0, done.stderr
    assert running(group) == {"free"}


def test_a_restart_of_nstui_takes_the_dependents_along(group: Guarded) -> None:
    done = group.nstui("restart", "-y", "-t", "0", "--with-dependents", "vpn")

    assert done.returncode == 0, done.stderr
    assert running(group) == {"vpn", "web", "free"}


def test_what_was_allowed_is_done_once(group: Guarded) -> None:
    allowed = group.nstui("guard", "allow", "vpn", "--for", "30s", "--why", "a test")
    assert allowed.returncode == 0, allowed.stderr

    first = group.engine.docker("restart", "vpn", check=False)
    second = group.engine.docker("restart", "vpn", check=False)

    assert first.returncode == 0, first.stderr
    written = (group.root / "var/lib/nstui/guard/decisions.jsonl").read_text()
    assert "a test" in written, written
    # The dependent is in the old network now, and would break no further.
    group.nstui("heal", "-y", "vpn")
    second = group.engine.docker("restart", "vpn", check=False)
    assert "authorization denied by plugin nstui: " in second.stderr


def test_the_status_counts_it(group: Guarded) -> None:
    group.engine.docker("rm", "-f", "vpn", check=False)
    group.engine.docker("rm", "-f", "free")

    done = group.nstui("guard", "status", "--json")

    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout)["guard"]
    assert (told["installed"], told["answers"], told["asked"]) == (True, True, True)
    # The installation has asked about a container that nobody has.
    assert told["last_hour"] == {"denied": 1, "allowed": 2, "unread": 0}
    assert told["latency_ms"]["p50"] > 0


def test_a_warning_refuses_nothing(group: Guarded) -> None:
    done = group.nstui("guard", "install", "--no-units", "--mode=warn")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "the guard is installed; mode warn"

    assert group.engine.docker("rm", "-f", "vpn").returncode == 0

    told = json.loads(group.nstui("guard", "status", "--json").stdout)["guard"]
    assert told["mode"] == "warn"
    assert told["last_hour"]["denied"] == 1
