"""Which namespaces are mounted, by the text that the kernel writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from nstui.model.holders import HolderKind, MountHolder, MountScan
from nstui.model.namespace import Namespace, NamespaceKind
from nstui.procfs.scan import mounted_namespaces, scan_mounts
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from pathlib import Path

NSFS = "rw shared:5 - nsfs nsfs rw"


def line(path: str, root: str = "net:[4026532184]", device: str = "0:4") -> str:
    """Return a line as the kernel writes it for a mounted namespace."""
    return f"304 27 {device} {root} {path} {NSFS}\n"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Return a folder like ``/proc``, whose reader has a folder of named networks."""
    (tmp_path / "self" / "root" / "run" / "netns").mkdir(parents=True)
    (tmp_path / "self" / "mountinfo").write_text("")
    return tmp_path


def names(proc: Path) -> Path:
    """Return the folder of the names of networks."""
    return proc / "self" / "root" / "run" / "netns"


def test_a_mounted_namespace_is_told_by_device_inode_and_path() -> None:
    text = line("/run/netns/blue", "net:[4026532184]", "1:4")
    assert mounted_namespaces(text) == (
        MountHolder(
            namespace=Namespace(NamespaceKind.NET, os.makedev(1, 4), 4026532184),
            kind=HolderKind.NAMED,
            path="/run/netns/blue",
        ),
    )


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/run/netns/blue", "named", "blue"),
        ("/var/run/netns/blue", "named", "blue"),
        # A name of somebody's own may look like anything.
        ("/run/netns/default", "named", "default"),
        ("/run/netns/426731115b14", "named", "426731115b14"),
        ("/run/docker/netns/426731115b14", "engine", "426731115b14"),
        ("/var/run/docker/netns/426731115b14", "engine", "426731115b14"),
        ("/run/docker/netns/anything", "engine", "anything"),
        ("/var/run/docker/netns/anything", "engine", "anything"),
        ("/srv/two\\012lines/netns/default", "engine", "default"),
        ("/srv/exec/netns/426731115b14", "engine", "426731115b14"),
        ("/srv/exec/netns/default", "engine", "default"),
        ("/srv/exec/netns/ingress_sbox", "engine", "ingress_sbox"),
        ("/srv/exec/netns/1-qwj5vy0a2k", "engine", "1-qwj5vy0a2k"),
        ("/srv/exec/netns/lb_qwj5vy0a2", "engine", "lb_qwj5vy0a2"),
        ("/srv/exec/netns/426731115b1", "mount", "426731115b1"),
        ("/srv/exec/netns/426731115b14/x", "mount", "x"),
        ("/srv/exec/other/426731115b14", "mount", "426731115b14"),
        ("/run/netns/folder/blue", "mount", "blue"),
        ("/run/user/1000/netns/netns-1", "mount", "netns-1"),
        ("/srv/run/netns/blue", "mount", "blue"),
    ],
)
def test_whose_a_mount_is_by_where_it_is(path: str, kind: str, name: str) -> None:
    (found,) = mounted_namespaces(line(path))
    assert (found.kind, found.name) == (HolderKind(kind), name)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/run/netns/my\\040blue", "/run/netns/my blue"),
        ("/run/netns/a\\011b\\012c", "/run/netns/a\tb\nc"),
        ("/run/netns/a\\134040b", "/run/netns/a\\040b"),
        ("/run/netns/a\\043b", "/run/netns/a#b"),
        ("/run/netns/a\u2028b", "/run/netns/a\u2028b"),
    ],
)
def test_the_kernels_escapes_are_undone_once(written: str, path: str) -> None:
    (found,) = mounted_namespaces(line(written))
    assert (found.path, found.kind) == (path, HolderKind.NAMED)


