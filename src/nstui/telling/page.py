"""Serves metrics as a page, in threads of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING

from prometheus_client.exposition import choose_encoder

from nstui.analysis.text import printable
from nstui.errors import InternalFault
from nstui.telling.target import PageAddress

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from prometheus_client import CollectorRegistry

LONGEST_RETRY_S = 60.0
PATIENCE_S = 10.0
"""How long a reader may take for a request, and for each part of the answer."""

MOST_READERS = 8
CLOSING_S = 0.4
PATHS = frozenset({"/", "/metrics"})


class _Handler(BaseHTTPRequestHandler):
    """Answers one reader."""

    server: _Server
    server_version = "nstui"
    sys_version = ""

    def setup(self) -> None:
        """Limit how long the reader may take."""
        self.request.settimeout(PATIENCE_S)
        super().setup()

    def do_GET(self) -> None:
        """Answer with the metrics."""
        if self.path.partition("?")[0] not in PATHS:
            self.send_error(HTTPStatus.NOT_FOUND, explain="the page is /metrics")
            return
        try:
            encode, kind = choose_encoder(self.headers.get("Accept", ""))
            content = encode(self.server.registry)
        except Exception as error:  # noqa: BLE001 - no exception ends a thread in silence
            self.server.on_fault(str(InternalFault.of(error)))
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


class _Server(ThreadingMixIn, TCPServer):
    """Listens; answers a few readers at once, and closes on more."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(
        self,
        address: PageAddress,
        registry: CollectorRegistry,
        on_fault: Callable[[str], None],
    ) -> None:
        """Bind the address and listen."""
        self.registry = registry
        self.on_fault = on_fault
        self._places = threading.BoundedSemaphore(MOST_READERS)
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        # Of the two addresses of localhost, the one that most mean.
        found.sort(key=lambda one: one[0] is not socket.AF_INET)
        self.address_family, _, _, _, place = found[0]
        super().__init__((str(place[0]), int(place[1])), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's types
        """Answer in a thread of its own."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's types
        """Answer, and make room for another."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's types
        """Say nothing: a reader went away."""


class Page:
    """A page with the metrics of a registry."""

    def __init__(
        self,
        address: PageAddress,
        registry: CollectorRegistry,
        problem: Callable[[str], None],
        *,
        retry_s: float,
    ) -> None:
        """Begin to listen.

        Args:
            address: Where.
            registry: What is shown.
            problem: Is told, once, that it cannot listen there; called in this thread.
            retry_s: After how many seconds it is tried again, first.

        """
        self._address = address
        self._registry = registry
        self._problem = problem
        self._retry_s = retry_s
        self._closing = threading.Event()
        self._listening = threading.Event()
        self._server: _Server | None = None
        self._thread = threading.Thread(
            target=self._run, name="metrics page", daemon=True
        )
        self._thread.start()

    def wait(self, seconds: float) -> PageAddress | None:
        """Wait until it listens, and return where; None if it does not by then."""
        self._listening.wait(seconds)
        if self._server is None:
            return None
        host, port = self._server.server_address[:2]
        return PageAddress(host=str(host), port=int(port))

    def wake(self) -> None:
        """Do nothing: it is read when it is asked for."""

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        if self._server is not None:
            # Ends a blocked accept, without a look at a flag twice a second.
            with suppress(OSError):
                self._server.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(CLOSING_S)

    def _run(self) -> None:
        server = self._listen()
        if server is None:
            return
        with server:
            self._server = server
            self._listening.set()
            while not self._closing.is_set():
                try:
                    server.handle_request()
                except Exception as error:  # noqa: BLE001 - no exception ends a thread in silence
                    self._problem(str(InternalFault.of(error)))
                    self._closing.wait(self._retry_s)

    def _listen(self) -> _Server | None:
        """Return what listens, as soon as that is possible; None if it was closed."""
        wait_s, has_failed = self._retry_s, False
        while not self._closing.is_set():
            try:
                return _Server(self._address, self._registry, self._problem)
            except (OSError, OverflowError, UnicodeError) as error:
                if not has_failed:
                    where, why = str(self._address), _reason(error)
                    self._problem(
                        f"the metrics cannot be served at {printable(where)}: "
                        f"{printable(why)}; it is tried again"
                    )
            has_failed = True
            self._closing.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_RETRY_S)
        return None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
