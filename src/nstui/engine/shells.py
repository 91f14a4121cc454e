"""Runs shells in containers through the Docker Engine API."""

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
"""Starts ``bash`` if the container has it, and otherwise ``sh``."""

DETACH_KEYS = "ctrl-@,ctrl-^,ctrl-@,ctrl-^"
"""A key sequence that is not typed by accident. The engine delays the first key of it
until the next key. That key is ctrl+p by default, which recalls a line in a shell."""

PROMPT_WAIT_S = 2.0
"""Seconds to wait for a prompt. A command that cannot be run ends without output."""

_RESIZE_PAUSES_S = (0.0, 0.02, 0.1, 0.5)
"""Pauses in seconds before each attempt to resize. The terminal exists only once the
command runs; the docker command tries again as well."""

_CHUNK = 65_536


class DockerShells:
    """Implements `ports.ContainerShells`.

    The connection is made at the first call, which also imports the docker SDK.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float = 5.0) -> None:
        """Store the endpoint; nothing is connected yet.

        Args:
            endpoint: The address of the engine.
            timeout: Limit in seconds for an answer.

        """
        self._endpoint = endpoint
        self._timeout = timeout

    def open(self, container: ContainerId, size: TerminalSize) -> Shell:
        """Start a shell in a container, and return it once it runs."""
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
        """Start a shell; `close` will close the connection."""
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
        from nstui.engine.sdk import WOULD_BLOCK, answer_of  # noqa: PLC0415

        answer = answer_of(self._response)
        self._socket = answer.source.take_over()
        self._socket.settimeout(0)
        self._nothing_yet = WOULD_BLOCK
        self._buffer = self._read_ahead(answer)

    def fileno(self) -> int:
        """Return the file descriptor that becomes readable when there is output."""
        return self._socket.fileno()

    def read(self) -> bytes | None:
        """Return new output; None if there is none yet; empty once the shell ended."""
        if self._buffer:
            said, self._buffer = self._buffer, b""
            return said
        try:
            return self._socket.recv(_CHUNK)
        except self._nothing_yet:
            return None
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        """Send input without blocking; return the number of bytes accepted."""
        try:
            return self._socket.send(data)
        except self._nothing_yet:
            return 0
        except OSError:
            # `read` reports that the shell has ended.
            return len(data)

    def resize(self, size: TerminalSize) -> None:
        """Set the size of the terminal, in a thread, without waiting for the engine."""
        threading.Thread(
            target=self._resize, args=(size,), name="resize", daemon=True
        ).start()

    def require_start(self) -> None:
        """Wait until the shell has written something, or has had the time to.

        Raises:
            EngineRefused: the shell could not be started; the message is the engine's.

        """
        deadline = time.monotonic() + PROMPT_WAIT_S
        said, is_over = b"", False
        while not is_over and (left := deadline - time.monotonic()) > 0:
            if not self._buffer:
                select.select([self._socket], [], [], left)
            more = self.read()
            said, is_over = said + (more or b""), more == b""
            if said and self._has_run():
                break
        if is_over and not self._has_run():
            # The engine writes its error in place of the shell's output.
            words = said.decode("utf-8", "backslashreplace")
            raise EngineRefused(" ".join(words.split()) or "the shell did not start")
        self._buffer = said

    def close(self) -> None:
        """Close the connection; the shell's process may keep running."""
        self._response.close()
        self._client.close()
        self._connection.close()

    def _has_run(self) -> bool:
        """Tell whether the shell has or had a process."""
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
