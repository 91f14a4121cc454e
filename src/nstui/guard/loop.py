"""One thread that waits for many sockets at once, and for the time."""

from __future__ import annotations

import heapq
import os
import selectors
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from itertools import count
from select import POLLOUT, poll
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[[], object]

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

_LINE_BYTES = 2048
"""Less than what a pipe takes at once that says it can be written to."""


def say(words: str) -> None:
    """Print a line on stderr, or lose it: nobody may have to wait for who reads it."""
    line = f"nstui guard: {words}".encode(errors="replace")[:_LINE_BYTES]
    with suppress(OSError, ValueError):
        stderr = sys.stderr.fileno()
        ready = poll()
        ready.register(stderr, POLLOUT)
        if ready.poll(0):
            os.write(stderr, line + b"\n")


class Timer:
    """Something that is due at a time, unless it is cancelled."""

    def __init__(self, call: Call) -> None:
        """Store what is to be called."""
        self.call: Call | None = call

    def cancel(self) -> None:
        """Do not call it."""
        self.call = None


class Loop:
    """Calls what waits for sockets and times, one after the other.

    What is called must not wait for anything. An error in it is written on stderr, and
    the loop goes on.
    """

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._numbers = count()
        self._calls: deque[Call] = deque()
        self._wake_in, self._wake_out = socket.socketpair()
        for end in (self._wake_in, self._wake_out):
            end.setblocking(False)  # noqa: FBT003 - the only argument it has
        self.watch(self._wake_in, READ, self._woken)
        self._is_over = False

    def watch(self, what: socket.socket | int, events: int, call: Call) -> None:
        """Call something whenever a socket is ready; in place of what was called."""
        try:
            self._selector.modify(what, events, call)
        except KeyError:
            self._selector.register(what, events, call)

    def forget(self, what: socket.socket | int) -> None:
        """Wait for a socket no longer."""
        with suppress(KeyError, ValueError):
            self._selector.unregister(what)

    def after(self, seconds: float, call: Call) -> Timer:
        """Call something once, after a time."""
        timer = Timer(call)
        due = time.monotonic() + seconds
        heapq.heappush(self._timers, (due, next(self._numbers), timer))
        return timer

    def call_from_thread(self, call: Call) -> None:
        """Have something called soon; any thread may ask for that."""
        self._calls.append(call)
        # A full pipe wakes the loop as well.
        with suppress(OSError):
            self._wake_out.send(b"\0")

    def end(self) -> None:
        """Return from `run` once what is being called has returned."""
        self._is_over = True

    def run(self) -> None:
        """Wait and call until `end`."""
        while not self._is_over:
            self.run_once()

    def run_once(self) -> None:
        """Wait for something, and call what is due."""
        for key, _ in self._selector.select(self._wait_s()):
            _guarded(key.data)
        while self._calls:
            _guarded(self._calls.popleft())
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            if timer.call is not None:
                _guarded(timer.call)

    def close(self) -> None:
        """Give up what it waits with."""
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _wait_s(self) -> float | None:
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic())

    def _woken(self) -> None:
        with suppress(BlockingIOError):
            while self._wake_in.recv(4096):
                pass


def _guarded(call: Call) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - one call must not end all others
        say(f"a fault of its own: {fault(error)}")


def fault(error: BaseException) -> str:
    """Return what is to be reported of a fault: no values, which are a client's."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" in {code.co_name}, {code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"
