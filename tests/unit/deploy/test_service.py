"""The systemd unit, as systemd itself reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[3] / "deploy" / "nstui-watch.service"
PROGRAM = "/usr/local/bin/nstui"
EXPOSURE = 30
"""In tenths: of 100, which is a service without any protection."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return the unit with a program that exists on this machine."""
    if shutil.which("systemd-analyze") is None:
        message = "needs systemd-analyze"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    text = UNIT.read_text()
    assert text.count(PROGRAM) == 1
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace(PROGRAM, sys.executable))
    return copy


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze, which needs no systemd that runs."""
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


def test_systemd_finds_nothing_wrong_in_it(unit: Path) -> None:
    done = analyze("verify", "--man=no", str(unit))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_mistake_in_it_is_found(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("WatchdogSec=", "WatchDogSec="))

    assert "WatchDogSec" in analyze("verify", "--man=no", str(unit)).stderr


def test_it_may_do_little_beyond_its_job(unit: Path) -> None:
    offline = ("security", "--offline=yes", f"--threshold={EXPOSURE}")

    done = analyze(*offline, str(unit))
    assert done.returncode == 0, done.stdout

    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes", "PrivateTmp=no"))
    unit.write_text(unit.read_text().replace("SystemCallFilter=", "#"))
    assert analyze(*offline, str(unit)).returncode != 0


def test_what_it_cannot_do_without_stays_open() -> None:
    lines = UNIT.read_text().splitlines()

    assert {
        "Type=notify",
        "CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH",
        "ProtectProc=default",
        "ProcSubset=all",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    } <= {*lines}
    forbidden = ("PrivateUsers=", "ProtectHome=yes", "ProtectHome=tmpfs", "Requires=")
    assert [line for line in lines if line.startswith(forbidden)] == []
