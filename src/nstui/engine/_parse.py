"""What an engine writes as JSON, however odd, broken or hostile it is."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from nstui.engine._answer import BadAnswer
from nstui.engine._errors import not_docker, unreachable
from nstui.engine._json import mapping, text

if TYPE_CHECKING:
    from nstui.engine._errors import Call

DEEPEST = 100
"""No inspect is nested deeper: it is kept, and written out again, which takes more of
the stack than to read it."""

_LARGEST_WHOLE = 1e30
"""A larger number with a point or an exponent counts nothing."""

_MOST_DIGITS = 300
"""A longer number is none that anything counts in; Python refuses the longest."""


def parse(body: bytes, call: Call) -> object:
    """Return what an answer says.

    Raises:
        EngineUnreachable: it is no JSON, or nested too deeply.

    """
    try:
        document = loads(body)
        if call.container is not None and _may_be_deep(body):
            # Of a list nothing is kept but what was found at its depth.
            _require_shallow(document)
    except RecursionError as problem:
        deep = BadAnswer("JSON that is nested too deeply")
        raise unreachable(deep, call) from problem
    except ValueError as problem:
        if call.container is None:
            raise not_docker(call) from problem
        # Of one container this may be said, and the rest be well.
        odd = BadAnswer("something that is no JSON")
        raise unreachable(odd, call) from problem
    return document


def made_id(answer: object) -> str:
    """Return the id of what an engine says that it has made.

    Raises:
        BadAnswer: there is none, and nobody may be asked for a thing without a name.

    """
    found = text(mapping(answer), "Id")
    if not found:
        raise BadAnswer("no id of what it was to make")
    return found


def loads(body: bytes) -> object:
    """Read JSON in which no number is too long and every text is one.

    A number without a fraction is a whole one, however it is written: an engine takes
    no `4096.0` where it wrote `4.096e3`.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.

    """
    try:
        document: object = json.loads(body, parse_float=_float)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Not UTF-8, or a number of thousands of digits, which is as good as absent.
        document = json.loads(body, parse_float=_float, parse_int=_number)
    if b"\\ud" in body or b"\\uD" in body:
        document = _without_surrogates(document)
    return document


def _may_be_deep(body: bytes) -> bool:
    return body.count(b"[") + body.count(b"{") > DEEPEST


def _float(digits: str) -> float | int:
    number = float(digits)
    if not number.is_integer() or abs(number) >= _LARGEST_WHOLE:
        return number
    # Not by way of the float, which has only 53 bits.
    return int(Decimal(digits))


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _require_shallow(document: object) -> None:
    """Raise if a document is nested too deeply; it may be, and yet could be read."""
    level: list[object] = [document]
    for _ in range(DEEPEST):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        if not inner:
            return
        level = inner
    raise RecursionError


def _without_surrogates(document: object) -> object:
    """Return a document in which every text can be written; halves of pairs cannot."""
    text = json.dumps(document, ensure_ascii=False)
    cleaned: object = json.loads(text.encode(errors="replace"))
    return cleaned
