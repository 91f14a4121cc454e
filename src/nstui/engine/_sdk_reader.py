"""Reading from an engine at a port, through the docker SDK: for TLS and proxies."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import requests
from docker.constants import MINIMUM_DOCKER_API_VERSION

from nstui.engine._clients import Question, ask_without_end, build_client
from nstui.engine._errors import Call, check_status
from nstui.engine._sdk_errors import translated_sdk
from nstui.engine._transport import socket_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker import APIClient

    from nstui.engine.endpoint import Endpoint


class SdkReader:
    """Implements `_reader.Reader`."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._lock = threading.Lock()
        self._client: APIClient | None = None

    def get(self, path: str, call: Call) -> object:
        """Return the JSON that is at a path."""
        with translated_sdk(call):
            client = self._opened()
            response = client.get(f"{client.base_url}{path}", timeout=self._timeout)
            check_status(response.status_code, response.content, call)
            answer: object = response.json()
            return answer

    def stream(self, path: str, parameters: Mapping[str, str], call: Call) -> SdkLines:
        """Ask for lines that come now and then; return once an answer begins."""
        client = self._build()
        question = Question(path=path, parameters=parameters)
        return SdkLines(client, ask_without_end(client, question, self._timeout, call))

    def close(self) -> None:
        """Let go of connections that are not in use."""
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


class SdkLines:
    """Implements `_events.Lines`."""

    def __init__(self, client: APIClient, response: requests.Response) -> None:
        """Take over an answer whose body has not been read.

        Until here the time limit of a call held; a quiet host may be silent for ever.
        """
        self._client = client
        self._response = response
        self._socket = socket_of(response)
        self._socket.settimeout(None)

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines until the other side or `end` ends them."""
        with suppress(requests.RequestException, OSError):
            yield from self._response.iter_lines(chunk_size=None)

    def end(self) -> None:
        """End the lines, also while another thread waits for the next one."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()
        self._client.close()
