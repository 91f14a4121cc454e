"""A systemd of the test's own, the first process of a machine that is made of this one.

It has namespaces of its own. Its file system is this machine's, but what is written to
it stays in memory and is gone with it. The engine is started there by Debian's units.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.support.busybox_image import (
    find_static_busybox,
    image_archive,
    static_busybox,
)
from tests.support.engine_daemon import SYSTEM_PATH, engine_command
from tests.support.own_python import ROOT
from tests.support.private_engine import FOREVER, IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 60.0
BOOT = Path(__file__).parent / "payloads" / "boot-systemd"
SYSTEMD = Path("/lib/systemd/systemd")
UNITS = "/etc/systemd/system"
CONTAINERD = "/run/containerd/containerd.sock"
NSTUI = "/usr/local/bin/nstui"
"""Where the units of ``deploy/`` expect it."""

_NAMESPACES = ("mount", "uts", "ipc", "net", "pid", "cgroup", "root", "wd")
_UNSHARE = (
    *("unshare", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork"),
    "--kill-child=KILL",
)
_PROGRAM = f"""\
#!/bin/sh
PYTHONPATH=/opt/nstui/source exec /opt/nstui/prefix/bin/{Path(sys.executable).name} \
    -m nstui "$@"
"""
_REMOVE_GROUPS = """\
mount -t cgroup2 cgroup2 "$1" && cd "$1" &&
find "./$2" -depth -type d -exec rmdir {} +
"""


def missing_systemd() -> str | None:
    """Say what this machine lacks for a systemd of its own, or None."""
    if os.geteuid() != 0:
        return "needs root"
    if not SYSTEMD.exists():
        return "needs systemd"
    for program in ("dockerd", "docker", "iptables", "unshare", "nsenter"):
        if shutil.which(program, path=SYSTEM_PATH) is None:
            return f"needs {program}"
    if not Path("/lib/systemd/system/docker.service").exists():
        return "needs the engine's unit docker.service"
    if find_static_busybox() is None:
        return "needs a static busybox"
    return None


class Booted:
    """A machine of which systemd is the first process."""

    def __init__(self, first: int) -> None:
        names = (f"--{name}" for name in _NAMESPACES)
        self._enter = ("nsenter", f"--target={first}", *names)

    def run(
        self, *words: str, check: bool = True, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there to its end."""
        done = subprocess.run(
            (*self._enter, "env", "-i", f"PATH={SYSTEM_PATH}", *words),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        said = [each.decode(errors="replace") for each in (done.stdout, done.stderr)]
        assert not check or done.returncode == 0, f"{words}: {said}"
        return subprocess.CompletedProcess(words, done.returncode, *said)

    def write(self, path: str, text: str) -> None:
        """Write a file, and the folders that it is in."""
        make = 'mkdir -p "${0%/*}" && cat >"$0"'
        self.run("sh", "-c", make, path, stdin=text.encode())

    def show(self, unit: str, name: str) -> str:
        """Return a property of a unit, as ``systemctl show`` prints it."""
        shown = self.run("systemctl", "show", "--value", f"--property={name}", unit)
        return shown.stdout.strip()

    def journal(self, unit: str) -> str:
        """Return what a unit has written, and systemd about it."""
        return self.run("journalctl", "--no-pager", f"--unit={unit}").stdout

    def await_that(self, holds: Callable[[], bool], unit: str) -> None:
        """Wait until something holds; say what a unit has written if it never does."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, self.journal(unit)
            time.sleep(0.1)

    def docker(self, *words: str) -> str:
        """Run the docker command there; return what it prints."""
        return self.run("docker", *words).stdout.strip()

    def start_engine(self) -> None:
        """Start the engine of the tests, and give it the image of every container."""
        docker = [*engine_command(), "-H", "fd://", f"--containerd={CONTAINERD}"]
        for unit, command in ("docker", docker), ("containerd", ["containerd"]):
            program = shutil.which(command[0], path=SYSTEM_PATH)
            # Debian's unit, with a program that may be that of another release.
            self.write(
                f"/run/systemd/system/{unit}.service.d/engine.conf",
                f"[Service]\nEnvironment=PATH={SYSTEM_PATH}\nExecStart=\n"
                f"ExecStart={shlex.join([str(program), *command[1:]])}\n",
            )
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "start", "docker")
        archive = image_archive(static_busybox())
        self.run("docker", "import", "-", IMAGE, stdin=archive)

    def run_container(self, name: str, *options: str) -> None:
        """Create and start a container, which dies at once when it is asked to stop."""
        mortal = ("--stop-signal=SIGKILL", *options)
        self.docker("run", "--detach", f"--name={name}", *mortal, IMAGE, *FOREVER)

    def network_of(self, name: str) -> str:
        """Return the network namespace of a container; empty if it has none now."""
        pid = self.docker("inspect", "--format={{.State.Pid}}", name)
        return self.run("readlink", f"/proc/{pid}/ns/net", check=False).stdout.strip()


@contextmanager
def booted_systemd() -> Iterator[Booted]:
    """Boot systemd with nstui at the place that the units of ``deploy/`` name."""
    # The name is that of a control group, too.
    folder = Path(tempfile.mkdtemp(prefix="nstui-booted-"))
    places = (str(folder), str(ROOT / "src"), sys.prefix)
    with (folder.with_suffix(".log")).open("w+b") as log:
        unshare = subprocess.Popen(
            (*_UNSHARE, str(BOOT), *places),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "PATH": SYSTEM_PATH},
            start_new_session=True,
        )
        try:
            booted = Booted(_await_boot(unshare, Path(log.name)))
            booted.write(NSTUI, _PROGRAM)
            booted.run("chmod", "755", NSTUI)
            yield booted
        finally:
            unshare.kill()
            unshare.wait(PATIENCE_S)
            _clear_away(folder)
            Path(log.name).unlink()


def _await_boot(unshare: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until systemd has reached its target; return its process."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and unshare.poll() is None:
        for child in psutil.Process(unshare.pid).children():
            if child.name() == "systemd":
                booted = Booted(child.pid)
                asked = ("systemctl", "is-active", "tests.target")
                if booted.run(*asked, check=False).returncode == 0:
                    return child.pid
        time.sleep(0.05)
    raise AssertionError(f"systemd did not start: {log.read_text()[-2000:]}")


def _clear_away(folder: Path) -> None:
    """Remove the folder and the control groups, once no process is in them."""
    deadline = time.monotonic() + PATIENCE_S
    remove = ("unshare", "--mount", "sh", "-c", _REMOVE_GROUPS, "sh")
    while time.monotonic() < deadline:
        done = subprocess.run(
            (*remove, str(folder), folder.name), capture_output=True, check=False
        )
        if done.returncode == 0 or b"No such file" in done.stderr:
            break
        time.sleep(0.1)
    folder.rmdir()
