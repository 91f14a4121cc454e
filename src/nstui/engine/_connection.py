"""Asks one endpoint, with a client of the docker SDK for each concern."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from docker.constants import MINIMUM_DOCKER_API_VERSION

from nstui.engine import _events, _logs
from nstui.engine._clients import build_client, common_version
from nstui.engine._decode import decode_info
from nstui.engine._errors import Call, check_status, not_docker, translated
from nstui.engine._events import EventStream
from nstui.engine._json import mapping, text
from nstui.engine._logs import LogAnswer, LogDecoder
from nstui.errors import EngineUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests
    from docker import APIClient

    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import EngineInfo
    from nstui.ports import ContainerEvent, LogStream

ENDLESS_PATIENCE = 3600.0
"""Seconds that a container may take whose own time-out to stop is -1: for ever."""


@dataclass(frozen=True, slots=True)
class _Negotiated:
    """A client that speaks a version of the API which the engine knows."""

    client: APIClient
    info: EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A request whose answer has no end."""

    path: str
    method: str = "GET"
    parameters: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: Mapping[str, object] | None = None


class _Stream(Protocol):
    """What another thread may be waiting for."""

    def close(self) -> None:
        """End it."""


class Connection:
    """Asks one endpoint; each concern has a client of its own.

    The version of the API is agreed on at the first call, and again after the engine
    could not be reached: it may come back as another version.
    """

    def __init__(self, endpoint: Endpoint, timeout: float, patience: float) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._patience = patience
        self._lock = threading.Lock()
        self._negotiated: _Negotiated | None = None
        self._streams: set[_Stream] = set()
        self._closed = False

    def info(self) -> EngineInfo:
        """Return who answers."""
        return self._negotiate().info

    def rows(self) -> tuple[Mapping[str, object], ...]:
        """Return the engine's list of all containers."""
        with self._reading() as client:
            answer: object = client.containers(all=True)
        if not isinstance(answer, list):
            raise not_docker(self._call())
        return tuple(mapping(row) for row in answer)

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return everything the engine knows of one container."""
        with self._reading(container) as client:
            answer: object = client.inspect_container(container)
        return mapping(answer)

    def image_id(self, image: str) -> str:
        """Return the id of the image that has a name now."""
        with self._reading() as client:
            answer: object = client.inspect_image(image)  # type: ignore[no-untyped-call]  # the stubs lack it
        return text(mapping(answer), "Id")

    def events(self, since_ns: int | None) -> Iterator[ContainerEvent]:
        """Ask for events; return once the engine has begun to answer."""
        call = self._call()
        question = _Question(path="events", parameters=_events.query(since_ns))
        response, client = self._ask_for_stream(question, call)
        stream = EventStream(response, call, since_ns)
        self._keep(stream)
        return self._drain(stream, client)

    def logs(
        self, container: ContainerId, tail: int | None, since_ns: int | None
    ) -> LogStream:
        """Ask for a log; return once the engine has begun to answer."""
        config = mapping(self.inspect(container).get("Config"))
        decoder = LogDecoder(has_terminal=config.get("Tty") is True)
        question = _Question(
            path=f"containers/{container}/logs",
            parameters=_logs.query(tail, since_ns),
        )
        response, client = self._ask_for_stream(question, self._call(container))

        def let_go() -> None:
            with self._lock:
                self._streams.discard(stream)
            client.close()

        stream = LogAnswer(response, decoder, let_go)
        self._keep(stream)
        return stream

    def upgrade(
        self, path: str, body: Mapping[str, object], container: ContainerId
    ) -> tuple[requests.Response, APIClient]:
        """Ask for a connection that both sides write to, and a client to close then.

        The body of the answer has not been read, and its socket is the connection.
        """
        question = _Question(
            method="POST",
            path=path,
            headers={"Connection": "Upgrade", "Upgrade": "tcp"},
            body=body,
        )
        return self._ask_for_stream(question, self._call(container))

    @contextmanager
    def acting(
        self,
        container: ContainerId | None,
        stop_timeout: int = 0,
        patience: float | None = None,
    ) -> Iterator[APIClient]:
        """Yield a client for one change of a container.

        Args:
            container: What is changed; None for one that is made.
            stop_timeout: Seconds that the container has to stop, which the SDK adds
                to the client's time limit.
            patience: That time limit in seconds; None: the usual one.

        """
        version = self._negotiate().client.api_version
        if patience is None:
            patience = self._patience if stop_timeout >= 0 else ENDLESS_PATIENCE
        client = self._build(version, patience)
        try:
            with translated(self._call(container, patience + max(stop_timeout, 0))):
                yield client
        finally:
            client.close()

    def close(self) -> None:
        """Let go of everything; streams end."""
        with self._lock:
            self._closed = True
            negotiated, self._negotiated = self._negotiated, None
            streams = tuple(self._streams)
        for stream in streams:
            stream.close()
        if negotiated is not None:
            negotiated.client.close()

    @contextmanager
    def _reading(self, container: ContainerId | None = None) -> Iterator[APIClient]:
        negotiated = self._negotiate()
        try:
            with translated(self._call(container)):
                yield negotiated.client
        except EngineUnreachable:
            with self._lock:
                if self._negotiated is negotiated:
                    self._negotiated = None
            negotiated.client.close()
            raise

    def _negotiate(self) -> _Negotiated:
        with self._lock:
            self._refuse_if_closed()
            if self._negotiated is not None:
                return self._negotiated
        # Not under the lock, which `close` must get at once.
        negotiated = self._ask_version()
        with self._lock:
            self._refuse_if_closed()
            if self._negotiated is None:
                self._negotiated = negotiated
            return self._negotiated

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise EngineUnreachable(
                f"the connection to {self._endpoint.label} has been closed"
            )

    def _ask_version(self) -> _Negotiated:
        """Ask as the oldest client, which every engine answers."""
        client = self._build(MINIMUM_DOCKER_API_VERSION, self._timeout)
        try:
            with translated(self._call()):
                answer = mapping(client.version(api_version=False))
                version = common_version(answer)
        finally:
            client.close()
        if version is None:
            raise not_docker(self._call())
        info = decode_info(answer, self._endpoint.url, self._endpoint.context)
        return _Negotiated(self._build(version, self._timeout), info)

    def _build(self, version: str, timeout: float) -> APIClient:
        with translated(self._call()):
            return build_client(self._endpoint, version, timeout)

    def _ask_for_stream(
        self,
        question: _Question,
        call: Call,
    ) -> tuple[requests.Response, APIClient]:
        """Ask for what has no end, with a client of its own."""
        client = self._build(self._negotiate().client.api_version, self._timeout)
        try:
            with translated(call):
                # The SDK's own call waits without limit for an answer to begin, and
                # takes an error for the end of the stream.
                response = client.request(
                    question.method,
                    f"{client.base_url}/v{client.api_version}/{question.path}",
                    params=question.parameters,
                    headers=question.headers,
                    json=question.body,
                    stream=True,
                    timeout=self._timeout,
                )
                check_status(response, call)
        except BaseException:
            client.close()
            raise
        return response, client

    def _keep(self, stream: _Stream) -> None:
        """Have a stream end when everything is let go of."""
        with self._lock:
            self._streams.add(stream)
            if self._closed:
                stream.close()

    def _drain(
        self, stream: EventStream, client: APIClient
    ) -> Iterator[ContainerEvent]:
        try:
            yield from stream
        finally:
            with self._lock:
                self._streams.discard(stream)
            client.close()

    def _call(
        self, container: ContainerId | None = None, timeout: float | None = None
    ) -> Call:
        return Call(self._endpoint.label, timeout or self._timeout, container)
