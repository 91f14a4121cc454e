"""How an equal container gets the same volumes, from what an inspect says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.recipe import read_mounted, read_recipe
from nstui.engine.recreate import volume_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.captured import Json

NAME = "ab" * 32
OTHER = "cd" * 32


def volume(inside: str, name: str = NAME, **more: object) -> Json:
    """Return a volume that is mounted."""
    return {
        "Type": "volume",
        "Name": name,
        "Source": f"/var/lib/docker/volumes/{name}/_data",
        "Destination": inside,
        "Driver": "local",
        "Mode": "",
        "RW": True,
        "Propagation": "",
        **more,
    }


def folder(inside: str, **more: object) -> Json:
    """Return a folder of the host that is mounted."""
    return {
        "Type": "bind",
        "Source": "/srv",
        "Destination": inside,
        "Mode": "",
        "RW": True,
        "Propagation": "rprivate",
        **more,
    }


def fields(
    *mounted: Json,
    lenders: Mapping[str, Mapping[str, object]] | None = None,
    **host: object,
) -> Json:
    """Return the fields of a copy of a container that has something mounted."""
    raw = {"Mounts": list(mounted), "HostConfig": host}
    lent = {name: read_mounted(one) for name, one in (lenders or {}).items()}
    return volume_fields(read_recipe(raw), lent)


@pytest.mark.parametrize(
    ("mounted", "bind"),
    [
        (volume("/a"), f"{NAME}:/a"),
        (volume("/a", RW=False), f"{NAME}:/a:ro"),
        (volume("/a", Mode="z"), f"{NAME}:/a:z"),
        (volume("/a", Mode="ro,z", RW=False), f"{NAME}:/a:ro,z"),
        (volume("/a", RW=None), f"{NAME}:/a"),
        (volume("/a", Name=None), f"{NAME}:/a"),
        (folder("/a"), "/srv:/a:rprivate"),
        (folder("/a", Mode="z", RW=False, Propagation=None), "/srv:/a:ro,z"),
    ],
)
def test_what_nothing_declares_becomes_a_bind(mounted: Json, bind: str) -> None:
    found = fields(mounted, VolumesFrom=["gone"])
    assert found == {"Binds": [bind], "Mounts": None, "VolumesFrom": []}


@pytest.mark.parametrize(
    ("mounted", "mount"),
    [
        (
            volume("/a:b", RW=False),
            {
                "Source": NAME,
                "Target": "/a:b",
                "ReadOnly": True,
                "VolumeOptions": {"DriverConfig": {"Name": "local"}},
            },
        ),
        (
            volume("/a", Driver="nfs"),
            {
                "Source": NAME,
                "Target": "/a",
                "VolumeOptions": {"DriverConfig": {"Name": "nfs"}},
            },
        ),
        (
            folder("/a:b", Propagation="rslave"),
            {
                "Source": "/srv",
                "Target": "/a:b",
                "BindOptions": {"Propagation": "rslave"},
            },
        ),
    ],
)
def test_what_a_bind_cannot_say_becomes_a_mount(mounted: Json, mount: Json) -> None:
    expected = {"Type": mounted["Type"], **mount}
    assert fields(mounted) == {
        "Binds": None,
        "Mounts": [expected],
        "VolumesFrom": None,
    }


def test_the_driver_of_all_volumes_needs_no_word() -> None:
    found = fields(volume("/a", Driver="nfs"), VolumeDriver="nfs")
    assert found["Binds"] == [f"{NAME}:/a"]


@pytest.mark.parametrize(
    ("declared", "key"),
    [
        ("named:/a", "Binds"),
        ("named:/a:ro,nocopy", "Binds"),
        ("named:/a/", "Binds"),
        ("/srv:/a:ro", "Binds"),
        ({"Type": "volume", "Source": "named", "Target": "/a"}, "Mounts"),
        ({"Type": "volume", "Source": "named", "Target": "/a/"}, "Mounts"),
        ({"Type": "bind", "Source": "/srv", "Target": "/a"}, "Mounts"),
    ],
)
def test_what_is_declared_stays_and_is_not_said_twice(
    declared: object, key: str
) -> None:
    raw: Json = {"Mounts": [volume("/a")], "HostConfig": {key: [declared]}}
    found = volume_fields(read_recipe(raw), {})
    assert found == {"Binds": None, "Mounts": None, "VolumesFrom": None} | {
        key: [declared]
    }


def test_a_bind_without_a_source_gets_the_volume_it_has() -> None:
    assert fields(volume("/a"), Binds=["/a"])["Binds"] == [f"{NAME}:/a"]
    assert fields(volume("/a", Name=""), Binds=["/a"])["Binds"] == [f"{NAME}:/a"]
    assert fields(Binds=["/a"])["Binds"] == ["/a"]


@pytest.mark.parametrize("mounted", [(), (volume("/a", "", Source="/odd"),)])
def test_a_volume_whose_name_nobody_tells_is_declared_as_it_was(
    mounted: tuple[Json, ...],
) -> None:
    """A container that was never started may have none yet."""
    declared = {"Type": "volume", "Target": "/a"}
    assert fields(*mounted, Mounts=[declared])["Mounts"] == [declared]
    assert fields(*mounted, Binds=["/a"])["Binds"] == ["/a"]


def test_a_mount_without_a_source_gets_the_volume_it_has() -> None:
    declared = {"Type": "volume", "Target": "/a/", "VolumeOptions": {"NoCopy": True}}
    found = fields(volume("/a"), Mounts=[declared])
    assert found["Mounts"] == [{**declared, "Source": NAME}]
    assert found["Binds"] is None
    tmpfs = {"Type": "tmpfs", "Target": "/t"}
    assert fields(volume("/t"), Mounts=[tmpfs])["Mounts"] == [tmpfs]


def test_what_somebody_lends_comes_from_there_again() -> None:
    lent = {"Mounts": [volume("/a"), folder("/b")]}
    found = fields(
        volume("/a", RW=False),
        folder("/b"),
        volume("/own", OTHER),
        VolumesFrom=["base:ro"],
        lenders={"base": lent},
    )
    assert found == {
        "Binds": [f"{OTHER}:/own"],
        "Mounts": None,
        "VolumesFrom": ["base:ro"],
    }


def test_what_a_lender_has_no_more_is_said_by_its_name() -> None:
    """The lender was made anew and has another volume there."""
    found = fields(
        volume("/a"),
        VolumesFrom=["base", "gone:ro"],
        lenders={"base": {"Mounts": [volume("/a", OTHER)]}},
    )
    assert found["Binds"] == [f"{NAME}:/a"]
    assert found["VolumesFrom"] == ["base"]


@pytest.mark.parametrize(
    "mounted",
    [
        {"Type": "tmpfs", "Source": "", "Destination": "/t"},
        {"Type": "volume", "Destination": "/t"},
        {"Type": "bind", "Source": None, "Destination": "/t"},
        {},
    ],
)
def test_what_has_no_name_on_the_host_is_not_declared(mounted: Json) -> None:
    assert fields(mounted)["Binds"] is None


def test_null_stays_null_and_empty_stays_empty() -> None:
    raw: Json = {"Mounts": None, "HostConfig": {"Binds": [], "Mounts": None}}
    found = volume_fields(read_recipe(raw), {})
    assert found == {"Binds": [], "Mounts": None, "VolumesFrom": None}
