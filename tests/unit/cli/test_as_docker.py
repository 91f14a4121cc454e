"""Docker commands that a shell hands to nstui: done like docker, asked, or left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.context_store import add_host
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LEFT = 77
"""The exit code of the program in place of docker."""

NSTUI = (sys.executable, "-P", "-m", "nstui")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a docker that says how it was called."""
    programs = tmp_path / "bin"
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text(f'#!/bin/sh\nprintf "<%s>" "$@"\nexit {LEFT}\n')
    docker.chmod(0o755)
    return {**os.environ, "PATH": f"{programs}:/usr/bin:/bin"}


def run(
    environ: Mapping[str, str], *words: str, options: Sequence[str] = ("--demo",)
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NSTUI, *options, "as-docker", "--", *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("ps -a", id="another command"),
        pytest.param("start vpn", id="a command that breaks nothing"),
        pytest.param("rm --help", id="help"),
        pytest.param("rm --bogus vpn", id="an option that nstui does not know"),
        pytest.param("--bogus rm vpn", id="an option that docker does not know"),
        pytest.param("stop -t -1 vpn", id="a value that nstui does not know"),
        pytest.param("rm nobody", id="a name that nobody has"),
        pytest.param("rm -f vaultwarden nobody", id="one of the names"),
        pytest.param("stop vaultwarden vaultwarden", id="a name twice"),
        pytest.param("stop --time 1 vaultwarden", id="what docker has a word about"),
        pytest.param("rm vaultwarden", id="what the engine refuses"),
        pytest.param("stop backup-nightly", id="what is so already"),
    ],
)
def test_what_is_left_to_docker(environ: dict[str, str], line: str) -> None:
    done = run(environ, *line.split())
    expected = "".join(f"<{word}>" for word in line.split()) or "<>"
    assert (done.returncode, done.stdout, done.stderr) == (LEFT, expected, "")


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("stop vaultwarden", "vaultwarden\n"),
        ("container restart -t 1 vaultwarden", "vaultwarden\n"),
        ("rm -f vaultwarden backup-nightly", "vaultwarden\nbackup-nightly\n"),
        ("rm -f backup-nightly /vaultwarden", "backup-nightly\n/vaultwarden\n"),
        ("kill -s HUP vpn", "vpn\n"),
    ],
)
def test_what_breaks_nothing_is_done_without_a_word(
    environ: dict[str, str], line: str, printed: str
) -> None:
    done = run(environ, *line.split())
    assert (done.returncode, done.stdout, done.stderr) == (0, printed, "")


def test_an_id_is_printed_as_it_was_given(environ: dict[str, str]) -> None:
    told = subprocess.run(
        [*NSTUI, "--demo", "tree", "--json"],
        env=environ,
        capture_output=True,
        check=True,
    )
    containers = json.loads(told.stdout)["containers"]
    id_ = next(c["id"] for c in containers if c["name"] == "vaultwarden")[:12]
    done = run(environ, "stop", id_)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{id_}\n", "")


@pytest.mark.parametrize("line", ["rm -f vpn", "stop vaultwarden vpn", "kill vpn"])
def test_what_would_break_others_is_refused(environ: dict[str, str], line: str) -> None:
    done = run(environ, *line.split())
    assert (done.returncode, done.stdout) == (4, "")
    assert "qbittorrent: loses its network" in done.stderr
    assert "nstui: refused, nothing was changed: others depend on vpn" in done.stderr


def test_nothing_is_done_in_part(environ: dict[str, str]) -> None:
    done = run(environ, "rm", "-f", "vpn", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no container is called 'nobody'" in done.stderr


def test_a_person_is_asked(environ: dict[str, str]) -> None:
    words = (*NSTUI, "--demo", "as-docker", "--", "restart", "vpn")
    with Terminal(words, environ=environ) as terminal:
        terminal.wait_for("Restarting vpn breaks", "type 'dependents'")
        terminal.press("enter")
        assert terminal.wait_for_end() == 4
        terminal.read_to_the_end()
        assert "nothing was changed" in terminal.screen()
    with Terminal(words, environ=environ) as terminal:
        terminal.wait_for("Restarting vpn breaks", "type 'vpn'")
        terminal.press("vpn", "enter")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize(
    ("options", "is_told"),
    [
        pytest.param("-H unix:///nowhere/d.sock", False, id="no engine"),
        pytest.param("--context nobody", False, id="no context"),
        pytest.param("--context far", True, id="an address that nstui cannot ask"),
        pytest.param("-H x --context y", True, id="contradicting options"),
        pytest.param("--tlscacert ca.pem", True, id="certificates"),
    ],
)
def test_where_nstui_cannot_look(
    environ: dict[str, str],
    tmp_path: Path,
    options: str,
    is_told: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    add_host(tmp_path / "docker", "far", "ssh://far")
    environ["DOCKER_CONFIG"] = str(tmp_path / "docker")
    words = (*options.split(), "rm", "vpn")
    done = run(environ, *words, options=())
    assert done.returncode == LEFT
    assert done.stdout == "".join(f"<{word}>" for word in words)
    assert done.stderr.endswith("; docker acts without a look\n" if is_told else "")
    assert done.stderr.count("\n") == is_told


def test_without_a_docker_command(environ: dict[str, str], tmp_path: Path) -> None:
    done = run({**environ, "PATH": str(tmp_path)}, "ps")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "nstui: there is no docker command here\n"


def test_a_pipe_that_is_closed_ends_docker(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "bin" / "docker").write_text("#!/bin/sh\nexec yes\n")
    done = subprocess.run(
        [
            *("bash", "-c", '"$@" | head -1; echo ${PIPESTATUS[0]}', "-"),
            *(*NSTUI, "as-docker", "--", "logs", "web"),
        ],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "y\n141\n"
