"""What the kernel says of files that were mounted into real processes."""

from __future__ import annotations

import os
import shlex
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest

from nstui.procfs.host import PROC
from nstui.procfs.namespaces import mounted_files
from tests.unit.procfs.tree import container_id
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nstui.model.snapshot import MountedFile

    Inside = Callable[[str], tuple[MountedFile, ...]]

OWNER = container_id("a")


def cannot(reason: str) -> None:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"no real mounts: {reason}")
    pytest.skip(f"no real mounts: {reason}")


@pytest.fixture(autouse=True)
def _requirements() -> None:
    """Make sure that this machine lets files be mounted."""
    if os.geteuid() != 0:
        cannot("needs root")
    if which("unshare") is None:
        cannot("needs unshare")
    probe = ["unshare", "--mount", "mount", "--bind", "/etc/hosts", "/etc/hosts"]
    if subprocess.run(probe, capture_output=True, timeout=30, check=False).returncode:
        cannot("mounting is refused")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a container, with the three files of the engine."""
    place = tmp_path / "my data" / "containers" / OWNER
    place.mkdir(parents=True)
    for name in ("resolv.conf", "hosts", "hostname"):
        (place / name).write_text("")
    return place


@pytest.fixture
def inside() -> Iterator[Inside]:
    """Return what runs a script in a process of its own mounts, and looks at them."""
    running: list[subprocess.Popen[bytes]] = []

    def run(script: str) -> tuple[MountedFile, ...]:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-ec", f"{script}; echo; exec sleep 600"],
            stdout=subprocess.PIPE,
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n", "the script failed"
        with machine_at(PROC).process(process.pid) as opened:
            return mounted_files(opened.text("mountinfo"))

    yield run
    for process in running:
        process.kill()
        process.communicate(timeout=30)


def bind(source: Path, name: str) -> str:
    """Return the command that mounts a file into ``/etc``."""
    return f"mount --bind {shlex.quote(str(source))} /etc/{name}"


def test_files_that_are_there_and_whose_they_are(inside: Inside, folder: Path) -> None:
    found = inside(f"{bind(folder / 'hosts', 'hosts')}")

    (hosts,) = (one for one in found if one.name == "hosts")
    assert (hosts.is_deleted, hosts.belongs_to) == (False, OWNER)
    # The place is told from where its file system begins.
    assert str(folder / "hosts").endswith(hosts.source)


def test_files_that_were_removed(inside: Inside, folder: Path) -> None:
    names = [path.name for path in folder.iterdir()]
    mounts = " && ".join(bind(folder / name, name) for name in names)

    found = inside(f"{mounts} && rm -r {shlex.quote(str(folder))}")

    lost = {one.name: one for one in found if one.belongs_to == OWNER}
    assert set(lost) == {"resolv.conf", "hosts", "hostname"}
    for name, one in lost.items():
        assert one.is_deleted
        assert str(folder / name).endswith(one.source)


def test_a_file_mounted_over_another_is_what_is_seen(
    inside: Inside, folder: Path, tmp_path: Path
) -> None:
    own = tmp_path / "hosts"
    own.write_text("")

    found = inside(f"{bind(folder / 'hosts', 'hosts')} && {bind(own, 'hosts')}")

    (hosts,) = (one for one in found if one.name == "hosts")
    assert str(own).endswith(hosts.source)
    assert hosts.belongs_to is None
