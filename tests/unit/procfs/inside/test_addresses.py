"""Which addresses there are, and on which interface, by captured texts."""

from __future__ import annotations

import pytest

from nstui.model.network import Address
from nstui.procfs.addresses import addresses4, addresses6

LOOPBACK = """\
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
"""
LO = ("lo", Address("127.0.0.1", 8))

HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n"
DEFAULT = "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
DOCKER = "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"


def local(*entries: tuple[str, str], loopback: str = LOOPBACK) -> str:
    """Write the local table as ``fib_trie`` does."""
    leaves = "".join(f"     |-- {leaf}\n        {kind}\n" for leaf, kind in entries)
    return f"Main:\n  |-- 9.9.9.9\n     /32 host LOCAL\nLocal:\n{loopback}{leaves}"


def host(*addresses: str) -> tuple[tuple[str, str], ...]:
    return tuple((address, "/32 host LOCAL") for address in addresses)


def last(*addresses: str) -> tuple[tuple[str, str], ...]:
    return tuple((address, "/32 link BROADCAST") for address in addresses)


def test_an_ordinary_container() -> None:
    text = local(*host("172.17.0.2"), *last("172.17.255.255"))

    found = addresses4(text, HEADER + DEFAULT + DOCKER, "little")

    assert found == (LO, ("eth0", Address("172.17.0.2", 16)))


def test_a_big_machine_writes_its_words_the_other_way() -> None:
    text = local(*host("172.17.0.2"), *last("172.17.255.255"))
    route = f"{HEADER}eth0\tAC110000\t00000000\t0001\t0\t0\t0\tFFFF0000\t0\t0\t0\n"

    assert addresses4(text, route, "big") == (
        LO,
        ("eth0", Address("172.17.0.2", 16)),
    )


def test_a_kernel_that_has_one_table_writes_it_twice() -> None:
    both = f"     |-- 172.17.0.0\n        /16 link UNICAST\n{LOOPBACK}"
    text = f"Main:\n{both}Local:\n{both}"

    assert addresses4(text, HEADER + DOCKER, "little") == (LO,)


def test_nothing_but_headers_is_no_address() -> None:
    assert addresses4("", "", "little") == ()
    assert addresses4("Main:\nLocal:\n", HEADER, "little") == ()


def test_the_second_address_in_a_network_is_inferred() -> None:
    text = local(*host("172.17.0.2", "172.17.0.3"), *last("172.17.255.255"))

    found = addresses4(text, HEADER + DOCKER, "little")

    assert found[1:] == tuple(
        ("eth0", Address(each, 16, is_inferred=True))
        for each in ("172.17.0.2", "172.17.0.3")
    )


def test_the_narrowest_network_that_holds_an_address_has_it() -> None:
    route = (
        f"{HEADER}eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n"
        "eth1\t0000010A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    )
    text = local(*host("10.0.0.1", "10.1.0.1"), *last("10.255.255.255", "10.1.255.255"))

    assert addresses4(text, route, "little")[:2] == (
        ("eth0", Address("10.0.0.1", 8)),
        ("eth1", Address("10.1.0.1", 16)),
    )


UNPLACED = {
    "a tunnel's": ("", ()),
    "through a gateway": (
        "eth0\t0000080A\t010011AC\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0\n",
        ("10.8.255.255",),
    ),
    # WireGuard's AllowedIPs: no address made this network.
    "somebody's own route": (
        "wg0\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n",
        (),
    ),
    "packets are thrown away": (
        "*\t0000080A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n",
        ("10.8.255.255",),
    ),
    "on two interfaces": (
        "".join(
            f"{name}\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
            for name in ("a0", "b0")
        ),
        ("10.8.255.255", "10.8.255.255"),
    ),
}


@pytest.mark.parametrize(("route", "broadcasts"), UNPLACED.values(), ids=UNPLACED)
def test_an_address_of_an_unknown_interface_is_listed(
    route: str, broadcasts: tuple[str, ...]
) -> None:
    text = local(*host("10.8.0.5"), *last(*broadcasts))

    found = addresses4(text, HEADER + route, "little")

    assert found == ((None, Address("10.8.0.5", None)), LO)


def test_a_network_of_two_has_no_broadcast_address_and_is_inferred() -> None:
    route = f"{HEADER}br0\t067100CB\t00000000\t0001\t0\t0\t0\tFEFFFFFF\t0\t0\t0\n"

    found = addresses4(local(*host("203.0.113.7")), route, "little")

    assert found[1] == ("br0", Address("203.0.113.7", 31, is_inferred=True))


def test_a_route_that_ends_where_anothers_network_does_is_not_certain() -> None:
    route = (
        f"{HEADER}eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n"
        "tun0\t00FFFF0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    )
    text = local(*host("10.0.0.1", "10.255.255.5"), *last("10.255.255.255"))

    found = dict(addresses4(text, route, "little"))

    assert found["tun0"].is_inferred
    assert found["eth0"].is_inferred


def test_a_proxys_route_makes_no_address() -> None:
    text = local(("0.0.0.0", "/0 host LOCAL"), *host("10.8.0.5"))

    assert addresses4(text, HEADER, "little") == (
        (None, Address("10.8.0.5", None)),
        LO,
    )


def test_the_addresses_of_ipv6() -> None:
    text = (
        "20010db8000000000000000000000005 03 40 00 82     eth0\n"
        "fe8000000000000070aa79fffe3840a6 1f 40 20 80 abcdefghijklmno\n"
        "00000000000000000000000000000001 01 80 10 80       lo\n"
    )
    assert addresses6(text) == (
        ("eth0", Address("2001:db8::5", 64)),
        ("abcdefghijklmno", Address("fe80::70aa:79ff:fe38:40a6", 64)),
        ("lo", Address("::1", 128)),
    )
    assert addresses6("") == ()
