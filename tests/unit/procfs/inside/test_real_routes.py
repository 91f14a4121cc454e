"""What is read of the routes of real networks, beside what ip says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.network import Routes
from nstui.procfs.host import PROC
from nstui.procfs.network import read_routes
from tests.unit.procfs.inside.networks import CONTAINER, NASTY, ip_routes
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from tests.unit.procfs.inside.networks import Networks


def routes_of(pid: int) -> Routes:
    with machine_at(PROC).process(pid) as process:
        found = read_routes(process)
    assert isinstance(found, Routes)
    return found


def test_a_network_that_was_just_made_has_none(networks: Networks) -> None:
    assert routes_of(networks.start("true")) == Routes((), (), ())


def test_the_default_routes_that_ip_shows(networks: Networks) -> None:
    pid = networks.start(f"""{CONTAINER}
ip route add default dev eth1 metric 500
ip route add default via 10.9.0.7 metric 20
ip route add unreachable default metric 9999
ip -6 route add default dev eth1 metric 2000
ip -6 route add blackhole default metric 9000""")

    found = routes_of(pid)

    for family, routes in (("-4", found.ipv4), ("-6", found.ipv6)):
        said = [
            (each.get("gateway"), each["dev"], each.get("metric", 0))
            for each in ip_routes(pid, family)
            if each.get("metric") != 9999 and each.get("metric") != 9000
        ]
        assert said
        assert [(each.gateway, each.interface, each.metric) for each in routes] == said
        assert [each.is_direct for each in routes] == [
            gateway is None for gateway, _, _ in said
        ]
    assert {each.destination for each in found.ipv4} == {"0.0.0.0/0"}
    assert {each.destination for each in found.ipv6} == {"::/0"}


def test_the_routes_of_tunnels(networks: Networks) -> None:
    pid = networks.start(f"""{CONTAINER}
ip route add 0.0.0.0/1 via 10.9.0.7
ip route add 128.0.0.0/1 dev eth1
ip route add default dev eth1 table 51820
ip route add local 0.0.0.0/0 dev lo table 77
ip rule add not fwmark 51820 table 51820""")

    found = routes_of(pid)

    assert [
        (each.destination, each.gateway, each.interface) for each in found.ipv4
    ] == [
        ("0.0.0.0/1", "10.9.0.7", "eth1"),
        ("128.0.0.0/1", None, "eth1"),
        ("0.0.0.0/0", "172.17.0.1", "eth0"),
    ]
    assert found.other_tables == (51820,)


def test_a_gateway_of_the_other_family(networks: Networks) -> None:
    pid = networks.start(f"""{CONTAINER}
ip route del default
ip -4 route add default via inet6 fe80::7 dev eth0""")

    (found,) = routes_of(pid).ipv4

    assert (found.gateway, found.is_direct, found.interface) == (None, False, "eth0")


def test_an_interface_whose_name_looks_like_several_lines(networks: Networks) -> None:
    pid = networks.start(
        f"ip link add '{NASTY}' type veth peer name eth1\nip link set '{NASTY}' up\n"
        f"ip route add default dev '{NASTY}'\nip -6 route add default dev '{NASTY}'"
    )

    found = routes_of(pid)

    assert [each.interface for each in found.ipv4] == [NASTY]
    assert [each.interface for each in found.ipv6] == [NASTY]
