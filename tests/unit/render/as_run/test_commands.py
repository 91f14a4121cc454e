"""What is said for each field of an inspect."""

from __future__ import annotations

import shlex
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nstui.analysis.recipe import find_left_out, read_recipe
from nstui.engine.recreate import copy_body
from nstui.model.container import Join
from nstui.model.namespace import NamespaceKind
from nstui.render.as_run import find_inexpressible, recreate_commands
from tests.unit.render.as_run.inspects import (
    ADDRESSES,
    OTHER,
    endpoint,
    inspect,
    only_command,
    said,
    volume,
)
from tests.unit.render.as_run.test_config import CONFIG
from tests.unit.render.as_run.test_host_config import HOST
from tests.unit.render.as_run.test_mounts import ASKED_FOR


def test_a_plain_container() -> None:
    assert said(inspect()) == ""


@pytest.mark.parametrize(
    ("attached", "words"),
    [
        ((), ""),
        (("AttachStdout", "AttachStderr"), ""),
        (("AttachStdin", "AttachStdout", "AttachStderr"), ""),
        (("AttachStdout",), "-a stdout "),
        (("AttachStdin",), "-a stdin "),
    ],
)
def test_one_that_never_ran_is_only_made(attached: tuple[str, ...], words: str) -> None:
    found = inspect(
        dict.fromkeys(attached, True),
        networks={"bridge": endpoint(MacAddress="")},
        State={"Status": "created", "Running": False},
    )
    line = shlex.join(only_command(found))
    assert line == f"docker create --name web {words}--entrypoint run web:1 sleep 1000"


def test_one_that_never_ran_is_not_started_after_it_is_connected() -> None:
    found = inspect(
        host={"NetworkMode": "one"},
        networks={
            "one": endpoint(MacAddress=""),
            "two": endpoint(MacAddress="", Links=["a:b"]),
        },
        State={"Status": "created", "Running": False},
    )
    verbs = [command[1] for command in recreate_commands(found)]
    assert verbs == ["create", "network"]


def test_the_platform_of_an_image_for_several() -> None:
    platform = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    found = inspect(ImageManifestDescriptor={"platform": platform})
    assert said(found) == "--platform linux/arm64/v8"


def test_an_image_without_a_name() -> None:
    line = only_command(inspect({"Image": None}))
    assert "sha256:" + "0" * 64 in line


def test_an_answer_with_nothing_in_it() -> None:
    assert only_command({}) == ("docker", "run", "-d", "--entrypoint", "", "")


def paths(value: object, *before: str) -> list[tuple[str, ...]]:
    """Return the way to every field."""
    if not isinstance(value, dict):
        return [before]
    deeper = [paths(inner, *before, key) for key, inner in value.items()]
    return [before, *(path for some in deeper for path in some)]


FULL = inspect(
    {key: value for config, _ in CONFIG.values() for key, value in config.items()},
    {
        key: value
        for host, _ in (HOST | ASKED_FOR).values()
        for key, value in host.items()
    },
    {"bridge": endpoint(), "two": endpoint(IPAMConfig=ADDRESSES)},
    [volume("/a")],
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(path=st.sampled_from(paths(FULL)[1:]), value=JSON)
def test_no_field_has_to_be_there_or_make_sense(
    path: tuple[str, ...], value: object
) -> None:
    odd = deepcopy(FULL)
    place: object = odd
    for key in path[:-1]:
        assert isinstance(place, dict)
        place = place[key]
    assert isinstance(place, dict)
    for make in (lambda: place.pop(path[-1]), lambda: place.update({path[-1]: value})):
        make()
        for command in recreate_commands(odd):
            assert all(isinstance(word, str) for word in command)
        assert all(isinstance(field, str) for field in find_inexpressible(odd))
        recipe = read_recipe(odd)
        joins = (Join(NamespaceKind.NET, OTHER), Join(NamespaceKind.UTS, OTHER))
        for some in (joins, ()):
            assert find_left_out(recipe, some) is not None
            assert copy_body(recipe, some, "x:1", {})["Image"] == "x:1"
