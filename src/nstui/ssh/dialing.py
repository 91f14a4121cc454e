"""A local socket whose connections are carried by ``docker system dial-stdio``.

It is the way of the docker command itself, for machines where ssh's own forwarding of
sockets is forbidden: ``AllowStreamLocalForwarding no`` in sshd_config(5).
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BACKLOG = 16


def dial_command(path: str) -> str:
    """Return what is run over there for each connection to a socket.

    Args:
        path: The socket, of characters that no shell interprets.

    """
    return f"docker -H unix://{path} system dial-stdio"


class DialListener:
    """Listens on a socket, and starts a program for each connection.

    The program has the connection itself as stdin and stdout: nothing that is
    transferred passes through nstui.
    """

    def __init__(self, path: str, command: Sequence[str]) -> None:
        """Listen at a path that does not exist yet."""
        self._path = path
        self._command = command
        self._processes: list[subprocess.Popen[bytes]] = []
        self._closed = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(path)
        self._socket.listen(_BACKLOG)
        self._thread = threading.Thread(target=self._serve, name="dial", daemon=True)
        self._thread.start()

    @property
    def is_there(self) -> bool:
        """Whether its socket still has its path."""
        return os.path.exists(self._path)  # noqa: PTH110 - a string

    def close(self) -> None:
        """Stop listening, and end all connections."""
        self._closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(1)
        self._socket.close()
        for process in self._processes:
            process.kill()
            process.wait()

    def _serve(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._processes = [one for one in self._processes if one.poll() is None]
            with connection, suppress(OSError):
                process = subprocess.Popen(  # noqa: S603 - its words are checked
                    self._command,
                    stdin=connection.fileno(),
                    stdout=connection.fileno(),
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
                self._processes.append(process)
