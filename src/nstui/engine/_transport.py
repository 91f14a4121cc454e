"""The connections beneath the docker SDK's client, each answer of which has limits."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnectionPool
from requests.adapters import HTTPAdapter
from urllib3 import Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from nstui.engine._answer import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from urllib3 import PoolManager


class _Connection(HTTPConnection):
    """Closes its socket when it cannot connect, which the SDK's own forgets."""

    response_class = Answer

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


class _PlainConnection(HTTPConnection):
    response_class = Answer


class _TlsConnection(HTTPSConnection):
    response_class = Answer


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Punctual(HTTPAdapter):
    """Takes a time limit for that of the question and its answer together."""

    def send(  # noqa: PLR0913, PLR0917 - as `requests` calls it
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as above
        timeout: object = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as above
        cert: str | bytes | tuple[str | bytes, str | bytes] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Ask, and return once an answer has begun; its `Source` holds the rest."""
        limit = timeout if isinstance(timeout, int | float) else None
        return super().send(
            request,
            stream=stream,
            timeout=Timeout(total=limit),  # type: ignore[arg-type]  # the stubs lack it
            verify=verify,
            cert=cert,
            proxies=proxies,
        )


class PortAdapter(_Punctual):
    """Connects to ports, with TLS or without, and through proxies."""

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001, FBT002 - as `requests` calls it
        **options: object,
    ) -> None:
        """Make what keeps connections."""
        super().init_poolmanager(connections, maxsize, block, **options)
        _have_limits(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: object) -> PoolManager:
        """Return what keeps connections through a proxy."""
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        _have_limits(manager)
        return manager


def _have_limits(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class UnixSocketAdapter(_Punctual, UnixHTTPAdapter):
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


def answer_of(response: requests.Response) -> Answer:
    """Return what is beneath an answer of the SDK, whose body has not been read.

    What `urllib3` makes of it waits, where nothing says how long the answer is, for its
    end, and has no way to the socket.
    """
    answer: object = getattr(response.raw, "_fp", None)
    if not isinstance(answer, Answer):
        raise TypeError(answer)
    return answer
