"""Which version of the API is spoken with an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine._errors import Call, not_docker
from nstui.engine._json import text
from nstui.errors import EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST_API = "1.24"
NEWEST_API = "1.51"
"""The versions between which nstui knows what to say.

A container is read and made again in one version, so it has to be one that knows all
that the engine does: 1.48 and later have priorities of gateways and mounts of images,
1.46 has options of a tmpfs. From 1.52 on an inspect no longer tells which MAC address
somebody asked for.
"""

EXACT_API = "1.52"
"""From this version on an engine tells whole numbers as they are.

For an older version, an engine that knows this one writes an inspect by way of
floating-point numbers, which have 53 bits.
"""


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


def exact_version(answer: Mapping[str, object], spoken: str) -> str | None:
    """Return the version to ask for numbers that the one that is spoken rounds.

    None if the engine has no such version, or it is spoken.
    """
    newest = text(answer, "ApiVersion")
    rounds = _numbers(spoken) < _numbers(EXACT_API) <= _numbers(newest)
    return EXACT_API if rounds else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
