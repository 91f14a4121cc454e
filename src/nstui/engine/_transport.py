"""The sockets beneath the docker SDK's client."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnectionPool
from urllib3.connection import HTTPConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests


class _Connection(HTTPConnection):
    """Closes its socket when it cannot connect, which the SDK's own forgets."""

    def __init__(self, socket_path: str) -> None:
        super().__init__("localhost")
        self._socket_path = socket_path

    def connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(self.timeout)
            connection.connect(self._socket_path)
        except OSError:
            connection.close()
            raise
        self.sock = connection


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> _Connection:
        return _Connection(self.socket_path)


class UnixSocketAdapter(UnixHTTPAdapter):
    """Keeps one pool of connections; the SDK's own keeps one for each URL.

    With a pool for each URL every inspect of another container would connect anew.
    """

    def __init__(self, socket_path: str) -> None:
        """Connect to a socket when the first request is made."""
        super().__init__(socket_path)
        self._pool = _Pool("http+docker://localhost", socket_path)

    def get_connection(
        self,
        url: bytes | str,  # noqa: ARG002 - all lead to the one socket
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - as above
    ) -> UnixHTTPConnectionPool:
        """Return the pool."""
        return self._pool

    def close(self) -> None:
        """Close what is idle; what is in use is closed after its answer."""
        super().close()
        self._pool.close()


def socket_of(response: requests.Response) -> socket.socket:
    """Return the socket of an answer, by the path on which the docker SDK finds it.

    See ``docker.types.daemon.CancellableStream.close``.
    """
    found: object = response.raw
    for name in ("_fp", "fp", "raw", "_sock"):
        found = getattr(found, name, None)
    if not isinstance(found, socket.socket):
        raise TypeError(found)
    return found
