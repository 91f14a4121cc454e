"""Shells in containers, behind the Docker Engine API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import ContainerId
    from nstui.ports import Shell, TerminalSize


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
        from nstui.engine._connection import Connection  # noqa: PLC0415 - as above
        from nstui.engine._shell import DockerShell  # noqa: PLC0415 - as above

        connection = Connection(self._endpoint, self._timeout, self._timeout)
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
