"""Starting an orphan again while another container has its owner's id for a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId
from tests.support.private_engine import IMAGE

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


@pytest.mark.parametrize("kind", ["network", "pid", "ipc"])
def test_an_orphan_starts_while_something_has_its_owners_id_for_a_name(
    engine_host: PrivateEngine, engine: DockerEngine, kind: str
) -> None:
    gone = ContainerId(engine_host.run("own", "--ipc=shareable"))
    dep = ContainerId(engine_host.run("dep", f"--{kind}=container:own"))
    engine_host.docker("rm", "-f", "own")
    engine_host.docker("stop", "-t", "0", "dep")
    with pytest.raises(EngineRefused, match=f"No such container: {gone}"):
        engine.start(dep)

    place = engine.create_placeholder(gone, IMAGE)
    engine.start(place)
    engine.start(dep)

    networks = engine_host.inspect(place, "NetworkSettings", "Networks")
    assert isinstance(networks, dict)
    assert list(networks) == ["none"]
    assert engine_host.inspect(place, "Mounts") == []
    engine.remove(place, force=True)
    # Whoever is in another's pid namespace dies with it.
    assert engine_host.inspect(dep, "State", "Running") is (kind != "pid")
    assert [container.name for container in engine.containers()] == ["dep"]


@pytest.mark.parametrize("image", ["nothing:1", "Not A Reference"])
def test_a_placeholder_of_an_image_that_is_not_there(
    engine: DockerEngine, image: str
) -> None:
    with pytest.raises(EngineRefused) as refusal:
        engine.create_placeholder("x", image)
    assert not isinstance(refusal.value, ContainerVanished)
    assert engine.containers() == ()
