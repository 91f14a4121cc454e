"""An inspect, entry by entry."""

from __future__ import annotations

import pytest

from nstui.render.entries import (
    Step,
    compact_text,
    entries_of,
    inspect_command,
    path_text,
    value_text,
)
from nstui.render.text import words_of
from tests.support.builders import container

DOCUMENT = {
    "Id": "abc",
    "State": {"Pid": 42, "Dead": False, "Health": None},
    "Env": ["A=1", "\x1b[31m"],
    "Labels": {},
    "Binds": [],
    "8080/tcp": "",
    "Word": "true",
}


def test_each_line_says_what_it_has() -> None:
    lines = [words_of(e.label) for top in entries_of(DOCUMENT) for e in top.walk()]
    assert lines == [
        "Id        abc",
        "State     3 fields",
        "Pid     42",
        "Dead    false",
        "Health  null",
        "Env       2 items",
        "0  A=1",
        "1  \\x1b[31m",
        "Labels    {}",
        "Binds     []",
        '8080/tcp  ""',
        'Word      "true"',
    ]


def test_one_long_key_does_not_move_all_values() -> None:
    short, long = entries_of({"a": 1, "k" * 30: 2})
    assert words_of(short.label) == "a  1"
    assert words_of(long.label) == "k" * 30 + "  2"


@pytest.mark.parametrize("document", ["text", None, 42, [], {}])
def test_what_has_no_entries(document: object) -> None:
    assert entries_of(document) == ()


@pytest.mark.parametrize(
    ("steps", "path", "expression"),
    [
        (("State", "Pid"), ".State.Pid", ".State.Pid"),
        (("Config", "Env", 0), ".Config.Env[0]", "(index .Config.Env 0)"),
        (
            ("Ports", "80/tcp", 1, "HostIp"),
            '.Ports["80/tcp"][1].HostIp',
            '(index (index .Ports "80/tcp") 1).HostIp',
        ),
        (("a.b",), '.["a.b"]', '(index . "a.b")'),
        ((0, "Id"), ".[0].Id", "(index . 0).Id"),
    ],
)
def test_paths(steps: tuple[Step, ...], path: str, expression: str) -> None:
    assert path_text(steps) == path
    command = inspect_command("docker", container("web"), steps)
    assert command == f"docker inspect --format '{{{{json {expression}}}}}' web"


def test_values_in_full() -> None:
    assert value_text("a\nb") == "a\nb"
    assert value_text({"ä": [1]}) == '{\n  "ä": [\n    1\n  ]\n}'
    assert compact_text({"ä": [1]}) == '{"ä": [1]}'
    assert compact_text("a\nb") == "a\nb"
