"""Uses the docker SDK: builds its clients, reads through them, translates its errors.

The SDK is used to change containers, for logs and shells, and for engines at a TCP
port. Importing it takes a quarter of the start time and most runs do not need it, so
this module is imported only on demand.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import warnings
from typing import TYPE_CHECKING

import requests
import urllib3
from docker import APIClient
from docker.constants import MINIMUM_DOCKER_API_VERSION
from docker.errors import (
    APIError,
    DockerException,
    create_api_error_from_http_exception,
)
from docker.tls import TLSConfig
from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnectionPool
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import InsecureRequestWarning

from nstui.engine.answer import (
    IncompleteAnswer,
    NotHttp,
    Source,
    connect_unix,
    require_plain,
)
from nstui.engine.errors import (
    Call,
    Library,
    check_status,
    not_docker,
    parse,
    refusal,
    translated,
)
from nstui.engine.streams import AnswerLines
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from urllib3 import PoolManager

    from nstui.engine.endpoint import Endpoint, Tls
    from nstui.errors import NstuiError
    from nstui.model.container import ContainerId


def _refusal(problem: BaseException, call: Call) -> NstuiError | None:
    """Return the error for a response with an error status; None for other errors."""
    if not isinstance(problem, APIError):
        return None
    response = problem.response
    if response is None:
        return not_docker(call)
    return refusal(response.status_code, response.content, call)


_SDK = Library(
    # KeyError and TypeError are raised if the JSON of an error is not what the SDK
    # expects, see docker.errors.create_api_error_from_http_exception.
    raises=(
        *(http.client.HTTPException, urllib3.exceptions.HTTPError),
        *(DockerException, KeyError, TypeError),
    ),
    wrappers=(requests.RequestException,),
    equivalents=(
        (requests.Timeout, TimeoutError),
        (http.client.IncompleteRead, IncompleteAnswer),
        (http.client.HTTPException, NotHttp),
    ),
    disconnects=(requests.ConnectionError,),
    refusal=_refusal,
)


WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""Exceptions that a non-blocking socket, plain or TLS, raises instead of waiting."""


def translated_sdk(call: Call) -> AbstractContextManager[None]:
    """Return a context manager that turns errors of the SDK into `NstuiError`."""
    return translated(call, _SDK)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """A request whose response is a stream."""

    path: str
    """Path below the engine's address, including the API version."""

    method: str = "GET"
    parameters: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: Mapping[str, object] | None = None


_OF_CREDENTIALS = {"auths", "credsStore", "credHelpers"}
"""The parts of docker's configuration with the credentials of registries."""


class _Client(APIClient):
    """Client that ignores the credentials of registries.

    The SDK fails here if it cannot read those in docker's configuration, although only
    a pull needs them. `nstui.engine.pulling` reads them itself.
    """

    @property
    def _general_configs(self) -> dict[str, object]:
        return self._settings

    @_general_configs.setter
    def _general_configs(self, found: dict[str, object]) -> None:
        others = {key: found[key] for key in found if key not in _OF_CREDENTIALS}
        # The SDK would read the file again if there were nothing.
        self._settings: dict[str, object] = {**others, "auths": {}}


def build_client(endpoint: Endpoint, version: str, timeout: float) -> APIClient:
    """Return a client of the SDK, which connects when it is first used.

    Args:
        endpoint: The endpoint of the engine.
        version: API version of the SDK's own calls.
        timeout: Timeout of a whole response in seconds.

    """
    client = _Client(
        base_url=endpoint.transport_url,
        version=version,
        timeout=timeout,  # type: ignore[arg-type]  # requests takes a float
        tls=_tls_config(endpoint.tls) if endpoint.tls else False,
    )
    # Otherwise certificates of the environment (REQUESTS_CA_BUNDLE) would override
    # those of the endpoint, and a netrc file would add a password.
    client.trust_env = False
    client.headers["Accept-Encoding"] = "identity"
    if endpoint.socket_path is not None:
        client.mount("http+docker://", UnixSocketAdapter(endpoint.socket_path))
    else:
        for scheme in ("http://", "https://"):
            client.mount(scheme, PortAdapter())
        client.proxies = get_environ_proxies(client.base_url)
    return client