def test_every_kind_that_containers_share_is_read_and_no_other() -> None:
    kinds = ("net", "pid", "ipc", "uts", "mnt", "user", "cgroup", "time")
    text = "".join(line(f"/srv/{kind}", f"{kind}:[40]") for kind in kinds)
    assert [each.namespace.kind for each in mounted_namespaces(text)] == [
        NamespaceKind.IPC,
        NamespaceKind.NET,
        NamespaceKind.PID,
        NamespaceKind.UTS,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "nonsense\n",
        "304 27 0:4 net:[40] /run/netns/blue rw\n",
        "304 27 0:4 net:[40] /run/netns/blue rw -\n",
        "304 27 0:4 net:[40] /run/netns/blue rw - tmpfs nsfs rw\n",
        "304 27 0:4 net:[40] /run/netns/blue rw nsfs nsfs - tmpfs tmpfs rw\n",
        "304 27 0:4 net:[] /run/netns/blue rw - nsfs nsfs rw\n",
        "304 27 0:4 / /run/netns/blue rw - nsfs nsfs rw\n",
        "304 27 four net:[40] /run/netns/blue rw - nsfs nsfs rw\n",
    ],
)
def test_what_is_no_mounted_namespace_is_passed_over(text: str) -> None:
    assert mounted_namespaces(text) == ()


@pytest.mark.parametrize("optional", ["", "shared:5 ", "shared:5 master:1 new:9 "])
def test_any_number_of_optional_fields_may_come_before_the_dash(optional: str) -> None:
    text = f"304 27 0:4 net:[40] /run/netns/blue rw {optional}- nsfs nsfs rw\n"
    assert [each.namespace.inode for each in mounted_namespaces(text)] == [40]


def test_a_mount_that_is_listed_twice_is_one() -> None:
    twice = line("/run/netns/blue") + line("/run/netns/blue")
    assert len(mounted_namespaces(twice)) == 1


def test_a_mount_over_another_hides_a_name_but_both_hold_their_namespace() -> None:
    text = line("/run/netns/blue", "net:[40]") + line("/run/netns/blue", "net:[39]")
    assert [each.namespace.inode for each in mounted_namespaces(text)] == [39, 40]


def test_a_name_that_nothing_is_mounted_on_is_left_over(proc: Path) -> None:
    for name in ("zoo", "blue", "ant"):
        (names(proc) / name).touch()
    (proc / "self" / "mountinfo").write_text(line("/run/netns/blue"))

    scan = scan_mounts(machine_at(proc))

    assert [each.name for each in scan.holders or ()] == ["blue"]
    assert scan.leftovers == ("ant", "zoo")


def test_a_link_is_left_over_only_if_it_leads_nowhere(proc: Path) -> None:
    (proc / "namespace").touch()
    (names(proc) / "led").symlink_to(proc / "namespace")
    (names(proc) / "lost").symlink_to(proc / "missing")

    assert scan_mounts(machine_at(proc)).leftovers == ("lost",)


def test_the_mounts_of_another_process_are_read_with_its_own_folder(
    proc: Path,
) -> None:
    (names(proc) / "mine").touch()
    folder = proc / "42" / "root" / "run" / "netns"
    folder.mkdir(parents=True)
    (folder / "theirs").touch()
    (proc / "42" / "mountinfo").write_text(line("/run/docker/netns/426731115b14"))

    scan = scan_mounts(machine_at(proc), "42")

    assert [each.name for each in scan.holders or ()] == ["426731115b14"]
    assert scan.leftovers == ("theirs",)


def test_without_a_folder_of_names_there_are_no_leftovers(proc: Path) -> None:
    names(proc).rmdir()
    assert scan_mounts(machine_at(proc)) == MountScan(holders=(), leftovers=())


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(proc: Path) -> None:
    names(proc).rmdir()
    names(proc).touch()
    assert scan_mounts(machine_at(proc)) == MountScan(holders=(), leftovers=None)


def test_mounts_that_cannot_be_read_are_not_none(tmp_path: Path) -> None:
    assert scan_mounts(machine_at(tmp_path)) == MountScan(holders=None, leftovers=None)


def test_a_path_that_is_no_text_is_told_by_its_bytes(proc: Path) -> None:
    text = line("/run/netns/caf@").encode().replace(b"@", b"\xe9")
    (proc / "self" / "mountinfo").write_bytes(text)

    assert [each.name for each in scan_mounts(machine_at(proc)).holders or ()] == [
        "caf\\xe9"
    ]
