"""The mounts that keep an engine's networks, with and without its containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.holders import HolderKind
from nstui.model.namespace import NamespaceKind
from nstui.procfs.host import PROC
from nstui.procfs.scan import scan_mounts, scan_processes
from tests.unit.procfs.ways import machine_at, scanned

if TYPE_CHECKING:
    from nstui.model.holders import MountHolder
    from nstui.model.namespace import Namespace
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

NET = NamespaceKind.NET


def network_of(engine: PrivateEngine, name: str) -> Namespace:
    """Return the network of a container's first process."""
    with machine_at(PROC).process(engine.pid_of(name)) as process:
        return process.namespace(NET)


def mounts_of(network: Namespace) -> tuple[MountHolder, ...]:
    """Return what is mounted of a network."""
    found = scan_mounts(machine_at(PROC)).holders or ()
    return tuple(each for each in found if each.namespace == network)


def test_a_containers_network_is_held_by_the_engine_under_its_own_name(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")

    (mount,) = mounts_of(network_of(engine_host, "own"))

    key = engine_host.inspect("own", "NetworkSettings", "SandboxKey")
    assert (mount.kind, mount.path) == (HolderKind.ENGINE, key)
    sandbox = engine_host.inspect("own", "NetworkSettings", "SandboxID")
    assert str(sandbox).startswith(mount.name)


def test_the_engines_mount_goes_with_the_owner_and_the_dependent_stays(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    network, pid = network_of(engine_host, "dep"), engine_host.pid_of("dep")

    engine_host.docker("rm", "-f", "own")

    assert mounts_of(network) == ()
    found = scan_processes(scanned(PROC), [NET]).holders or ()
    (holder,) = (each for each in found if each.namespace == network)
    assert (holder.pid, holder.count, holder.command) == (pid, 1, "sleep")


def test_the_mount_for_containers_on_the_hosts_network_is_the_engines(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("open", "--network=host")

    (mount,) = mounts_of(network_of(engine_host, "open"))

    assert (mount.kind, mount.name) == (HolderKind.ENGINE, "default")
