"""The engine's stream of events, which another thread can end."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import requests

from nstui.engine._decode import decode_event
from nstui.engine._errors import Call, not_docker
from nstui.engine._json import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.ports import ContainerEvent

ACTIONS = (
    "create",
    "start",
    "die",
    "destroy",
    "rename",
    "pause",
    "unpause",
    "stop",
    "kill",
    "restart",
    "oom",
    "update",
    "health_status",
    # Of networks: a container gets an interface, or loses it.
    "connect",
    "disconnect",
    # Podman filters by its own words.
    "died",
    "remove",
)
"""The events that are asked for, so that the noise of ``exec`` is never sent."""

_NANOSECONDS = 1_000_000_000


def query(since_ns: int | None) -> dict[str, str]:
    """Return the parameters of a request for events."""
    wanted = {"type": ["container", "network"], "event": list(ACTIONS)}
    parameters = {"filters": json.dumps(wanted)}
    if since_ns is not None:
        seconds, rest = divmod(since_ns, _NANOSECONDS)
        parameters["since"] = f"{seconds}.{rest:09d}"
    return parameters


class EventStream:
    """The events of one answer; iterating blocks for as long as nothing happens."""

    def __init__(
        self, response: requests.Response, call: Call, since_ns: int | None
    ) -> None:
        """Take over an answer whose body has not been read.

        Until here the time limit of a call held; a quiet host may be silent for ever.
        """
        self._response = response
        self._call = call
        self._latest_ns = since_ns or 0
        self._socket = socket_of(response)
        self._socket.settimeout(None)

    def __iter__(self) -> Iterator[ContainerEvent]:
        """Yield events until the engine or `close` ends the stream."""
        try:
            for line in self._lines():
                event = decode_event(self._parse(line), self._latest_ns)
                if event is not None:
                    self._latest_ns = event.time_ns
                    yield event
        finally:
            self._response.close()

    def close(self) -> None:
        """End the stream, also while another thread waits for its next event."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _lines(self) -> Iterator[bytes]:
        # However the stream ends, it has ended: asking again tells what is wrong.
        with suppress(requests.RequestException, OSError):
            for line in self._response.iter_lines(chunk_size=None):
                if line:
                    yield line

    def _parse(self, line: bytes) -> dict[str, object]:
        try:
            return dict(mapping(json.loads(line)))
        except ValueError as problem:
            raise not_docker(self._call) from problem


def socket_of(response: requests.Response) -> socket.socket:
    """Return the socket of an answer, by the path on which the docker SDK finds it.

    See ``docker.types.daemon.CancellableStream.close``.
    """
    found: object = response.raw
    for name in ("_fp", "fp", "raw", "_sock"):
        found = getattr(found, name, None)
    if not isinstance(found, socket.socket):
        raise TypeError(found)
    return found
