"""The docker SDK: its clients and their connections, reading, and its errors.

They are for what changes a container, for logs and shells, and for engines at a port.
Importing the SDK takes a quarter of a whole start, and most runs need none of these.
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
from docker.errors import APIError, DockerException
from docker.tls import TLSConfig
from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnectionPool
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import InsecureRequestWarning

from nstui.engine.answer import CutOff, NoHttp, Source, connected, require_plain
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


def _refusal(problem: BaseException, call: Call) -> NstuiError | None:
    """Return what an answer with the status of an error means; None for no answer."""
    if not isinstance(problem, APIError):
        return None
    response = problem.response
    if response is None:
        return not_docker(call)
    return refusal(response.status_code, response.content, call)


_SDK = Library(
    # KeyError and TypeError: where an error's JSON is not what the SDK expects, see
    # docker.errors.create_api_error_from_http_exception.
    raises=(
        *(http.client.HTTPException, urllib3.exceptions.HTTPError),
        *(DockerException, KeyError, TypeError),
    ),
    wrappers=(requests.RequestException,),
    alike=(
        (requests.Timeout, TimeoutError),
        (http.client.IncompleteRead, CutOff),
        (http.client.HTTPException, NoHttp),
    ),
    broken=(requests.ConnectionError,),
    refusal=_refusal,
)


NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""What a socket raises that does not wait, encrypted or not."""


def translated_sdk(call: Call) -> AbstractContextManager[None]:
    """Raise only errors of `nstui.errors` for what the SDK raises."""
    return translated(call, _SDK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request whose answer has no end."""

    path: str
    """From the address of the engine on, with the version of the API."""

    method: str = "GET"
    parameters: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: Mapping[str, object] | None = None


def build_client(endpoint: Endpoint, version: str, timeout: float) -> APIClient:
    """Make a client; it connects when it is first used.

    Args:
        endpoint: Where the engine is.
        version: Of the API that the client speaks.
        timeout: How many seconds an answer may take.

    """
    client = APIClient(
        base_url=endpoint.url,
        version=version,
        timeout=timeout,  # type: ignore[arg-type]  # requests takes a float
        tls=_tls_config(endpoint.tls) if endpoint.tls else False,
    )
    # The environment's certificates (REQUESTS_CA_BUNDLE) would win over those of
    # the endpoint, and a netrc would add a password.
    client.trust_env = False
    client.headers["Accept-Encoding"] = "identity"
    if endpoint.socket_path is not None:
        client.mount("http+docker://", UnixSocketAdapter(endpoint.socket_path))
    else:
        for scheme in ("http://", "https://"):
            client.mount(scheme, PortAdapter())
        client.proxies = get_environ_proxies(client.base_url)
    return client


def ask_without_end(
    client: APIClient, question: Question, timeout: float, call: Call
) -> requests.Response:
    """Ask for what has no end; return once an answer begins, and close it some time.

    The SDK's own calls wait without limit for an answer to begin, and take an error for
    the end of the stream.

    Args:
        client: Closed if there is no answer.
        question: What is asked.
        timeout: How many seconds an answer may take to begin.
        call: What it is called when it fails.

    """
    try:
        with translated_sdk(call):
            response = client.request(
                question.method,
                f"{client.base_url}{question.path}",
                params=question.parameters,
                headers=question.headers,
                json=question.body,
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
        # It was asked for; the warning would be written across the screen.
        warnings.simplefilter("ignore", InsecureRequestWarning)
    client_cert = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=client_cert, ca_cert=tls.ca, verify=tls.verify)


class SdkReader:
    """Implements `nstui.engine.reader.Reader`."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._lock = threading.Lock()
        self._client: APIClient | None = None

    def ask(self, path: str) -> None:
        """Ask nothing that is not waited for."""

    def drop(self, asked: object) -> None:
        """Do nothing: nothing has been asked."""

    def get(self, path: str, call: Call, asked: object = None) -> object:  # noqa: ARG002 - as `Reader`
        """Return the JSON that is at a path."""
        with translated_sdk(call):
            client = self._opened()
            url = f"{client.base_url}{path}"
            with client.get(url, timeout=self._timeout, stream=True) as response:
                answer_of(response).source.most = call.most
                status, body = response.status_code, response.content
        check_status(status, body, call)
        return parse(body, call)

    def stream(
        self, path: str, parameters: Mapping[str, str], call: Call
    ) -> AnswerLines:
        """Ask for lines that come now and then; return once an answer begins."""
        client = self._build()
        question = Question(path=path, parameters=parameters)
        response = ask_without_end(client, question, self._timeout, call)

        def release() -> None:
            response.close()
            client.close()

        return AnswerLines(answer_of(response), call, release)

    def close(self) -> None:
        """Close connections that are not in use."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _opened(self) -> APIClient:
        with self._lock:
            if self._client is None:
                self._client = self._build()
            return self._client

    def _build(self) -> APIClient:
        # Each path names the version of the API itself.
        return build_client(self._endpoint, MINIMUM_DOCKER_API_VERSION, self._timeout)


class SdkAnswer(http.client.HTTPResponse):
    """An answer with the limits of `nstui.engine.answer`, as the SDK reads it."""

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        """Take over a socket of which nothing has been read since the question."""
        self.source = Source(sock)
        # All that is asked of the socket there is a file to read.
        super().__init__(self.source, debuglevel, method, url)  # type: ignore[arg-type]  # as above

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        require_plain(self.status, self.getheader("Content-Encoding", "identity"))

    def arrivals(self, size: int) -> Iterator[bytes]:
        """Yield the body as it comes, in pieces of at most some bytes."""
        try:
            while piece := self.read1(size):
                yield piece
        except http.client.HTTPException as problem:
            raise CutOff("the connection ended in an answer") from problem


class _Connection(HTTPConnection):
    response_class = SdkAnswer

    def __init__(self, socket_path: str) -> None:
        super().__init__("localhost")
        self._socket_path = socket_path

    def connect(self) -> None:
        self.sock = connected(self._socket_path, self.timeout)


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> _Connection:
        return _Connection(self.socket_path)


class _PlainConnection(HTTPConnection):
    response_class = SdkAnswer


class _TlsConnection(HTTPSConnection):
    response_class = SdkAnswer


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


def answer_of(response: requests.Response) -> SdkAnswer:
    """Return the answer below a response of the SDK with an unread body.

    What `urllib3` makes of it waits, where nothing says how long the answer is, for its
    end, and has no way to the socket.
    """
    answer: object = getattr(response.raw, "_fp", None)
    if not isinstance(answer, SdkAnswer):
        raise TypeError(answer)
    return answer
