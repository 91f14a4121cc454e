"""The process that listens at a socket, as the kernel knows it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from nstui.guard.engine_process import (
    command_line,
    find_process,
    is_socket_of,
    parent_of,
    process_name,
    sees,
    unit_of,
    working_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

LISTEN = """
import socket, sys
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    print("ready", flush=True)
    sys.stdin.read()
"""
GONE = 2**22 + 1
"""No process has such a number."""


def test_it_is_found_by_its_socket(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    words = [sys.executable, "-c", LISTEN, str(path)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        link = tmp_path / "link.sock"
        link.symlink_to(path)

        assert find_process(str(path)) == process.pid
        assert find_process(str(link)) == process.pid
        assert command_line(process.pid) == tuple(words)
        assert working_folder(process.pid) == str(tmp_path)
        assert parent_of(process.pid) == os.getpid()
        assert sees(process.pid, str(tmp_path))
        assert is_socket_of(process.pid, str(path), str(path))
        assert not is_socket_of(process.pid, str(path), str(tmp_path))
        process.communicate()

    assert find_process(str(path)) is None
    assert find_process(str(tmp_path / "none")) is None


def test_one_that_only_began_to_listen_is_not_it(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        assert find_process(str(path)) == os.getpid()
        # As something moved away: what the path leads to is another socket.
        path.rename(tmp_path / "other.sock")
        assert find_process(str(tmp_path / "other.sock")) is None


def test_one_that_has_handed_its_socket_on_is_not_it(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with subprocess.Popen(["sleep", "60"], pass_fds=[listener.fileno()]) as process:
            listener.close()

            assert find_process(str(path)) is None
            process.kill()


def test_a_process_that_is_gone_has_nothing() -> None:
    assert process_name(GONE) == ""
    assert command_line(GONE) == ()
    assert working_folder(GONE) == "/"
    assert unit_of(GONE) == ""
    assert parent_of(GONE) is None
    assert not sees(GONE, "/")
    assert not is_socket_of(GONE, "/x", "/x")
