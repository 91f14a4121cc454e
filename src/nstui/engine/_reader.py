"""Reading what an engine tells, one answer or a stream of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.engine._errors import Call
    from nstui.engine._events import Lines
    from nstui.engine.endpoint import Endpoint


class Reader(Protocol):
    """Asks one endpoint and changes nothing; several threads may use it.

    Raises:
        NstuiError: nobody answers, not in time, or with an error.

    """

    def get(self, path: str, call: Call) -> object:
        """Return the JSON that is at a path."""

    def stream(self, path: str, parameters: Mapping[str, str], call: Call) -> Lines:
        """Ask for lines that come now and then; return once an answer begins."""

    def close(self) -> None:
        """Let go of connections that are not in use."""


def reader_for(endpoint: Endpoint, timeout: float) -> Reader:
    """Return what asks an endpoint; nothing is connected yet.

    Args:
        endpoint: Where the engine is.
        timeout: How many seconds an answer may take; to begin, if it has no end.

    """
    if endpoint.socket_path is not None:
        from nstui.engine._socket_reader import SocketReader  # noqa: PLC0415 - as below

        return SocketReader(endpoint.socket_path, timeout)
    from nstui.engine._sdk_reader import SdkReader  # noqa: PLC0415 - imports the SDK

    return SdkReader(endpoint, timeout)
