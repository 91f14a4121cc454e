"""A registry of the tests' own, in the network of a private engine."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.busybox_image import image_archive, static_busybox
from tests.support.engine_daemon import SYSTEM_PATH
from tests.support.leftovers import end_process

if TYPE_CHECKING:
    from tests.support.private_engine import PrivateEngine

PROGRAM = "docker-registry"
PORT = 5000
ADDRESS = f"127.0.0.1:{PORT}"
"""Engines speak plain HTTP with registries at loopback addresses."""

USER, PASSWORD = "nstui", "secret"
_HASH = "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"

LIMIT = 20.0
LAYER_BYTES = 200_000

_LISTENING = "0A"
"""The state of a socket that listens: see proc(5)."""


class Registry:
    """A registry that one engine reaches, with a folder and a process of its own.

    Attributes:
        folder: Everything of the registry is below it.

    """

    def __init__(self, engine: PrivateEngine) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nstui-registry-"))
        self._engine = engine
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, asks_password: bool = False) -> None:
        """Start it on what it has been given so far; return when it listens."""
        settings = self.folder / "config.yml"
        settings.write_text(json.dumps(self._settings(asks_password=asks_password)))
        with self.folder.joinpath("log").open("ab") as log:
            self._process = subprocess.Popen(
                self._engine.in_network(PROGRAM, "serve", str(settings)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PATH": SYSTEM_PATH},
                start_new_session=True,
            )
        deadline = time.monotonic() + LIMIT
        while not self._is_listening():
            assert self._process.poll() is None, self._log()
            assert time.monotonic() < deadline, self._log()
            time.sleep(0.02)

    def end(self) -> None:
        """End the process, if it runs."""
        if self._process is not None:
            end_process(self._process.pid)
            self._process.wait(LIMIT)
            self._process = None

    def remove(self) -> None:
        """End the process, and remove its folder."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def freeze(self) -> None:
        """Let it accept connections and never answer."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `freeze`."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT)

    def publish(self, name: str, *changes: str) -> str:
        """Push a new image, which the engine does not have afterwards; return its id.

        What the engine has under this name stays as it was.

        Args:
            name: The repository and the tag.
            changes: What the image says, as in a Dockerfile.

        """
        engine, reference = self._engine, reference_of(name)
        before = engine.image_id(reference)
        made = engine.import_image(_archive(), *changes)
        engine.docker("tag", made, reference)
        engine.docker("push", reference)
        if before:
            engine.docker("tag", before, reference)
        else:
            engine.docker("rmi", reference)
        engine.docker("rmi", made, check=False)
        return made

    def withdraw(self, name: str) -> None:
        """Take a tag away."""
        repository, tag = name.split(":")
        shutil.rmtree(self._tags(repository) / tag)

    def truncate(self, name: str) -> None:
        """Cut the only layer of an image in half."""
        repository, tag = name.split(":")
        link = self._tags(repository) / tag / "current" / "link"
        manifest = json.loads(self._blob(link.read_text()).read_text())
        (layer,) = manifest["layers"]
        data = self._blob(layer["digest"])
        os.truncate(data, data.stat().st_size // 2)

    def _settings(self, *, asks_password: bool) -> dict[str, object]:
        passwords = self.folder / "passwords"
        passwords.write_text(f"{USER}:{_HASH}\n")
        settings: dict[str, object] = {
            "version": "0.1",
            "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")}},
            "http": {"addr": ADDRESS},
        }
        if asks_password:
            realm = {"realm": "tests", "path": str(passwords)}
            settings["auth"] = {"htpasswd": realm}
        return settings

    def _is_listening(self) -> bool:
        assert self._process is not None
        with suppress(OSError):
            table = Path(f"/proc/{self._process.pid}/net/tcp").read_text()
            return any(
                local.endswith(f":{PORT:04X}") and state == _LISTENING
                for local, state in (
                    (line.split()[1], line.split()[3])
                    for line in table.splitlines()[1:]
                )
            )
        return False

    def _log(self) -> str:
        return self.folder.joinpath("log").read_text(errors="replace")

    @property
    def _storage(self) -> Path:
        return self.folder / "data" / "docker" / "registry" / "v2"

    def _tags(self, repository: str) -> Path:
        return self._storage / "repositories" / repository / "_manifests" / "tags"

    def _blob(self, digest: str) -> Path:
        kind, _, digits = digest.partition(":")
        return self._storage / "blobs" / kind / digits[:2] / digits / "data"


def missing_registry() -> str | None:
    """Say what this machine lacks for a registry of its own, or None."""
    found = shutil.which(PROGRAM, path=SYSTEM_PATH) and shutil.which("nsenter")
    return None if found else f"needs {PROGRAM} and nsenter"


def reference_of(name: str) -> str:
    """Return what an engine calls an image in the registry."""
    return f"{ADDRESS}/{name}"


def _archive() -> bytes:
    """Return the usual file system with a file that no other image has."""
    buffer = io.BytesIO(image_archive(static_busybox()))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        entry = tarfile.TarInfo("root/unlike-any-other")
        entry.size = LAYER_BYTES
        archive.addfile(entry, io.BytesIO(os.urandom(LAYER_BYTES)))
    return buffer.getvalue()
