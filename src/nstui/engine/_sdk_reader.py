"""Reading from an engine at a port, through the docker SDK: for TLS and proxies."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from docker.constants import MINIMUM_DOCKER_API_VERSION

from nstui.engine._clients import Question, ask_without_end, build_client
from nstui.engine._errors import Call, check_status
from nstui.engine._lines import AnswerLines
from nstui.engine._parse import parse
from nstui.engine._sdk_errors import translated_sdk
from nstui.engine._transport import answer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

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

        def let_go() -> None:
            response.close()
            client.close()

        return AnswerLines(answer_of(response), call, let_go)

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
