"""What is read of the interfaces of real networks, beside what ip says of them."""

from __future__ import annotations

import secrets
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.model.network import Address, Interface, Interfaces
from nstui.procfs.host import PROC
from nstui.procfs.network import read_interfaces
from tests.unit.procfs.inside.networks import CONTAINER, NASTY, ip_links, run_inside
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.procfs.inside.networks import IpLink, Networks


def interfaces_of(pid: int) -> Interfaces:
    with machine_at(PROC).process(pid) as process:
        found = read_interfaces(process)
    assert isinstance(found, Interfaces)
    return found


def by_name(found: Interfaces) -> dict[str, Interface]:
    return {each.name: each for each in found.interfaces}


def read_while_nothing_changes(pid: int) -> tuple[Interfaces, list[IpLink]]:
    """Return the interfaces, and what ip says of them before and after alike.

    The kernel gives link-local addresses a moment after an interface comes up.
    """
    for _ in range(50):
        before = ip_links(pid)
        found = interfaces_of(pid)
        after = ip_links(pid)
        if [each["addr_info"] for each in before] == [
            each["addr_info"] for each in after
        ]:
            return found, after
    pytest.fail("the addresses do not come to rest")


def require_equal_to_ip(pid: int) -> None:
    """Make sure that everything read of the interfaces is what ip says."""
    found, links = read_while_nothing_changes(pid)
    assert found.unplaced == ()
    assert {each.name for each in found.interfaces} == {
        link["ifname"] for link in links
    }
    for link in links:
        interface = by_name(found)[link["ifname"]]
        assert interface.is_up is ("UP" in link["flags"])
        for family, addresses in (("inet", interface.ipv4), ("inet6", interface.ipv6)):
            assert {(each.text, each.prefix) for each in addresses} == {
                (each["local"], each["prefixlen"])
                for each in link["addr_info"]
                if each["family"] == family
            }
            assert not any(each.is_inferred for each in addresses)


def test_a_network_that_was_just_made(networks: Networks) -> None:
    pid = networks.start("true")

    assert interfaces_of(pid) == Interfaces(
        (Interface(name="lo", ipv4=(), ipv6=(), is_up=False, received=0, sent=0),), ()
    )


def test_the_interfaces_that_ip_shows(networks: Networks) -> None:
    pid = networks.start(CONTAINER)

    require_equal_to_ip(pid)


def test_a_rule_splits_the_tables_and_changes_nothing(networks: Networks) -> None:
    pid = networks.start(f"{CONTAINER}\nip rule add fwmark 1 table 77")

    require_equal_to_ip(pid)


def test_interfaces_that_are_down(networks: Networks) -> None:
    pid = networks.start(f"{CONTAINER}\nip link set lo down\nip link set eth1 down")

    found = interfaces_of(pid)

    for link in ip_links(pid):
        assert by_name(found)[link["ifname"]].is_up is ("UP" in link["flags"])
    assert [each.name for each in found.interfaces if each.is_up] == ["eth0"]
    # Whose interface is down, has no network any more.
    assert Address("10.9.0.1", None) in found.unplaced


def test_many_interfaces(networks: Networks) -> None:
    made = "\n".join(
        f"ip link add up{n} type veth peer name down{n}\nip link set up{n} up\n"
        f"ip addr add 10.0.{n}.1/24 dev up{n}\nip addr add fd00:{n:x}::1/64 dev up{n}"
        for n in range(40)
    )
    pid = networks.start(f"ip link set lo up\n{made}")

    require_equal_to_ip(pid)


def test_names_that_look_like_several_lines(networks: Networks) -> None:
    name = NASTY
    pid = networks.start(
        f"ip link add '{name}' type veth peer name eth1\nip link set '{name}' up\n"
        f"ip addr add 10.9.0.1/24 dev '{name}'\nip addr add fd00::1/64 dev '{name}'"
    )

    found = interfaces_of(pid)

    assert set(by_name(found)) == {"lo", "eth1", name}
    assert by_name(found)[name].ipv4 == (Address("10.9.0.1", 24),)
    assert Address("fd00::1", 64) in by_name(found)[name].ipv6
    assert by_name(found)[name].is_up


def test_addresses_whose_place_the_kernel_does_not_tell(networks: Networks) -> None:
    pid = networks.start(f"""{CONTAINER}
ip addr add 10.8.0.5/32 dev eth1
ip route add 10.8.0.0/16 dev eth1
ip addr add 10.20.0.1 peer 10.20.0.2 dev eth1
ip addr add 10.50.0.1/24 dev eth0
ip addr add 10.50.0.2/24 dev eth1""")

    found = interfaces_of(pid)

    assert found.unplaced == tuple(
        Address(text, None)
        for text in ("10.8.0.5", "10.20.0.1", "10.50.0.1", "10.50.0.2")
    )
    assert by_name(found)["eth1"].ipv4 == (Address("10.9.0.1", 24),)


def test_a_second_address_is_placed_and_said_to_be_inferred(
    networks: Networks,
) -> None:
    pid = networks.start(f"""{CONTAINER}
ip addr add 172.17.0.3/16 dev eth0
ip addr add 203.0.113.7/31 dev eth1""")

    found = by_name(interfaces_of(pid))

    assert found["eth0"].ipv4 == (
        Address("172.17.0.2", 16, is_inferred=True),
        Address("172.17.0.3", 16, is_inferred=True),
    )
    assert found["eth1"].ipv4 == (
        Address("10.9.0.1", 24),
        Address("203.0.113.7", 31, is_inferred=True),
    )


def test_the_bytes_that_ip_counts(networks: Networks) -> None:
    send = "import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b'x' * 999, "
    pid = networks.start(f"""ip link set lo up
{shlex.quote(sys.executable)} -c "{send}('127.0.0.1', 9))" """)

    (loopback,) = interfaces_of(pid).interfaces
    (link,) = ip_links(pid)

    assert loopback.received == link["stats64"]["rx"]["bytes"]
    assert loopback.sent == link["stats64"]["tx"]["bytes"]
    assert loopback.sent > 999


@pytest.fixture
def named() -> Iterator[str]:
    """Return a network that has a name and no process, as ``ip netns`` makes them."""
    name = f"nstui-{secrets.token_hex(4)}"
    subprocess.run(["ip", "netns", "add", name], check=True, timeout=30)
    yield name
    subprocess.run(["ip", "netns", "del", name], check=True, timeout=30)


def test_two_networks_that_a_wire_connects(networks: Networks, named: str) -> None:
    inside = networks.start("ip link set lo up", enter=("ip", "netns", "exec", named))
    other = networks.start("ip link set lo up")
    run_inside(
        inside, *f"ip link add eth0 type veth peer name eth0 netns {other}".split()
    )
    for number, pid in enumerate((inside, other), 1):
        for command in (
            "ip link set eth0 up",
            f"ip addr add 10.77.0.{number}/30 dev eth0",
            f"ip -6 addr add fd77::{number}/64 dev eth0 nodad",
        ):
            run_inside(pid, *command.split())

    for pid in (inside, other):
        require_equal_to_ip(pid)
    (own,) = by_name(interfaces_of(other))["eth0"].ipv4
    assert own == Address("10.77.0.2", 30)
