"""Which version of the API is spoken with an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine._errors import Call, not_docker
from nstui.engine._json import text
from nstui.errors import EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST_API = "1.24"
NEWEST_API = "1.45"
"""The versions between which nstui, and the docker SDK, know what to say."""


def common_version(answer: Mapping[str, object], call: Call) -> str:
    """Choose the newest version of the API that both sides know."""
    newest, oldest = text(answer, "ApiVersion"), text(answer, "MinAPIVersion")
    try:
        version = min(newest, NEWEST_API, key=_numbers)
        version = max(version, oldest or version, key=_numbers)
        is_too_old = _numbers(version) < _numbers(OLDEST_API)
    except ValueError:
        raise not_docker(call) from None
    if is_too_old:
        raise EngineUnreachable(
            f"the engine at {call.endpoint} is too old: API versions below {OLDEST_API}"
            f" are not supported, and it speaks {version}",
            Unreachable.UNSUPPORTED,
        )
    return version


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
