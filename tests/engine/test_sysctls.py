"""Sysctls of a network interface, on engines that want them here or there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.recipe.networks import ENDPOINT_SYSCTLS
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.container import ContainerId
from nstui.model.json import mapping
from nstui.render.as_run import recreate_commands
from tests.support.equality import copy
from tests.support.everything import api_of

if TYPE_CHECKING:
    from tests.support.private_engine import PrivateEngine

MARTIANS = "net.ipv4.conf.eth0.log_martians"
MOVED = "net.ipv4.conf.IFNAME.log_martians=1"


@pytest.mark.docker
@pytest.mark.parametrize("network", ["one", "bridge"])
def test_a_container_that_an_older_engine_made(
    engine_host: PrivateEngine, network: str
) -> None:
    """A newer one keeps its settings, and refuses them for another container."""
    engine_host.docker("network", "create", "one")
    old = ContainerId(engine_host.create("it", f"--net={network}"))
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
    (printed,) = recreate_commands(mapping(engine_host.inspect(old)))
    engine_host.docker("rm", old)
    engine_host.docker(*printed[1:])
    engine_host.docker("start", "it")
    for name in (new, "it"):
        read = ("exec", name, "cat", f"/proc/sys/{MARTIANS.replace('.', '/')}")
        assert engine_host.docker(*read).stdout == "1\n"
        if api_of(engine_host) >= (1, 48):
            networks = engine_host.inspect(name, "NetworkSettings", "Networks")
            assert isinstance(networks, dict)
            # The client turns it into lower case, which the engine takes as well.
            moved = MOVED if name == new else MOVED.lower()
            assert networks[network]["DriverOpts"] == {ENDPOINT_SYSCTLS: moved}
