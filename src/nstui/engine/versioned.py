"""Negotiates the API version with one engine, and reads from it in that version."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from nstui.engine.answer import MAX_ANSWER_BYTES, MAX_INSPECT_BYTES
from nstui.engine.decode import decode_info, decode_machine
from nstui.engine.errors import Call
from nstui.engine.reader import (
    common_version,
    exact_version,
    is_spoken,
    reader_for,
)
from nstui.errors import EngineRefused, EngineUnreachable, NstuiError
from nstui.model.frozen import dataclass
from nstui.model.json import mapping, text
from nstui.model.snapshot import EngineMachine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.engine.endpoint import Endpoint
    from nstui.engine.reader import Asked, Reader
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import EngineInfo

_VERSION_PATH = "/version"
_MACHINE_PATH = "info"
LIST_PATH = "containers/json?all=1"

MAX_LIST_AGE_S = 0.5
"""Maximum age of a list that was requested ahead, in seconds."""

MAX_FAR_LIST_AGE_S = 2.0
"""The same for one that was requested from far away: its answer is younger than the
request."""

MACHINE_S = 1.0
"""For how many seconds a look waits to be told of the engine's machine."""


@dataclass(frozen=True, slots=True)
class _Spoken:
    """How an engine is spoken to."""

    version: str
    """The API version that is used for requests."""

    exact: str | None
    """The API version to request for numbers that *version* rounds; None if none is
    needed or available."""

    is_newest: bool
    """Whether *version* is the one that the engine speaks if none is named."""


@dataclass(frozen=True, slots=True)
class _Negotiated:
    """Result of the version negotiation with an engine."""

    spoken: _Spoken
    info: EngineInfo


class _Ahead:
    """At most one request that is sent before its answer is needed.

    Several threads may use it: only one of them gets the request.
    """

    def __init__(self, reader: Reader) -> None:
        """Begin without a request."""
        self._reader = reader
        self._lock = threading.Lock()
        self._asked: Asked | None = None

    @property
    def is_sent(self) -> bool:
        """Whether there is a request."""
        return self._asked is not None

    def is_answered(self) -> bool:
        """Tell whether there is a request that is answered."""
        asked = self._asked
        return asked is not None and asked.is_answered()

    def send(self, path: str) -> None:
        """Send a request without waiting, if that is possible."""
        self._asked = self._reader.ask(path)

    def put_back(self, asked: Asked) -> None:
        """Keep a request that was taken and is not answered yet."""
        self._asked = asked

    def take(self, max_age_s: float | None = None) -> Asked | None:
        """Return the request to whoever reads the answer.

        Args:
            max_age_s: The age in seconds above which it is dropped instead; None for
                any.

        """
        with self._lock:
            asked, self._asked = self._asked, None
        if asked is None or max_age_s is None or asked.age_s <= max_age_s:
            return asked
        self._reader.drop(asked)
        return None

    def drop(self) -> None:
        """Abandon the request, if there is one."""
        asked = self.take()
        if asked is not None:
            self._reader.drop(asked)


