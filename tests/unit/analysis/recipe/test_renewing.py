"""What a container had from its image, it has from the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.recipe import read_recipe, renew_recipe, without_defaults
from nstui.model.json import inner, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.healing import Recipe

    Json = Mapping[str, object]

OLD: Json = {
    "Env": ["PATH=/bin", "VERSION=1"],
    "Cmd": ["serve"],
    "Entrypoint": ["/init"],
    "Labels": {"version": "1", "by": "somebody"},
    "User": "app",
    "WorkingDir": "/app",
    "StopSignal": "SIGQUIT",
    "Shell": ["/bin/sh", "-c"],
    "Healthcheck": {"Test": ["CMD", "check"], "Interval": 30},
    "ExposedPorts": {"80/tcp": {}, "81/tcp": {}},
    "Volumes": {"/data": {}, "/old/": {}},
}
NEW: Json = {"Volumes": {"/data/": {}}}


def recipe(
    config: Json | None = None, host: Json | None = None, **more: object
) -> Recipe:
    """Return the recipe of a container; by default all of its config is its image's."""
    inspect = {
        "Id": "1" * 64,
        "Name": "/own",
        "Image": "sha256:old",
        "Config": {**OLD, "Image": "app:1", **(config or {})},
        "HostConfig": host or {},
        **more,
    }
    return read_recipe(inspect)


def renewed(
    config: Json | None = None, host: Json | None = None, **more: object
) -> Json:
    """Return the config of a container with another image."""
    return renew_recipe(
        recipe(config, host, **more), OLD, NEW, image=("app:2", "sha256:new")
    ).config


def test_all_that_its_image_gave_is_left_to_the_new_one() -> None:
    new = renew_recipe(recipe(), OLD, NEW, image=("app:2", "sha256:new"))
    assert (new.image, new.image_id) == ("app:2", "sha256:new")
    assert {key: value for key, value in new.config.items() if value} == {
        "Image": "app:1"
    }


@pytest.mark.parametrize(
    ("field", "own", "kept"),
    [
        pytest.param("User", "root", "root", id="user"),
        pytest.param("WorkingDir", "/", "/", id="folder"),
        pytest.param("StopSignal", "SIGTERM", "SIGTERM", id="signal"),
        pytest.param("Shell", ["/bin/bash"], ["/bin/bash"], id="shell"),
        pytest.param("Cmd", ["other"], ["other"], id="command"),
        pytest.param("Tty", True, True, id="no field of images"),
        pytest.param(
            "Env",
            ["PATH=/bin", "VERSION=2", "MINE=1"],
            ["VERSION=2", "MINE=1"],
            id="variables",
        ),
        pytest.param("Labels", {"version": "1", "by": "me"}, {"by": "me"}, id="labels"),
        pytest.param(
            "Healthcheck",
            {"Test": ["CMD", "check"], "Interval": 5},
            {"Interval": 5},
            id="part of the health check",
        ),
        pytest.param("Healthcheck", {"Test": ["NONE"]}, {"Test": ["NONE"]}, id="none"),
        pytest.param(
            "ExposedPorts", {"80/tcp": {}, "9/tcp": {}}, {"9/tcp": {}}, id="ports"
        ),
        pytest.param("Volumes", {"/data": {}, "/my": {}}, {"/my": {}}, id="volumes"),
    ],
)
def test_what_was_asked_for_stays(field: str, own: object, kept: object) -> None:
    assert renewed({field: own})[field] == kept


@pytest.mark.parametrize(
    ("entrypoint", "command", "kept"),
    [
        pytest.param(["/init"], ["serve"], (None, None), id="of the image"),
        pytest.param(["/init"], ["x"], (None, ["x"]), id="own command"),
        pytest.param(["/my"], ["serve"], (["/my"], ["serve"]), id="own entrypoint"),
        pytest.param(None, ["serve"], ([""], ["serve"]), id="no entrypoint"),
    ],
)
def test_an_own_entrypoint_keeps_the_command(
    entrypoint: object, command: object, kept: tuple[object, object]
) -> None:
    config = renewed({"Entrypoint": entrypoint, "Cmd": command})
    assert (config.get("Entrypoint"), config.get("Cmd")) == kept


def test_an_image_without_an_entrypoint_may_get_one() -> None:
    bare = {"Config": {"Cmd": ["sh"], "Entrypoint": None}, "HostConfig": {}}
    new = renew_recipe(read_recipe(bare), {"Cmd": ["sh"]}, NEW, image=("b", "c"))
    assert "Entrypoint" not in new.config
    assert "Cmd" not in new.config


def test_a_published_port_stays_exposed() -> None:
    config = renewed(host={"PortBindings": {"81/tcp": [{"HostPort": "81"}]}})
    assert config["ExposedPorts"] == {"81/tcp": {}}


def test_compose_knows_the_new_image() -> None:
    label = "com.docker.compose.image"
    labels = renewed({"Labels": {label: "sha256:old"}})["Labels"]
    assert labels == {label: "sha256:new"}


def test_variables_are_set_in_place_of_others() -> None:
    own = recipe({"Env": ["VERSION=1", "A=1", "B=2"]})
    new = renew_recipe(
        own, OLD, NEW, image=("a", "b"), environment=("A=3", "VERSION=9")
    )
    assert new.config["Env"] == ["B=2", "A=3", "VERSION=9"]


MOUNTS = [
    {"Type": "volume", "Name": name, "Source": f"/v/{name}", "Destination": place}
    for name, place in (("a", "/data"), ("b", "/old"), ("c", "/my"))
]


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        pytest.param({}, ["/data", "/my"], id="of the old image alone"),
        pytest.param({"Binds": ["b:/old"]}, ["/data", "/old", "/my"], id="a bind"),
        pytest.param({"Binds": ["/old"]}, ["/data", "/old", "/my"], id="no source"),
        pytest.param(
            {"Mounts": [{"Type": "volume", "Target": "/old/"}]},
            ["/data", "/old", "/my"],
            id="a mount",
        ),
    ],
)
def test_volumes_are_carried_over(host: Json, kept: list[str]) -> None:
    own = recipe(host=host, Mounts=MOUNTS)
    new = renew_recipe(own, OLD, NEW, image=("a", "b"))
    assert [mount.target for mount in new.mounted] == kept
    inspect = {"Mounts": MOUNTS, "Config": {"Env": ["VERSION=1", "A=1"]}}
    expected = without_defaults(inspect, own, OLD, NEW, ("B=2",))
    mounts = expected["Mounts"]
    assert isinstance(mounts, list)
    assert [text(mount, "Destination") for mount in mounts] == kept
    assert inner(expected, "Config") == {"Env": ["A=1", "B=2"]}
