"""nstui and compose killed together after any change that compose asks for."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from nstui.engine.compose_program import NEWEST_ENGINE_OF_V1
from tests.engine.program import HASTY, LIMIT, run_nstui
from tests.engine.tripwire import Tripwire
from tests.support.compose_project import (
    ComposeProject,
    Form,
    available_forms,
    provide,
    require,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PROJECT = """
version: "3.9"
services:
  vpn:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
  web:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "service:vpn"
    depends_on: [vpn]
"""


@pytest.fixture(params=available_forms(), ids=lambda form: form.value)
def project(
    request: pytest.FixtureRequest,
    engine_host: PrivateEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> ComposeProject:
    """Make a project of an owner and a dependent; it is not up yet."""
    form = Form(request.param)
    require(form)
    major = int(engine_host.client.version()["Version"].partition(".")[0])
    if form is Form.V1 and major > NEWEST_ENGINE_OF_V1:
        pytest.skip("this engine is too new for compose v1")
    folder = tmp_path / "project"
    folder.mkdir()
    project = ComposeProject(engine_host, form, provide(form, tmp_path), folder)
    project.write(PROJECT)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name, value in project.environ.items():
        own = os.environ.get(name, "") if name == "PATH" else ""
        monkeypatch.setenv(name, f"{value}:{own}" if own else value)
    return project


def break_up(project: ComposeProject) -> None:
    """Remove the owner with nstui, which keeps its name, and make it anew."""
    project.engine.remove_all()
    project.up()
    own = project.container("vpn")
    words = ("rm", "-f", "--break-dependents", "--yes", own)
    removed = run_nstui("-H", project.engine.url, *words)
    assert removed.returncode == 0, removed.stderr
    project.up("--no-deps", "vpn")


def kill_with_children(process: subprocess.Popen[str]) -> None:
    """Kill a program and all that it has started, as a machine that goes down does."""
    nstui = psutil.Process(process.pid)
    for one in (nstui, *nstui.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.kill()


def test_killed_after_any_change(project: ComposeProject, tmp_path: Path) -> None:
    url = project.engine.url
    for number in itertools.count(1):
        break_up(project)
        planned = run_nstui("-H", url, "heal", "--dry-run", "--json")
        verbs = [step["verb"] for step in json.loads(planned.stdout)["steps"]]
        assert verbs == ["compose"], planned.stderr
        listen = tmp_path / f"{number}.sock"
        started: list[subprocess.Popen[str]] = []
        hit: list[bool] = []

        def shoot(
            started: list[subprocess.Popen[str]] = started, hit: list[bool] = hit
        ) -> None:
            hit.append(True)
            kill_with_children(started[0])

        with Tripwire(project.engine.socket, listen, number, shoot):
            process = subprocess.Popen(
                [*HASTY, "-H", f"unix://{listen}", "heal", "--yes"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            started.append(process)
            words, _ = process.communicate(timeout=LIMIT)
        names = set(
            project.engine.docker("ps", "-a", "--format={{.Names}}").stdout.split()
        )
        whole = {project.container("vpn"), project.container("web")}
        check = run_nstui("-H", url, "check")
        if not hit:
            assert process.returncode == 0, words
            assert (names, check.returncode) == (whole, 0)
            assert number > 1
            return
        # After the last change all is well already.
        assert names == whole or "interrupted" in check.stdout
        assert check.returncode == 1 or names == whole, (number, check.stdout)
        healed = run_nstui("-H", url, "heal", "--yes", program=HASTY)
        assert healed.returncode == 0, (number, names, healed.stderr)
        names = set(
            project.engine.docker("ps", "-a", "--format={{.Names}}").stdout.split()
        )
        assert names == whole
        check = run_nstui("-H", url, "check")
        assert check.returncode == 0, (number, check.stdout)
        assert project.mode("web") == f"container:{project.id('vpn')}"
