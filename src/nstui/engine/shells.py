"""Shells in containers, behind the Docker Engine API."""

from __future__ import annotations

import io
import select
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from nstui.engine.client import ApiClient
from nstui.engine.errors import made_id
from nstui.errors import EngineRefused, NstuiError
from nstui.model.json import mapping, number

if TYPE_CHECKING:
    from nstui.engine.endpoint import Endpoint
    from nstui.engine.sdk import SdkAnswer
    from nstui.model.container import ContainerId
    from nstui.ports import Shell, TerminalSize


COMMAND = ("sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh")
"""Becomes the better one of the shells that are there."""

DETACH_KEYS = "ctrl-@,ctrl-^,ctrl-@,ctrl-^"
"""What nobody types. The engine holds the first key of it back until the next one, and
by default that is ctrl+p, with which a shell goes back in what was typed."""

FIRST_WORDS_S = 2.0
"""How long to wait for a prompt; what cannot be run ends before it says anything."""

_RESIZE_PAUSES_S = (0.0, 0.02, 0.1, 0.5)
"""The terminal is there only once the command runs; docker tries again as well."""

_CHUNK = 65_536


class DockerShells:
    """Implements `ports.ContainerShells`.

    Nothing is connected, and the docker SDK is not even imported, before the first
    call.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float = 5.0) -> None:
        """Take where to ask.

        Args:
            endpoint: Where the engine is.
            timeout: How many seconds an answer may take.

        """
        self._endpoint = endpoint
        self._timeout = timeout

    def open(self, container: ContainerId, size: TerminalSize) -> Shell:
        """Start a shell in a container; return once it runs."""
        connection = ApiClient(self._endpoint, self._timeout, self._timeout)
        try:
            shell = DockerShell(connection, container)
        except BaseException:
            connection.close()
            raise
        try:
            shell.resize(size)
            shell.require_start()
        except BaseException:
            shell.close()
            raise
        return shell


class DockerShell:
    """Implements `ports.Shell`."""

    def __init__(self, connection: ApiClient, container: ContainerId) -> None:
        """Start it, and take over the connection."""
        self._connection = connection
        self._container = container
        with connection.acting(container) as client:
            answer: object = client.exec_create(
                container, list(COMMAND), stdin=True, tty=True, detach_keys=DETACH_KEYS
            )
            self._exec = made_id(answer)
        self._response, self._client = connection.upgrade(
            f"exec/{quote(self._exec, safe='')}/start",
            {"Detach": False, "Tty": True},
            container,
        )
        from nstui.engine.sdk import NOTHING_YET, answer_of  # noqa: PLC0415

        answer = answer_of(self._response)
        self._socket = answer.source.take_over()
        self._socket.settimeout(0)
        self._nothing_yet = NOTHING_YET
        self._said = self._read_ahead(answer)

    def fileno(self) -> int:
        """Return what becomes readable when it has written something."""
        return self._socket.fileno()

    def read(self) -> bytes | None:
        """Return what it has written; None: nothing for now; nothing: it has ended."""
        if self._said:
            said, self._said = self._said, b""
            return said
        try:
            return self._socket.recv(_CHUNK)
        except self._nothing_yet:
            return None
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        """Type as much as it takes now; return how many bytes that was."""
        try:
            return self._socket.send(data)
        except self._nothing_yet:
            return 0
        except OSError:
            # That it has ended is told by `read`.
            return len(data)

    def resize(self, size: TerminalSize) -> None:
        """Tell it how large the terminal is; nothing waits for the engine."""
        threading.Thread(
            target=self._resize, args=(size,), name="resize", daemon=True
        ).start()

    def require_start(self) -> None:
        """Wait until it runs: it has said something, or at least had the time to.

        Raises:
            EngineRefused: it could not be started; the message is the engine's.

        """
        deadline = time.monotonic() + FIRST_WORDS_S
        said, is_over = b"", False
        while not is_over and (left := deadline - time.monotonic()) > 0:
            if not self._said:
                select.select([self._socket], [], [], left)
            more = self.read()
            said, is_over = said + (more or b""), more == b""
            if said and self._has_run():
                break
        if is_over and not self._has_run():
            # The engine says why in place of what the shell would say.
            words = said.decode("utf-8", "backslashreplace")
            raise EngineRefused(" ".join(words.split()) or "the shell did not start")
        self._said = said

    def close(self) -> None:
        """Close it; its program may keep running."""
        self._response.close()
        self._client.close()
        self._connection.close()

    def _has_run(self) -> bool:
        """Tell whether it has a process, or had one."""
        with self._connection.acting(self._container) as client:
            answer: object = client.exec_inspect(self._exec)
        return bool(number(mapping(answer), "Pid"))

    def _resize(self, size: TerminalSize) -> None:
        for pause in _RESIZE_PAUSES_S:
            time.sleep(pause)
            try:
                with self._connection.acting(self._container) as client:
                    client.exec_resize(self._exec, size.lines, size.columns)
            except NstuiError:
                continue
            return

    def _read_ahead(self, answer: SdkAnswer) -> bytes:
        """Return what was read of its words together with the answer's head."""
        reader: object = answer.fp
        if not isinstance(reader, io.BufferedReader):
            return b""
        try:
            return reader.peek()
        except self._nothing_yet:
            return b""