def open_stream(
    client: APIClient, request: StreamRequest, timeout: float, call: Call
) -> requests.Response:
    """Request a stream; return the response, to be closed, once it has begun.

    The SDK's own methods wait without limit for a response to begin, and treat an error
    as the end of the stream.

    Args:
        client: The client to use; it is closed if the request fails.
        request: The request.
        timeout: Timeout in seconds for the response to begin.
        call: Description of the request, for error messages.

    Raises:
        NstuiError: The request failed.

    """
    try:
        with translated_sdk(call):
            response = client.request(
                request.method,
                f"{client.base_url}{request.path}",
                params=request.parameters,
                headers=request.headers,
                json=request.body,
                stream=True,
                timeout=timeout,
            )
            body = b"" if response.ok else response.content
        check_status(response.status_code, body, call)
    except BaseException:
        client.close()
        raise
    return response


def _tls_config(tls: Tls) -> TLSConfig:
    if not tls.verify:
        # The user has disabled verification, and the warning would be written across
        # the screen.
        warnings.simplefilter("ignore", InsecureRequestWarning)
    client_cert = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=client_cert, ca_cert=tls.ca, verify=tls.verify)


def post_container(
    client: APIClient,
    container: ContainerId,
    verb: str,
    parameters: Mapping[str, str],
    *,
    wait_s: int,
) -> None:
    """Send a request about a container, with parameters that the SDK does not support.

    Args:
        client: The SDK's client.
        container: The container.
        verb: The last word of the path, such as ``stop``.
        parameters: The query.
        wait_s: Seconds that the engine may take on top of the client's timeout; a
            negative number means no limit.

    """
    response = client.post(
        f"{client.base_url}/v{client.api_version}/containers/{container}/{verb}",
        params=dict(parameters),
        timeout=None if wait_s < 0 else client.timeout + wait_s,
    )
    try:
        response.raise_for_status()
    except requests.HTTPError as problem:
        create_api_error_from_http_exception(problem)


class SdkReader:
    """Implements `nstui.engine.reader.Reader` with the docker SDK."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        self.named_version = ""
        self._endpoint = endpoint
        self._timeout = timeout
        self._lock = threading.Lock()
        self._client: APIClient | None = None

    def ask(self, path: str) -> None:
        """Return None: the SDK cannot send a request without waiting."""

    def drop(self, asked: object) -> None:
        """Do nothing, because `ask` never sends a request."""

    def get(self, path: str, call: Call, asked: object = None) -> object:  # noqa: ARG002 - as `Reader`
        """Return the JSON document at a path."""
        with translated_sdk(call):
            client = self._shared_client()
            url = f"{client.base_url}{path}"
            with client.get(url, timeout=self._timeout, stream=True) as response:
                answer_of(response).source.max_bytes = call.max_bytes
                status, body = response.status_code, response.content
        check_status(status, body, call)
        return parse(body, call)

    def stream(
        self, path: str, parameters: Mapping[str, str], call: Call
    ) -> AnswerLines:
        """Request a stream of lines; return once the response has begun."""
        client = self._build_client()
        request = StreamRequest(path=path, parameters=parameters)
        response = open_stream(client, request, self._timeout, call)

        def release() -> None:
            response.close()
            client.close()

        return AnswerLines(answer_of(response), call, release)

    def close(self) -> None:
        """Close the client that `get` uses, if there is one."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _shared_client(self) -> APIClient:
        with self._lock:
            if self._client is None:
                self._client = self._build_client()
            return self._client

    def _build_client(self) -> APIClient:
        # The client's own version is not used: each path contains the API version.
        return build_client(self._endpoint, MINIMUM_DOCKER_API_VERSION, self._timeout)


