"""Tells the guard of an engine what a confirmed plan does next."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING

from nstui.analysis.guarding.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.guarding.requests import Change
    from nstui.model.container import ContainerId

ANSWER_S = 0.5
"""How long a guard may take. One that takes longer decides as about any other call."""

FAR_ANSWER_S = 2.0
"""The same for a guard behind ssh, two round trips away."""

VALID_S = 59.0
"""How long a ticket is valid, in seconds: compose may pull an image before it makes the
call. A guard takes none for a minute or longer from who is not root."""

WHY = "a plan of nstui that was confirmed"
_ANSWER_BYTES = 65_536


class GuardTickets:
    """Implements `nstui.ports.Tickets` with the guard of the engine's machine.

    Without a guard there is no socket, and nothing happens.
    """

    def __init__(
        self,
        path: str,
        clock: Callable[[], float] = time.time,
        *,
        forward: Callable[[str], str | None] | None = None,
    ) -> None:
        """Store where the guard is asked.

        Args:
            path: The guard's own socket.
            clock: Returns the time, in seconds since the epoch.
            forward: Makes a local socket lead to one of another machine, where the
                guard is, and returns its path; None if there is no way. It is not
                needed if the guard is on this machine.

        """
        self._path = path
        self._clock = clock
        self._forward = forward
        self._limit_s = ANSWER_S if forward is None else FAR_ANSWER_S

    def issue(self, container: ContainerId, name: str, change: Change) -> None:
        """Have one call let through that is about to be made."""
        # A guard goes by its own clock; only an older one reads when it ends by this.
        expires = self._clock() + VALID_S
        ticket = Ticket(container, name, (change,), expires, why=WHY)
        question = {"do": "ticket", "ticket": ticket.to_json(), "valid_s": VALID_S}
        try:
            path = self._path if self._forward is None else self._forward(self._path)
            if path is not None:
                self._tell(path, json.dumps(question).encode() + b"\n")
        except OSError:
            return

    def _tell(self, path: str, line: bytes) -> None:
        """Send a line, and wait until it has been taken in.

        Raises:
            OSError: There is no guard, it is not for this user, or takes too long.

        """
        due = time.monotonic() + self._limit_s
        with socket.socket(socket.AF_UNIX) as guard:
            guard.settimeout(self._limit_s)
            guard.connect(path)
            guard.sendall(line)
            got = 0
            while got < _ANSWER_BYTES:
                guard.settimeout(max(0.001, due - time.monotonic()))
                data = guard.recv(4096)
                if not data or data.endswith(b"\n"):
                    return
                got += len(data)
