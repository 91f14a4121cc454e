"""Whatever stands in the place of any field: no answer makes a decoder fail."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nstui.engine.decode import (
    decode_container,
    decode_event,
    decode_info,
    decode_inspection,
    written_paths,
)
from nstui.engine.errors import Call, parse
from nstui.engine.inspect_cache import signature
from nstui.engine.json import MAX_INSPECT_DEPTH, loads
from nstui.engine.reader import common_version
from nstui.errors import EngineUnreachable
from nstui.model.container import ContainerId
from nstui.model.json import mapping
from nstui.render.text import printable
from tests.support.captured import CAPTURED, ID, Json, inspect_of, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping

CALL = Call("unix:///run/d.sock", 5)
OF_ONE = Call("unix:///run/d.sock", 5, ContainerId(ID))
EVERYWHERE: tuple[object, ...] = (
    None,
    True,
    [],
    {},
    [None],
    "",
    "odd",
    -1,
    0.5,
    2**63,
    10**20,
    -(10**400),
    float("nan"),
    253_402_300_800,
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "container:",
    "a:b:c",
)
"""What is put in the place of each field, one after the other."""

ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**20), 2**63, 253_402_300_799, -1])
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from(
        [
            "9999-12-31T23:59:59-14:00",
            "0001-01-01T00:00:00+14:00",
            "2026-02-30T00:00:00Z",
            "container:",
            "container:/",
            ":",
            "\ud800",
        ]
    )
)
ANYTHING = st.recursive(
    ODD,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)
EVENT: Json = {
    "Type": "network",
    "Action": "health_status: healthy",
    "Actor": {"ID": ID, "Attributes": {"container": ID, "name": "own"}},
    "time": 1,
    "timeNano": 1,
}
patiently = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck)
)


def places(document: object, way: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Return the way to every field of a document."""
    found = [way]
    if isinstance(document, dict):
        for key, value in document.items():
            found += places(value, (*way, key))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            found += places(value, (*way, number))
    return found


@st.composite
def spoiled(draw: st.DrawFn, document: object) -> object:
    """Put anything in the place of some fields, as it comes through JSON."""
    broken: object = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(places(broken)))
        broken = put(broken, way, draw(ANYTHING))
    # Python writes halves of pairs, infinity and numbers of any length, and reads them.
    return loads(json.dumps(broken).encode())


def put(document: object, way: tuple[object, ...], value: object) -> object:
    """Return a document with a value in the place of one field."""
    if not way:
        return value
    changed: object = copy.deepcopy(document)
    at = changed
    for step in way[:-1]:
        at = at[step]  # type: ignore[index]  # it is the way to a field
    at[way[-1]] = value  # type: ignore[index]  # as above
    return changed


@pytest.mark.parametrize("value", EVERYWHERE, ids=lambda value: str(value)[:30])
def test_an_odd_value_in_any_place(value: object) -> None:
    row, inspect = row_of("unhealthy"), inspect_of("unhealthy")
    for way in places(row):
        decode(mapping(put(row, way, value)), inspect)
    for way in places(inspect):
        decode(row, mapping(put(inspect, way, value)))
    for way in places(EVENT):
        event = decode_event(mapping(put(EVENT, way, value)), 7)
        assert event is None or 0 <= event.time_ns < 1 << 63


@patiently
@given(st.data())
def test_a_row_and_an_inspect(data: st.DataObject) -> None:
    row = mapping(data.draw(spoiled(row_of("dependent"))))
    inspect = mapping(data.draw(spoiled(inspect_of("dependent"))))
    decode(row, inspect)
    written_paths(data.draw(spoiled([{"Path": "/a", "Kind": 1}])), inspect)


def decode(row: Mapping[str, object], inspect: Mapping[str, object]) -> None:
    """Decode both, and use what came of them."""
    inspection = decode_inspection(inspect)
    container = decode_container(row, inspection)
    signature(row)
    assert container.pid is None or 0 < container.pid <= 1 << 22
    for text in (container.name, container.image, container.status):
        printable(text).encode()
    moments = [container.created_at]
    if inspection is not None:
        moments += [inspection.started_at, inspection.finished_at]
    for moment in moments:
        if moment is not None:
            moment.astimezone(timezone(timedelta(hours=-14)))
            moment.astimezone(UTC)


@patiently
@given(st.data())
def test_an_event(data: st.DataObject) -> None:
    event = decode_event(mapping(data.draw(spoiled(EVENT))), 7)
    assert event is None or 0 <= event.time_ns < 1 << 63


@patiently
@given(st.data())
def test_a_version(data: st.DataObject) -> None:
    answer = mapping(data.draw(spoiled(CAPTURED["version"])))
    decode_info(answer, "unix:///run/d.sock", None).version.encode()
    with suppress(EngineUnreachable):
        assert common_version(answer, CALL)


@patiently
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes(body: bytes) -> None:
    with suppress(EngineUnreachable):
        parse(body, CALL)


@pytest.mark.parametrize(
    "body",
    [b'{"a": ' * 5000 + b"1" + b"}" * 5000, b"[" * 999_999, b"[" * 101 + b"]" * 101],
    ids=["objects", "half", "a little"],
)
def test_what_is_nested_too_deeply(body: bytes) -> None:
    with pytest.raises(EngineUnreachable, match="JSON that is nested too deeply"):
        parse(body, OF_ONE)


def test_what_is_nested_as_deeply_as_may_be() -> None:
    depth = MAX_INSPECT_DEPTH - 1
    assert parse(b"[" * depth + b"]" * depth, OF_ONE)


def test_a_row_in_which_something_is_nested_deeply() -> None:
    deep: object = json.loads(b"[" * 400 + b"]" * 400)
    row = dict.fromkeys(row_of("owner"), deep) | {"Ports": [{"IP": deep}]}
    signature(row)
    decode_container(row, None)


def test_a_number_of_thousands_of_digits_is_as_good_as_absent() -> None:
    body = b'{"Id": "a", "Created": ' + b"9" * 5000 + b', "n": -12, "f": 1e999}'
    assert parse(body, CALL) == {
        "Id": "a",
        "Created": None,
        "n": -12,
        "f": float("inf"),
    }


def test_halves_of_pairs_can_be_written() -> None:
    parsed = parse(rb'{"a\ud800": ["x\uDfff", "\ud83d\ude00"]}', CALL)
    assert parsed == {"a?": ["x?", "\U0001f600"]}


def test_of_one_container_it_is_said_what_came() -> None:
    with pytest.raises(EngineUnreachable, match="answered with something that is no"):
        parse(b"<html>", OF_ONE)
