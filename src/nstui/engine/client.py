"""Sends requests to one endpoint: reads containers, follows streams, changes things."""

from __future__ import annotations

import threading
import time
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypedDict
from urllib.parse import quote

from nstui.engine.answer import MAX_INSPECT_BYTES
from nstui.engine.errors import not_docker
from nstui.engine.json import has_rounded, with_exact_numbers
from nstui.engine.versioned import VersionedReader
from nstui.model.json import mapping, objects, text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from typing import Unpack

    import requests
    from docker import APIClient

    from nstui.engine.endpoint import Endpoint
    from nstui.engine.reader import Asked
    from nstui.engine.streams import EventStream, Report
    from nstui.model.container import ContainerEvent, ContainerId
    from nstui.ports import LogStream


UNLIMITED_STOP_TIMEOUT_S = 3600.0
"""Timeout in seconds for stopping a container whose stop timeout is -1 (unlimited)."""

PAST_EVENTS_TIMEOUT_S = 2.0
"""Time limit in seconds for reading past events: an engine whose clock is behind waits
until it reaches the requested end time."""

MAX_PARALLEL_INSPECTS = 6
"""Maximum number of simultaneous inspect requests: while one response is read here, the
engine prepares the next ones. Of an ssh connection that leaves room for others where
each one is a session."""

MAX_PAST_EVENTS = 1000
"""Maximum number of past events to read. Docker keeps 256, Podman what its log has."""


class _Stream(Protocol):
    """A stream that another thread may be waiting for."""

    def close(self) -> None:
        """End the stream."""


class _RequestOptions(TypedDict, total=False):
    """Optional parts of a request; the path is always given."""

    method: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: Mapping[str, object]


def _inspect_path(container: ContainerId) -> str:
    return f"containers/{quote(container)}/json"


