"""Records when the engine reports events."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from docker import APIClient

_NANOSECONDS = 1_000_000_000


class EventTimes:
    """Listens to the engine's events and keeps the time of each."""

    def __init__(self, client: APIClient) -> None:
        self._stream = client.events(decode=True, filters={"type": "container"})
        self._times: dict[tuple[str, str], float] = {}
        self._arrived = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        """Start listening."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._stream.close()
        self._thread.join()

    def wait_for(self, container: str, action: str, limit_s: float = 10) -> float:
        """Return the time of a container's last such event, on the monotonic clock.

        Raises:
            TimeoutError: There was none in time.

        """
        key = (container, action)
        with self._arrived:
            if not self._arrived.wait_for(lambda: key in self._times, limit_s):
                raise TimeoutError(f"no event {action} of {container}")
            return self._times.pop(key)

    def _listen(self) -> None:
        for event in self._stream:
            # The engine reports the time of day; the terminal's records are monotonic.
            offset = time.time() - time.monotonic()
            key = (str(event["Actor"]["ID"]), str(event["Action"]))
            with self._arrived:
                self._times[key] = event["timeNano"] / _NANOSECONDS - offset
                self._arrived.notify_all()
