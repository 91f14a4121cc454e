"""Tells systemd that the watch is ready, what it does, and that it is alive.

This is the protocol of sd_notify(3): a datagram of lines to the socket that systemd
names in the environment. Nothing is sent while no one asks for it.
"""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.model.watch import WatchEventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.model.watch import WatchEvent, WatchStatus

SOCKET = "NOTIFY_SOCKET"
WATCHDOG = "WATCHDOG_USEC"
WATCHDOG_PID = "WATCHDOG_PID"
"""The variables by which systemd asks to be told."""

BEATS = 4
"""How often the watchdog is told within its time, if the watch is busy."""

_MICRO = 1_000_000
_MOST_STATUS = 200
"""More characters than ``systemctl status`` has room for in a line."""


class SystemdSink:
    """Implements `nstui.ports.WatchSink` for the service manager.

    The watchdog is told by `update` alone, which the loop of the watch calls: a loop
    that hangs is noticed.
    """

    def __init__(
        self,
        address: str,
        *,
        watchdog_s: float | None,
        problem: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open a socket; nothing is sent yet.

        Args:
            address: The path of systemd's socket; one that begins with ``@`` is of the
                abstract namespace.
            watchdog_s: Seconds after which systemd restarts a watch that it has heard
                nothing of; None if it does not.
            problem: Is told, once, why systemd cannot be told.
            clock: Returns a time that no change of the machine's clock moves.

        """
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog_s = watchdog_s
        self._problem = problem
        self._clock = clock
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._is_ready = self._is_stopping = self._has_failed = False
        self._status = ""
        self._beat_s: float | None = None

    def take(self, event: WatchEvent) -> None:
        """Tell that the watch is ready, has read its configuration, or is stopping."""
        match event.kind:
            case WatchEventKind.STARTED:
                self._say_ready()
            case WatchEventKind.CONFIG_READ:
                self._send("RELOADING=1", f"MONOTONIC_USEC={_monotonic_us()}")
                self._send("READY=1")
            case WatchEventKind.STOPPED:
                self._say_stopping()
            case _:
                pass

    def update(self, status: WatchStatus) -> None:
        """Tell that the loop is alive, and what is present if that has changed."""
        self._say_ready()
        line = status_line(status)
        if line != self._status and self._send(f"STATUS={line}"):
            self._status = line
        self._beat()

    def close(self) -> None:
        """Tell that the watch ends."""
        self._say_stopping()
        self._socket.close()

    def _say_ready(self) -> None:
        self._is_ready = self._is_ready or self._send("READY=1")

    def _say_stopping(self) -> None:
        self._is_stopping = self._is_stopping or self._send("STOPPING=1")

    def _beat(self) -> None:
        """Tell the watchdog, unless that was done a moment ago."""
        if self._watchdog_s is None:
            return
        now = self._clock()
        last = self._beat_s
        if last is not None and now - last < self._watchdog_s / BEATS:
            return
        if self._send("WATCHDOG=1"):
            self._beat_s = now

    def _send(self, *lines: str) -> bool:
        """Send one message without waiting; return whether it was sent.

        What is not sent because systemd is busy is sent at the next occasion.
        """
        try:
            self._socket.sendto(
                "\n".join(lines).encode(errors="replace"),
                socket.MSG_DONTWAIT,
                self._address,
            )
        except BlockingIOError:
            return False
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                self._problem(f"systemd cannot be told how the watch is: {error}")
            return False
        self._has_failed = False
        return True


def find_systemd(
    environ: Mapping[str, str], problem: Callable[[str], None]
) -> SystemdSink | None:
    """Return what tells systemd; None if it does not want to be told.

    Args:
        environ: The environment.
        problem: Is told if systemd cannot be told.

    """
    address = environ.get(SOCKET, "")
    if not address:
        return None
    if not address.startswith(("/", "@")):
        problem(f"systemd cannot be told how the watch is: {SOCKET} is {address!r}")
        return None
    return SystemdSink(address, watchdog_s=_watchdog_s(environ), problem=problem)


def status_line(status: WatchStatus) -> str:
    """Return what is present as one line, which ``systemctl status`` shows."""
    found = status.incidents
    if status.problem:
        words = status.problem
    elif not found:
        words = "nothing is broken"
    elif len(found) == 1:
        words = found[0].message
    else:
        words = f"{len(found)} incidents: {found[0].message}; …"
    if len(words) > _MOST_STATUS:
        words = f"{words[: _MOST_STATUS - 1]}…"
    counts = f"healed {status.healed}, failed {status.failed}"
    prefix = "dry run: " if status.is_dry_run else ""
    return printable(f"{prefix}{words} ({counts})")


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """Return the time of the watchdog, if it is for this process."""
    if environ.get(WATCHDOG_PID, str(os.getpid())) != str(os.getpid()):
        return None
    words = environ.get(WATCHDOG, "")
    time_us = int(words) if words.isascii() and words.isdecimal() else 0
    return time_us / _MICRO if time_us else None


def _monotonic_us() -> int:
    """Return the time as systemd wants it, to match a message with a reload."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
