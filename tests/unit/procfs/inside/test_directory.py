"""Files of a process and what it means that they are missing, in a made-up folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from nstui.model.network import Interfaces, Routes
from nstui.model.snapshot import ReadProblem
from nstui.procfs.machine import LocalMachine
from nstui.procfs.network import read_interfaces, read_routes
from nstui.procfs.process import Process, rows
from nstui.procfs.sockets import read_held_sockets, read_namespace_sockets
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Reader = Callable[[Process], object]

PID = 42

DEV = "\n\n    lo: " + " ".join(["0"] * 16) + "\n"
FILES = {
    "net/dev": DEV,
    "net/igmp": "",
    "net/fib_trie": "",
    "net/route": "",
    "net/if_inet6": "",
    "net/ipv6_route": "",
    **{f"net/{name}": "" for name in ("tcp", "tcp6", "udp", "udp6")},
    "comm": "web\n",
}

READERS: dict[str, Reader] = {
    "interfaces": read_interfaces,
    "routes": read_routes,
    "sockets": read_namespace_sockets,
    "held sockets": lambda opened: read_held_sockets(opened, PID),
}


@pytest.fixture
def process(tmp_path: Path) -> Path:
    """Return the folder of a process that has every file, all but empty."""
    folder = tmp_path / str(PID)
    for name in ("net", "fd"):
        (folder / name).mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def opened(tmp_path: Path, process: Path) -> Iterator[Process]:
    assert process.is_dir()
    with machine_at(tmp_path).process(PID) as found:
        yield found


def test_a_kernel_without_ipv6_has_no_addresses_and_sockets_of_it(
    process: Path, opened: Process
) -> None:
    for name in ("if_inet6", "ipv6_route", "tcp6", "udp6"):
        (process / "net" / name).unlink()

    interfaces = read_interfaces(opened)

    assert isinstance(interfaces, Interfaces)
    assert [each.ipv6 for each in interfaces.interfaces] == [()]
    assert read_routes(opened) == Routes((), (), ())
    assert read_namespace_sockets(opened) == ()


def test_a_kernel_without_multicast_does_not_tell_what_is_up(
    tmp_path: Path, process: Path, opened: Process
) -> None:
    before = read_interfaces(opened)
    (process / "net/igmp").unlink()
    with machine_at(tmp_path).process(PID) as again:
        after = read_interfaces(again)

    assert isinstance(before, Interfaces)
    assert isinstance(after, Interfaces)
    assert [each.is_up for each in before.interfaces] == [False]
    assert [each.is_up for each in after.interfaces] == [None]


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_without_a_network_a_process_has_ended(
    process: Path, opened: Process, read: Reader
) -> None:
    for file in (process / "net").iterdir():
        file.unlink()

    assert read(opened) is ReadProblem.VANISHED


REFUSED = {
    "interfaces": ("interfaces", "net/if_inet6"),
    "up": ("interfaces", "net/igmp"),
    "routes": ("routes", "net/ipv6_route"),
    "sockets": ("sockets", "net/udp6"),
    "name": ("held sockets", "comm"),
    "descriptors": ("held sockets", "fd"),
}


@pytest.mark.parametrize(("reader", "name"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_refused_is_not_an_empty_one(
    process: Path, opened: Process, reader: str, name: str
) -> None:
    file = process / name
    file.rename(process / "aside")
    # Refused to whoever runs the tests, root included.
    file.symlink_to(file)

    assert READERS[reader](opened) is ReadProblem.DENIED


def test_only_sockets_among_what_is_open_are_held(
    process: Path, opened: Process
) -> None:
    for number, target in enumerate(("socket:[7]", "/dev/null", "pipe:[8]")):
        (process / "fd" / str(number)).symlink_to(target)

    held = read_held_sockets(opened, PID)

    assert not isinstance(held, ReadProblem)
    assert held.inodes == {7}
    assert (held.process.pid, held.process.command) == (PID, "web")


def test_a_file_is_not_missing_because_a_process_has_ended(
    tmp_path: Path, process: Path, opened: Process
) -> None:
    assert opened.optional_text("net/nothing") is None
    (process / "net/dev").unlink()

    with (
        machine_at(tmp_path).process(PID) as again,
        pytest.raises(FileNotFoundError),
    ):
        again.optional_text("net/nothing")


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_what_was_opened_to_read_is_closed(
    process: Path, opened: Process, read: Reader
) -> None:
    assert process.is_dir()
    before = os.listdir("/proc/self/fd")  # noqa: PTH208 - the names are wanted

    read(opened)

    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208 - as above


def test_a_directory_is_closed_at_the_end(tmp_path: Path, process: Path) -> None:
    assert process.is_dir()
    with LocalMachine(tmp_path).process(PID) as found:
        found.command()
    with pytest.raises(OSError, match="descriptor"):
        found.command()


def test_fields_are_told_apart_by_what_no_interface_can_be_called() -> None:
    text = "a header\n\n  eth0\t 1  2 \n\x1c\x85x\u2028y \x0b0\n"

    assert list(rows(text, header=1)) == [
        ["eth0", "1", "2"],
        ["\x1c\x85x\u2028y", "\x0b0"],
    ]
