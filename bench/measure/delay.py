"""Delays the connection between two programs on one machine.

It uses the kernel's delay (``tc netem``) in a separate network namespace or, if the
kernel has none, a relay that passes everything on later.
"""

from __future__ import annotations

import queue
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DELAY_S = 0.05
"""The delay in each direction, in seconds."""

_CHUNK = 65536
_NETEM = ("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay")


def has_netem() -> bool:
    """Return whether the kernel can delay packets."""
    if shutil.which("tc") is None:
        return False
    tried = subprocess.run(
        ("unshare", "--net", *_NETEM, "1ms"), capture_output=True, check=False
    )
    return tried.returncode == 0


@dataclass
class Place:
    """A place for programs with a slow connection to each other."""

    prefix: tuple[str, ...] = ()
    """The beginning of the command that starts a program in it."""

    relays: list[SlowPort] = field(default_factory=list)
    is_slow: bool = False
    """Whether the place itself delays everything."""

    def forward(self, port: int) -> int:
        """Return a port of the loopback that leads to another port, with the delay."""
        if self.is_slow:
            return port
        self.relays.append(SlowPort(port))
        return self.relays[-1].port


@contextmanager
def delayed() -> Iterator[Place]:
    """Yield a place with a slow loopback interface."""
    if has_netem():
        with _slow_namespace() as pid:
            enter = ("nsenter", f"--net=/proc/{pid}/ns/net")
            yield Place(prefix=enter, is_slow=True)
        return
    place = Place()
    try:
        yield place
    finally:
        for relay in place.relays:
            relay.close()


@contextmanager
def _slow_namespace() -> Iterator[int]:
    """Keep a network namespace with a slow loopback; yield a pid in it."""
    milliseconds = f"{DELAY_S * 1000:g}ms"
    script = f"ip link set lo up && {' '.join(_NETEM)} {milliseconds} && echo ready"
    keeper = subprocess.Popen(
        ("unshare", "--net", "sh", "-c", f"{script} && exec cat"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        if keeper.stdout is None or keeper.stdout.readline() != b"ready\n":
            raise ChildProcessError("the network namespace could not be made slow")
        yield keeper.pid
    finally:
        keeper.kill()
        keeper.wait()


class SlowPort:
    """A port of the loopback that passes on all data to another one with a delay.

    Attributes:
        port: Where it listens.
        passed: How many bytes it has passed on, in both directions.

    """

    def __init__(self, target: int) -> None:
        """Listen at once."""
        self.passed = 0
        self._target = target
        self._counting = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close all connections."""
        for connection in (self._listener, *self._sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += (near, far)
                for source, sink in ((near, far), (far, near)):
                    sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    _pass_on(source, sink, self._count)

    def _count(self, data: bytes) -> None:
        with self._counting:
            self.passed += len(data)


def _pass_on(
    source: socket.socket, sink: socket.socket, count: Callable[[bytes], None]
) -> None:
    """Pass data on in one direction, with two threads so that no chunk waits."""
    pending: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

    def receive() -> None:
        data = b"-"
        while data:
            data = b""
            with suppress(OSError):
                data = source.recv(_CHUNK)
            count(data)
            pending.put((time.monotonic() + DELAY_S, data))

    def send() -> None:
        while True:
            due, data = pending.get()
            time.sleep(max(0.0, due - time.monotonic()))
            with suppress(OSError):
                if data:
                    sink.sendall(data)
                    continue
                sink.shutdown(socket.SHUT_WR)
            if not data:
                return

    for work in (receive, send):
        threading.Thread(target=work, daemon=True).start()
