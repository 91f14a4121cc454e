"""The routes that lead out of a network namespace, by captured texts."""

from __future__ import annotations

from nstui.model.network import Route
from nstui.procfs.network import other_tables, routes4, routes6

HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n"
ZERO = "0" * 32


def four(  # noqa: PLR0913 - the fields of a line
    interface: str,
    destination: str = "00000000",
    gateway: str = "00000000",
    *,
    mask: str = "00000000",
    flags: str = "0001",
    metric: int = 0,
) -> str:
    """Write a line of ``route`` as a little-endian machine does."""
    fields = (interface, destination, gateway, flags, 0, 0, metric, mask, 0, 0, 0)
    return "\t".join(str(field) for field in fields) + " " * 30 + "\n"


def six(  # noqa: PLR0913 - the fields of a line
    gateway: str = ZERO,
    *,
    bits: str = "00",
    sender: str = "00",
    flags: str = "00000003",
    metric: str = "00000400",
    interface: str = "eth0",
) -> str:
    """Write a line of ``ipv6_route``."""
    fields = (ZERO, bits, ZERO, sender, gateway, metric, "00000001", "00000000")
    return " ".join((*fields, flags, f"{interface:>8}")) + "\n"


def test_the_default_route() -> None:
    text = HEADER + four("eth0", gateway="010011AC", flags="0003")
    text += four("eth0", "000011AC", mask="0000FFFF")

    assert routes4(text, "little") == (
        Route(
            destination="0.0.0.0/0",
            gateway="172.17.0.1",
            is_direct=False,
            interface="eth0",
            metric=0,
        ),
    )


def test_the_two_halves_of_a_tunnel_come_first() -> None:
    text = HEADER + four("eth0", gateway="010011AC", flags="0003")
    text += four("tun0", mask="00000080")
    text += four("tun0", "00000080", "0100080A", mask="00000080", flags="0003")

    assert [
        (each.destination, each.gateway, each.is_direct, each.interface)
        for each in routes4(text, "little")
    ] == [
        ("0.0.0.0/1", None, True, "tun0"),
        ("128.0.0.0/1", "10.8.0.1", False, "tun0"),
        ("0.0.0.0/0", "172.17.0.1", False, "eth0"),
    ]


def test_the_lowest_metric_comes_first() -> None:
    text = HEADER + four("b", metric=500) + four("a", metric=20) + four("c", metric=20)

    assert [each.interface for each in routes4(text, "little")] == ["a", "c", "b"]


def test_a_gateway_of_the_other_family_is_not_told() -> None:
    (found,) = routes4(HEADER + four("eth0", flags="0003"), "little")

    assert (found.gateway, found.is_direct) == (None, False)


def test_where_packets_are_thrown_away_no_route_leads_out() -> None:
    text = HEADER + four("*", flags="0201") + four("*") + four("lo", flags="0201")

    assert routes4(text, "little") == ()
    assert routes4(HEADER, "little") == routes4("", "little") == ()


def test_the_default_routes_of_ipv6() -> None:
    gateway = "20010db8000000000000000000000001"
    # One that a router announced has flags of its own.
    text = six(gateway, flags="00450003") + six(flags="00000001", interface="tun0")

    assert routes6(text) == (
        Route(
            destination="::/0",
            gateway="2001:db8::1",
            is_direct=False,
            interface="eth0",
            metric=1024,
        ),
        Route(
            destination="::/0",
            gateway=None,
            is_direct=True,
            interface="tun0",
            metric=1024,
        ),
    )


def test_a_half_of_ipv6_comes_first() -> None:
    text = six(metric="00000001") + six(bits="01")

    assert [each.destination for each in routes6(text)] == ["::/1", "::/0"]


def test_other_routes_of_ipv6_lead_nowhere_or_not_for_all() -> None:
    text = six(flags="00200200", metric="ffffffff", interface="lo")
    text += six(bits="40") + six(sender="40")

    assert routes6(text) == routes6("") == ()


def test_tables_that_rules_may_choose() -> None:
    text = """\
Id 77:
  |-- 0.0.0.0
     /0 host LOCAL
Id 51820:
  |-- 0.0.0.0
     /0 link UNICAST
Id 100:
  +-- 0.0.0.0/0 3 0 4
     |-- 10.0.0.0
        /8 universe UNICAST
     |-- 128.0.0.0
        /1 universe UNICAST tos=08
Id 101:
  |-- 10.0.0.0
     /8 universe UNICAST
Id 102:
  |-- 0.0.0.0
     /0 universe BLACKHOLE
Main:
  |-- 0.0.0.0
     /0 universe UNICAST
Local:
  |-- 0.0.0.0
     /0 universe UNICAST
"""
    assert other_tables(text) == (100, 51820)
    assert other_tables("") == ()
