"""Whose files are mounted into a container's ``/etc``."""

from __future__ import annotations

import pytest

from nstui.model.snapshot import MountedFile
from nstui.procfs.namespaces import mounted_files
from tests.support.builders import cid

OWNER = cid("own")
FOLDER = f"/var/lib/docker/containers/{OWNER}"
REST = "rw,relatime - ext4 /dev/sda1 rw"


def test_files_of_a_container_that_exists() -> None:
    text = "\n".join(
        (
            f"30 20 0:5 / /proc {REST}",
            f"31 20 8:1 {FOLDER}/resolv.conf /etc/resolv.conf {REST}",
            f"32 20 8:1 {FOLDER}/hostname /etc/hostname {REST}",
            f"33 20 8:1 {FOLDER}/hosts /etc/hosts {REST}",
        )
    )
    assert mounted_files(text) == tuple(
        MountedFile(name, f"{FOLDER}/{name}", is_deleted=False, belongs_to=OWNER)
        for name in ("resolv.conf", "hostname", "hosts")
    )


def test_a_file_whose_owner_was_removed() -> None:
    text = f"31 20 8:1 {FOLDER}/hosts//deleted /etc/hosts {REST}"
    assert mounted_files(text) == (
        MountedFile("hosts", f"{FOLDER}/hosts", is_deleted=True, belongs_to=OWNER),
    )


def test_podman_has_one_folder_more() -> None:
    folder = f"/run/containers/{OWNER}/userdata"
    (found,) = mounted_files(f"31 20 0:5 {folder}/hosts /etc/hosts {REST}")
    assert found.belongs_to == OWNER


def test_a_file_of_somebodys_own_belongs_to_nobody() -> None:
    (found,) = mounted_files(f"31 20 8:1 /srv/my\\040hosts /etc/hosts {REST}")
    assert (found.source, found.belongs_to) == ("/srv/my hosts", None)


def test_what_is_no_line_of_mounts_is_passed_over() -> None:
    assert mounted_files("\nnonsense\n31 20 8:1 /a\n") == ()


def test_a_file_mounted_over_another_hides_it() -> None:
    text = "\n".join(
        (
            f"31 20 8:1 {FOLDER}/hosts//deleted /etc/hosts {REST}",
            f"32 20 8:1 {FOLDER}/hostname /etc/hostname {REST}",
            f"40 31 8:1 /srv/hosts /etc/hosts {REST}",
        )
    )
    assert [(one.name, one.source) for one in mounted_files(text)] == [
        ("hosts", "/srv/hosts"),
        ("hostname", f"{FOLDER}/hostname"),
    ]


@pytest.mark.parametrize(
    "place", ["/etc", "/etc/hosts.bak", "/srv/etc/hosts", "/etc/resolv.conf.d"]
)
def test_what_is_mounted_elsewhere_is_none_of_them(place: str) -> None:
    assert mounted_files(f"31 20 8:1 {FOLDER}/hosts {place} {REST}") == ()
