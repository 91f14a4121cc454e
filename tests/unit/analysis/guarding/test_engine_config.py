"""What becomes of daemon.json, byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nstui.analysis.guarding.engine_config import (
    UnusableConfig,
    may_name_plugin,
    plugins_of,
    read_config,
    with_plugin,
    without_plugin,
)

OURS = '{\n    "authorization-plugins": [\n        "nstui"\n    ]\n}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", OURS, id="an empty file"),
        pytest.param(" \n", OURS, id="a file with nothing but space"),
        pytest.param("{}", OURS, id="an empty object"),
        pytest.param(
            '{\n  "debug": true,\n  "hosts": ["fd://"]\n}',
            '{\n  "debug": true,\n  "hosts": [\n    "fd://"\n  ],\n'
            '  "authorization-plugins": [\n    "nstui"\n  ]\n}\n',
            id="other keys stay, in their order, indented as they were",
        ),
        pytest.param(
            '{\n\t"data-root": "/süd"\n}',
            '{\n\t"data-root": "/süd",\n\t"authorization-plugins": [\n\t\t"nstui"\n'
            "\t]\n}\n",
            id="tabs, and letters that are not ASCII",
        ),
        pytest.param(
            '{\n "authorization-plugins": ["opa", "aaa"],\n "debug": true\n}',
            '{\n "authorization-plugins": [\n  "opa",\n  "aaa",\n  "nstui"\n ],\n'
            ' "debug": true\n}\n',
            id="other plugins stay, in their order, and are asked first",
        ),
        pytest.param('{"authorization-plugins": null}', OURS, id="a list that is null"),
        pytest.param(
            '{"authorization-plugins":["nstui","opa"]}',
            '{"authorization-plugins":["nstui","opa"]}',
            id="it is named already",
        ),
    ],
)
def test_with_the_guard(before: str, after: str) -> None:
    assert with_plugin(before.encode()).decode() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(OURS, "{}\n", id="nothing else"),
        pytest.param('{"debug":true}', '{"debug":true}', id="it is not named"),
        pytest.param(
            '{\n  "authorization-plugins": ["opa", "nstui", "aaa"],\n  "mtu": 1400\n}',
            '{\n  "authorization-plugins": [\n    "opa",\n    "aaa"\n  ],\n'
            '  "mtu": 1400\n}\n',
            id="among others, which stay in their order",
        ),
        pytest.param(
            '{\n  "authorization-plugins": ["nstui", "nstui"],\n  "mtu": 1400\n}',
            '{\n  "mtu": 1400\n}\n',
            id="named twice",
        ),
    ],
)
def test_without_the_guard(before: str, after: str) -> None:
    assert without_plugin(before.encode()).decode() == after


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"{", "is not valid JSON: line 1, column 2", id="half a file"),
        pytest.param(b"\xff{}", "is not valid JSON", id="no UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", "is not valid JSON", id="a byte order mark"),
        pytest.param(b"[1]", "is not a JSON object", id="a list"),
        pytest.param(b"null", "is not a JSON object", id="null"),
        pytest.param(b'{"a": NaN}', "is not valid JSON", id="what Python reads alone"),
        pytest.param(
            b'{"a": 1, "a": 2}', "has the key 'a' twice", id="one would be lost"
        ),
        pytest.param(
            b'{"authorization-plugins": "opa"}',
            "has a key 'authorization-plugins' that is not a list of names",
            id="plugins that are no list",
        ),
        pytest.param(
            b'{"authorization-plugins": [1]}',
            "has a key 'authorization-plugins' that is not a list of names",
            id="plugins that are no names",
        ),
        pytest.param(b"[" * 100_000, "is not valid JSON", id="too deep"),
    ],
)
def test_what_the_engine_would_not_read_is_not_changed(
    content: bytes, words: str
) -> None:
    for function in (read_config, plugins_of, with_plugin, without_plugin):
        with pytest.raises(UnusableConfig) as caught:
            function(content)
        assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("content", "may"),
    [
        pytest.param(b'{"debug', False, id="half a file"),
        pytest.param(b"", False, id="an empty one"),
        pytest.param(b'{"authorization-plugins": ["opa"', False, id="another one"),
        pytest.param(b'{"authorization-plugins": ["nstui"', True, id="cut off"),
        pytest.param(b"authorization-plugins = nstui", True, id="another language"),
        pytest.param(b'["\\u006estui"', True, id="spelled by numbers"),
        pytest.param('["nstui"]'.encode("utf-16"), True, id="in UTF-16"),
    ],
)
def test_whether_a_file_may_name_the_guard(content: bytes, *, may: bool) -> None:
    assert may_name_plugin(content) is may


names = st.text(min_size=1, max_size=5).filter(lambda name: name != "nstui")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    document=st.dictionaries(st.text(max_size=4), values, max_size=5),
    plugins=st.lists(names, max_size=3),
    indent=st.sampled_from([None, 1, 2, 4, "\t"]),
)
def test_nothing_else_is_lost_on_the_way_there_and_back(
    document: dict[str, object], plugins: list[str], indent: int | str | None
) -> None:
    if plugins:
        document["authorization-plugins"] = plugins
    before = json.dumps(document, indent=indent).encode()

    guarded = with_plugin(before)

    assert plugins_of(guarded) == (*plugins, "nstui")
    assert list(json.loads(guarded)) == list(
        dict.fromkeys([*document, "authorization-plugins"])
    )
    assert json.loads(without_plugin(guarded)) == document
    assert with_plugin(guarded) == guarded
