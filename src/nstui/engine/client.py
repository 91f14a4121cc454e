"""Requests to one endpoint, and the version of the API that they are made in."""

from __future__ import annotations

import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypedDict
from urllib.parse import quote

from nstui.engine.answer import LARGEST, LARGEST_INSPECT
from nstui.engine.decode import decode_info
from nstui.engine.errors import Call, not_docker
from nstui.engine.json import has_rounded, with_exact_numbers
from nstui.engine.reader import common_version, exact_version, reader_for
from nstui.engine.streams import EventStream, event_query, past_query
from nstui.errors import EngineUnreachable
from nstui.model.frozen import dataclass
from nstui.model.json import mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from typing import Unpack

    import requests
    from docker import APIClient

    from nstui.engine.endpoint import Endpoint
    from nstui.engine.reader import Asked
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import EngineInfo
    from nstui.ports import ContainerEvent, LogStream


ENDLESS_PATIENCE = 3600.0
"""Seconds that a container may take whose own time-out to stop is -1: for ever."""

PAST_S = 2.0
"""Seconds that an answer about the past may take to end: an engine whose clock is slow
waits for the moment that was asked for."""

AT_ONCE = 2
"""How many containers are inspected at the same time: while one answer is read here,
the engine makes the next one."""

MOST_PAST = 1000
"""More events of the past are not read. Docker keeps 256, Podman what its log has."""


@dataclass(frozen=True, slots=True)
class _Negotiated:
    """A version of the API that both sides know, and who said so."""

    version: str
    info: EngineInfo
    exact: str | None
    """The version to ask for numbers that the other one rounds, if it does."""


class _Stream(Protocol):
    """What another thread may be waiting for."""

    def close(self) -> None:
        """End it."""


class _Asked(TypedDict, total=False):
    """What a request may have besides a path."""

    method: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: Mapping[str, object]


_VERSION_PATH = "/version"


def _inspect_path(container: ContainerId) -> str:
    return f"containers/{quote(container)}/json"


