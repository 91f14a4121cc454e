"""nstui inside the docker command of this machine, on a real engine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.cli.docker_hook import LIMIT_S as LIMIT_OF_HOOK_S
from nstui.cli.docker_plugin import docker_version
from tests.engine.program import NSTUI, read_json, run_nstui
from tests.support.compose_project import Form, program_of, require
from tests.support.context_store import add_host
from tests.support.guarded_engine import TooLate
from tests.support.private_engine import IMAGE
from tests.support.pty_program import PtyProgram
from tests.support.servers import UnixServer
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

LIMIT_S = 60.0
NEXT = "What's next:"

took_s = [0.0]
"""How long each command took of which something might be told."""

USER, MEMBERS = 65534, 54321
"""A user, and the group of those that may use the engine; they need no names."""

_COMPOSE = """\
#!/bin/sh
if [ "$1" = docker-cli-plugin-metadata ]; then
    echo '{"SchemaVersion":"0.1.0","Vendor":"nobody"}'
    exit
fi
echo composed
case " $* " in *" up "*) exec docker restart vpn >/dev/null ;; esac
"""
"""In place of compose: restarts the owner, as a changed service would be."""


_PROJECT = f"""
services:
  vpn:
    image: {IMAGE}
    command: sleep 1000
    stop_signal: SIGKILL
    environment: {{ROUND: "%s"}}
  dep:
    image: {IMAGE}
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: service:vpn
  free:
    image: {IMAGE}
    command: sleep 1000
    stop_signal: SIGKILL
"""


@pytest.fixture
def engine(
    engine_host: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PrivateEngine:
    """Return an engine that docker uses, which has nstui as its plugin."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("DOCKER_HOST", engine_host.url)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    done = run_nstui("docker-plugin", "install")
    assert done.returncode == 0, done.stderr
    engine_host.run("vpn")
    engine_host.run("dep", "--network=container:vpn")
    engine_host.run("free")
    return engine_host


def in_terminal(*words: str) -> tuple[int, str]:
    """Run a command in a terminal; return its exit code and what it wrote."""
    program = PtyProgram(words, columns=400, lines=50, environ=os.environ)
    written: list[bytes] = []
    program.read_into(written.append)
    try:
        code = program.wait_for_end(LIMIT_S)
    finally:
        program.end(signal.SIGKILL)
    text = b"".join(written).decode().replace("\r\n", "\n")
    return code, re.sub(r"\x1b\[[0-9;]*m", "", text)


def told_by(*words: str) -> str:
    """Run a docker command in a terminal; return what nstui says of it."""
    began = time.monotonic()
    _, text = in_terminal("docker", *words)
    took_s.append(time.monotonic() - began)
    _, _, line = text.partition(f"{NEXT}\n")
    return line.strip().partition("\n")[0]


def is_told(line: str, *parts: str) -> bool:
    """Tell whether a line has these parts, from the first docker with hooks on.

    Raises:
        TooLate: There is none, since the command took as long as a hook may.

    """
    version = docker_version()
    assert version is not None
    if version < 26:
        return line == ""
    if not line and took_s[-1] >= LIMIT_OF_HOOK_S:
        raise TooLate(f"it took {took_s[-1]:.1f} s")
    return all(part in line for part in parts)


