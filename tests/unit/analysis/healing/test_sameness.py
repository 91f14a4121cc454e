"""What a container lacks that the one it was made after has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.healing.recomposing import why_different

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = {
    "Type": "volume",
    "Name": "data",
    "Source": "/var/lib/docker/volumes/data/_data",
    "Destination": "/data",
    "RW": True,
}
ETC = {"Type": "bind", "Source": "/etc/app", "Destination": "/etc/app", "RW": False}


def inspect(*mounts: object, env: object = ()) -> Mapping[str, object]:
    """Return what an engine tells of a container."""
    return {"Mounts": list(mounts), "Config": {"Env": env}}


@pytest.mark.parametrize(
    ("before", "after", "lacking"),
    [
        pytest.param(inspect(DATA, ETC), inspect(ETC, DATA), "", id="the same"),
        pytest.param(inspect(), inspect(DATA), "", id="more"),
        pytest.param(
            inspect(DATA, ETC),
            inspect(ETC),
            "without what was mounted at /data",
            id="a mount less",
        ),
        pytest.param(
            inspect(DATA),
            inspect({**DATA, "Name": "5e1f"}),
            "without what was mounted at /data",
            id="another volume",
        ),
        pytest.param(
            inspect(ETC),
            inspect({**ETC, "RW": True}),
            "without what was mounted at /etc/app",
            id="written to now",
        ),
        pytest.param(
            inspect(env=["A=1", "B=2", "C=a=b"]),
            inspect(env=["C=a=b", "A=2", "D=3"]),
            "without the environment's A, B as it was",
            id="environment",
        ),
        pytest.param(
            inspect(env=["HOSTNAME=a", "container=podman"]),
            inspect(env=["HOSTNAME=b"]),
            "",
            id="what the engine sets",
        ),
        pytest.param(
            inspect(DATA, env=["A=1"]),
            {},
            "without what was mounted at /data"
            " and without the environment's A as it was",
            id="nothing told",
        ),
        pytest.param({"Mounts": None, "Config": None}, inspect(), "", id="nulls"),
        pytest.param({"Mounts": [7, {}], "Config": 1}, {}, "", id="strange"),
        pytest.param(inspect(env=None), inspect(), "", id="no environment"),
    ],
)
def test_what_is_lacking(
    before: Mapping[str, object], after: Mapping[str, object], lacking: str
) -> None:
    assert why_different(before, after) == lacking
