"""Images of the simulated engine that are published, pulled and bad."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.images import SimImage
from nstui.demo.kernel import SimClock
from nstui.demo.world import World
from nstui.errors import EngineRefused, PullFailed
from nstui.model.container import Health
from nstui.model.json import inner, texts

if TYPE_CHECKING:
    from nstui.model.image import PullProgress

ID = "sha256:" + "a1" * 32
OTHER = "sha256:" + "b2" * 32
NAME = "shop.test/app:1"


@pytest.fixture
def world() -> World:
    return World(SimClock())


@pytest.fixture
def engine(world: World) -> SimEngine:
    return SimEngine(world)


def pull(engine: SimEngine, reference: str = NAME) -> str:
    return engine.pull(reference, lambda _: None).id


def test_a_container_has_the_defaults_of_its_image(
    world: World, engine: SimEngine
) -> None:
    config = {
        "Env": ["A=image", "B=image"],
        "Labels": {"from": "image"},
        "StopSignal": "SIGQUIT",
        "Healthcheck": {"Test": ["CMD", "true"]},
    }
    world.image_store.publish(NAME, SimImage(id=ID, config=config))
    assert pull(engine) == ID
    container = world.run(Spec("it", NAME, environment=("A=own",)))
    made = inner(engine.inspect(container), "Config")
    assert texts(made, "Env") == ("A=own", "B=image")
    assert inner(made, "Labels") == {"from": "image"}
    (found,) = engine.containers()
    assert found.inspection is not None
    assert found.inspection.stop_signal == "SIGQUIT"
    assert found.health is Health.STARTING


def test_a_published_image_is_not_there_before_it_is_pulled(
    world: World, engine: SimEngine
) -> None:
    world.image_store.publish(NAME, SimImage(id=ID))
    world.create(Spec("before", NAME))
    assert pull(engine) == ID
    world.create(Spec("after", NAME))
    images = {c.name: engine.inspect(c.id)["Image"] for c in engine.containers()}
    assert images["after"] == ID != images["before"]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_pull_that_fails_changes_nothing(
    world: World, engine: SimEngine, *, is_known: bool
) -> None:
    seen: list[PullProgress] = []
    if is_known:
        world.image_store.publish(NAME, SimImage(id=ID))
        world.image_store.refuse(NAME, "unexpected EOF")
    with pytest.raises(PullFailed, match="EOF" if is_known else "not found"):
        engine.pull(NAME, seen.append)
    assert [each.done for each in seen] == [0]
    assert engine.image(NAME) is None
    world.image_store.publish(NAME, SimImage(id=OTHER))
    assert pull(engine) == OTHER


def test_a_name_without_a_tag_is_the_latest(world: World, engine: SimEngine) -> None:
    world.image_store.publish("shop.test:5000/app", SimImage(id=ID))
    assert pull(engine, "shop.test:5000/app:latest") == ID
    image = engine.image("shop.test:5000/app")
    assert image is not None
    assert image.names == ("shop.test:5000/app:latest",)
    assert image.digests[0].startswith("shop.test:5000/app@sha256:")


def test_what_was_never_published_is_up_to_date(
    world: World, engine: SimEngine
) -> None:
    world.create(Spec("it"))
    before = engine.image("busybox:1.36")
    assert before is not None
    assert pull(engine, "busybox:1.36") == before.id


def test_an_image_that_was_lost_comes_back_with_a_pull(
    world: World, engine: SimEngine
) -> None:
    world.create(Spec("it"))
    world.lost_images["busybox:1.36"] = ""
    assert engine.image("busybox:1.36") is None
    assert pull(engine, "busybox:1.36")
    assert engine.image("busybox:1.36") is not None


def test_containers_of_an_image_that_cannot_start(
    world: World, engine: SimEngine
) -> None:
    world.run(Spec("old", NAME))
    bad = SimImage(id=ID, start_error='exec: "no": not found')
    world.image_store.publish(NAME, bad)
    pull(engine)
    world.restart("old")
    with pytest.raises(EngineRefused, match="not found"):
        world.run(Spec("new", NAME))


def test_containers_of_an_image_that_never_get_healthy(
    world: World, engine: SimEngine
) -> None:
    check = {"Healthcheck": {"Test": ["CMD", "false"]}}
    world.image_store.publish(NAME, SimImage(id=ID, config=check, is_sick=True))
    pull(engine)
    world.run(Spec("it", NAME))
    assert isinstance(world.clock, SimClock)
    world.clock.advance(timedelta(seconds=3))
    (found,) = engine.containers()
    assert found.health is Health.UNHEALTHY
