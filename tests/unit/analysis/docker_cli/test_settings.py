"""What nstui adds to docker's config.json, and takes out again."""

from __future__ import annotations

import pytest

from nstui.analysis.docker_cli.settings import (
    HOOKS,
    has_hooks,
    hooks_are_on,
    with_hooks,
    without_hooks,
)

AUTHS = {"auths": {"registry": {"auth": "c2VjcmV0"}}, "currentContext": "far"}
OTHER = {"plugins": {"other": {"hooks": "image"}}, "features": {"hooks": "true"}}

CONFIGS = [
    pytest.param({}, id="none"),
    pytest.param(AUTHS, id="other settings"),
    pytest.param({"features": {"buildkit": "true"}}, id="other features"),
    pytest.param({"features": {"hooks": "false"}}, id="turned off on purpose"),
    pytest.param({"features": {"hooks": "true"}}, id="already on"),
    pytest.param({"plugins": {"other": {"x": "y"}}}, id="another plugin"),
    pytest.param(OTHER, id="another plugin with hooks"),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_there_and_back_again(config: dict[str, object]) -> None:
    changed = with_hooks(config)
    assert has_hooks(changed)
    assert not has_hooks(config)
    assert with_hooks(changed) == changed
    assert without_hooks(changed) == config
    assert without_hooks(config) == config


@pytest.mark.parametrize(
    ("config", "environ", "are_on"),
    [
        ({}, {}, True),
        ({"features": {"hooks": "false"}}, {}, False),
        ({}, {"DOCKER_CLI_HOOKS": "0"}, False),
        ({}, {"DOCKER_CLI_HINTS": "false"}, False),
        ({"features": {"hooks": "false"}}, {"DOCKER_CLI_HOOKS": "1"}, True),
        ({}, {"DOCKER_CLI_HOOKS": "", "DOCKER_CLI_HINTS": ""}, True),
    ],
)
def test_whether_docker_asks(
    config: dict[str, object],
    environ: dict[str, str],
    are_on: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert hooks_are_on(with_hooks(config), environ) is are_on


def test_what_is_empty_is_not_kept() -> None:
    empty: dict[str, object] = {"plugins": {}, "features": {}}
    assert without_hooks(with_hooks(empty)) == {}
    assert without_hooks(empty) == empty


def test_it_asks_nobody_by_default() -> None:
    assert not hooks_are_on({}, {})


def test_hooks_stay_on_for_a_plugin_that_came_later() -> None:
    changed = with_hooks({})
    assert isinstance(changed["plugins"], dict)
    changed["plugins"]["other"] = {"hooks": "image"}
    assert without_hooks(changed) == OTHER


@pytest.mark.parametrize(
    "config", [{"plugins": []}, {"features": "on"}, {"plugins": {"nstui": 1}}]
)
def test_what_docker_would_not_take(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is not an object"):
        with_hooks(config)


def test_every_command_that_is_asked_after() -> None:
    assert {"rm", "container rm", "start", "compose"} <= {*HOOKS.split(",")}