class ApiClient:
    """Asks one endpoint.

    The version of the API is agreed on at the first call, and again after the engine
    could not be reached: it may come back as another version. What only reads goes
    through a reader; each change has a client of the docker SDK of its own.
    """

    def __init__(self, endpoint: Endpoint, timeout: float, patience: float) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._patience = patience
        self._reader = reader_for(endpoint, timeout)
        self._lock = threading.Lock()
        self._negotiated: _Negotiated | None = None
        self._greeting: Asked | None = None
        self._streams: set[_Stream] = set()
        self._closed = False

    def greet(self) -> None:
        """Ask who answers, without waiting; whatever is asked next reads the answer."""
        self._greeting = self._reader.ask(_VERSION_PATH)

    def info(self) -> EngineInfo:
        """Return who answers."""
        return self._negotiate().info

    def rows(self) -> tuple[Mapping[str, object], ...]:
        """Return the engine's list of all containers."""
        answer = self._read("containers/json?all=1")
        if not isinstance(answer, list):
            raise not_docker(self._call())
        return tuple(mapping(row) for row in answer)

    def inspect(
        self, container: ContainerId, asked: Asked | None = None
    ) -> Mapping[str, object]:
        """Return everything the engine knows of one container.

        Args:
            container: The container.
            asked: What has been asked of it ahead.

        """
        path = _inspect_path(container)
        found = mapping(self._read(path, container, LARGEST_INSPECT, asked=asked))
        exact = self._negotiate().exact
        if exact is None or not has_rounded(found):
            return found
        newer = self._read(path, container, LARGEST_INSPECT, version=exact)
        return with_exact_numbers(found, mapping(newer))

    @contextmanager
    def inspecting(
        self, containers: Iterable[ContainerId]
    ) -> Iterator[Callable[[ContainerId], Mapping[str, object]]]:
        """Yield `inspect`, which asks for the next containers while it reads of one.

        Args:
            containers: Those that are most likely to be inspected, in this order.

        """
        waiting = iter(containers)
        under_way: dict[ContainerId, Asked | None] = {}

        def inspect(container: ContainerId) -> Mapping[str, object]:
            version = self._negotiate().version
            for one in islice(waiting, AT_ONCE - len(under_way)):
                under_way[one] = self._reader.ask(f"/v{version}/{_inspect_path(one)}")
            return self.inspect(container, under_way.pop(container, None))

        try:
            yield inspect
        finally:
            for asked in under_way.values():
                if asked is not None:
                    self._reader.drop(asked)

    def image_id(self, image: str) -> str:
        """Return the id of the image that has a name now."""
        return text(self.image(image), "Id")

    def image(self, image: str) -> Mapping[str, object]:
        """Return everything the engine knows of the image that has a name or an id."""
        path = f"images/{quote(image, safe='/:')}/json"
        return mapping(self._read(path, most=LARGEST_INSPECT))

    def networks(self) -> frozenset[str]:
        """Return the names and the ids of all networks."""
        answer = self._read("networks")
        if not isinstance(answer, list):
            raise not_docker(self._call())
        rows = [mapping(row) for row in answer]
        return frozenset(text(row, key) for row in rows for key in ("Name", "Id"))

    def ask(self, path: str, version: str | None = None) -> object:
        """Return what the engine answers to any other question.

        Args:
            path: What is asked for, below the version of the API.
            version: Another version than the one that is spoken.

        """
        return self._read(path, version=version)

    def ask_whole(self, path: str) -> object:
        """Return what the engine answers at a path of no version of the Docker API."""
        return self._reader.get(path, self._call())

    def events(self, since_ns: int | None) -> Iterator[ContainerEvent]:
        """Ask for events; return once the engine has begun to answer."""
        path = f"/v{self._negotiate().version}/events"
        lines = self._reader.stream(path, event_query(since_ns), self._call())
        stream = EventStream(lines, self._call(), since_ns)
        self._keep(stream)
        return self._drain(stream)

    def past(self, containers: Iterable[ContainerId]) -> tuple[ContainerEvent, ...]:
        """Return what has happened to some containers, as far as it is still known."""
        path = f"/v{self._negotiate().version}/events"
        question = past_query(containers, time.time_ns())
        lines = self._reader.stream(path, question, self._call())
        stream = EventStream(lines, self._call(), None)
        self._keep(stream)
        limit = threading.Timer(PAST_S, stream.close)
        limit.daemon = True
        limit.start()
        try:
            with closing(self._drain(stream)) as events:
                return tuple(islice(events, MOST_PAST))
        finally:
            limit.cancel()

    def logs(
        self, container: ContainerId, tail: int | None, since_ns: int | None
    ) -> LogStream:
        """Ask for a log; return once the engine has begun to answer."""
        # What is seldom wanted need not be imported before: this one takes the SDK.
        from nstui.engine import logs  # noqa: PLC0415

        config = mapping(self.inspect(container).get("Config"))
        decoder = logs.LogDecoder(has_terminal=config.get("Tty") is True)
        response, client = self._ask_without_end(
            container,
            path=f"containers/{container}/logs",
            parameters=logs.log_query(tail, since_ns),
        )

        def release() -> None:
            with self._lock:
                self._streams.discard(stream)
            client.close()

        stream = logs.LogAnswer(response, decoder, release)
        self._keep(stream)
        return stream

    def upgrade(
        self, path: str, body: Mapping[str, object], container: ContainerId
    ) -> tuple[requests.Response, APIClient]:
        """Ask for a connection that both sides write to, and a client to close then.

        The body of the answer has not been read, and its socket is the connection.
        """
        return self._ask_without_end(
            container,
            method="POST",
            path=path,
            headers={"Connection": "Upgrade", "Upgrade": "tcp"},
            body=body,
        )

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
        # Most runs change nothing, and need not wait for the SDK's import.
        from nstui.engine.sdk import build_client, translated_sdk  # noqa: PLC0415

        version = self._negotiate().version
        if patience is None:
            patience = self._patience if stop_timeout >= 0 else ENDLESS_PATIENCE
        with translated_sdk(self._call(container, patience + max(stop_timeout, 0))):
            client = build_client(self._endpoint, version, patience)
            try:
                yield client
            finally:
                client.close()

    def close(self) -> None:
        """Close everything; streams end."""
        with self._lock:
            self._closed = True
            self._negotiated = None
            streams = tuple(self._streams)
            greeting, self._greeting = self._greeting, None
        for stream in streams:
            stream.close()
        if greeting is not None:
            self._reader.drop(greeting)
        self._reader.close()

    def _read(
        self,
        path: str,
        container: ContainerId | None = None,
        most: int = LARGEST,
        *,
        version: str | None = None,
        asked: Asked | None = None,
    ) -> object:
        negotiated = self._negotiate()
        call = replace(self._call(container), most=most)
        try:
            spoken = version or negotiated.version
            return self._reader.get(f"/v{spoken}/{path}", call, asked)
        except EngineUnreachable:
            with self._lock:
                if self._negotiated is negotiated:
                    self._negotiated = None
            self._reader.close()
            raise

    def _negotiate(self) -> _Negotiated:
        with self._lock:
            self._refuse_if_closed()
            if self._negotiated is not None:
                return self._negotiated
            greeting, self._greeting = self._greeting, None
        # Not under the lock, which `close` must get at once.
        negotiated = self._ask_version(greeting)
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

    def _ask_version(self, greeting: Asked | None) -> _Negotiated:
        call = replace(self._call(), most=LARGEST_INSPECT)
        answer = mapping(self._reader.get(_VERSION_PATH, call, greeting))
        version = common_version(answer, call)
        info = decode_info(answer, self._endpoint.url, self._endpoint.context)
        return _Negotiated(version, info, exact_version(answer, version))

    def _ask_without_end(
        self, container: ContainerId, *, path: str, **asked: Unpack[_Asked]
    ) -> tuple[requests.Response, APIClient]:
        """Ask for what has no end, with a client of its own, which is to be closed."""
        from nstui.engine import sdk  # noqa: PLC0415

        version, call = self._negotiate().version, self._call(container)
        question = sdk.Question(path=f"/v{version}/{path}", **asked)
        with sdk.translated_sdk(call):
            client = sdk.build_client(self._endpoint, version, self._timeout)
        answer = sdk.ask_without_end(client, question, self._timeout, call)
        return answer, client

    def _keep(self, stream: _Stream) -> None:
        """Have a stream end when the client is closed."""
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

    def _call(
        self, container: ContainerId | None = None, timeout: float | None = None
    ) -> Call:
        return Call(
            self._endpoint.label,
            timeout or self._timeout,
            container,
            is_known=self._negotiated is not None,
        )
