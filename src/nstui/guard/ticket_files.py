"""The tickets of a guard as files, which outlive a restart; each is used once."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING

from nstui.analysis.guarding.tickets import Ticket, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nstui.analysis.guarding.requests import AskedChange

LONGEST_S = 86_400.0
"""How far away the end of a ticket may be."""

MOST_USES = 100
MOST = 1000
"""How many there may be at a time."""

_SUFFIX = ".json"
_LARGEST = 4096


class TicketRefused(Exception):
    """It was not kept; the message says why, as a clause."""


class TicketFiles:
    """A folder of tickets: a file lets one call through; whoever removes it has it."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Store the folder, which need not exist.

        Args:
            folder: Where they are; nobody else may write there.
            clock: Returns the time in seconds since the epoch.

        """
        self._folder = folder
        self._clock = clock

    def keep(self, ticket: Ticket) -> None:
        """Keep a ticket: a file for each of its uses.

        Raises:
            TicketRefused: It says what no ticket may say, or the disk is full.

        """
        now = self._clock()
        if not now < ticket.expires <= now + LONGEST_S:
            raise TicketRefused("a ticket ends within a day")
        if not 1 <= ticket.uses <= MOST_USES:
            raise TicketRefused(f"a ticket is for 1 to {MOST_USES} calls")
        if not ticket.container or not ticket.changes:
            raise TicketRefused("a ticket is for a container and a change")
        content = json.dumps(ticket._replace(uses=1).to_json())
        if len(content) > _LARGEST:
            raise TicketRefused("it is too long")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if len(os.listdir(self._folder)) + ticket.uses > MOST:  # noqa: PTH208 - the names alone
                raise TicketRefused("there are too many tickets")
            for _ in range(ticket.uses):
                self._write(content)
        except OSError as error:
            raise TicketRefused(f"it could not be written: {error.strerror}") from error

    def take(self, asked: AskedChange) -> Ticket | None:
        """Use up a ticket for a call, the first to end; None if there is none."""
        now = self._clock()
        fitting = []
        for file, ticket in self._read():
            if ticket is None or ticket.expires <= now:
                with suppress(OSError):
                    file.unlink()
            elif matches(ticket, asked, now):
                fitting.append((ticket.expires, file, ticket))
        for _, file, ticket in sorted(fitting):
            # Who removes it has it; without that it would let through a second call.
            with suppress(OSError):
                file.unlink()
                return ticket
        return None

    def count(self) -> int:
        """Return how many calls there are tickets for."""
        now = self._clock()
        return sum(
            ticket is not None and ticket.expires > now for _, ticket in self._read()
        )

    def _read(self) -> Iterator[tuple[Path, Ticket | None]]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - the names alone
        except OSError:
            return
        for name in names:
            if not name.endswith(_SUFFIX) or name.startswith("."):
                continue
            file = self._folder / name
            with suppress(OSError):
                yield file, _ticket(file.read_bytes())

    def _write(self, content: str) -> None:
        name = token_hex(8)
        draft = self._folder / f".{name}"
        try:
            draft.write_text(content)
            draft.rename(self._folder / f"{name}{_SUFFIX}")
        except OSError:
            draft.unlink(missing_ok=True)
            raise


def _ticket(content: bytes) -> Ticket | None:
    try:
        return Ticket.from_json(json.loads(content))
    except (ValueError, RecursionError):
        return None
