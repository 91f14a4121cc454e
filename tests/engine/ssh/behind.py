"""What is seen of an engine behind ssh."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING

from tests.engine.program import NSTUI, run_nstui

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine
    from tests.support.ssh_server import SshServer


def processes(part: str) -> list[list[str]]:
    """Return pid and words of the processes with something in their words."""
    listed = subprocess.run(
        ["ps", "axwwo", "pid=,args="], check=True, capture_output=True, text=True
    )
    lines = [line.split(None, 1) for line in listed.stdout.splitlines()]
    return [line for line in lines if len(line) > 1 and part in line[1]]


def kill_master(runtime: Path) -> None:
    """End the one connection of the nstui that has its folder below another."""
    (master,) = [
        int(pid)
        for pid, words in processes(str(runtime))
        # The shell that holds it has the same words.
        if "ControlMaster=yes" in words and "read -r" not in words
    ]
    os.kill(master, signal.SIGKILL)


def url_of(server: SshServer, engine: PrivateEngine, user: str = "root") -> str:
    """Return the address of the engine behind the server."""
    return server.url(user, str(engine.socket))


def seen(*arguments: str, program: Sequence[str] = NSTUI) -> dict[str, object]:
    """Return a tree without its address and what is by the clock."""
    told = run_nstui(*arguments, "tree", "--json", program=program)
    document = json.loads(told.stdout)
    del document["engine"]["endpoint"], document["taken_at"]
    for container in document["containers"]:
        del container["status"]
    found: dict[str, object] = document
    return found


def explained(*arguments: str, program: Sequence[str] = NSTUI) -> str:
    """Return the evidence about the dependent without ages and usage of members.

    Who asks its neighbours for an address sends bytes, at any time, and memory is given
    back when the kernel likes.
    """
    text = run_nstui(*arguments, "explain", "dep", program=program).stdout
    text = re.sub(r"\S+% +memory \S+ \S+ *", "usage ", text)
    text = re.sub(r"\S+ (?:bytes|[kMGT]B) (in|out)", r"\1", text)
    return re.sub(r"  up (?:a moment|\d+ \w+) *", "  up ", text)
