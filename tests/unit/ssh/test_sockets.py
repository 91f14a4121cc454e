"""Which socket there is on the other side."""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.ssh import SshTarget
from nstui.ssh.sockets import RemoteSockets, SocketState, read_sockets, sockets_script
from tests.support.busybox_image import find_static_busybox

if TYPE_CHECKING:
    from pathlib import Path

NAS = SshTarget(host="nas", user="me")
SHELLS = [("/bin/sh",), (str(find_static_busybox() or "busybox"), "ash")]


def look(shell: tuple[str, ...], target: SshTarget, **environ: str) -> RemoteSockets:
    """Run the script in a shell of this machine."""
    words = [*shell, "-c", sockets_script(target)]
    done = subprocess.run(words, env=environ, check=False, capture_output=True)
    return read_sockets(done.stdout)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_given_path_is_the_only_one(shell: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    target = SshTarget(host="nas", socket=str(path))

    assert look(shell, target).states == ((str(path), SocketState.MISSING),)
    path.write_text("no socket")
    assert look(shell, target).states == ((str(path), SocketState.MISSING),)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert look(shell, target).usable == str(path)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_users_own_comes_second(shell: tuple[str, ...], tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        found = look(shell, NAS, XDG_RUNTIME_DIR=str(tmp_path))

    first, second = found.states
    assert first[0] == "/var/run/docker.sock"
    assert second == (str(tmp_path / "docker.sock"), SocketState.USABLE)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_docker_command_is_looked_for(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    folders = f"{tmp_path}:/usr/bin:/bin"

    assert look(shell, NAS, PATH=folders).has_program
    assert not look(shell, NAS, PATH=str(tmp_path / "none")).has_program


@pytest.mark.parametrize(
    ("printed", "reason", "sentence"),
    [
        (
            b"denied /var/run/docker.sock\nmissing /run/user/7/docker.sock\n",
            Unreachable.PERMISSION,
            "on me@nas: there, run sudo usermod -aG docker me",
        ),
        (
            b"missing /var/run/docker.sock\nmissing /run/user/7/docker.sock\n",
            Unreachable.MISSING_SOCKET,
            "there is no /var/run/docker.sock nor /run/user/7/docker.sock; is it",
        ),
        (b"\xff\x00 what\nusable relative\n", Unreachable.MISSING_SOCKET, "on me@nas"),
        (b"", Unreachable.MISSING_SOCKET, "there is no /var/run/docker.sock;"),
    ],
)
def test_why_none_can_be_used(
    printed: bytes, reason: Unreachable, sentence: str
) -> None:
    problem = read_sockets(printed).problem(NAS)

    assert isinstance(problem, EngineUnreachable)
    assert problem.reason is reason
    assert sentence in str(problem)
    assert str(problem).isprintable()


def test_one_that_can_be_used_is_no_problem() -> None:
    found = read_sockets(b"denied /var/run/docker.sock\nusable /run/mine.sock\n")

    assert found.problem(NAS) is None
    assert found.usable == "/run/mine.sock"
