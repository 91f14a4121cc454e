"""Which volumes of a removed container are gone, and which come anew by themselves."""

from __future__ import annotations

import pytest

from nstui.analysis.recipe import declare_volumes, read_recipe
from nstui.analysis.restoring.removed import as_now
from nstui.model.json import objects

Json = dict[str, object]

LONG = "f0" * 32


def inspect(name: str, **declared: object) -> Json:
    """Return an inspect with one volume at ``/data``, and how it was declared."""
    volumes: Json = {"/data": {}} if declared.pop("Volumes", None) else {}
    mount = {"Type": "volume", "Name": name, "Destination": "/data", "RW": True}
    return {
        "Config": {"Volumes": volumes},
        "HostConfig": {"NetworkMode": "bridge", **declared},
        "Mounts": [mount],
    }


BY_NAME: Json = {"Type": "volume", "Source": "data", "Target": "/data"}
BARE: Json = {"Type": "volume", "Target": "/data"}


@pytest.mark.parametrize(
    ("given", "there", "is_dropped", "binds"),
    [
        pytest.param(
            inspect(LONG, Volumes=True), (), True, [], id="by its image, and gone"
        ),
        pytest.param(
            inspect(LONG, Volumes=True),
            (LONG,),
            False,
            [f"{LONG}:/data"],
            id="by its image, and there",
        ),
        pytest.param(
            inspect(LONG, Binds=["/data"]), (), True, ["/data"], id="a bind without it"
        ),
        pytest.param(
            inspect(LONG, Mounts=[BARE]), (), True, [], id="a mount without a name"
        ),
        pytest.param(
            inspect("data", Binds=["data:/data"], Volumes=True),
            (),
            False,
            ["data:/data"],
            id="by its name, and gone",
        ),
        pytest.param(
            inspect("data", Mounts=[BY_NAME]), (), False, [], id="a mount by its name"
        ),
        pytest.param(
            inspect(LONG, VolumesFrom=["gone"]),
            (),
            False,
            [f"{LONG}:/data"],
            id="of another that is gone too",
        ),
    ],
)
def test_a_volume_without_a_name_that_is_gone_is_left_to_the_engine(
    given: Json,
    there: tuple[str, ...],
    is_dropped: bool,  # noqa: FBT001 - a column of the table
    binds: list[str],
) -> None:
    now = as_now(given, there)
    assert (list(objects(now, "Mounts")) == []) == is_dropped
    assert declare_volumes(read_recipe(now), ())[0] == binds
    assert {**now, "Mounts": 0} == {**given, "Mounts": 0}