def test_it_is_a_command_of_docker(engine: PrivateEngine, tmp_path: Path) -> None:
    listed = subprocess.run(
        ["docker", "--help"], capture_output=True, text=True, check=True
    )
    assert re.search(r"^  nstui\*\s+See who shares", listed.stdout, re.MULTILINE)
    seen = read_json("tree", program=("docker", "nstui"))
    assert seen["engine"]["endpoint"] == engine.url
    add_host(tmp_path / "docker", "here", engine.url)
    for words in (("-H", engine.url), ("--context", "here")):
        environ = {**os.environ, "DOCKER_HOST": ""}
        done = subprocess.run(
            ["docker", *words, "nstui", "tree"],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "└─ ● dep" in done.stdout


def test_its_exit_code_is_that_of_docker(engine: PrivateEngine) -> None:
    assert run_nstui("rm", "-f", "vpn", program=("docker", "nstui")).returncode == 4
    assert run_nstui("bogus", program=("docker", "nstui")).returncode == 2
    engine.docker("inspect", "vpn")


@pytest.fixture
def member(
    engine_host: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sequence[str]]:
    """Yield what runs a command as a user who may use the engine, and nothing else."""
    before = engine_host.socket.stat()
    for name in ("HOME", "DOCKER_CONFIG", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("DOCKER_HOST", engine_host.url)
    os.chown(tmp_path, USER, USER)
    os.chown(engine_host.socket, 0, MEMBERS)
    engine_host.socket.chmod(0o660)
    engine_host.run("vpn")
    engine_host.run("dep", "--network=container:vpn")
    yield (
        *("setpriv", f"--reuid={USER}", f"--regid={USER}", f"--groups={MEMBERS}"),
        # Python and the socket are in folders that are root's.
        *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
    )
    os.chown(engine_host.socket, before.st_uid, before.st_gid)
    engine_host.socket.chmod(before.st_mode)


def test_no_other_right_is_needed_than_to_use_the_engine(
    member: Sequence[str],
) -> None:
    done = run_nstui("docker-plugin", "install", program=(*member, *NSTUI))
    assert done.returncode == 0, done.stderr
    well = run_nstui("check", program=(*member, "docker", "nstui"))
    assert (well.returncode, well.stderr) == (0, "")

    _, told = in_terminal(*member, "docker", "restart", "-t", "0", "vpn")

    version = docker_version()
    assert version is not None
    assert (NEXT in told, "nstui heal vpn" in told) == (version >= 26, version >= 26)
    refused = run_nstui("rm", "-f", "-y", "vpn", program=(*member, "docker", "nstui"))
    assert refused.returncode == 4


def test_its_screen(engine: PrivateEngine) -> None:
    with Terminal(("docker", "nstui"), columns=100, lines=24) as terminal:
        terminal.wait_for("● vpn", "● dep", "? Help")
        engine.docker("restart", "vpn")
        terminal.wait_for("stale join")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("engine")
def test_it_ends_with_docker() -> None:
    docker = subprocess.Popen(
        ["docker", "nstui", "check", "--watch"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert docker.stdout is not None
        assert "nothing wrong" in docker.stdout.readline()
        if docker_version() in range(25):
            # It tells its plugin nothing, but ctrl+c reaches both.
            os.killpg(docker.pid, signal.SIGINT)
        else:
            docker.terminate()
        # The plugin has ended too, since it held the other end.
        assert docker.communicate(timeout=LIMIT_S)[0] == ""
    finally:
        with suppress(ProcessLookupError):
            os.killpg(docker.pid, signal.SIGKILL)
        docker.communicate(timeout=LIMIT_S)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("words", "parts"),
    [
        pytest.param(("restart", "vpn"), ("vpn was restarted",), id="restart"),
        pytest.param(("stop", "free", "vpn"), ("vpn stopped",), id="stop"),
        pytest.param(("container", "kill", "vpn"), ("vpn stopped",), id="kill"),
        pytest.param(("rm", "-f", "vpn"), ("vpn (", "no longer exists"), id="rm"),
    ],
)
def test_what_a_command_has_broken(
    words: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    assert told_by("restart", "free", "dep") == ""
    line = told_by(*words)
    assert is_told(line, *parts, "dep", "→ "), line
    # That it is so is no news after the next command.
    assert told_by("restart", "free") == ""
    if "docker nstui" in line and "then:" not in line:
        words = tuple(line.rpartition("→ ")[2].split())
        done = run_nstui("-y", program=words)
        assert done.returncode == 0, done.stderr
        assert run_nstui("check").returncode == 0


def test_the_engine_that_it_was_told(
    engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST")
    line = told_by("--host", engine.url, "restart", "vpn")
    assert is_told(line, f"→ docker --host {engine.url} nstui heal vpn"), line


def test_a_start_that_fails(engine: PrivateEngine) -> None:
    engine.docker("stop", "dep", "vpn")
    line = told_by("start", "dep")
    assert is_told(line, "dep", "cannot join network", "→ docker start vpn dep"), line
    assert told_by("start", "free") == ""
    engine.docker("rm", "vpn")
    line = told_by("start", "dep")
    assert is_told(line, "no longer exists", "dep", "→ "), line


def test_compose(engine: PrivateEngine, tmp_path: Path) -> None:
    compose = tmp_path / "docker" / "cli-plugins" / "docker-compose"
    compose.write_text(_COMPOSE)
    compose.chmod(0o755)
    assert told_by("compose", "ps") == ""
    line = told_by("compose", "--profile", "x", "up", "-d")
    assert is_told(line, "vpn was restarted", "dep"), line
    assert told_by("compose", "logs") == ""
    assert engine.is_running


def test_compose_itself(engine: PrivateEngine, tmp_path: Path) -> None:
    require(Form.PLUGIN)
    engine.remove_all()
    plugin = tmp_path / "docker" / "cli-plugins" / "docker-compose"
    plugin.symlink_to(program_of(Form.PLUGIN))
    file = tmp_path / "docker-compose.yml"

    def told_by_compose(*words: str) -> str:
        return told_by("compose", "-f", str(file), "-p", "project", *words)

    file.write_text(_PROJECT % 1)
    assert told_by_compose("up", "-d") == ""
    made = engine.inspect("project-vpn-1", "Id")
    # It makes what has joined a service anew, too, unless it is told not to.
    file.write_text(_PROJECT % 2)
    assert told_by_compose("up", "-d") == ""
    assert engine.inspect("project-vpn-1", "Id") != made
    file.write_text(_PROJECT % 3)
    line = told_by_compose("up", "-d", "--no-deps", "vpn")
    remedy = "docker nstui heal project-dep-1"
    assert is_told(line, "project-vpn-1 (", "no longer exists", f"→ {remedy}"), line
    # That it is so is no news after the next command.
    assert told_by_compose("up", "-d", "free") == ""
    done = run_nstui("-y", program=remedy.split())
    assert done.returncode == 0, done.stderr
    assert run_nstui("check").returncode == 0
    assert told_by_compose("down") == ""
    assert engine.names() == set()


def test_without_a_terminal_nothing_is_asked(engine: PrivateEngine) -> None:
    done = engine.docker("restart", "vpn")
    assert (done.stdout, done.stderr) == ("vpn\n", "")


def test_an_engine_that_hangs_holds_nobody_up(engine: PrivateEngine) -> None:
    def manners(connection: socket.socket) -> None:
        with connection.makefile("rb") as reader:
            while request := reader.readline():
                while reader.readline() not in {b"\r\n", b""}:
                    pass
                if b"/_ping" in request:
                    head = b"200 OK\r\nApi-Version: 1.41\r\nContent-Length: 0"
                elif request.startswith(b"POST"):
                    head = b"204 No Content"
                else:
                    # The look of the hook.
                    time.sleep(LIMIT_S)
                    return
                connection.sendall(b"HTTP/1.1 " + head + b"\r\n\r\n")

    path = engine.folder / "hanging.sock"
    server = UnixServer(path, manners)
    # Left to hang: its threads are daemons.
    server.__enter__()
    began = time.monotonic()
    code, text = in_terminal("docker", "-H", f"unix://{path}", "restart", "vpn")
    assert (code, text) == (0, "vpn\n")
    assert time.monotonic() - began < LIMIT_S / 2


SAME = (
    "stop -t 0 one",
    "stop --time 0 one two",
    "restart one",
    "restart -t 0 two one",
    "kill one",
    "kill -s HUP one",
    "container kill --signal=TERM one",
    "rm -f one",
    "rm -fv two one",
    "container rm --force=true one",
    "stop one one",
    "rm one",
    "rm one nobody",
    "rm -f one nobody",
    "rm -f nobody",
    "rm nobody",
    "stop nobody one",
    "restart --bogus one",
    "kill -s BOGUS one",
    "rm",
    "stop --help",
    "rm -l one",
)


@pytest.mark.parametrize("line", SAME)
def test_what_breaks_nothing_is_as_docker_does_it(
    engine: PrivateEngine, line: str
) -> None:
    found = []
    for program in (("docker",), (*NSTUI, "as-docker", "--")):
        for name in ("one", "two"):
            engine.docker("rm", "-f", name, check=False)
            engine.run(name)
        done = run_nstui(*line.split(), program=program)
        existing = engine.docker("ps", "-a", "--format={{.Names}}").stdout.split()
        # The list may tell of a stop a moment after it was answered.
        state = ("inspect", "--format={{.Name}} {{.State.Status}}")
        left = engine.docker(*state, *existing).stdout
        said = re.sub("[0-9a-f]{64}", "ID", done.stderr)
        found.append((done.returncode, done.stdout, said, left))
    assert found[0] == found[1]


def test_an_id_is_printed_as_it_was_given(engine: PrivateEngine) -> None:
    first, second = engine.run("one"), engine.run("two")
    done = run_nstui("as-docker", "--", "rm", "-f", second[:12], first, "/free")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{second[:12]}\n{first}\n/free\n"
    # Unlike what docker removes, it can be restored.
    assert "free" in run_nstui("removed").stdout


def test_what_cannot_be_recorded_docker_does(
    engine: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    done = run_nstui("as-docker", "--", "rm", "-f", "free")
    assert (done.returncode, done.stdout) == (0, "free\n")
    assert done.stderr.endswith("; docker acts instead\n")
    assert engine.docker("inspect", "free", check=False).returncode == 1


SHELLS: dict[str, Sequence[str]] = {
    "bash": ("bash", "--norc", "--noprofile", "-i", "-c"),
    "zsh": ("zsh", "-f", "-i", "-c"),
    "fish": ("fish", "--no-config", "-i", "-c"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_session_in_a_shell(
    engine: PrivateEngine, tmp_path: Path, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    function = tmp_path / "function"
    function.write_text(run_nstui("shell", shell).stdout)
    code, text = in_terminal(*SHELLS[shell], f". {function}\ndocker stop -t 0 free")
    assert (code, text) == (0, "free\n")
    words = (*SHELLS[shell], f". {function}\ndocker rm -f vpn")
    with Terminal(words) as terminal:
        terminal.wait_for("Removing vpn breaks 1 container", "Press enter")
        terminal.press("enter")
        assert terminal.wait_for_end() == 4
    with Terminal(words) as terminal:
        terminal.wait_for("Removing vpn breaks 1 container", "Press enter")
        terminal.press("dependents", "enter")
        assert terminal.wait_for_end() == 0
    assert engine.docker("ps", "-aq", "--filter=name=vpn").stdout == ""
    assert Path(function).exists()
