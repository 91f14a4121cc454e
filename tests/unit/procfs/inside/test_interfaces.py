"""What is known of interfaces, by captured texts."""

from __future__ import annotations

import pytest

from nstui.model.network import Address, Interface, Interfaces
from nstui.procfs.network import interfaces_up, join_interfaces

DEV = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo:     686       7    0    0    0     0          0         0      517       6    0    0    0     0       0          0
abcdefghijklmno:18446744073709551615 6    0    0    0     0     0     0   9 7 0 0 0 0 0 0
"""  # noqa: E501 - as the kernel writes it

IGMP = """\
Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter
1\tlo        :     1      V3
\t\t\t\t010000E0     1 0:00000000\t\t0
2\tabcdefghijklmno:     2      V3
\t\t\t\tFB0000E0     1 0:00000000\t\t0
\t\t\t\t010000E0     1 0:00000000\t\t0
3\tdown0     :     1      V3
\t\t\t\tFB0000E0     1 0:00000000\t\t0
"""


def interface(
    name: str, received: int, sent: int, *, is_up: bool | None, ipv4: str | None = None
) -> Interface:
    """Return an interface that has at most one address."""
    return Interface(
        name=name,
        ipv4=() if ipv4 is None else (Address(ipv4, 8),),
        ipv6=(),
        is_up=is_up,
        received=received,
        sent=sent,
    )


def test_interfaces_with_their_counters_and_addresses() -> None:
    found = join_interfaces(
        dev=DEV, up=frozenset({"lo"}), ipv4=[("lo", Address("127.0.0.1", 8))], ipv6=()
    )
    assert found == Interfaces(
        (
            interface("lo", 686, 517, is_up=True, ipv4="127.0.0.1"),
            interface("abcdefghijklmno", 2**64 - 1, 9, is_up=False),
        ),
        (),
    )


def test_each_family_has_its_place() -> None:
    six = Address("::1", 128)

    found = join_interfaces(dev=DEV, up=None, ipv4=(), ipv6=[("lo", six)])

    assert (found.interfaces[0].ipv4, found.interfaces[0].ipv6) == ((), (six,))


def test_it_may_not_be_known_whether_they_are_up() -> None:
    found = join_interfaces(dev=DEV, up=None, ipv4=(), ipv6=())

    assert [each.is_up for each in found.interfaces] == [None, None]


@pytest.mark.parametrize("name", [None, "gone0"])
def test_an_address_that_is_on_no_interface_is_unplaced(name: str | None) -> None:
    four, six = Address("10.8.0.5", None), Address("fd00::5", 64)

    found = join_interfaces(dev=DEV, up=None, ipv4=[(name, four)], ipv6=[(name, six)])

    assert found.unplaced == (four, six)
    assert not any(each.ipv4 or each.ipv6 for each in found.interfaces)


def test_nothing_is_no_interface() -> None:
    assert join_interfaces(dev="", up=None, ipv4=(), ipv6=()) == Interfaces((), ())


def test_who_is_in_the_group_of_all_hosts_is_up() -> None:
    assert interfaces_up(IGMP, "little") == {"lo", "abcdefghijklmno"}
    assert interfaces_up("", "little") == frozenset()


def test_a_big_machine_writes_the_group_the_other_way() -> None:
    text = IGMP.replace("010000E0", "E0000001").replace("FB0000E0", "E00000FB")

    assert interfaces_up(text, "big") == {"lo", "abcdefghijklmno"}
