"""What clients have asked the engine for a moment ago, as far as a look needs it."""

from __future__ import annotations

import time
from collections import deque
from typing import NamedTuple

from nstui.analysis.guarding.question import (
    MEMORY_S,
    MOST_CALLS,
    Call,
    is_remembered,
)


class _Seen(NamedTuple):
    method: str
    uri: str
    user_agent: str
    at: float


class RecentCalls:
    """Remembers calls for a while. A guard that is restarted has forgotten them."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._seen: deque[_Seen] = deque(maxlen=MOST_CALLS)

    def add(self, method: str, uri: str, user_agent: str, at: float) -> None:
        """Take in a call, if it is one to remember."""
        if is_remembered(method, uri, user_agent):
            self._seen.append(_Seen(method, uri, user_agent, at))

    def beside(self, at: float, user_agent: str) -> tuple[Call, ...]:
        """Return what clients of a name have asked beside one call, the oldest first.

        Args:
            at: When that call came, as it was given to `add`; what came after it is
                returned as well.
            user_agent: What the client calls itself.

        """
        since = time.monotonic() - MEMORY_S
        return tuple(
            Call(one.method, one.uri, one.user_agent, round(at - one.at, 3))
            for one in self._seen
            if one.user_agent == user_agent and one.at >= since and one.at != at
        )
