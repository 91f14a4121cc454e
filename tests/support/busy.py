"""What tests do where the machine may be busy with something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from nstui.engine.client import ApiClient
from nstui.errors import EngineUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.engine.docker_engine import DockerEngine

Answer = TypeVar("Answer")

PATIENT_S = 600.0
"""The limit of an engine whose answers are to come: longer than any test."""

_ATTEMPTS = 3
_MOST_CALLS = 50


def fastest(attempt: Callable[[], float], limit_s: float) -> float:
    """Return the seconds that the fastest of a few attempts takes.

    Args:
        attempt: Does it all anew, and returns how many seconds it took.
        limit_s: No further attempt is made after one that took less.

    """
    took = attempt()
    for _ in range(_ATTEMPTS - 1):
        if took < limit_s:
            break
        took = min(took, attempt())
    return took


def answered(ask: Callable[[], Answer]) -> Answer:
    """Return the answer of an engine that has little time, once it is in time."""
    for _ in range(_MOST_CALLS):
        try:
            return ask()
        except EngineUnreachable as problem:
            late = problem
    raise late


def give_time(asking: DockerEngine | ApiClient, limit_s: float) -> None:
    """Give an engine this much time for an answer from now on."""
    client = asking if isinstance(asking, ApiClient) else asking._connection()  # noqa: SLF001 - as if it had been so all along
    for limited in (asking, client, client._reader):  # noqa: SLF001 - the same
        assert hasattr(limited, "_timeout")
        limited._timeout = limit_s  # noqa: SLF001 - the same
    client._patience = limit_s  # noqa: SLF001 - the same
