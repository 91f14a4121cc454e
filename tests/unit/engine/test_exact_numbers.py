"""Numbers as large as a container may be limited to, from engines that round them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.json import has_rounded, loads, with_exact_numbers
from nstui.engine.reader import exact_version
from nstui.model.container import ContainerId
from tests.support.captured import ID
from tests.support.servers import ScriptedEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.captured import Json

LARGEST = 2**63 - 1


def limited(largest: int, odd: int, **more: object) -> Json:
    """Return an inspect with two limits."""
    limits = [{"Name": "core", "Soft": -1}, {"Name": "fsize", "Hard": largest}]
    host: Json = {"Memory": 64, "ShmSize": odd, "Ulimits": limits, **more}
    return {"Id": ID, "Config": {"Tty": True}, "HostConfig": host}


EXACT = limited(LARGEST, 2**53 + 1)
# What Docker 29 writes: the shortest digits that mean the same to a float.
ROUNDED = limited(9223372036854776000, 2**53, ContainerIDFile="old")


@pytest.mark.parametrize(
    ("newest", "spoken", "expected"),
    [
        ("1.55", "1.51", "1.52"),
        ("1.52", "1.51", "1.52"),
        ("1.51", "1.51", None),
        ("1.41", "1.41", None),
        ("1.60", "1.53", None),
    ],
)
def test_which_version_does_not_round(
    newest: str, spoken: str, expected: str | None
) -> None:
    assert exact_version({"ApiVersion": newest}, spoken) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (ROUNDED, True),
        (EXACT, True),
        (limited(-(2**53), 0), True),
        (limited(2**53 - 1, 1 - 2**53), False),
        ({"a": [[{"b": "9007199254740993"}]], "c": True, "d": 1e300}, False),
        ({}, False),
    ],
)
def test_what_may_have_been_rounded(document: Json, *, expected: bool) -> None:
    assert has_rounded(document) is expected


def test_only_numbers_that_were_rounded_are_taken() -> None:
    newer = {**EXACT, "Config": {"Tty": False}, "More": 1}
    mended = with_exact_numbers(ROUNDED, newer)
    assert mended == limited(LARGEST, 2**53 + 1, ContainerIDFile="old")


@pytest.mark.parametrize(
    "newer",
    [{}, {"HostConfig": None}, limited(5, 7), {"HostConfig": {"Ulimits": []}}],
)
def test_what_was_changed_since_is_not_mixed_with_what_was_read(newer: Json) -> None:
    assert with_exact_numbers(ROUNDED, newer) == ROUNDED


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("6.7108864e+07", 67108864),
        ("67108864.0", 67108864),
        ("9.223372036854775807e18", LARGEST),
        ("-1.0", -1),
        ("1.5", 1.5),
        ("1e300", 1e300),
        ("9223372036854775807", LARGEST),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551615", 2**64 - 1),
    ],
)
def test_a_whole_number_is_one_however_it_is_written(
    written: str, expected: float
) -> None:
    found = loads(b'{"n": %s}' % written.encode())
    assert found == {"n": expected}
    # An engine takes no fraction for a whole number.
    assert type(found["n"]) is type(expected)
    assert loads(json.dumps(found).encode()) == found


@pytest.mark.parametrize(
    ("newest", "inspect", "asked"),
    [
        ("1.55", ROUNDED, ["v1.51", "v1.52"]),
        ("1.55", limited(1, 2), ["v1.51"]),
        ("1.51", EXACT, ["v1.51"]),
    ],
)
def test_an_engine_is_asked_again_where_it_rounded(
    tmp_path: Path, newest: str, inspect: Json, asked: list[str]
) -> None:
    path = f"containers/{ID}/json"
    scripted = ScriptedEngine(
        {
            "/version": http_answer({"ApiVersion": newest, "MinAPIVersion": "1.44"}),
            f"v1.51/{path}": http_answer(inspect),
            f"v1.52/{path}": http_answer(EXACT),
        }
    )
    server = UnixServer(tmp_path / "d.sock", scripted)
    engine = DockerEngine(Endpoint(server.url, None))
    with server:
        found = engine.inspect(ContainerId(ID))
        engine.close()
    assert scripted.requests[1:] == [f"GET /{version}/{path}" for version in asked]
    if inspect is ROUNDED:
        assert found == limited(LARGEST, 2**53 + 1, ContainerIDFile="old")
