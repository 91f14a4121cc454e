"""All that an engine can be asked for, in the newest version of its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.container import ContainerId, Join
from nstui.model.namespace import NamespaceKind
from tests.support.equality import (
    asked_for,
    binds,
    copy,
    differing,
    fields,
    furnish,
    id_of,
)
from tests.support.everything import NOT_ASKED_FOR, create_everything, untouched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.equality import Fields
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

MAY_DIFFER = {
    "HostConfig.Binds": "a volume without a name is said by the one it was given",
    "HostConfig.Mounts": "as above",
    "Mounts[/image].Source": "is a folder that the engine makes for each container",
    "Mounts[/of-config].Mode": "tells how a volume was asked for",
}
"""What differs between a container and its copy, and why it may."""

MAY_DIFFER_BESIDE_A_JOINED_NETWORK = {
    **MAY_DIFFER,
    "Config.ExposedPorts.70/tcp": "is refused",
    "Config.ExposedPorts.71/udp": "is refused",
    "Config.Hostname": "is refused; the owner's is taken",
    "Config.MacAddress": "is refused",
    "HostConfig.Dns": "is refused",
    "HostConfig.ExtraHosts": "is refused",
    "HostConfig.NetworkMode": "is the join",
    "HostConfig.PortBindings.70/tcp": "is refused",
    "HostConfig.PortBindings.71/udp": "is refused",
    "HostConfig.PortBindings": "holds nothing then",
    "HostConfig.PublishAllPorts": "is refused",
}


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield the adapter to an engine with what the container refers to."""
    furnish(engine_host)
    engine_host.docker("network", "connect", "one", "base")
    engine = DockerEngine(Endpoint(engine_host.url, None))
    yield engine
    engine.close()


def test_everything_is_as_it_was(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    old = ContainerId(create_everything(engine_host, "it"))
    before = fields(engine_host, old)
    assert set(untouched(engine_host.inspect(old))) - NOT_ASKED_FOR.keys() == set()

    new = copy(engine, old)

    after = fields(engine_host, new)
    assert differing(before, after) - MAY_DIFFER.keys() == set()
    assert asked_for(after) == asked_for(before)
    assert macs(after) == macs(before)
    name = before["Mounts[/of-config].Name"]
    assert binds(after) == [*binds(before), f"{name}:/of-config"]
    assert mounts(after, before) == before["HostConfig.Mounts"]
    assert engine.left_out(old, ()) == ()


def test_all_but_what_is_refused_beside_a_joined_network(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    old = ContainerId(create_everything(engine_host, "it"))
    before = fields(engine_host, old)
    join = Join(NamespaceKind.NET, id_of(engine_host, "base"))

    new = copy(engine, old, join)

    after = fields(engine_host, new)
    allowed = MAY_DIFFER_BESIDE_A_JOINED_NETWORK.keys()
    assert differing(before, after) - allowed == set()
    assert mounts(after, before) == before["HostConfig.Mounts"]
    lost = " ".join(engine.left_out(old, (join,)))
    for word in ("hostname given", "mac address 02:42:ac:1e:00:77", "dns 10.0.0.1"):
        assert word in lost
    for word in ("ports 70/tcp 71/udp all that are exposed", "extra hosts a:10.0.0.2"):
        assert word in lost


def mounts(found: Fields, before: Fields) -> list[dict[str, object]]:
    """Return the mounts of a copy, without the names of volumes that had none."""
    asked, made = before["HostConfig.Mounts"], found["HostConfig.Mounts"]
    assert isinstance(asked, list)
    assert isinstance(made, list)
    return [
        mount if "Source" in old else {k: v for k, v in mount.items() if k != "Source"}
        for old, mount in zip(asked, made, strict=True)
    ]


def macs(found: Fields) -> Fields:
    """Return the MAC addresses of a container on its networks."""
    ending = ".MacAddress"
    return {path: value for path, value in found.items() if path.endswith(ending)}
