"""What an equal container has on its networks, from what an inspect says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.recipe import has_networks, move_sysctls, read_recipe
from nstui.analysis.recipe.networks import ENDPOINT_SYSCTLS
from tests.support.captured import ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.captured import Json

ADDRESS = {"IPv4Address": "172.30.0.9"}


def raw(mode: str, networks: dict[str, object] | None, *, running: bool = True) -> Json:
    return {
        "Id": ID,
        "State": {"Running": running},
        "HostConfig": {"NetworkMode": mode},
        "NetworkSettings": {"Networks": networks},
    }


def endpoints(inspect: Json) -> dict[str, Mapping[str, object]]:
    """Return what was asked for on each network."""
    return {one.network: one.asked for one in read_recipe(inspect).networks}


def mode_network(inspect: Json) -> str | None:
    """Return the name of the network that the mode means."""
    first = read_recipe(inspect).mode_network
    return None if first is None else first.network


def only(
    network: Mapping[str, object], *, running: bool = True
) -> Mapping[str, object]:
    """Return what is asked for on the only network of a container."""
    return endpoints(raw("one", {"one": network}, running=running))["one"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        *(("bridge", True), ("default", True), ("", True), ("one", True)),
        *(("host", False), ("none", False), ("container:own", False)),
    ],
)
def test_which_modes_have_networks(mode: str, *, expected: bool) -> None:
    assert has_networks(mode) is expected


@pytest.mark.parametrize(
    ("mode", "first"),
    [
        *(("one", "one"), ("two", "two"), ("bridge", "bridge"), ("", "bridge")),
        *(("default", "bridge"), ("ab" * 32, "two"), ("ab" * 6, "two")),
    ],
)
def test_the_network_of_the_mode_comes_first(mode: str, first: str) -> None:
    networks: dict[str, object] = {
        "one": {},
        "bridge": {"NetworkID": "cd" * 32},
        "two": {"NetworkID": "ab" * 32},
    }
    found = endpoints(raw(mode, networks))
    assert mode_network(raw(mode, networks)) == first
    assert list(found) == [first, *sorted({"one", "two", "bridge"} - {first})]


def test_a_mode_may_mean_a_network_that_was_left() -> None:
    assert mode_network(raw("one", {"two": {"NetworkID": ""}})) is None
    assert mode_network(raw("one", None)) is None
    assert list(endpoints(raw("one", {"two": {}}))) == ["two"]


def test_podmans_bridge_is_whatever_it_is_called() -> None:
    assert mode_network(raw("bridge", {"podman": {}})) == "podman"


def test_only_what_was_asked_for_is_said() -> None:
    asked = {
        "IPAMConfig": ADDRESS,
        "Links": ["base:b"],
        "Aliases": ["x", "Y"],
        "DriverOpts": {"a": "b"},
        "GwPriority": 7,
    }
    chosen = {
        "NetworkID": "ab" * 32,
        "EndpointID": "cd" * 32,
        "Gateway": "172.30.0.1",
        "IPAddress": "172.30.0.9",
        "MacAddress": "02:42:ac:1e:00:09",
        "IPPrefixLen": 16,
        "IPv6Gateway": "fd00::1",
        "GlobalIPv6Address": "fd00::9",
        "GlobalIPv6PrefixLen": 64,
        "DNSNames": ["web", "x"],
    }
    assert only({**asked, **chosen}) == asked


def test_what_a_newer_engine_can_be_asked_for_is_said_too() -> None:
    assert only({"ToCome": {"a": 1}, "Zero": 0}) == {"ToCome": {"a": 1}}


def test_what_is_null_is_not_said_and_what_is_empty_stays_so() -> None:
    nothing: Json = dict.fromkeys(("IPAMConfig", "Links", "Aliases", "DriverOpts"))
    assert only({**nothing, "GwPriority": 0, "MacAddress": ""}) == {}
    empty: Json = {"IPAMConfig": {}, "Links": [], "DriverOpts": {}}
    assert only({**empty, "Aliases": []}) == empty


def test_the_alias_that_engines_add_is_dropped() -> None:
    assert only({"Aliases": ["x", ID[:12]]}) == {"Aliases": ["x"]}
    assert only({"Aliases": [ID[:12]]}) == {}


def test_a_mac_address_was_asked_for_if_nothing_runs() -> None:
    mac = {"MacAddress": "02:42:ac:1e:00:77"}
    assert only(mac, running=False) == mac
    assert only(mac, running=True) == {}


@pytest.mark.parametrize(
    ("mode", "name", "mac", "kept"),
    [
        # That of the mode's network stands in the container's own settings.
        ("one", "one", "02:00:00:00:00:77", False),
        ("default", "bridge", "02:00:00:00:00:77", False),
        # They do not have it where the mode is an id.
        ("ab" * 32, "one", "02:00:00:00:00:77", True),
        ("one", "two", "02:00:00:00:00:77", True),
        ("one", "two", "02:42:ac:1e:00:08", True),
        ("one", "two", "02:42:ac:1e:00:09", False),
        ("one", "two", "", False),
    ],
)
def test_a_mac_address_stays_unless_it_is_known_to_be_the_engines_choice(
    mode: str, name: str, mac: str, *, kept: bool
) -> None:
    endpoint = {"MacAddress": mac, "IPAddress": "172.30.0.9", "NetworkID": "ab" * 32}
    found = endpoints(raw(mode, {name: endpoint}))[name]
    assert found == ({"MacAddress": mac} if kept else {})


@pytest.mark.parametrize("address", ["", "fd00::9", "1.2.3", None, "1.2.3.x"])
def test_no_mac_address_is_made_of_anything_but_an_address(address: object) -> None:
    mac = "02:42:01:02:03:04"
    found = endpoints(raw("one", {"two": {"MacAddress": mac, "IPAddress": address}}))
    assert found["two"] == {"MacAddress": mac}


MARTIANS = "net.ipv4.conf.eth0.log_martians"
MOVED = "net.ipv4.conf.IFNAME.log_martians=1"


@pytest.mark.parametrize(
    ("sysctls", "options", "kept", "said"),
    [
        ({MARTIANS: "1"}, {}, {}, MOVED),
        (
            {"net.ipv4.ip_forward": "1", MARTIANS: "1"},
            {ENDPOINT_SYSCTLS: "net.ipv4.conf.IFNAME.log_martians=0"},
            {"net.ipv4.ip_forward": "1"},
            f"{MOVED},net.ipv4.conf.IFNAME.log_martians=0",
        ),
        (
            {"net.ipv6.neigh.eth0.a.b": "1"},
            {},
            {},
            "net.ipv6.neigh.IFNAME.a.b=1",
        ),
    ],
)
def test_those_of_the_first_interface_are_said_of_its_endpoint(
    sysctls: Json, options: Json, kept: Json, said: str
) -> None:
    host, endpoint = move_sysctls(
        {"Sysctls": sysctls, "Memory": 1},
        {"DriverOpts": {**options, "a": "b"}, "Aliases": ["x"]},
    )
    assert host == {"Sysctls": kept, "Memory": 1}
    driver = {"a": "b", ENDPOINT_SYSCTLS: said}
    assert endpoint == {"DriverOpts": driver, "Aliases": ["x"]}


@pytest.mark.parametrize(
    "host",
    [
        {},
        {"Sysctls": None},
        {"Sysctls": {"net.ipv4.conf.all.log_martians": "1", "kernel.msgmax": "1"}},
        # No engine would know which it is.
        {"Sysctls": {"net.ipv4.conf.eth1.log_martians": "1"}},
        {"Sysctls": {"net.ipv4.conf.eth0": "1", "fs.a.b.eth0.c": "1"}},
    ],
)
def test_all_others_stay_where_they_are(host: Json) -> None:
    assert move_sysctls(host, {"Aliases": ["x"]}) == (host, {"Aliases": ["x"]})
