"""The shipped unit under a systemd that runs, with Debian's engine as another unit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.booted import UNITS, booted_systemd, missing_systemd
from tests.support.own_python import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.booted import Booted

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

UNIT = "nstui-watch.service"
ENGINE = ("docker.socket", "docker.service", "containerd.service")
DROP_IN = f"/run/systemd/system/{UNIT}.d/test.conf"
CONFIG = "/etc/nstui/config.toml"
HASTY = """\
[watch]
settle = "0s"
back-off = "100ms to 1s"
"""
SOONER = """\
[Service]
RestartSec=200ms
"""
"""Five seconds are not worth waiting for; whether it is started again is."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Booted]:
    """Yield a machine with the unit, a VPN and a dependent."""
    reason = missing_systemd()
    if reason is not None:
        message = f"no systemd: {reason}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with booted_systemd() as booted:
        booted.start_engine()
        shipped = (ROOT / "deploy" / UNIT).read_text()
        booted.write(f"{UNITS}/{UNIT}", shipped)
        booted.write(DROP_IN, SOONER)
        booted.write(CONFIG, HASTY)
        booted.run("systemctl", "daemon-reload")
        booted.run_container("vpn")
        booted.run_container("web", "--network=container:vpn")
        yield booted


@pytest.fixture
def watch(machine: Booted) -> Iterator[Booted]:
    """Yield the machine with the unit just started."""
    # With Type=notify this returns once the watch says that it is ready.
    machine.run("systemctl", "start", UNIT)
    yield machine
    machine.run("systemctl", "stop", UNIT)


def is_joined(machine: Booted) -> bool:
    """Tell whether the dependent is in the network that its owner has now."""
    return machine.network_of("web") == machine.network_of("vpn") != ""


def restarts(machine: Booted) -> int:
    """Return how often systemd has started the unit again by itself."""
    return int(machine.show(UNIT, "NRestarts"))


def is_up(machine: Booted) -> bool:
    """Tell whether the watch has said that it is ready."""
    return machine.show(UNIT, "ActiveState") == "active"


def await_status(machine: Booted, status: str) -> None:
    """Wait until the watch tells systemd that it is in a status."""
    machine.await_that(lambda: machine.show(UNIT, "StatusText") == status, UNIT)


def test_it_heals_with_all_that_is_forbidden_to_it(watch: Booted) -> None:
    status = watch.show(UNIT, "StatusText")
    assert status == "nothing is broken (healed 0, failed 0)"

    watch.docker("restart", "vpn")
    await_status(watch, "nothing is broken (healed 1, failed 0)")
    assert is_joined(watch)
    # Recreated, since the engine starts no container that has joined one that is gone.
    watch.docker("rm", "--force", "vpn")
    watch.run_container("vpn")
    await_status(watch, "nothing is broken (healed 2, failed 0)")
    assert is_joined(watch)

    assert watch.run("stat", "--format=%a", "/var/lib/nstui").stdout == "700\n"
    records = watch.run("env", "XDG_STATE_HOME=/var/lib", "nstui", "removed")
    assert "web" in records.stdout
    first = int(watch.show(UNIT, "MainPID"))
    held = watch.run("grep", "CapEff", f"/proc/{first}/status").stdout.split()[1]
    # CAP_DAC_READ_SEARCH is 2, and CAP_SYS_PTRACE is 19: see capabilities(7).
    assert int(held, 16) == 1 << 2 | 1 << 19


def test_a_reload_reads_the_configuration(watch: Booted) -> None:
    watch.write(CONFIG, '[watch]\nsettle = "soon"\n')
    try:
        watch.run("systemctl", "reload", UNIT)

        wrong = f"{CONFIG}: watch.settle: 'soon' is not a duration"
        watch.await_that(lambda: wrong in watch.journal(UNIT), UNIT)
        assert is_up(watch)
        assert restarts(watch) == 0
    finally:
        watch.write(CONFIG, HASTY)


def test_a_stop_ends_it_in_order(watch: Booted) -> None:
    ended = "= the watch has ended"
    said = watch.journal(UNIT).count(ended)
    watch.run("systemctl", "stop", UNIT)

    assert watch.show(UNIT, "Result") == "success"
    assert watch.show(UNIT, "ExecMainStatus") == "0"
    # The journal may have a line a moment later.
    watch.await_that(lambda: watch.journal(UNIT).count(ended) > said, UNIT)


def test_one_that_was_killed_is_started_again(watch: Booted) -> None:
    watch.run("systemctl", "kill", "--signal=KILL", UNIT)

    watch.await_that(lambda: restarts(watch) == 1 and is_up(watch), UNIT)


def test_one_that_hangs_is_started_again(machine: Booted) -> None:
    machine.write(DROP_IN, f"{SOONER}WatchdogSec=3s\n")
    machine.run("systemctl", "daemon-reload")
    try:
        machine.run("systemctl", "start", UNIT)
        machine.run("systemctl", "kill", "--signal=STOP", UNIT)

        machine.await_that(lambda: restarts(machine) >= 1, UNIT)
        why = "Watchdog timeout (limit 3s)!"
        machine.await_that(lambda: why in machine.journal(UNIT), UNIT)
    finally:
        machine.run("systemctl", "kill", "--signal=KILL", UNIT)
        machine.run("systemctl", "stop", UNIT)
        machine.write(DROP_IN, SOONER)
        machine.run("systemctl", "daemon-reload")


def test_it_comes_up_by_itself_once_the_engine_is_there(machine: Booted) -> None:
    machine.run("systemctl", "stop", *ENGINE)
    started = machine.run("systemctl", "start", UNIT, check=False)
    assert started.returncode != 0
    # More often than systemd starts a unit by default, before it gives up.
    machine.await_that(lambda: restarts(machine) > 5, UNIT)
    assert "no Docker engine is listening" in machine.journal(UNIT)
    assert "demo" not in machine.journal(UNIT)

    machine.run("systemctl", "start", "docker")
    try:
        machine.await_that(lambda: is_up(machine), UNIT)
        machine.docker("start", "vpn", "web")
        machine.docker("restart", "vpn")
        machine.await_that(lambda: is_joined(machine), UNIT)
    finally:
        machine.run("systemctl", "stop", UNIT)


def test_an_option_that_makes_no_sense_is_not_tried_again(machine: Booted) -> None:
    program = "ExecStart=\nExecStart=/usr/local/bin/nstui watch --settle soon\n"
    machine.write(DROP_IN, SOONER + program)
    machine.run("systemctl", "daemon-reload")
    try:
        machine.run("systemctl", "start", UNIT, check=False)

        assert machine.show(UNIT, "ActiveState") == "failed"
        assert machine.show(UNIT, "ExecMainStatus") == "2"
        assert restarts(machine) == 0
    finally:
        machine.run("systemctl", "reset-failed", UNIT)
        machine.write(DROP_IN, SOONER)
        machine.run("systemctl", "daemon-reload")
