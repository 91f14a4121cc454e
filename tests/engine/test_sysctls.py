"""Sysctls of a network interface, on engines that want them here or there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.recreate import ENDPOINT_SYSCTLS, on_the_endpoint
from nstui.model.container import ContainerId
from tests.support.equality import copy
from tests.support.everything import api_of

if TYPE_CHECKING:
    from tests.support.captured import Json
    from tests.support.private_engine import PrivateEngine

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
    host, endpoint = on_the_endpoint(
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
    assert on_the_endpoint(host, {"Aliases": ["x"]}) == (host, {"Aliases": ["x"]})


@pytest.mark.docker
def test_a_container_that_an_older_engine_made(engine_host: PrivateEngine) -> None:
    """A newer one keeps its settings, and refuses them for another container."""
    engine_host.docker("network", "create", "one")
    old = ContainerId(engine_host.create("it", "--net=one"))
    engine_host.end_daemon()
    stored = engine_host.folder / "data" / "containers" / old / "hostconfig.json"
    settings = json.loads(stored.read_text())
    stored.write_text(json.dumps({**settings, "Sysctls": {MARTIANS: "1"}}))
    engine_host.start()
    assert engine_host.inspect(old, "HostConfig", "Sysctls") == {MARTIANS: "1"}
    engine = DockerEngine(Endpoint(engine_host.url, None))

    new = copy(engine, old)

    engine.start(new)
    engine.close()
    read = ("exec", "copy", "cat", f"/proc/sys/{MARTIANS.replace('.', '/')}")
    assert engine_host.docker(*read).stdout == "1\n"
    if api_of(engine_host) >= (1, 48):
        networks = engine_host.inspect(new, "NetworkSettings", "Networks")
        assert isinstance(networks, dict)
        assert networks["one"]["DriverOpts"] == {ENDPOINT_SYSCTLS: MOVED}