class VersionedReader:
    """Reads from one engine, in an API version that both speak.

    It is negotiated at the first call, and again after the engine was unreachable,
    because it may come back with another version. The requests go through a `Reader`.
    """

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        """Take the endpoint and the limit in seconds for one answer."""
        self._reader = reader_for(endpoint, timeout)
        self._endpoint = endpoint
        self._timeout = timeout
        self._is_far = endpoint.via is not None
        self._lock = threading.Lock()
        self._spoken: _Spoken | None = None
        self._negotiated: _Negotiated | None = None
        self._greeting = _Ahead(self._reader)
        self._list = _Ahead(self._reader)
        self._early = _Ahead(self._reader)
        """The list, in the engine's own version."""

        self._closed = False
        self._machine: EngineMachine | None = None
        self._machine_asked = _Ahead(self._reader)

    def greet(self, *, with_list: bool = False) -> None:
        """Send the version request without waiting; the next call reads the answer.

        Args:
            with_list: Whether to request the list at the same time, before the version
                is known: in the engine's own one.

        """
        self._greeting.send(_VERSION_PATH)
        if with_list:
            self._early.send(f"/{LIST_PATH}")

    def list_ahead(self) -> None:
        """Request the list without waiting, if the engine has answered `greet`.

        Then the next call of `rows` reads the answer, if it is made soon.
        """
        if self._early.is_sent or not self._greeting.is_answered():
            return
        # What is wrong is reported to the call that needs the engine.
        with suppress(NstuiError):
            version = self._speak().version
            self._list.send(f"/v{version}/{LIST_PATH}")

    def info(self) -> EngineInfo:
        """Return information about the engine."""
        return self._negotiate().info

    def machine(self) -> EngineMachine:
        """Return what the engine has said of its machine; nothing before it says that.

        Some engines take long for it, and proxies in front of one refuse it. It is
        asked again after the connection was lost: then it may be another engine.
        """
        if self._machine is None:
            # Where nobody answers, nobody has refused to tell.
            with suppress(NstuiError):
                self._negotiate()
                try:
                    self._machine = self._ask_machine()
                except NstuiError:
                    self._machine = EngineMachine()
        return self._machine or EngineMachine()

    def _ask_machine(self) -> EngineMachine | None:
        """Return what the engine says of its machine; None if it has not answered."""
        asked = self._machine_asked.take()
        limit_s = 0.0
        if asked is None:
            limit_s = MACHINE_S
            asked = self._reader.ask(f"/v{self._speak().version}/{_MACHINE_PATH}")
        if asked is not None and not asked.is_answered(limit_s):
            self._machine_asked.put_back(asked)
            return None
        answer = mapping(self._read(_MACHINE_PATH, asked=asked))
        return decode_machine(answer, is_podman=self.info().is_podman)

    def _forget_machine(self) -> None:
        """Forget what the engine has said of its machine."""
        self._machine = None
        self._machine_asked.drop()

    def _read_list(self) -> object:
        """Return the answer to the list of all containers."""
        answer = self._read_early()
        if answer is not None:
            return answer
        # What has to be waited for makes the list that was requested ahead older.
        self._speak()
        asked = self._list.take(self._max_list_age_s)
        return self._read(LIST_PATH, asked=asked)

    @property
    def _max_list_age_s(self) -> float:
        """Up to which age in seconds a list that was requested ahead is of use."""
        return MAX_FAR_LIST_AGE_S if self._is_far else MAX_LIST_AGE_S

    def _read(
        self,
        path: str,
        container: ContainerId | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
        *,
        version: str | None = None,
        asked: Asked | None = None,
    ) -> object:
        """Return the JSON document at a path.

        Args:
            path: Path and query of the resource, without the API version.
            container: The container that it is about, if any.
            max_bytes: Maximum size of the answer.
            version: API version to use; None means the negotiated one.
            asked: The request, if it has been sent already.

        """
        spoken = self._speak()
        call = self._call(container, max_bytes=max_bytes)
        try:
            prefix = f"/v{version or spoken.version}"
            return self._reader.get(f"{prefix}/{path}", call, asked)
        except EngineUnreachable:
            self._lose(spoken)
            raise

    def _lose(self, spoken: _Spoken | None) -> None:
        """Forget how an engine was spoken to that is unreachable now."""
        with self._lock:
            if self._spoken is spoken:
                self._spoken = self._negotiated = None
                self._greeting.drop()
        self._reader.close()

    def _speak(self) -> _Spoken:
        """Return how the engine is spoken to; ask it if that is not known."""
        with self._lock:
            self._refuse_if_closed()
            if self._spoken is not None:
                return self._spoken
        return self._negotiate().spoken

    def _negotiate(self) -> _Negotiated:
        with self._lock:
            self._refuse_if_closed()
            if self._negotiated is not None:
                return self._negotiated
            greeting = self._greeting.take()
        # The request is made without the lock, so that `close` never waits for it.
        try:
            negotiated = self._ask_version(greeting)
        except EngineUnreachable:
            # What the list has named may be the version of an engine before this one.
            self._lose(self._spoken)
            self._forget_machine()
            raise
        with self._lock:
            self._refuse_if_closed()
            if self._negotiated is None:
                self._negotiated, self._spoken = negotiated, negotiated.spoken
            return self._negotiated

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise EngineUnreachable(
                f"the connection to {self._endpoint.label} has been closed"
            )

    def _ask_version(self, greeting: Asked | None) -> _Negotiated:
        call = self._call(max_bytes=MAX_INSPECT_BYTES, is_known=False)
        with self._hinting():
            answer = mapping(self._reader.get(_VERSION_PATH, call, greeting))
        version = common_version(answer, call)
        info = decode_info(answer, self._endpoint.url, self._endpoint.context)
        is_newest = version == text(answer, "ApiVersion")
        spoken = _Spoken(version, exact_version(answer, version), is_newest)
        return _Negotiated(spoken, info)

    @contextmanager
    def _hinting(self) -> Iterator[None]:
        """Say of an engine that was not reached why this one was asked."""
        try:
            yield
        except EngineUnreachable as problem:
            if not self._endpoint.instead:
                raise
            message = f"{problem} ({self._endpoint.instead})"
            raise EngineUnreachable(message, problem.reason) from problem

    def _call(
        self,
        container: ContainerId | None = None,
        timeout: float | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
        *,
        is_known: bool | None = None,
    ) -> Call:
        """Return the description of a request, for its errors."""
        if is_known is None:
            is_known = self._spoken is not None
        return Call(
            self._endpoint.label,
            timeout or self._timeout,
            container,
            is_known=is_known,
            max_bytes=max_bytes,
            why=None if self._endpoint.via is None else self._endpoint.via.problem,
        )

    def close(self) -> None:
        """Close all connections; later calls fail."""
        with self._lock:
            self._closed = True
            self._spoken = self._negotiated = None
        for one in (self._greeting, self._list, self._early, self._machine_asked):
            one.drop()
        self._reader.close()

    def _read_early(self) -> object | None:
        """Return the answer to the list that was requested with the greeting.

        It names the engine's version, for which some engines run programs: what is
        asked next does not wait for those.

        Returns None if it is too old, or not what nstui would be told in its version.
        """
        with self._lock:
            self._refuse_if_closed()
            asked = self._early.take(self._max_list_age_s)
        if asked is None:
            return None
        try:
            with self._hinting():
                answer = self._reader.get(f"/{LIST_PATH}", self._call(), asked)
        except EngineRefused:
            # It may have refused only to be asked without a version.
            return None
        except EngineUnreachable:
            self._lose(self._spoken)
            raise
        named = self._reader.named_version
        if is_spoken(named):
            with self._lock:
                self._spoken = self._spoken or _Spoken(named, None, is_newest=True)
        # If the version had to be waited for, the list has become older.
        is_newest = self._speak().is_newest
        return answer if is_newest and asked.age_s <= self._max_list_age_s else None
