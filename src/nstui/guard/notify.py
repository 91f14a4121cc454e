"""Tells systemd that the guard is there, as sd_notify(3) does."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping


class Notifier:
    """Sends to the socket that systemd has named; does nothing if there is none."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        """Take the socket's address out of the environment, which others inherit."""
        address = environ.pop("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def ready(self) -> None:
        """Tell that the guard answers."""
        self._send(b"READY=1")

    def alive(self) -> None:
        """Tell that the one who watches over the guard is alive."""
        self._send(b"WATCHDOG=1")

    def ending(self) -> None:
        """Tell that the guard is about to end."""
        self._send(b"STOPPING=1")

    def _send(self, line: bytes) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(line, socket.MSG_DONTWAIT, self._address)
