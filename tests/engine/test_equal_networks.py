"""Whoever is equal and has networks of its own has the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineRefused
from nstui.model.container import ContainerId, Join
from nstui.model.namespace import NamespaceKind
from tests.support.equality import asked_for, copy, differing, fields, furnish, id_of
from tests.support.everything import api_of
from tests.support.private_engine import FOREVER, IMAGE
from tests.unit.render.as_run.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield the adapter to an engine without containers."""
    engine = DockerEngine(Endpoint(engine_host.url, None))
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "case", ["network", "mac", "mac on the bridge", "ports", "dns", "names"]
)
def test_every_option_of_one_that_joins_another_kind(
    engine_host: PrivateEngine, engine: DockerEngine, case: str
) -> None:
    furnish(engine_host)
    words = ("--ipc=container:base", *OPTIONS[case], IMAGE, *FOREVER)
    done = engine_host.docker("create", "--name", "it", *words, check=False)
    if "requires API version" in done.stderr:
        return
    assert done.returncode == 0, done.stderr
    old = id_of(engine_host, "it")
    base = id_of(engine_host, "base")

    new = copy(engine, old, Join(NamespaceKind.IPC, base))

    before, after = fields(engine_host, old), fields(engine_host, new)
    assert differing(before, after) == set()
    assert asked_for(after) == asked_for(before)
    macs = [
        {path: value for path, value in found.items() if path.endswith("MacAddress")}
        for found in (before, after)
    ]
    assert macs[0] == macs[1]


@pytest.mark.parametrize("has_run", [True, False])
@pytest.mark.parametrize("first", ["one", "bridge", "by id"])
def test_all_networks_of_one_that_joins_another_kind(
    engine_host: PrivateEngine, engine: DockerEngine, first: str, *, has_run: bool
) -> None:
    furnish(engine_host)
    asked: tuple[str, ...] = (f"--network={first}",)
    if first == "one":
        asked += ("--ip=172.30.0.9", "--network-alias=Al", "--link=base:b")
        engine_host.docker("network", "connect", "one", "base")
    elif first == "by id":
        network = engine_host.docker("network", "inspect", "-f={{.Id}}", "one").stdout
        asked = (f"--network={network.strip()}",)
    make = engine_host.run if has_run else engine_host.create
    engine_host.run("own", "--ipc=shareable")
    old = ContainerId(make("it", "--ipc=container:own", *asked))
    more = ("--ip=172.31.0.9", "--alias=x", "--alias=Y")
    engine_host.docker("network", "connect", *more, "two", "it")
    engine_host.docker("rm", "-f", "own")
    join = Join(NamespaceKind.IPC, engine_host.run("own", "--ipc=shareable"))
    before = fields(engine_host, old)

    new = copy(engine, old, join)

    engine_host.docker("stop", "it")
    engine.start(new)
    after = fields(engine_host, new)
    assert differing(before, after) == {"HostConfig.IpcMode"}
    assert asked_for(after) == asked_for(before)
    assert after["NetworkSettings.Networks.two.IPAddress"] == "172.31.0.9"
    assert ("NetworkSettings.Networks.one.IPAddress" in after) is (first != "bridge")


@pytest.mark.parametrize("left", [("two",), ()])
def test_a_network_that_was_left_is_not_joined_again(
    engine_host: PrivateEngine, engine: DockerEngine, left: tuple[str, ...]
) -> None:
    furnish(engine_host)
    old = ContainerId(engine_host.create("it", "--net=one", "--ipc=container:base"))
    for network in left:
        engine_host.docker("network", "connect", network, "it")
    engine_host.docker("network", "disconnect", "one", "it")
    base = id_of(engine_host, "base")

    new = copy(engine, old, Join(NamespaceKind.IPC, base))
    engine.start(new)

    networks = engine_host.inspect(new, "NetworkSettings", "Networks")
    assert isinstance(networks, dict)
    assert tuple(networks) == left


@pytest.mark.parametrize("mode", ["one", "by id"])
def test_the_mac_addresses_of_one_that_runs(
    engine_host: PrivateEngine, engine: DockerEngine, mode: str
) -> None:
    furnish(engine_host)
    if api_of(engine_host) < (1, 44):
        # They are asked for on the first network only.
        return
    if mode == "by id":
        found = engine_host.docker("network", "inspect", "-f={{.Id}}", "one")
        mode = found.stdout.strip()
    asked = {"one": "02:00:00:00:00:77", "two": "02:00:00:00:00:78"}
    attached = {name: {"MacAddress": mac} for name, mac in asked.items()}
    body = {
        "Image": IMAGE,
        "Cmd": list(FOREVER),
        "StopSignal": "KILL",
        "HostConfig": {"NetworkMode": mode},
        "NetworkingConfig": {"EndpointsConfig": attached},
    }
    made = engine_host.client.create_container_from_config(body, "it")  # type: ignore[no-untyped-call]  # the stubs lack it
    old = ContainerId(made["Id"])
    engine.start(old)

    new = copy(engine, old)

    engine.stop(old)
    engine.start(new)
    after = fields(engine_host, new)
    for name, mac in asked.items():
        assert after[f"NetworkSettings.Networks.{name}.MacAddress"] == mac


def test_nothing_is_left_of_a_copy_that_failed_half_way(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    """Before API 1.44 the second network is joined after the container is created."""
    furnish(engine_host)
    old = ContainerId(engine_host.create("it", "--net=one", "--ipc=container:base"))
    engine_host.docker("network", "connect", "--ip=172.31.0.9", "two", "it")
    engine_host.docker("network", "rm", "two")
    engine_host.docker("network", "create", "two")
    base = Join(NamespaceKind.IPC, id_of(engine_host, "base"))

    with pytest.raises(EngineRefused, match="IP address is supported only"):
        copy(engine, old, base)

    assert {container.name for container in engine.containers()} == {"base", "it"}