class ApiClient(VersionedReader):
    """Client for the API of the engine at one endpoint.

    Each change uses its own client of the docker SDK.
    """

    def __init__(self, endpoint: Endpoint, timeout: float, patience: float) -> None:
        super().__init__(endpoint, timeout)
        self._patience = patience
        self._streams: set[_Stream] = set()

    def rows(self) -> tuple[Mapping[str, object], ...]:
        """Return the engine's list of all containers, including stopped ones."""
        answer = self._read_list()
        if not isinstance(answer, list):
            raise not_docker(self._call())
        return tuple(mapping(row) for row in answer)

    def inspect(
        self, container: ContainerId, asked: Asked | None = None
    ) -> Mapping[str, object]:
        """Return the engine's inspect of one container.

        Args:
            container: Id of the container.
            asked: An inspect request for it that has already been sent; None if there
                is none.

        """
        path = _inspect_path(container)
        found = mapping(self._read(path, container, MAX_INSPECT_BYTES, asked=asked))
        exact = self._speak().exact
        if exact is None or not has_rounded(found):
            return found
        newer = self._read(path, container, MAX_INSPECT_BYTES, version=exact)
        return with_exact_numbers(found, mapping(newer))

    @contextmanager
    def inspecting(
        self, containers: Iterable[ContainerId]
    ) -> Iterator[Callable[[ContainerId], Mapping[str, object]]]:
        """Yield a function like `inspect` that sends the next requests ahead.

        Args:
            containers: The containers that will probably be inspected, in this order.

        """
        remaining = iter(containers)
        pending: dict[ContainerId, Asked | None] = {}

        def inspect(container: ContainerId) -> Mapping[str, object]:
            version = self._speak().version
            for one in islice(remaining, MAX_PARALLEL_INSPECTS - len(pending)):
                pending[one] = self._reader.ask(f"/v{version}/{_inspect_path(one)}")
            return self.inspect(container, pending.pop(container, None))

        try:
            yield inspect
        finally:
            for asked in pending.values():
                if asked is not None:
                    self._reader.drop(asked)

    def image_id(self, image: str) -> str:
        """Return the id of the image that an image name refers to now."""
        return text(self.image(image), "Id")

    def image(self, image: str) -> Mapping[str, object]:
        """Return the engine's inspect of an image, given by name or id."""
        path = f"images/{quote(image, safe='/:')}/json"
        return mapping(self._read(path, max_bytes=MAX_INSPECT_BYTES))

    def networks(self) -> frozenset[str]:
        """Return the names and the ids of all networks."""
        answer = self._read("networks")
        if not isinstance(answer, list):
            raise not_docker(self._call())
        rows = [mapping(row) for row in answer]
        return frozenset(text(row, key) for row in rows for key in ("Name", "Id"))

    def volumes(self) -> frozenset[str]:
        """Return the names of all volumes."""
        answer = mapping(self._read("volumes"))
        if "Volumes" not in answer:
            raise not_docker(self._call())
        return frozenset(text(row, "Name") for row in objects(answer, "Volumes"))

    def ask(self, path: str, version: str | None = None) -> object:
        """Return the JSON document at any other path of the API.

        Args:
            path: Path of the resource, without the API version.
            version: API version to use; None means the negotiated one.

        """
        return self._read(path, version=version)

    def ask_whole(self, path: str) -> object:
        """Return the JSON document at a path outside the versioned Docker API."""
        return self._reader.get(path, self._call())

    def events(self, since_ns: int | None) -> Iterator[ContainerEvent]:
        """Request events; return once the engine has begun to respond.

        They start at *since_ns* (nanoseconds since the Unix epoch), or now if None.
        """
        from nstui.engine.streams import EventStream, event_query  # noqa: PLC0415

        path = f"/v{self._speak().version}/events"
        lines = self._reader.stream(path, event_query(since_ns), self._call())
        # An earlier stream ends with the engine that it came from.
        self._forget_machine()
        stream = EventStream(lines, self._call(), since_ns)
        self._register(stream)
        return self._drain(stream)

    def past_events(
        self, containers: Iterable[ContainerId]
    ) -> tuple[ContainerEvent, ...]:
        """Return past events of some containers, as far as the engine kept them."""
        from nstui.engine.streams import EventStream, past_query  # noqa: PLC0415

        path = f"/v{self._speak().version}/events"
        parameters = past_query(containers, time.time_ns())
        lines = self._reader.stream(path, parameters, self._call())
        stream = EventStream(lines, self._call(), None)
        self._register(stream)
        limit = threading.Timer(PAST_EVENTS_TIMEOUT_S, stream.close)
        limit.daemon = True
        limit.start()
        try:
            with closing(self._drain(stream)) as events:
                return tuple(islice(events, MAX_PAST_EVENTS))
        finally:
            limit.cancel()

    def logs(
        self, container: ContainerId, tail: int | None, since_ns: int | None
    ) -> LogStream:
        """Request and follow a log; return once the engine has begun to respond."""
        # Imported here because it imports the SDK, and logs are rarely requested.
        from nstui.engine import logs  # noqa: PLC0415

        config = mapping(self.inspect(container).get("Config"))
        decoder = logs.LogDecoder(has_terminal=config.get("Tty") is True)
        response, client = self._open_stream(
            container,
            path=f"containers/{container}/logs",
            parameters=logs.log_query(tail, since_ns),
        )

        def release() -> None:
            with self._lock:
                self._streams.discard(stream)
            client.close()

        stream = logs.LogAnswer(response, decoder, release)
        self._register(stream)
        return stream

    def upgrade(
        self, path: str, body: Mapping[str, object], container: ContainerId
    ) -> tuple[requests.Response, APIClient]:
        """Request a bidirectional connection; return the response and its client.

        The body of the response has not been read, and its socket is the connection.
        The caller must close the client after use.
        """
        return self._open_stream(
            container,
            method="POST",
            path=path,
            headers={"Connection": "Upgrade", "Upgrade": "tcp"},
            body=body,
        )

    @contextmanager
    def reporting(
        self,
        path: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        silence_s: float,
    ) -> Iterator[Report]:
        """Request a long task and yield the engine's report; leaving ends the task.

        Args:
            path: Path of the task, without the API version.
            parameters: The query.
            headers: Additional headers.
            silence_s: Maximum time in seconds without a word from the engine.

        """
        from nstui.engine.sdk import answer_of  # noqa: PLC0415
        from nstui.engine.streams import Report  # noqa: PLC0415

        response, client = self._open_stream(
            None,
            silence_s,
            method="POST",
            path=path,
            parameters=parameters,
            headers=headers,
        )
        report = Report(answer_of(response), self._call(timeout=silence_s))
        self._register(report)
        try:
            yield report
        finally:
            with self._lock:
                self._streams.discard(report)
            report.close()
            response.close()
            client.close()

    @contextmanager
    def acting(
        self,
        container: ContainerId | None,
        stop_timeout: int = 0,
        patience: float | None = None,
    ) -> Iterator[APIClient]:
        """Yield an SDK client for one change of a container.

        Args:
            container: The container that is changed; None if one is created.
            stop_timeout: Seconds that the container has to stop. The SDK adds them to
                the timeout of the client. A negative number means no limit.
            patience: Timeout of the client in seconds; None means the default.

        """
        # Imported here because most runs change nothing, and the import is slow.
        from nstui.engine.sdk import build_client, translated_sdk  # noqa: PLC0415

        version = self._speak().version
        if patience is None:
            patience = self._patience if stop_timeout >= 0 else UNLIMITED_STOP_TIMEOUT_S
        with translated_sdk(self._call(container, patience + max(stop_timeout, 0))):
            client = build_client(self._endpoint, version, patience)
            try:
                yield client
            finally:
                client.close()

    def close(self) -> None:
        """Close all connections and end all streams; later calls fail."""
        with self._lock:
            self._closed = True
            streams = tuple(self._streams)
        for stream in streams:
            stream.close()
        super().close()

    def _open_stream(
        self,
        container: ContainerId | None,
        timeout: float | None = None,
        *,
        path: str,
        **options: Unpack[_RequestOptions],
    ) -> tuple[requests.Response, APIClient]:
        """Request a stream with a client of its own, which the caller must close."""
        from nstui.engine import sdk  # noqa: PLC0415

        version, call = (
            self._speak().version,
            self._call(container, timeout),
        )
        request = sdk.StreamRequest(path=f"/v{version}/{path}", **options)
        with sdk.translated_sdk(call):
            client = sdk.build_client(self._endpoint, version, call.timeout)
        answer = sdk.open_stream(client, request, call.timeout, call)
        return answer, client

    def _register(self, stream: _Stream) -> None:
        """Register a stream, so that `close` ends it; end it now if already closed."""
        with self._lock:
            self._streams.add(stream)
            if self._closed:
                stream.close()

    def _drain(self, stream: EventStream) -> Generator[ContainerEvent]:
        try:
            yield from stream
        finally:
            with self._lock:
                self._streams.discard(stream)
