"""What is believed of an engine that answers one thing and has done another."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import ContainerVanished, EngineRefused, HalfDone
from nstui.model.container import ContainerState
from nstui.service import verified
from nstui.service.observer import Observer
from nstui.service.verified import VerifiedEngine
from tests.support.sim_accidents import half_remove
from tests.support.sim_faults import REFUSAL, FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.errors import NstuiError
    from nstui.model.container import Container, ContainerId

WEB = "web"


class Contrary(FaultyEngine):
    """An engine that refuses what it is asked for once something else has happened."""

    def __init__(self, world: World) -> None:
        super().__init__(SimEngine(world))
        self.meanwhile: Callable[[], object] = lambda: None
        self.bad_images: set[str] = set()

    def rename(self, container: ContainerId, name: str) -> None:
        """Refuse to."""
        del container, name
        self.meanwhile()
        raise EngineRefused(REFUSAL)

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Refuse to."""
        del container, timeout, signal
        self.meanwhile()
        raise EngineRefused(REFUSAL)

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove it only by force."""
        if force:
            return super().remove(container, force=force, volumes=volumes)
        self.meanwhile()
        raise EngineRefused(REFUSAL)

    def create_placeholder(self, name: str, image: str) -> ContainerId:
        """Create a placeholder from any image that is not a bad one."""
        if image in self.bad_images:
            raise EngineRefused(f"no such image: {image}")
        return super().create_placeholder(name, image)


class Blind(Contrary):
    """An engine whose inspect fails for every container."""

    def containers(self) -> tuple[Container, ...]:
        """Return every container as its list tells."""
        return tuple(replace(c, inspection=None) for c in super().containers())


class Scene:
    """A container that runs, and who asks for its changes."""

    def __init__(self, engine: type[Contrary] = Contrary) -> None:
        self.world = World()
        self.world.run(Spec(WEB))
        self.engine = engine(self.world)
        self.observer = Observer(self.engine, SimHost(self.world))
        self.verified = VerifiedEngine(self.engine, self.observer)

    def seen(self, name: str = WEB) -> Container:
        """Return a container as it is now."""
        containers = self.observer.look_afresh().snapshot.containers
        return next(one for one in containers if one.name == name)


@pytest.mark.parametrize(
    ("happens", "error", "words"),
    [
        pytest.param(lambda _: None, EngineRefused, REFUSAL, id="nothing"),
        pytest.param(
            lambda world: world.remove(WEB, force=True),
            ContainerVanished,
            f"{REFUSAL}; web is no longer there",
            id="it is removed",
        ),
        pytest.param(
            lambda world: world.rename(WEB, "shop"),
            HalfDone,
            f"{REFUSAL}; web is called shop now",
            id="it is renamed",
        ),
        pytest.param(
            lambda world: world.pause(WEB),
            HalfDone,
            f"{REFUSAL}; web was running before and is paused now",
            id="it is paused",
        ),
        pytest.param(
            lambda world: world.restart(WEB),
            HalfDone,
            f"{REFUSAL}; web is running, but it was stopped in between",
            id="it is restarted",
        ),
    ],
)
def test_a_change_that_was_refused_says_what_has_happened_instead(
    happens: Callable[[World], object], error: type[NstuiError], words: str
) -> None:
    scene = Scene()
    before = scene.seen()
    scene.engine.meanwhile = lambda: happens(scene.world)
    with pytest.raises(error) as caught:
        scene.verified.rename(before, "api")
    assert (type(caught.value), str(caught.value)) == (error, words)


def test_a_removal_that_goes_on_although_it_was_refused_is_waited_for() -> None:
    scene = Scene()
    scene.world.stop(WEB)
    before = scene.seen()

    def begin() -> None:
        half_remove(scene.world, WEB)
        threading.Timer(0.2, end).start()

    def end() -> None:
        half_remove(scene.world, WEB, ContainerState.DEAD)
        scene.world.remove(WEB)

    scene.engine.meanwhile = begin
    scene.verified.remove(before)
    assert scene.observer.look_afresh().snapshot.containers == ()


def test_a_removal_that_never_ends_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "SETTLING_S", 0.0)
    scene = Scene()
    scene.world.stop(WEB)
    scene.engine.meanwhile = lambda: half_remove(scene.world, WEB)
    with pytest.raises(HalfDone, match="was exited before and is removing now"):
        scene.verified.remove(scene.seen())


def test_of_one_that_cannot_be_inspected_its_state_is_believed() -> None:
    scene = Scene(Blind)
    with pytest.raises(EngineRefused, match=REFUSAL):
        scene.verified.stop(scene.seen())
    scene.world.stop(WEB)
    started = scene.verified.start(scene.seen())
    assert started is not None
    assert started.state.has_process


@pytest.mark.parametrize("other", ["alpine:3", ""])
def test_what_is_gone_is_stood_in_for_by_any_image_that_can(other: str) -> None:
    scene = Scene()
    if other:
        scene.world.create(Spec("other", image=other))
    scene.world.run(Spec("dep", network=f"container:{WEB}"))
    scene.world.stop("dep")
    scene.world.remove(WEB, force=True)
    dep = scene.seen("dep")
    scene.engine.bad_images = {dep.image}
    graph = scene.observer.look_afresh().graph
    if other:
        scene.verified.start_orphan(dep, graph)
        assert scene.seen("dep").state.has_process
    else:
        with pytest.raises(EngineRefused, match="stand in for it: no such image"):
            scene.verified.start_orphan(dep, graph)
    names = {c.name for c in scene.observer.look_afresh().snapshot.containers}
    assert names == {"dep", *(["other"] if other else [])}
