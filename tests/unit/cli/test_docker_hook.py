"""The answer to docker, after a command of it, on the simulated host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from nstui.cli import docker_hook
from nstui.cli.docker_hook import CALLER, answer
from nstui.cli.wiring import connect_demo
from tests.support.servers import UnixServer, says, silent
from tests.support.stand_in_ssh import StandInSsh

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from nstui.cli.settings import Settings
    from nstui.demo.world import World
    from nstui.service.host import Host

FAILED = '{"RootCmd": "x", "CommandError": "it has failed"}'


@contextmanager
def docker(folder: Path, *words: str) -> Iterator[int]:
    """Run a process that has the words of a docker command; yield its pid."""
    # Python runs the file that the first word names.
    (folder / words[0]).write_text("import time; time.sleep(1000)")
    with subprocess.Popen(
        ("docker", *words), executable=sys.executable, cwd=folder
    ) as process:
        try:
            words_of = Path(f"/proc/{process.pid}/cmdline")
            while not words_of.read_bytes():
                time.sleep(0.01)
            yield process.pid
        finally:
            process.kill()


def told(folder: Path, line: str, request: str = "{}", called: str = "docker") -> str:
    """Return the line that docker would print; empty for none."""

    def connect(settings: Settings) -> Host:
        assert settings.host is None
        return connect_demo()

    with docker(folder, *line.split()) as pid:
        text = answer(request, pid, {CALLER: called}, connect)
    if not text:
        return ""
    response = json.loads(text)
    assert response["Type"] == 0
    template: str = response["Template"]
    return template


def test_what_the_command_has_broken(world: World, tmp_path: Path) -> None:
    world.restart("vpn")
    line = told(tmp_path, "restart vpn")
    assert line.startswith("vpn was restarted a moment ago: 4 containers still sit")
    assert line.endswith("→ docker nstui heal vpn")


def test_what_was_broken_before_is_not_told(world: World, tmp_path: Path) -> None:
    world.restart("vaultwarden")
    assert told(tmp_path, "restart vaultwarden") == ""


def test_who_is_gone(world: World, tmp_path: Path) -> None:
    world.remove("vpn", force=True)
    line = told(tmp_path, "rm -f vpn")
    assert "no longer exists: 4 containers that joined it" in line


def test_why_a_start_has_failed(world: World, tmp_path: Path) -> None:
    world.stop("sonarr")
    world.stop("vpn")
    line = told(tmp_path, "start sonarr", FAILED)
    assert "sonarr" in line
    assert "→ " in line


def test_what_the_user_ignores(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.restart("vpn")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "nstui").mkdir()
    (tmp_path / "nstui" / "config.toml").write_text(
        '[check]\nignore = ["stale-join"]\n'
    )
    assert told(tmp_path, "restart vpn") == ""


def test_words_that_are_not_those_of_docker(world: World, tmp_path: Path) -> None:
    world.restart("vpn")
    assert told(tmp_path, "restart vpn", called="/usr/bin/docker") == ""


def test_the_program_ends_at_once_with_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def end(code: int) -> NoReturn:
        raise SystemExit(code)

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr("signal.setitimer", lambda *_: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["-c", "{}", str(os.getpid())])
    monkeypatch.setenv(CALLER, "docker")
    with pytest.raises(SystemExit) as ended:
        docker_hook.main()
    assert ended.value.code == 0
    assert capfd.readouterr() == ("", "")


PROGRAM = """
import sys
from nstui.cli import docker_hook
docker_hook.LIMIT_S = float(sys.argv.pop())
docker_hook.main()
"""


@pytest.mark.parametrize(
    ("manners", "limit_s"),
    [
        pytest.param(says(b"nonsense"), 20, id="the engine makes no sense"),
        pytest.param(silent, 1, id="the engine hangs"),
    ],
)
def test_a_connection_through_ssh_ends_with_the_program(
    tmp_path: Path, manners: Callable[[socket.socket], None], limit_s: float
) -> None:
    ssh = StandInSsh(tmp_path)
    environ = {**os.environ, CALLER: "docker"}
    environ["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
    environ["DOCKER_HOST"] = f"ssh://nas{tmp_path}/d.sock"
    with (
        UnixServer(tmp_path / "d.sock", manners),
        docker(tmp_path, "restart", "x") as caller,
    ):
        ended = subprocess.run(
            (sys.executable, "-c", PROGRAM, "{}", str(caller), str(limit_s)),
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=30,
        )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert not Path(f"/proc/{ssh.master}").exists()