class SdkAnswer(http.client.HTTPResponse):
    """HTTP response of the SDK, with the limits of `nstui.engine.answer.Source`."""

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        """Wrap a socket from which nothing has been read since the request was sent.

        The signature is that of `http.client.HTTPResponse`.
        """
        self.source = Source(sock)
        # The base class only calls the socket's `makefile`, which `Source` has.
        super().__init__(self.source, debuglevel, method, url)  # type: ignore[arg-type]  # as above

    def begin(self) -> None:
        """Read the head, and check that it is neither compressed nor a redirect."""
        super().begin()
        require_plain(self.status, self.getheader("Content-Encoding", "identity"))

    def iter_bytes(self, size: int) -> Iterator[bytes]:
        """Yield the body as it arrives, in pieces of at most *size* bytes."""
        try:
            while piece := self.read1(size):
                yield piece
        except http.client.HTTPException as problem:
            raise IncompleteAnswer("the connection ended in an answer") from problem


class _UnixConnection(HTTPConnection):
    response_class = SdkAnswer

    def __init__(self, socket_path: str) -> None:
        super().__init__("localhost")
        self._socket_path = socket_path

    def connect(self) -> None:
        self.sock = connect_unix(self._socket_path, self.timeout)


class _UnixPool(UnixHTTPConnectionPool):
    def _new_conn(self) -> _UnixConnection:
        return _UnixConnection(self.socket_path)


class _PlainConnection(HTTPConnection):
    response_class = SdkAnswer


class _TlsConnection(HTTPSConnection):
    response_class = SdkAnswer


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _TotalTimeoutAdapter(HTTPAdapter):
    """Applies the timeout to the request and its response as a whole."""

    def send(  # noqa: PLR0913, PLR0917 - as `requests` calls it
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as above
        timeout: object = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as above
        cert: str | bytes | tuple[str | bytes, str | bytes] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send the request; the `Source` of the response limits the remaining time."""
        limit = timeout if isinstance(timeout, int | float) else None
        return super().send(
            request,
            stream=stream,
            timeout=Timeout(total=limit),  # type: ignore[arg-type]  # the stubs lack it
            verify=verify,
            cert=cert,
            proxies=proxies,
        )


class PortAdapter(_TotalTimeoutAdapter):
    """Connects to TCP ports, with or without TLS, directly or through proxies."""

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001, FBT002 - as `requests` calls it
        **options: object,
    ) -> None:
        """Create the pool manager, with pools whose responses have limits."""
        super().init_poolmanager(connections, maxsize, block, **options)
        _use_limited_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: object) -> PoolManager:
        """Return the pool manager for a proxy."""
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        _use_limited_pools(manager)
        return manager


def _use_limited_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class UnixSocketAdapter(_TotalTimeoutAdapter, UnixHTTPAdapter):
    """Connects to a Unix socket, with one connection pool for all URLs.

    The SDK's own adapter has a pool for each URL, so that each inspect of another
    container would need a new connection.
    """

    def __init__(self, socket_path: str) -> None:
        """Create the pool; it connects at the first request."""
        super().__init__(socket_path)
        self._pool = _UnixPool("http+docker://localhost", socket_path)

    def get_connection(
        self,
        url: bytes | str,  # noqa: ARG002 - all lead to the one socket
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - as above
    ) -> UnixHTTPConnectionPool:
        """Return the only pool."""
        return self._pool

    def close(self) -> None:
        """Close idle connections; the others are closed after their response."""
        super().close()
        self._pool.close()


def answer_of(response: requests.Response) -> SdkAnswer:
    """Return the `SdkAnswer` that a response with an unread body wraps.

    The response of `urllib3` in between waits for the end of a body of unknown length,
    and gives no access to the socket.

    Raises:
        TypeError: The response does not wrap an `SdkAnswer`.

    """
    answer: object = getattr(response.raw, "_fp", None)
    if not isinstance(answer, SdkAnswer):
        raise TypeError(answer)
    return answer
