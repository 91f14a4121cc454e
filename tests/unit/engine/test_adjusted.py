"""What was changed of a container itself since compose made it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose_proof import find_manual_changes
from tests.support.compose_samples import model, present

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize(
    ("service", "host", "expected"),
    [
        ({}, {}, []),
        ({"restart": "unless-stopped:3"}, {}, []),
        ({"restart": "always"}, {}, ["restart"]),
        ({"restart": "no"}, {}, ["restart"]),
        ({"restart": None}, {"RestartPolicy": {"Name": "no"}}, []),
        ({"restart": "no", "deploy": {"restart_policy": {}}}, {}, []),
        ({"mem_limit": "64"}, {"Memory": 64}, []),
        ({"mem_limit": 64}, {"Memory": 64}, []),
        ({"mem_limit": "64"}, {"Memory": 65}, ["mem_limit"]),
        ({"mem_limit": "64m"}, {"Memory": 65}, []),
        ({}, {"Memory": 65}, ["mem_limit"]),
        ({"cpus": 0.5}, {"NanoCpus": 500_000_000}, []),
        ({"cpus": 0.5}, {"NanoCpus": 0}, ["cpus"]),
        ({}, {"NanoCpus": 500_000_000}, ["cpus"]),
        ({"cpus": "half"}, {}, []),
    ],
)
def test_what_an_engine_changes_of_one_that_is_there(
    service: Mapping[str, object], host: Mapping[str, object], expected: list[str]
) -> None:
    assert [*find_manual_changes(model(service), present(host=host))] == expected


@pytest.mark.parametrize(
    ("name", "service", "is_v1", "is_composes"),
    [
        ("p-dep-1", {}, False, True),
        ("p-dep-12", {}, False, True),
        ("p_dep_1", {}, False, True),
        ("p_dep_1", {}, True, True),
        ("p-dep-1", {}, True, False),
        ("dep", {}, False, False),
        ("p-dep-x", {}, False, False),
        ("mine", {"container_name": "mine"}, False, True),
        ("p-dep-1", {"container_name": "mine"}, False, False),
    ],
)
def test_its_name_is_one_that_compose_gives(
    name: str,
    service: Mapping[str, object],
    is_v1: bool,  # noqa: FBT001 - a row
    is_composes: bool,  # noqa: FBT001 - a row
) -> None:
    said = replace(model(service), is_v1=is_v1)
    there = present()
    there = replace(there, container={**there.container, "Name": f"/{name}"})
    assert [*find_manual_changes(said, there)] == ([] if is_composes else ["name"])
