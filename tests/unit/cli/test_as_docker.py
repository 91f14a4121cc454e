"""Docker commands that a shell hands to nstui: done like docker, asked, or left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

import pytest

from nstui.demo.home import demo_world
from nstui.errors import AuditFailed
from tests.support.context_store import add_host
from tests.support.terminal import Terminal
from tests.unit.cli.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.unit.cli.answers import Nstui, Stage

LEFT = 77
"""The exit code of the program in place of docker."""

NSTUI = (sys.executable, "-P", "-m", "nstui")


@pytest.fixture
def run(nstui: Nstui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Nstui:
    """Return what runs nstui; a docker that it becomes says how it was called."""
    programs = tmp_path / "bin"
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    # What the program does at the very end: here it would end the tests.
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def become(program: str, words: Sequence[str]) -> NoReturn:
        assert program == str(docker)
        sys.stdout.write("".join(f"<{word}>" for word in words[1:]))
        raise SystemExit(LEFT)

    monkeypatch.setattr("os.execv", become)
    return nstui


def demo(run: Nstui, line: str) -> Answer:
    """Run a docker command on the simulated host."""
    return run("--demo", "as-docker", "--", *line.split())


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
def test_what_is_left_to_docker(run: Nstui, line: str) -> None:
    expected = "".join(f"<{word}>" for word in line.split())
    assert demo(run, line) == Answer(LEFT, expected, "")


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
    run: Nstui, line: str, printed: str
) -> None:
    assert demo(run, line) == Answer(0, printed, "")


def test_an_id_is_printed_as_it_was_given(run: Nstui) -> None:
    containers = json.loads(run("--demo", "tree", "--json").out)["containers"]
    id_ = next(c["id"] for c in containers if c["name"] == "vaultwarden")[:12]
    assert demo(run, f"stop {id_}") == Answer(0, f"{id_}\n", "")


@pytest.mark.parametrize("line", ["rm -f vpn", "stop vaultwarden vpn", "kill vpn"])
def test_what_would_break_others_is_refused(run: Nstui, line: str) -> None:
    done = demo(run, line)
    assert (done.code, done.out) == (4, "")
    assert "qbittorrent: loses its network" in done.err
    assert "nstui: refused, nothing was changed: others depend on vpn" in done.err


def test_nothing_is_done_in_part(run: Nstui) -> None:
    done = demo(run, "rm -f vpn nobody")
    assert done.code == 1
    assert done.complaint.startswith("no container is called 'nobody'")


def test_a_person_is_asked() -> None:
    words = (*NSTUI, "--demo", "as-docker", "--", "restart", "vpn")
    with Terminal(words) as terminal:
        terminal.wait_for("Restarting vpn breaks", "type 'dependents'")
        terminal.press("enter")
        assert terminal.wait_for_end() == 4
        terminal.read_to_the_end()
        assert "nothing was changed" in terminal.screen()
    with Terminal(words) as terminal:
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
    run: Nstui,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    options: str,
    is_told: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    add_host(tmp_path / "docker", "far", "ssh://far")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    words = (*options.split(), "rm", "vpn")
    done = run("as-docker", "--", *words)
    assert (done.code, done.out) == (LEFT, "".join(f"<{word}>" for word in words))
    assert done.err.endswith("; docker acts without a look\n" if is_told else "")
    assert done.err.count("\n") == is_told


def test_without_a_docker_command(
    run: Nstui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("as-docker", "--", "ps")
    assert done.code == 127
    assert done.complaint == "there is no docker command here"


def test_where_nothing_can_be_recorded(
    run: Nstui, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AuditFailed("the disk is full")

    stage(demo_world())
    monkeypatch.setattr("nstui.demo.audit_log.MemoryAuditLog.require_writable", refuse)
    done = demo(run, "rm -f vaultwarden")
    assert (done.code, done.out) == (LEFT, "<rm><-f><vaultwarden>")
    assert done.err == "nstui: the disk is full; docker acts instead\n"


def test_a_pipe_that_is_closed_ends_docker(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexec yes\n")
    docker.chmod(0o755)
    script = '"$@" | head -1; echo ${PIPESTATUS[0]}'
    done = subprocess.run(
        ["bash", "-c", script, "-", *NSTUI, "as-docker", "--", "logs", "web"],
        env={**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "y\n141\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_function_of_a_shell(nstui: Nstui, shell: str) -> None:
    done = nstui("shell", shell)
    assert (done.code, done.err) == (0, "")
    assert f"{sys.executable} -P -m nstui as-docker -- " in done.out
    assert "@" not in done.out.replace('"$@"', "")


def test_an_unknown_shell(nstui: Nstui) -> None:
    done = nstui("shell", "powershell")
    assert done.code == 2
    assert "'powershell'" in done.complaint


def test_a_place_that_no_shell_can_be_told(
    nstui: Nstui, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/a\nb/python")
    done = nstui("shell", "fish")
    assert done.code == 1
    assert "cannot be written for fish" in done.complaint
