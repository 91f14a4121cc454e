"""What a call to the engine asks for, as far as it could end a container.

The guard's front imports this for every call that any client makes, so it needs nothing
but a few modules of the standard library.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping


class Change(StrEnum):
    """What the guard decides about; the values are those of `nstui.model.step.Action`.

    Everything else that a client can ask for is harmless.
    """

    RM = "rm"
    STOP = "stop"
    KILL = "kill"
    RESTART = "restart"
    PRUNE = "prune"

    @property
    def removes(self) -> bool:
        """Whether containers are gone afterwards."""
        return self in {Change.RM, Change.PRUNE}


class AskedChange(NamedTuple):
    """A change that a client asks the engine for."""

    change: Change
    reference: str | None
    """The container as the client named it, without a leading slash; None for
    ``prune``."""

    force: bool = False
    """``rm`` only: kill it first if it runs."""

    volumes: bool = False
    """``rm`` only: also remove its anonymous volumes."""

    signal: str | None = None
    """``kill``, ``stop`` and ``restart``: the signal; None for the usual one."""

    timeout: int | None = None
    """``stop`` and ``restart``: seconds before it is killed; None for its own."""

    user_agent: str = ""
    """What the client calls itself; empty if it does not say."""


_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://[^/?]*", re.IGNORECASE)
_VERSION = re.compile(r"/v[0-9][0-9A-Za-z.-]*(?=/)")
_SLASHES = re.compile(r"/{2,}")
_OF_CONTAINER = re.compile(r"/containers/(.+)/(stop|kill|restart)", re.DOTALL)
_REMOVED = re.compile(r"/containers/(.+)", re.DOTALL)
_PRUNED = "/containers/prune"
_FORM = "application/x-www-form-urlencoded"


def read_request(
    method: str, uri: str, headers: Mapping[str, str] | None = None
) -> AskedChange | None:
    """Return the change that a call asks for; None if it is harmless.

    It is read as the engine's own router does: with or without a version of the API,
    the path decoded, and of a parameter that is given twice the first. A path that no
    engine knows is harmless.

    Args:
        method: The method, such as ``POST``.
        uri: The target of the request as it was sent, with its query.
        headers: The headers; their names in any case.

    """
    if method not in {"POST", "DELETE"}:
        return None
    target, _, query = _ABSOLUTE.sub("", uri, count=1).partition("?")
    path = _SLASHES.sub("/", unquote(target)).rstrip("/")
    path = _VERSION.sub("", path, count=1)
    if method == "DELETE":
        return _removal(path, query, headers or {})
    if path == _PRUNED:
        agent = _header(headers or {}, "user-agent")
        return AskedChange(Change.PRUNE, None, user_agent=agent)
    found = _OF_CONTAINER.fullmatch(path)
    if found is None:
        return None
    return _ending(Change(found[2]), found[1], query, headers or {})


def _removal(path: str, query: str, headers: Mapping[str, str]) -> AskedChange | None:
    found = _REMOVED.fullmatch(path)
    values = _values(query)
    # ``docker rm --link`` removes a link, and no container.
    if found is None or _is_true(values.get("link", "")):
        return None
    return AskedChange(
        Change.RM,
        found[1],
        force=_is_true(values.get("force", "")),
        volumes=_is_true(values.get("v", "")),
        user_agent=_header(headers, "user-agent"),
    )


def _ending(
    change: Change, reference: str, query: str, headers: Mapping[str, str]
) -> AskedChange:
    # The engine prefers the parameters of a form in the body, which is not read here:
    # without them the usual signal, which ends the container, is the one to expect.
    is_form = _header(headers, "content-type").lower().startswith(_FORM)
    values = {} if is_form else _values(query)
    return AskedChange(
        change,
        reference,
        signal=values.get("signal") or None,
        timeout=_whole_number(values.get("t", "")),
        user_agent=_header(headers, "user-agent"),
    )


def _values(query: str) -> dict[str, str]:
    """Return the first value of each parameter."""
    found: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(key, value)
    return found


def _is_true(value: str) -> bool:
    """Tell whether the engine takes a value as true."""
    return value.strip().lower() not in {"", "0", "no", "false", "none"}


def _whole_number(value: str) -> int | None:
    """Return a number of seconds; None if it is none, or so long that it is none."""
    digits = value.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) < 10  # noqa: PLR2004 - as it says
    return int(value) if is_number else None


def _header(headers: Mapping[str, str], name: str) -> str:
    """Return a header, whatever the case of its name; empty if there is none."""
    return next((v for key, v in headers.items() if key.lower() == name), "")
