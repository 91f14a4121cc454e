"""Who lives in real namespaces, compared with what lsns says of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import psutil
import pytest

from nstui.model.holders import HolderKind, ProcessHolder
from nstui.model.namespace import NamespaceKind
from nstui.procfs.host import PROC
from nstui.procfs.scan import scan_mounts, scan_processes
from tests.unit.procfs.scan import nobody
from tests.unit.procfs.scan.machine import Machine, started_by, until
from tests.unit.procfs.ways import machine_at, scanned

if TYPE_CHECKING:
    from collections.abc import Iterator

NET, PID, IPC = NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC
PROGRAMS = ("unshare", "nsenter", "lsns", "ip", "mount")


def cannot(reason: str) -> None:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"no real namespaces: {reason}")
    pytest.skip(f"no real namespaces: {reason}")


@pytest.fixture(scope="module", autouse=True)
def _requirements() -> None:
    """Make sure that this machine lets namespaces be made and listed."""
    if os.geteuid() != 0:
        cannot("needs root")
    for program in PROGRAMS:
        if which(program) is None:
            cannot(f"needs {program}")
    probe = ["unshare", "--mount", "--net", "mount", "-t", "tmpfs", "none", "/run"]
    if subprocess.run(probe, capture_output=True, timeout=30, check=False).returncode:
        cannot("mounting is refused")


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Return a way to start processes, all of which are ended afterwards."""
    machine = Machine()
    try:
        yield machine
    finally:
        machine.close()


def inode(pid: int, kind: NamespaceKind) -> int:
    """Return the inode of a namespace as the kernel writes it into a link's text."""
    text = str(Path(f"/proc/{pid}/ns/{kind}").readlink())
    return int(text.removeprefix(f"{kind}:[").removesuffix("]"))


def found_in(pid: int, kind: NamespaceKind) -> ProcessHolder:
    """Return what is found of the namespace that a process is in."""
    wanted = inode(pid, kind)
    found = scan_processes(scanned(PROC), [kind]).holders or ()
    (holder,) = (each for each in found if each.namespace.inode == wanted)
    return holder


@pytest.mark.parametrize(("option", "kind"), [("-n", NET), ("-i", IPC)])
def test_a_stray_process_is_found_in_its_namespace(
    machine: Machine, option: str, kind: NamespaceKind
) -> None:
    pid = machine.start(f"unshare {option} sleep 600")

    found = found_in(pid, kind)

    assert (found.pid, found.count, found.command) == (pid, 1, "sleep")
    started = found.first[0].started_at
    assert started is not None
    assert abs(started.timestamp() - psutil.Process(pid).create_time()) < 1
    assert found.namespace.device == Path(f"/proc/{pid}/ns/{kind}").stat().st_dev


def test_the_first_process_of_a_pid_namespace_is_found_by_the_hosts_pid(
    machine: Machine,
) -> None:
    outside = machine.start("unshare -pf sleep 600", sleeps=False)
    (inside,) = started_by(outside)

    assert found_in(outside, PID).namespace != found_in(inside, PID).namespace
    assert (found_in(inside, PID).pid, found_in(inside, PID).count) == (inside, 1)


def test_one_that_enters_is_counted_and_one_that_leaves_is_not(
    machine: Machine,
) -> None:
    pid = machine.start("unshare -n sleep 600")
    other = machine.start(f"nsenter -n -t {pid} sleep 600")

    found = found_in(pid, NET)
    assert (found.pid, found.count) == (min(pid, other), 2)

    os.kill(other, signal.SIGKILL)
    until(lambda: ") Z " in Path(f"/proc/{other}/stat").read_text())
    # It has not been reaped: it has a pid, but is in no network any more.
    scan = scan_processes(scanned(PROC), [NET])
    assert scan.unread[NET].vanished >= 1
    assert found_in(pid, NET).count == 1


def test_a_named_network_is_found_with_and_without_a_process(
    machine: Machine,
) -> None:
    machine.inside("ip netns add blue; ip netns add red; touch /run/netns/broken")
    pid = machine.start_in("blue")

    scan = scan_mounts(machine_at(PROC), f"{machine.pid}")

    named = [each for each in scan.holders or () if each.kind is HolderKind.NAMED]
    assert [each.path for each in named] == ["/run/netns/blue", "/run/netns/red"]
    assert scan.leftovers == ("broken",)
    blue, red = (each.namespace for each in named)
    # The device that the mounts tell is the one that a stat tells.
    assert found_in(pid, NET).namespace == blue
    assert blue.inode != red.inode
    found = scan_processes(scanned(PROC), [NET]).holders or ()
    assert red not in {each.namespace for each in found}


def test_a_name_whose_mount_has_gone_is_left_over(machine: Machine) -> None:
    machine.inside("ip netns add blue; umount /run/netns/blue")
    machine.inside("ln -s /proc/1/ns/net /run/netns/linked")

    scan = scan_mounts(machine_at(PROC), f"{machine.pid}")

    assert scan.leftovers == ("blue",)
    assert HolderKind.NAMED not in {each.kind for each in scan.holders or ()}


