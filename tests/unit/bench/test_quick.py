"""The benchmark from end to end in its smallest form: everything is there, once."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from bench.promise import Verdict
from bench.watch_lines import AT_ONCE
from tests.support.leftovers import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.docker,
    pytest.mark.one_engine,
    pytest.mark.usefixtures("private_engine"),
]

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "bench", "--quick", "--output")
LIMIT_S = 240.0
PATIENCE_S = 60.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a folder for whatever is made; the path of a socket must be short."""
    with tempfile.TemporaryDirectory(prefix="nb-") as name:
        yield Path(name)


def environ(folder: Path) -> dict[str, str]:
    """Return an environment in which temporary files are below a folder."""
    return {**os.environ, "TMPDIR": str(folder)}


def leftovers(folder: Path) -> list[str]:
    """Return the files and the processes that are left of what was made in a folder.

    A program whose terminal is closed, as that of one that was being started when the
    benchmark was interrupted, ends a moment later.
    """
    deadline = time.monotonic() + PATIENCE_S
    while (found := made_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def made_in(folder: Path) -> list[str]:
    """Return the files and the processes that belong to what was made in a folder."""
    found = [str(path) for path in folder.iterdir()]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = process.joinpath("cmdline").read_bytes()
            said += process.joinpath("environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in said and is_alive(int(process.name)):
            found.append(said[:200].decode(errors="replace"))
    return found


def test_the_benchmark_measures_every_line(folder: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        (*COMMAND, str(tmp_path)),
        cwd=ROOT,
        env=environ(folder),
        stderr=subprocess.PIPE,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr

    document = json.loads(tmp_path.joinpath("latest.json").read_text())
    lines = document["lines"]
    wanted = {*"1234567", "watch", "guard", "hosts"} | (
        {"ssh"} if shutil.which("sshd") else set()
    )
    assert {line["number"] for line in lines} == wanted
    assert all(line["verdict"] in set(Verdict) for line in lines)
    assert not [line for line in lines if "never" in line["measured"]]
    assert document["measurements"]["idle"]["nstui"]["streams"]["GET /events"] == 1

    watch = document["measurements"]["watch"]
    assert watch["idle"]["streams"]["GET /events"] == 1
    rejoining = watch["rejoining"]
    assert rejoining["rejoined"] == rejoining["dependents"] > AT_ONCE
    assert 1 <= rejoining["most_at_once"] <= AT_ONCE

    table = tmp_path.joinpath("latest.md").read_text()
    for line in lines:
        assert line["what"] in table
    rows = re.findall(r"^\|.*\|$", table, re.MULTILINE)
    assert len(rows) > len(lines)

    picture = ET.parse(tmp_path / "latest.svg")  # noqa: S314 - just written
    assert "nstui" in {each.text for each in picture.iter() if each.text}
    assert leftovers(folder) == []


def test_an_interrupted_benchmark_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        (*COMMAND, str(tmp_path)),
        cwd=ROOT,
        env=environ(folder),
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "nstui: idle" in line:
                running.send_signal(signal.SIGTERM)
                break
        rest = running.stderr.read()
        assert running.wait(LIMIT_S) == 130, rest
    assert "Traceback" not in rest
    assert leftovers(folder) == []
    assert list(tmp_path.iterdir()) == []
