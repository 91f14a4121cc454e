"""What is said of networks, ports and names."""

from __future__ import annotations

import shlex

import pytest

from nstui.render.as_run import recreate_commands
from tests.unit.render.as_run.inspects import (
    ADDRESSES,
    ID,
    OTHER,
    endpoint,
    inspect,
    old_endpoint,
    only_command,
    said,
)


def test_a_published_port_is_exposed_already() -> None:
    ports = {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}
    found = inspect(
        {"ExposedPorts": {"80/tcp": {}, "80/udp": {}}}, {"PortBindings": ports}
    )
    assert said(found) == "-p 8080:80 --expose 80/udp"


def test_what_another_containers_network_forbids_is_left_out() -> None:
    found = inspect(
        {
            "Hostname": "owner",
            "Domainname": "example",
            "ExposedPorts": {"80/tcp": {}},
            "MacAddress": "02:00:00:00:00:01",
        },
        {
            "NetworkMode": f"container:{OTHER}",
            "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "80"}]},
            "PublishAllPorts": True,
            "Dns": ["10.0.0.1"],
            "ExtraHosts": ["a:10.0.0.1"],
            "Links": ["/db:/web/db"],
            "DnsSearch": ["example"],
        },
        {},
    )
    assert said(found) == f"--network container:{OTHER} --dns-search example"


def test_the_hosts_own_name_is_left_out() -> None:
    found = inspect({"Hostname": "machine"}, {"UTSMode": "host"})
    assert said(found) == "--uts host"


def test_a_name_on_the_hosts_network_may_have_been_given() -> None:
    """An inspect shows the machine's name where nobody gave one."""
    found = inspect({"Hostname": "x"}, {"NetworkMode": "host"}, {"host": endpoint()})
    assert said(found) == "--network host --hostname x"


NETWORKS: dict[str, tuple[str, dict[str, object], str]] = {
    "none": ("none", {"none": endpoint()}, "--network none"),
    "own": ("one", {"one": endpoint()}, "--network one"),
    "not told": ("one", {}, "--network one"),
    "by its id": ("ee" * 32, {"one": endpoint()}, "--network one"),
    "as Podman tells it": ("bridge", {"podman": endpoint()}, "--network podman"),
    "names": (
        "one",
        {"one": endpoint(Aliases=["Api", ID[:12]], Links=["db:data"])},
        "--network one --network-alias Api --link db:data",
    ),
    "addresses": (
        "one",
        {"one": endpoint(IPAMConfig=ADDRESSES)},
        "--network one --ip 10.0.0.9 --ip6 fd00::9 --link-local-ip 169.254.0.9",
    ),
    "for the driver": (
        "one",
        {"one": endpoint(DriverOpts={"a": "b"}, GwPriority=5, Aliases=["x"])},
        "--network name=one,driver-opt=a=b,gw-priority=5 --network-alias x",
    ),
    "several": (
        "one",
        {
            "two": endpoint(
                Aliases=["a", "b"],
                IPAMConfig=ADDRESSES,
                DriverOpts={"c": "d"},
                GwPriority=-1,
            ),
            "one": endpoint(Aliases=["x"]),
            "Three": endpoint(),
        },
        (
            "--network one --network-alias x --network Three"
            " --network name=two,alias=a,alias=b,ip=10.0.0.9,ip6=fd00::9,"
            "link-local-ip=169.254.0.9,driver-opt=c=d,gw-priority=-1"
        ),
    ),
}


@pytest.mark.parametrize(("mode", "networks", "words"), NETWORKS.values(), ids=NETWORKS)
def test_networks(mode: str, networks: dict[str, object], words: str) -> None:
    found = inspect(host={"NetworkMode": mode}, networks=networks)
    assert said(found) == words


LEFT_OVER: dict[str, tuple[str, dict[str, object], str]] = {
    "beside the bridge": (
        "bridge",
        {"bridge": endpoint(), "two": endpoint(Aliases=["x"])},
        "--alias x two",
    ),
    "an older engine": (
        "one",
        {"one": old_endpoint(), "two": old_endpoint(IPAMConfig=ADDRESSES)},
        "--ip 10.0.0.9 --ip6 fd00::9 --link-local-ip 169.254.0.9 two",
    ),
    "with a link": (
        "one",
        {"one": endpoint(), "two": endpoint(Links=["db:data"])},
        "--link db:data two",
    ),
    "in capitals": (
        "one",
        {"one": endpoint(), "Two": endpoint(DriverOpts={"a": "B"}, GwPriority=2)},
        "--driver-opt a=B --gw-priority 2 Two",
    ),
}


@pytest.mark.parametrize(
    ("mode", "networks", "words"), LEFT_OVER.values(), ids=LEFT_OVER
)
def test_networks_that_are_connected_afterwards(
    mode: str, networks: dict[str, object], words: str
) -> None:
    found = inspect(host={"NetworkMode": mode}, networks=networks)
    make, connect, start = recreate_commands(found)
    alone = inspect(host={"NetworkMode": mode}, networks={mode: networks[mode]})
    assert make == ("docker", "create", *only_command(alone)[3:])
    assert shlex.join(connect) == f"docker network connect {words} web"
    assert start == ("docker", "start", "web")


@pytest.mark.parametrize("mode", ["one", "ab" * 32])
def test_a_network_that_was_left_is_left_again(mode: str) -> None:
    found = inspect(host={"NetworkMode": mode}, networks={"two": endpoint()})
    _, connect, disconnect, start = recreate_commands(found)
    assert connect == ("docker", "network", "connect", "two", "web")
    assert disconnect == ("docker", "network", "disconnect", mode, "web")
    assert start == ("docker", "start", "web")


def test_what_was_asked_for_is_said_where_the_network_is_not_told() -> None:
    """Newer engines forget the networks of a container whose start has failed."""
    mac = {"MacAddress": "02:00:00:00:00:01"}
    found = inspect(mac, {"NetworkMode": "one", "Links": ["/db:/web/db"]}, {})
    words = "--network one --mac-address 02:00:00:00:00:01 --link db:db"
    assert said(found) == words


def test_legacy_links() -> None:
    links = {"Links": ["/db:/web/data", "/cache:/web/cache"]}
    assert said(inspect(host=links)) == "--link db:data --link cache:cache"


def test_sysctls_of_an_interface_are_where_the_engine_wants_them() -> None:
    host = {"Sysctls": {"net.ipv4.conf.eth0.forwarding": "1", "kernel.msgmax": "9"}}
    assert said(inspect(host=host, networks={"bridge": old_endpoint()})) == (
        "--sysctl net.ipv4.conf.eth0.forwarding=1 --sysctl kernel.msgmax=9"
    )
    option = "com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.forwarding=1"
    assert said(inspect(host=host)) == (
        f"--network name=bridge,driver-opt={option} --sysctl kernel.msgmax=9"
    )


@pytest.mark.parametrize(
    ("is_running", "words"),
    [(True, "--network one"), (False, "--network one --mac-address 02:42:ac:11:00:02")],
)
def test_a_mac_is_believed_where_it_cannot_be_the_engines_own(
    words: str, *, is_running: bool
) -> None:
    found = inspect(
        host={"NetworkMode": "one"},
        networks={"one": endpoint()},
        State={"Status": "exited", "Running": is_running},
    )
    assert said(found) == words
