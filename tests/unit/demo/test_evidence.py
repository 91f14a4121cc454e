"""What a simulated host tells of a container that has lost what it joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.faults import crash
from nstui.errors import EngineRefused
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import MountedFile

if TYPE_CHECKING:
    from nstui.demo.engine import SimEngine
    from nstui.demo.host import SimHost
    from nstui.demo.world import World


def files_of(world: World, host: SimHost, name: str) -> tuple[MountedFile, ...] | None:
    """Return what is seen of the files of a running container."""
    record = world.records.get(name)
    assert record.pid is not None
    return host.read({record.id: record.pid}).processes[record.id].files


def start_error(engine: SimEngine, name: str) -> str:
    """Return why the last start of a container failed."""
    (container,) = (c for c in engine.containers() if c.name == name)
    assert container.inspection is not None
    return container.inspection.start_error


def test_the_files_of_one_with_a_network_are_not_looked_for(
    world: World, host: SimHost
) -> None:
    world.run(Spec("own"))
    assert files_of(world, host, "own") is None


@pytest.mark.parametrize("is_removed", [False, True])
def test_files_go_with_the_container_they_belong_to(
    world: World, host: SimHost, *, is_removed: bool
) -> None:
    own = world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.run(Spec("far", network="container:dep"))
    world.stop("own")
    if is_removed:
        world.remove("own")
    assert files_of(world, host, "far") == tuple(
        MountedFile(name, f"/var/lib/docker/containers/{own}/{name}", is_removed, own)
        for name in ("resolv.conf", "hosts", "hostname")
    )


@pytest.mark.parametrize(
    ("level", "is_seen"),
    [
        (NamespacesRead.INODE, True),
        (NamespacesRead.FINGERPRINT, True),
        (NamespacesRead.DECLARED, False),
    ],
)
def test_whoever_sees_the_processes_sees_their_files(
    world: World, host: SimHost, level: NamespacesRead, *, is_seen: bool
) -> None:
    world.run(Spec("own", network="none"))
    host.level = level
    assert (files_of(world, host, "own") is not None) is is_seen


def test_why_a_start_failed_is_told_until_one_succeeds(
    world: World, engine: SimEngine
) -> None:
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    assert start_error(engine, "dep") == ""
    world.stop("own")
    with pytest.raises(EngineRefused) as refusal:
        world.restart("dep")
    assert start_error(engine, "dep") in str(refusal.value)
    assert "container own is exited" in start_error(engine, "dep")
    world.start("own")
    world.start("dep")
    assert start_error(engine, "dep") == ""


def test_why_the_engine_itself_could_not_restart_it_is_told_too(
    world: World, engine: SimEngine
) -> None:
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own", restart="always"))
    world.remove("own", force=True)
    crash(world, "dep")
    assert "No such container" in start_error(engine, "dep")
