"""The connections to one listening socket, none of which can hold up another."""

from __future__ import annotations

import socket
import struct
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from nstui.guard.loop import READ, WRITE, fault, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.guard.loop import Loop

PIECE_BYTES = 65_536
REQUEST_S = 10.0
"""How long a client may take to send one request, or to take one answer."""

SWEEP_S = 1.0
ACCEPTED_AT_ONCE = 64
_CREDENTIALS = struct.Struct("=iII")
"""Linux's ``struct ucred``: the process, its user and its group."""

PAUSE_S = 0.05
"""How long nobody is accepted after that has failed: there are too many open files."""


class Reader(Protocol):
    """Finds the requests in the bytes of a connection."""

    @property
    def is_within(self) -> bool:
        """Whether a request has begun and not ended."""

    def feed(self, data: bytes) -> Iterator[object]:
        """Yield the requests that end within some bytes; raise if they are none."""


class Reply:
    """Where the answer to one request goes; only the first one is sent."""

    def __init__(self, connection: Connection) -> None:
        """Store the connection that waits."""
        self._connection: Connection | None = connection
        self.began = time.monotonic()
        """When the request was there to its end."""

    @property
    def is_open(self) -> bool:
        """Whether nothing was answered yet."""
        return self._connection is not None

    @property
    def uid(self) -> int | None:
        """The user whose process has connected; None if that cannot be told."""
        return None if self._connection is None else self._connection.uid()

    def send(self, data: bytes, *, keeps_alive: bool = True) -> None:
        """Answer; the connection is closed afterwards if it is not to be kept alive."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.answer(data, keeps_alive=keeps_alive)


class Connection:
    """One client; it has one request under way at a time."""

    def __init__(self, server: Server, client: socket.socket, reader: Reader) -> None:
        """Begin to read."""
        self._server = server
        self._client = client
        self._reader = reader
        self._requests: deque[object] = deque()
        self._out = bytearray()
        self._keeps_alive = True
        self._awaited = 0
        self.is_answered = True
        """Whether no request waits for its answer."""

        self.since = time.monotonic()
        """When it began to send, to take an answer, or to be idle."""

        client.setblocking(False)  # noqa: FBT003 - the only argument it has
        self._wait_for_more()

    @property
    def is_idle(self) -> bool:
        """Whether neither a request nor an answer is under way."""
        return self.is_answered and not self._out and not self._reader.is_within

    def uid(self) -> int | None:
        """Return the user of the other end; None if that cannot be told."""
        option, size = socket.SO_PEERCRED, _CREDENTIALS.size
        try:
            found = self._client.getsockopt(socket.SOL_SOCKET, option, size)
        except OSError:
            return None
        uid: int = _CREDENTIALS.unpack(found)[1]
        return uid

    def answer(self, data: bytes, *, keeps_alive: bool) -> None:
        """Send an answer, then go on with the next request."""
        self._out += data
        self._keeps_alive = self._keeps_alive and keeps_alive
        self.is_answered = True
        self.since = time.monotonic()
        self._write()

    def close(self) -> None:
        """Hang up."""
        self._requests.clear()
        self._server.forget(self, self._client)

    def _wait_for_more(self) -> None:
        self._wait_for(READ, self._read)

    def _wait_for(self, events: int, call: Callable[[], object]) -> None:
        # Most wait for more again once they are answered: nothing has to be changed.
        if self._awaited != events:
            self._awaited = events
            self._server.loop.watch(self._client, events, call)

    def _wait_for_nothing(self) -> None:
        self._awaited = 0
        self._server.loop.forget(self._client)

    def _read(self) -> None:
        was_idle = self.is_idle
        try:
            data = self._client.recv(PIECE_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        if was_idle:
            self.since = time.monotonic()
        try:
            self._requests.extend(self._reader.feed(data))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this client's
            say(f"hangs up on a client that sends no request: {error}")
            self.close()
            return
        self._begin_next()

    def _begin_next(self) -> None:
        if not self._requests:
            return
        self.is_answered = False
        self._server.take(self._requests.popleft(), Reply(self))
        if not self.is_answered:
            # Who waits for an answer is not read from: it could fill the memory.
            self._wait_for_nothing()

    def _write(self) -> None:
        try:
            sent = self._client.send(self._out)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self.close()
            return
        del self._out[:sent]
        if self._out:
            self._wait_for(WRITE, self._write)
        elif not self._keeps_alive:
            self.close()
        elif self._requests:
            # Not at once: there may be a thousand in one piece.
            self._wait_for_nothing()
            self._server.loop.call_from_thread(self._begin_next)
        else:
            self._wait_for_more()


class Server:
    """Accepts whoever comes to a listening socket."""

    def __init__(
        self,
        loop: Loop,
        listener: socket.socket,
        reader: Callable[[], Reader],
        take: Callable[..., None],
        most: int,
    ) -> None:
        """Begin to accept.

        Args:
            loop: Waits for the sockets.
            listener: The listening socket.
            reader: Makes what reads one connection.
            take: Is given each request and its `Reply`.
            most: How many connections there may be.

        """
        self.loop = loop
        self._listener = listener
        self._reader = reader
        self._take = take
        self._most = most
        # In the order in which they came.
        self._connections: dict[Connection, None] = {}
        self._is_open = True
        listener.setblocking(False)  # noqa: FBT003 - the only argument it has
        loop.watch(listener, READ, self._accept)
        loop.after(SWEEP_S, self._sweep)

    @property
    def is_quiet(self) -> bool:
        """Whether nobody waits for an answer, or is about to send a request."""
        return all(connection.is_idle for connection in self._connections)

    def take(self, request: object, reply: Reply) -> None:
        """Have a request answered; one that cannot be is hung up on."""
        try:
            self._take(request, reply)
        except Exception as error:  # noqa: BLE001 - one request must not end all others
            say(f"a fault of its own: {fault(error)}")
            reply.send(b"", keeps_alive=False)

    def stop(self) -> None:
        """Accept nobody any more."""
        self._is_open = False
        self.loop.forget(self._listener)

    def close(self) -> None:
        """Accept nobody any more, and hang up on everybody."""
        self.stop()
        for connection in list(self._connections):
            connection.close()

    def forget(self, connection: Connection, client: socket.socket) -> None:
        """Close a connection."""
        self._connections.pop(connection, None)
        self.loop.forget(client)
        client.close()

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._pause(error)
                return
            if len(self._connections) >= self._most:
                self._drop_oldest()
            self._connections[Connection(self, client, self._reader())] = None

    def _pause(self, error: OSError) -> None:
        """Wait a moment: the next attempt would fail as well, at once."""
        say(f"cannot accept a connection: {error.strerror}")
        self._drop_oldest()
        self.loop.forget(self._listener)
        self.loop.after(PAUSE_S, self._go_on)

    def _go_on(self) -> None:
        if self._is_open:
            self.loop.watch(self._listener, READ, self._accept)

    def _drop_oldest(self) -> None:
        """Hang up on who has waited for longest, with nothing to be answered."""
        found = [one for one in self._connections if one.is_answered]
        if found:
            min(found, key=lambda one: one.since).close()

    def _sweep(self) -> None:
        """Hang up on those that take too long.

        One that is idle may stay: the engine may be about to use it.
        """
        self.loop.after(SWEEP_S, self._sweep)
        limit = time.monotonic() - REQUEST_S
        for one in list(self._connections):
            if one.is_answered and not one.is_idle and one.since < limit:
                with suppress(OSError):
                    one.close()
