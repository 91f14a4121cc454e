"""The guard's units under a systemd that runs, with the engine as another unit."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.units import (
    CHECK_UNIT,
    OPEN_SOCKET,
    SERVICE_UNIT,
    SOCKET_UNIT,
)
from tests.support.booted import booted_systemd, missing_systemd
from tests.support.guarded_engine import TooLate, in_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.booted import Booted

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

CONFIG = "/etc/docker/daemon.json"
BEFORE = '{\n  "debug": false\n}\n'
FRONT_FILE = "/opt/nstui/source/nstui/guard/front.py"
MAIN = f"$(systemctl show --property=MainPID --value {SERVICE_UNIT})"
DENIED = "authorization denied by plugin nstui"
DECISIONS = "/var/lib/nstui/guard/decisions.jsonl"


@pytest.fixture(scope="module")
def machine() -> Iterator[Booted]:
    """Yield a machine with an owner, a dependent, and a file of the engine's."""
    reason = missing_systemd()
    if reason is not None:
        message = f"no systemd: {reason}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with booted_systemd() as booted:
        booted.write(CONFIG, BEFORE)
        for unit in (SERVICE_UNIT, CHECK_UNIT):
            # nstui is not installed there.
            drop_in = "[Service]\nEnvironment=PYTHONPATH=/opt/nstui/source\n"
            booted.write(f"/run/systemd/system/{unit}.d/test.conf", drop_in)
        booted.start_engine()
        booted.run_container("vpn")
        booted.run_container("web", "--network=container:vpn")
        yield booted


@pytest.fixture
def guarded(machine: Booted) -> Iterator[Booted]:
    """Yield the machine with the guard installed, and uninstall it."""
    machine.run("nstui", "guard", "install")
    yield machine
    machine.run("nstui", "guard", "uninstall")


def config(machine: Booted) -> object:
    return json.loads(machine.run("cat", CONFIG).stdout)


def has_looked_too_long(machine: Booted, since: float) -> bool:
    """Tell whether the guard has let something through as it did not see enough."""
    lines = machine.run("cat", DECISIONS, check=False).stdout.splitlines()
    made = [one for one in map(json.loads, lines) if one["at"] >= round(since, 3)]
    return bool(made) and made[-1]["reason"] == "cannot-look"


def is_guarded(machine: Booted) -> bool:
    """Tell whether the engine refuses what would break a dependent."""
    began = time.time()
    done = machine.run("docker", "restart", "--time=0", "vpn", check=False)
    if done.returncode == 0:
        was_late = has_looked_too_long(machine, began)
        # What was not refused has to be healed, to be refused the next time.
        machine.run("docker", "restart", "--time=0", "web")
        if was_late:
            raise TooLate("the guard has not looked in time")
        return False
    assert DENIED in done.stderr
    return True


def reloads(machine: Booted) -> int:
    """Return how often the engine has read its configuration again."""
    machine.run("journalctl", "--sync")
    return machine.journal("docker").count("Reloaded configuration")


def answer_in_time(machine: Booted) -> None:
    """See that the engine answers as soon as it has to."""
    with in_time():
        machine.run("docker", "ps")


@contextmanager
def broken(machine: Booted) -> Iterator[None]:
    """Break nstui, as an upgrade that went wrong, while the block runs."""
    machine.run("mount", "--bind", "/dev/null", FRONT_FILE)
    try:
        yield
    finally:
        machine.run("umount", FRONT_FILE)


def test_it_is_installed_and_leaves_no_trace(machine: Booted) -> None:
    folders = ("/etc/docker", "/etc/systemd", "/run/docker/plugins")
    listed = ("find", *folders, "/etc/nstui", "/run/nstui", "-not", "-name", "*.lock")
    machine.run("mkdir", "-p", "/run/docker/plugins")
    before = sorted(machine.run(*listed, check=False).stdout.splitlines())

    machine.run("nstui", "guard", "install")

    assert config(machine) == {"debug": False, "authorization-plugins": ["nstui"]}
    assert is_guarded(machine)
    assert machine.run("nstui", "guard", "status").returncode == 0
    assert machine.show(SOCKET_UNIT, "UnitFileState") == "enabled"

    machine.run("nstui", "guard", "uninstall")

    assert machine.run("cat", CONFIG).stdout == BEFORE
    assert not is_guarded(machine)
    assert sorted(machine.run(*listed, check=False).stdout.splitlines()) == before


@pytest.mark.parametrize(
    "accident",
    [
        pytest.param(f"kill -KILL {MAIN}", id="the supervisor is killed"),
        pytest.param(f"pkill -KILL -P {MAIN}", id="the front is killed"),
        pytest.param(f"kill -STOP {MAIN}", id="the supervisor is frozen"),
        pytest.param(f"pkill -STOP -P {MAIN}", id="the front is frozen"),
        pytest.param(
            f"kill -STOP {MAIN} && pkill -STOP -P {MAIN}", id="both are frozen"
        ),
        pytest.param(f"systemctl stop {SERVICE_UNIT}", id="the service is stopped"),
        pytest.param("systemctl restart docker", id="the engine is started again"),
        pytest.param("kill -HUP $(cat /run/docker.pid)", id="the engine is reloaded"),
    ],
)
def test_it_is_there_again_in_time(guarded: Booted, accident: str) -> None:
    guarded.run("sh", "-c", accident)

    answer_in_time(guarded)
    guarded.run("docker", "start", "vpn", "web")
    assert is_guarded(guarded)


def test_one_that_is_broken_is_taken_out_in_time(guarded: Booted) -> None:
    before = reloads(guarded)
    with broken(guarded):
        # What runs goes on, from memory.
        answer_in_time(guarded)
        guarded.run("sh", "-c", f"kill -KILL {MAIN}")
        answer_in_time(guarded)
        guarded.await_that(
            lambda: config(guarded) == {"debug": False, "authorization-plugins": []},
            "nstui-guard*",
        )
        # The calls under way are answered with nothing when the engine reads that.
        guarded.await_that(lambda: reloads(guarded) > before, "docker")
        guarded.await_that(
            lambda: "NOT guarded any more" in guarded.journal("nstui-guard-rescue"),
            "nstui-guard*",
        )
        answer_in_time(guarded)
        assert not is_guarded(guarded)

    guarded.run("nstui", "guard", "install")

    assert is_guarded(guarded)
    assert guarded.show(OPEN_SOCKET, "ActiveState") == "inactive"


def test_an_engine_starts_without_one_that_is_broken(guarded: Booted) -> None:
    guarded.run("systemctl", "stop", "docker.socket", "docker", SERVICE_UNIT)
    with broken(guarded):
        guarded.run("systemctl", "start", "docker")
        answer_in_time(guarded)
    guarded.run("docker", "start", "vpn", "web")


def test_its_socket_is_made_anew_where_it_was_removed(guarded: Booted) -> None:
    guarded.run("rm", "/run/docker/plugins/nstui.sock")

    guarded.await_that(
        lambda: guarded.run("nstui", "guard", "status", check=False).returncode == 0,
        "nstui-guard*",
    )
    assert is_guarded(guarded)


def test_its_own_watchdog_finds_nothing_wrong(guarded: Booted) -> None:
    guarded.run("systemctl", "start", CHECK_UNIT)

    assert guarded.show(CHECK_UNIT, "Result") == "success"
    assert is_guarded(guarded)
