"""What is said of mounts and volumes."""

from __future__ import annotations

import pytest

from tests.unit.render.as_run.inspects import VOLUME, Cases, inspect, said, volume


def mount(kind: str, **options: object) -> dict[str, object]:
    """Return a mount that was asked for with ``--mount``."""
    plain = {"Type": kind, "Source": "/a", "Target": "/b"}
    return {"Mounts": [{**plain, **options}]}


ASKED_FOR: Cases = {
    "binds": ({"Binds": ["/a:/b:ro", "v:/c"]}, "-v /a:/b:ro -v v:/c"),
    "tmpfs": ({"Tmpfs": {"/a": "", "/b": "size=1m"}}, "--tmpfs /a --tmpfs /b:size=1m"),
    "volumes from": ({"VolumesFrom": ["db:ro"]}, "--volumes-from db:ro"),
    "volume driver": ({"VolumeDriver": "nfs"}, "--volume-driver nfs"),
    "bind": (mount("bind"), "--mount type=bind,src=/a,dst=/b"),
    "bind with options": (
        mount(
            "bind",
            ReadOnly=True,
            Consistency="cached",
            BindOptions={
                "Propagation": "rprivate",
                "ReadOnlyForceRecursive": True,
                "CreateMountpoint": True,
            },
        ),
        (
            "--mount type=bind,src=/a,dst=/b,readonly,consistency=cached,"
            "bind-propagation=rprivate,bind-recursive=readonly,bind-create-src"
        ),
    ),
    "not recursive": (
        mount("bind", BindOptions={"NonRecursive": True}),
        "--mount type=bind,src=/a,dst=/b,bind-recursive=disabled",
    ),
    "compose's bind": (
        mount("bind", BindOptions={"CreateMountpoint": True}, ReadOnly=True),
        "-v /a:/b:ro",
    ),
    "compose's odd bind": (
        mount("bind", BindOptions={"CreateMountpoint": True}, Target="/b:c"),
        "--mount type=bind,src=/a,dst=/b:c,bind-create-src",
    ),
    "odd bind": (
        mount("bind", Source='/a,"b"c'),
        """--mount 'type=bind,"src=/a,""b""c",dst=/b'""",
    ),
    "volume with options": (
        mount(
            "volume",
            Source="v",
            VolumeOptions={
                "NoCopy": True,
                "Subpath": "s",
                "Labels": {"a": "b=c"},
                "DriverConfig": {"Name": "nfs", "Options": {"o": "rw,soft"}},
            },
        ),
        (
            "--mount 'type=volume,src=v,dst=/b,volume-nocopy,volume-subpath=s,"
            'volume-label=a=b=c,volume-driver=nfs,"volume-opt=o=rw,soft"\''
        ),
    ),
    "tmpfs with options": (
        mount("tmpfs", Source="", TmpfsOptions={"SizeBytes": 9, "Mode": 0o1770}),
        "--mount type=tmpfs,dst=/b,tmpfs-size=9,tmpfs-mode=1770",
    ),
    "image": (
        mount("image", Source="web", ImageOptions={"Subpath": "s"}),
        "--mount type=image,src=web,dst=/b,image-subpath=s",
    ),
}


@pytest.mark.parametrize(("host", "words"), ASKED_FOR.values(), ids=ASKED_FOR)
def test_what_was_asked_for(host: dict[str, object], words: str) -> None:
    assert said(inspect(host=host)) == words


MOUNTS: dict[str, tuple[dict[str, object], dict[str, object], object, str]] = {
    "without a name": ({}, {}, [volume("/a")], f"-v {VOLUME}:/a"),
    "read-only": ({}, {}, [volume("/a", RW=False)], f"-v {VOLUME}:/a:ro"),
    "said already": (
        {},
        {"Binds": ["v:/a"], "Mounts": [{"Type": "tmpfs", "Target": "/b"}]},
        [volume("/a"), volume("/b")],
        "-v v:/a --mount type=tmpfs,dst=/b",
    ),
    "by --mount": (
        {},
        {"Mounts": [{"Type": "volume", "Target": "/a"}]},
        [volume("/a")],
        f"--mount type=volume,src={VOLUME},dst=/a",
    ),
    "of another driver": (
        {},
        {},
        [volume("/a", Driver="nfs", RW=False)],
        f"--mount type=volume,src={VOLUME},dst=/a,readonly,volume-driver=nfs",
    ),
    "of the driver of all": (
        {},
        {"VolumeDriver": "nfs"},
        [volume("/a", Driver="nfs")],
        f"-v {VOLUME}:/a --volume-driver nfs",
    ),
    "in an odd place": (
        {},
        {},
        [volume("/a:b")],
        f"--mount type=volume,src={VOLUME},dst=/a:b,volume-driver=local",
    ),
    "of another container": (
        {"Volumes": {"/b": {}}},
        {"VolumesFrom": ["db"]},
        [volume("/a"), volume("/b")],
        f"-v {VOLUME}:/b --volumes-from db",
    ),
    "declared with a slash": (
        {"Volumes": {"/b/": {}}},
        {"VolumesFrom": ["db"]},
        [volume("/a"), volume("/b")],
        f"-v {VOLUME}:/b --volumes-from db",
    ),
    "no volume": ({}, {}, [{"Type": "tmpfs", "Destination": "/a"}], ""),
}


@pytest.mark.parametrize(
    ("config", "host", "mounts", "words"), MOUNTS.values(), ids=MOUNTS
)
def test_volumes(
    config: dict[str, object], host: dict[str, object], mounts: object, words: str
) -> None:
    assert said(inspect(config, host, mounts=mounts)) == words
