"""A look that begins before anybody can show it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nstui.errors import InternalFault, NstuiError

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.service.observer import Observer


class HeadStart:
    """Takes a first glimpse of a host while the screen is still being loaded."""

    def __init__(self, observer: Observer) -> None:
        """Begin at once, in a thread that nothing waits for but `take`."""
        self._observer = observer
        self._result: Report | NstuiError | None = None
        self._thread = threading.Thread(
            target=self._glimpse, name="head_start", daemon=True
        )
        self._thread.start()

    def take(self) -> Report:
        """Return the glimpse; wait for it if need be.

        Raises:
            NstuiError: what kept the engine's list from being read.

        """
        self._thread.join()
        if isinstance(self._result, NstuiError):
            raise self._result
        if self._result is None:
            raise InternalFault("the first glimpse ended without a result")
        return self._result

    def _glimpse(self) -> None:
        try:
            self._result = self._observer.glimpse()
        except NstuiError as error:
            self._result = error
        except Exception as error:  # noqa: BLE001 - whatever it is, `take` raises it
            self._result = InternalFault.of(error)
