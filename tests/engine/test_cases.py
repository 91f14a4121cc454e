"""Faults that were met in the field, each as the script that shows it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.compose_project import (
    Form,
    available_forms,
    provide,
    require,
    require_engine_for,
)
from tests.support.private_engine import IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

SCRIPTS = sorted(Path(__file__).parents[1].joinpath("e2e", "cases").glob("*.sh"))
OF_COMPOSE = [script for script in SCRIPTS if script.name.startswith("compose-")]
PLAIN = [script for script in SCRIPTS if script not in OF_COMPOSE]
OF_NSTUI = ("interrupted", "pasted", "refused-or-unread")
"""Those about what nstui does by itself."""

LIMIT = 240.0
NAME = "alpine"
"""What the scripts call an image that has a shell and can sleep."""


@pytest.fixture
def environ(engine_host: PrivateEngine, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Yield what the scripts are run with."""
    engine_host.docker("tag", IMAGE, NAME)
    program = tmp_path / "nstui"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m nstui "$@"\n')
    program.chmod(0o755)
    yield {
        **os.environ,
        "DOCKER_HOST": engine_host.url,
        "NSTUI": str(program),
        "TMPDIR": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    engine_host.docker("rmi", NAME)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            script,
            id=script.stem,
            marks=pytest.mark.one_engine if script.stem in OF_NSTUI else (),
        )
        for script in PLAIN
    ],
)
def test_case(script: Path, environ: dict[str, str]) -> None:
    passes(script, environ)


@pytest.mark.parametrize("form", available_forms(), ids=lambda form: form.value)
@pytest.mark.parametrize("script", OF_COMPOSE, ids=lambda script: script.stem)
def test_case_of_compose(
    script: Path,
    form: Form,
    environ: dict[str, str],
    engine_host: PrivateEngine,
    tmp_path: Path,
) -> None:
    require(form)
    require_engine_for(form, engine_host)
    given = provide(form, tmp_path)
    path = f"{given['PATH']}:{environ.get('PATH', '')}"
    passes(script, environ | given | {"PATH": path, "COMPOSE": " ".join(form.words)})


def passes(script: Path, environ: dict[str, str]) -> None:
    """Run a script; fail unless it says that all is as it should be."""
    shell = shutil.which("sh")
    assert shell is not None
    done = subprocess.run(
        [shell, str(script)],
        capture_output=True,
        check=False,
        env=environ,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=LIMIT,
    )
    assert (done.returncode, done.stdout.partition(" ")[0].strip()) == (0, "PASS"), (
        done.stdout + done.stderr
    )
