"""Sockets and those who hold them, by captured texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.network import HeldSockets, Listener, Protocol, Socket, SocketProcess
from nstui.model.snapshot import ReadProblem
from nstui.procfs.sockets import listeners, sockets

if TYPE_CHECKING:
    from collections.abc import Collection

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
NOBODY = "00000000:0000"
NOBODY6 = "0" * 32 + ":0000"


def line(local: str, remote: str, state: str, inode: int) -> str:
    """Write a line of any of the files."""
    return (
        f"  10: {local} {remote} {state} 00000000:00000001 00:00000000 00000000 "
        f"    0        0 {inode} 2 00000000898fdae0 100 0 0 10 0                   \n"
    )


def socket(
    protocol: Protocol, address: str, port: int, *, inode: int = 7, waits: bool = True
) -> Socket:
    return Socket(
        protocol=protocol,
        address=address,
        port=port,
        inode=inode,
        is_listening=waits,
    )


TCP, TCP6, UDP, UDP6 = Protocol

READ = {
    "tcp": (TCP, line("0100007F:1F90", NOBODY, "0A", 7), "127.0.0.1", 8080, True),
    "all addresses": (TCP, line("00000000:0016", NOBODY, "0A", 7), "0.0.0.0", 22, True),
    "established": (
        TCP,
        line("0200010A:A4E1", "0100007F:CC9E", "01", 7),
        "10.1.0.2",
        42209,
        False,
    ),
    # What is left of a closed UDP state is no listener of TCP.
    "closed": (TCP, line("0100007F:1F90", NOBODY, "07", 7), "127.0.0.1", 8080, False),
    "tcp6": (
        TCP6,
        line(f"{'0' * 24}01000000:B959", NOBODY6, "0A", 7),
        "::1",
        47449,
        True,
    ),
    "mapped": (
        TCP6,
        line("0000000000000000FFFF00000100007F:ADB9", NOBODY6, "0A", 7),
        "::ffff:127.0.0.1",
        44473,
        True,
    ),
    "global": (
        TCP6,
        line("B80D0120000000000000000005000000:0050", NOBODY6, "0A", 7),
        "2001:db8::5",
        80,
        True,
    ),
    "udp": (UDP, line("00000000:0035", NOBODY, "07", 7), "0.0.0.0", 53, True),
    "udp with a peer": (
        UDP,
        line("0100007F:98A9", "0100007F:0035", "01", 7),
        "127.0.0.1",
        39081,
        False,
    ),
    "udp6": (UDP6, line(f"{'0' * 32}:FFFF", NOBODY6, "07", 7), "::", 65535, True),
}


@pytest.mark.parametrize(
    ("protocol", "text", "address", "port", "waits"), READ.values(), ids=READ
)
def test_a_socket_is_read(
    protocol: Protocol, text: str, address: str, port: int, *, waits: bool
) -> None:
    assert sockets(protocol, HEADER + text, "little") == (
        socket(protocol, address, port, waits=waits),
    )


def test_a_big_machine_writes_its_words_the_other_way() -> None:
    (four,) = sockets(TCP, HEADER + line("7F000001:1F90", NOBODY, "0A", 7), "big")
    mapped = line("00000000000000000000FFFF7F000001:1F90", NOBODY6, "0A", 7)
    (six,) = sockets(TCP6, HEADER + mapped, "big")

    assert (four.address, six.address) == ("127.0.0.1", "::ffff:127.0.0.1")
    assert (four.port, six.port) == (8080, 8080)


def test_sockets_are_read_in_their_order_with_their_inodes() -> None:
    text = HEADER + "".join(line(f"00000000:{n:04X}", NOBODY, "0A", n) for n in (3, 1))

    assert [(each.port, each.inode) for each in sockets(TCP, text, "little")] == [
        (3, 3),
        (1, 1),
    ]
    assert sockets(TCP, HEADER) == sockets(TCP, "") == ()


@pytest.mark.parametrize(
    ("address", "is_wildcard"),
    [("0.0.0.0", True), ("::", True), ("127.0.0.1", False), ("::1", False)],
)
def test_a_wildcard_is_all_addresses(address: str, *, is_wildcard: bool) -> None:
    assert socket(TCP, address, 1).is_wildcard is is_wildcard


WEB = HeldSockets(SocketProcess(42, "web"), frozenset({7, 8}))
WORKER = HeldSockets(SocketProcess(9, "worker"), frozenset({7}))
OTHER = HeldSockets(SocketProcess(50, "other"), frozenset({9}))

FOUND: dict[
    str, tuple[Collection[HeldSockets | ReadProblem], tuple[SocketProcess, ...] | None]
] = {
    "one": ([OTHER, WEB], (WEB.process,)),
    "several, by pid": ([WEB, WORKER], (WORKER.process, WEB.process)),
    "none among all": ([OTHER], ()),
    "somebody has ended": ([OTHER, ReadProblem.VANISHED], ()),
    "somebody could not be looked at": ([OTHER, ReadProblem.DENIED], None),
    "one beside somebody": ([ReadProblem.DENIED, WEB], (WEB.process,)),
    "nobody was looked at": ([], None),
}


@pytest.mark.parametrize(("held", "holders"), FOUND.values(), ids=FOUND)
def test_who_holds_a_listening_socket(
    held: Collection[HeldSockets | ReadProblem],
    holders: tuple[SocketProcess, ...] | None,
) -> None:
    waiting = socket(TCP, "0.0.0.0", 80)

    assert listeners([waiting], held) == (Listener(waiting, holders),)


def test_what_does_not_listen_is_no_listener() -> None:
    assert listeners([socket(TCP, "10.1.0.2", 80, waits=False)], [WEB]) == ()
