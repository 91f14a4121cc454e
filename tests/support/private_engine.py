"""A Docker engine of the test session's own, away from any engine of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from docker import APIClient
from docker.errors import APIError, DockerException

from nstui.model.namespace import NamespaceKind
from tests.support.busybox_image import (
    find_static_busybox,
    image_archive,
    static_busybox,
)
from tests.support.engine_daemon import SYSTEM_PATH, EngineDaemon, engine_command
from tests.support.leftovers import clear_away

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

IMAGE = "bb:1"
"""The image of every container: see `tests.support.busybox_image`."""

LIST_LIMIT = 5.0
"""Seconds within which an engine's list shows what was done; one that something starts
again is shown as running for good."""

FOREVER = ("sleep", "1000")
"""A command that outlives any test."""

UNCONFINED = (
    *("--cap-add=SYS_ADMIN", "--cap-add=SYS_PTRACE", "--pid=host"),
    *("--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"),
)
"""What lets a container into the namespaces of others."""

PATIENCE_S = 60.0


def missing_requirement() -> str | None:
    """Say what this machine lacks for an engine of its own, or None."""
    if os.geteuid() != 0:
        return "needs root"
    for program in (engine_command()[0], "iptables", "unshare", "umount", "docker"):
        if shutil.which(program, path=SYSTEM_PATH) is None:
            return f"needs {program}"
    if find_static_busybox() is None:
        return "needs a static busybox"
    return None


class PrivateEngine(EngineDaemon):
    """An engine of the tests' own, and the means to fill it with containers."""

    def __init__(self) -> None:
        super().__init__()
        self._client: APIClient | None = None

    def start(self) -> None:
        """Start it, on the same folder and socket each time, and give it its image."""
        self.start_daemon()
        self._close_client()
        self._client = APIClient(self.url, version="auto", timeout=30)
        if not self.client.images(IMAGE):
            archive = image_archive(static_busybox())
            self._run_docker(("import", "-", IMAGE), input_=archive)

    def ensure_runs(self) -> None:
        """Bring the daemon back if a test froze or killed it."""
        self.resume_daemon()
        if not self.is_running:
            self.start()

    def stop(self) -> None:
        """End the daemon and everything of it; remove its folder."""
        try:
            self.resume_daemon()
            if self.is_running:
                with suppress(requests.RequestException, DockerException):
                    self.remove_all()
            self.end_daemon()
        finally:
            self._close_client()
            clear_away(self.folder)

    def run(self, name: str, *options: str, command: Sequence[str] = FOREVER) -> str:
        """Create and start a container; return its full id.

        It dies at once of the signal that asks it to stop.
        """
        return self._new("run", name, ("--detach", *options), command)

    def create(self, name: str, *options: str, command: Sequence[str] = FOREVER) -> str:
        """Create a container without starting it; return its full id."""
        return self._new("create", name, options, command)

    def run_in(self, name: str, whose: str, kind: NamespaceKind) -> str:
        """Run a container whose process enters another's namespace; return its id.

        Nothing of that is declared.
        """
        flag = {NamespaceKind.NET: "-n", NamespaceKind.IPC: "-i"}[kind]
        pid = str(self.pid_of(whose))
        command = ("busybox", "nsenter", "-t", pid, flag, *FOREVER)
        options = ("--ipc=shareable", *UNCONFINED)
        container = self.run(name, *options, command=command)
        there = Path(f"/proc/{pid}/ns/{kind}").stat().st_ino
        deadline = time.monotonic() + PATIENCE_S
        while Path(f"/proc/{self.pid_of(name)}/ns/{kind}").stat().st_ino != there:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return container

    def label_image(self, reference: str, labels: Mapping[str, str]) -> None:
        """Make an image like that of every container, but with labels."""
        self._run_docker(
            (
                "import",
                *(f'--change=LABEL "{key}"="{value}"' for key, value in labels.items()),
                *("-", reference),
            ),
            input_=image_archive(static_busybox()),
        )

    def import_image(self, archive: bytes, *changes: str) -> str:
        """Make an image without a name of a file system; return its id.

        Args:
            archive: The file system.
            changes: What the image says, as in a Dockerfile.

        """
        options = [f"--change={change}" for change in changes]
        done = self._run_docker(("import", *options, "-"), input_=archive)
        return done.stdout.decode().strip()

    def image_id(self, reference: str) -> str:
        """Return the id of an image; empty if there is none."""
        done = self.docker(
            *("image", "inspect", "--format={{.Id}}", reference), check=False
        )
        return done.stdout.strip()

    def docker(
        self, *arguments: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run the docker command against this engine.

        What it has stopped the list of newer engines may show as running for a moment.
        """
        done = self._run_docker(arguments, check=check)
        if arguments[0] == "stop" and not done.returncode:
            self._await_list(arguments)
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    def inspect(self, name: str, *path: str) -> object:
        """Return an inspect of a container, or what it has at a path of keys."""
        value: object = self.client.inspect_container(name)
        for key in path:
            assert isinstance(value, dict)
            value = value[key]
        return value

    def pid_of(self, name: str) -> int:
        """Return the first process of a container."""
        pid = self.inspect(name, "State", "Pid")
        assert isinstance(pid, int)
        return pid

    def namespace_of(self, name: str, kind: NamespaceKind) -> int:
        """Return the number of the namespace that a container is in."""
        return Path(f"/proc/{self.pid_of(name)}/ns/{kind}").stat().st_ino

    def names(self) -> set[str]:
        """Return the names of the containers that run."""
        return set(self.docker("ps", "--format={{.Names}}").stdout.split())

    def remove_all(self) -> None:
        """Remove every container, network and volume."""
        client = self.client
        for _ in range(3):
            rows = client.containers(all=True)
            for row in rows:
                if row["State"] == "paused":
                    client.unpause(row["Id"])
            if not rows:
                break
            ids = [row["Id"] for row in rows]
            self.docker("rm", "--force", "--volumes", *ids, check=False)
        for network in client.networks(filters={"type": "custom"}):
            client.remove_network(network["Id"])
        for volume in client.volumes()["Volumes"] or ():
            with suppress(APIError):
                client.remove_volume(volume["Name"], force=True)

    @property
    def client(self) -> APIClient:
        """The docker SDK's client of this engine."""
        assert self._client is not None, "the engine does not run"
        return self._client

    def _new(
        self, verb: str, name: str, options: Sequence[str], command: Sequence[str]
    ) -> str:
        # sleep ignores SIGTERM as a first process: a stop would take 10 seconds.
        mortal = ("--stop-signal", "SIGKILL")
        return self.docker(
            verb, "--name", name, *mortal, *options, IMAGE, *command
        ).stdout.split()[-1]

    def _run_docker(
        self, arguments: Sequence[str], *, input_: bytes = b"", check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            ["docker", "--host", self.url, *arguments],
            input=input_,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr.decode()
        return done

    def _await_list(self, stopped: Sequence[str]) -> None:
        """Wait until the list shows none of some containers as running."""
        deadline = time.monotonic() + LIST_LIMIT
        while time.monotonic() < deadline and any(
            {*stopped} & {row["Id"], *(name.strip("/") for name in row["Names"])}
            for row in self.client.containers()
        ):
            time.sleep(0.02)

    def _close_client(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