def test_a_name_that_is_no_text_is_not_left_over(machine: Machine) -> None:
    machine.inside("ip netns add \"$(printf 'caf\\351')\"")

    scan = scan_mounts(machine_at(PROC), f"{machine.pid}")

    assert "caf\\xe9" in {each.name for each in scan.holders or ()}
    assert scan.leftovers == ()


def test_odd_names_and_other_places_are_read_as_they_are(machine: Machine) -> None:
    machine.inside("ip netns add 'b  l\tu\\e'")
    machine.inside("mkdir -p /run/docker/netns /run/exec/netns")
    for path in ("/run/docker/netns/default", "/run/exec/netns/426731115b14", "/run/x"):
        machine.inside(f"touch {path}; mount --bind /proc/self/ns/net {path}")

    found = scan_mounts(machine_at(PROC), f"{machine.pid}").holders or ()

    ours = [(each.path, each.kind) for each in found if each.path.startswith("/run/")]
    assert ours == [
        ("/run/docker/netns/default", HolderKind.ENGINE),
        ("/run/exec/netns/426731115b14", HolderKind.ENGINE),
        ("/run/netns/b  l\tu\\e", HolderKind.NAMED),
        ("/run/x", HolderKind.MOUNT),
    ]


def test_the_readers_own_mounts_are_read_unless_told_otherwise(
    machine: Machine,
) -> None:
    machine.inside("ip netns add blue")
    program = (
        "from tests.unit.procfs.ways import machine_at;"
        "from nstui.procfs.scan import scan_mounts;"
        "print([each.path for each in scan_mounts(machine_at()).holders])"
    )
    enter = ["nsenter", "-m", "-t", f"{machine.pid}", sys.executable, "-c", program]
    done = subprocess.run(enter, check=True, capture_output=True, timeout=30)

    assert "/run/netns/blue" in done.stdout.decode()
    assert "/run/netns/blue" not in {
        each.path for each in scan_mounts(machine_at(PROC)).holders or ()
    }


def test_nobody_is_told_how_many_were_refused(machine: Machine) -> None:
    pid = machine.start("unshare -n sleep 600")

    told = nobody.scan_as_nobody()

    assert pid not in told.pids
    assert os.getpid() not in told.pids
    assert told.refused >= len({1, 2, pid, os.getpid()})
    assert not told.hides_others


def test_where_others_are_hidden_it_is_said(machine: Machine) -> None:
    machine.start("unshare -n sleep 600")

    told = nobody.scan_as_nobody(mount="mount -t proc -o hidepid=2 proc")

    assert told.hides_others
    assert told.refused == 0
    assert len(told.pids) == 1


Row = tuple[int, int, int]


def ours(kind: NamespaceKind) -> set[Row]:
    """Return inode, pid and count of each namespace as we list them."""
    found = scan_processes(scanned(PROC), [kind]).holders or ()
    return {(each.namespace.inode, each.pid, each.count) for each in found}


def lsns_rows(machine: Machine, kind: NamespaceKind) -> set[Row]:
    """Return what lsns lists, without itself: it is where the test is."""
    own = inode(os.getpid(), kind)
    return {
        (each.inode, each.pid, each.processes - (each.inode == own))
        for each in machine.lsns(kind)
        if each.processes
    }


@pytest.mark.parametrize("kind", NamespaceKind)
def test_the_same_namespaces_pids_and_counts_as_lsns(
    machine: Machine, kind: NamespaceKind
) -> None:
    machine.inside("ip netns add blue; ip netns add red")
    stray = machine.start("unshare -n -i -u sleep 600")
    started = [
        stray,
        machine.start_in("blue"),
        machine.start_in("blue"),
        machine.start(f"nsenter -n -t {stray} sleep 600"),
        machine.start("unshare -pf sleep 600", sleeps=False),
    ]
    # The rest of the machine does not hold still for it.
    end = time.monotonic() + 20
    while (we := ours(kind)) != (they := lsns_rows(machine, kind)):
        assert time.monotonic() < end, f"only here {we - they}, only lsns {they - we}"
    assert {inode(pid, kind) for pid in started} <= {row[0] for row in we}


def test_the_same_mounts_as_lsns(machine: Machine) -> None:
    machine.inside("ip netns add blue; ip netns add 'my red'")
    for name in ("blue", "'my red'"):
        machine.start_in(name)

    found = scan_mounts(machine_at(PROC), f"{machine.pid}").holders or ()

    for path in ("/run/netns/blue", "/run/netns/my red"):
        (mount,) = (each for each in found if each.path == path)
        (theirs,) = (each for each in machine.lsns(NET) if path in each.mounts)
        assert mount.namespace.inode == theirs.inode
