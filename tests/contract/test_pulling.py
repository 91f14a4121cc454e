"""Images, and what pulling them from a registry does and does not change."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import pytest

from nstui.demo.containers import Spec
from nstui.demo.images import SimImage
from nstui.errors import ContainerVanished, EngineRefused, PullFailed
from nstui.model.healing import Renewal
from nstui.model.json import inner, text, texts
from tests.contract.host import RealHost, SimulatedHost
from tests.support.registry import reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.image import Image, PullProgress
    from tests.contract.host import ContractHost
    from tests.support.registry import Registry

NAME = "app:1"
APP = reference_of(NAME)
GONE = "manifest for {} not found: manifest unknown"


class Shelf(Protocol):
    """A registry, as far as both hosts have one."""

    def publish(self, word: str) -> str:
        """Push a new image with a variable and a label; return its id."""

    def withdraw(self) -> None:
        """Take the tag away."""


class SimulatedShelf:
    """The registry of a world."""

    def __init__(self, host: SimulatedHost) -> None:
        self._image_store = host.world.image_store

    def publish(self, word: str) -> str:
        """Push a new image with a variable and a label; return its id."""
        config = {"Env": [f"WORD={word}"], "Labels": {"word": word}}
        identity = f"sha256:{word.encode().hex():0>64}"
        self._image_store.publish(APP, SimImage(id=identity, config=config))
        return identity

    def withdraw(self) -> None:
        """Take the tag away."""
        self._image_store.refuse(APP, GONE.format(APP))


class RealShelf:
    """The registry beside a private engine."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def publish(self, word: str) -> str:
        """Push a new image with a variable and a label; return its id."""
        return self._registry.publish(NAME, f"ENV WORD={word}", f"LABEL word={word}")

    def withdraw(self) -> None:
        """Take the tag away."""
        self._registry.withdraw(NAME)


@pytest.fixture
def shelf(host: ContractHost, request: pytest.FixtureRequest) -> Iterator[Shelf]:
    """Yield the registry of a host whose engine has none of its images."""
    if isinstance(host, SimulatedHost):
        yield SimulatedShelf(host)
        return
    assert isinstance(host, RealHost)
    yield RealShelf(request.getfixturevalue("registry"))
    host.private.remove_all()
    host.private.docker("rmi", APP, check=False)


def pull(host: ContractHost, reference: str = APP) -> Image:
    """Pull an image, whatever is heard of it meanwhile."""
    return host.engine.pull(reference, lambda _: None)


def inspected(host: ContractHost, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the image of a container and its variables of the tests."""
    (found,) = (each for each in host.engine.containers() if each.name == name)
    raw = host.engine.inspect(found.id)
    variables = texts(inner(raw, "Config"), "Env")
    return text(raw, "Image"), tuple(v for v in variables if v.startswith("WORD="))


def test_an_image_that_is_pulled(host: ContractHost, shelf: Shelf) -> None:
    assert host.engine.image(APP) is None
    published = shelf.publish("one")
    assert host.engine.image(APP) is None

    pulled = pull(host)

    assert pulled == host.engine.image(APP) == host.engine.image(pulled.id)
    assert pulled.id == published
    assert APP in pulled.names
    assert any(d.startswith(APP.rpartition(":")[0] + "@") for d in pulled.digests)
    assert pulled.platform.startswith("linux/")
    assert "WORD=one" in texts(pulled.config, "Env")
    assert inner(pulled.config, "Labels") == {"word": "one"}
    assert pull(host) == pulled


def test_how_far_it_has_got(host: ContractHost, shelf: Shelf) -> None:
    shelf.publish("one")
    seen: list[PullProgress] = []
    host.engine.pull(APP, seen.append)
    assert len(seen) == len(set(seen)) > 1
    for before, after in pairwise(seen):
        assert before.layers <= after.layers
        assert before.done <= after.done
        assert before.received <= after.received
        assert before.size <= after.size
        assert before.unpacked <= after.unpacked
    assert 0 < seen[-1].layers == seen[-1].done
    assert seen[-1].received == seen[-1].size


def test_a_new_image_under_the_same_tag(host: ContractHost, shelf: Shelf) -> None:
    shelf.publish("one")
    old = pull(host)
    container = host.create(Spec("it", APP))
    shelf.publish("two")
    assert host.engine.image(APP) == old

    new = pull(host)

    assert new.id != old.id
    assert host.engine.image(APP) == new
    left = host.engine.image(old.id)
    assert left is not None
    assert left.names == ()
    assert left.config == old.config
    assert inspected(host, "it") == (old.id, ("WORD=one",))
    host.engine.create_like(container, "same", ())
    assert inspected(host, "same")[0] == old.id


def test_a_tag_that_has_vanished(host: ContractHost, shelf: Shelf) -> None:
    shelf.publish("one")
    old = pull(host)
    shelf.withdraw()
    with pytest.raises(
        PullFailed, match=f"{APP} cannot be pulled: .*(?i:unknown|not found)"
    ):
        pull(host)
    assert host.engine.image(APP) == old


def test_a_name_that_no_registry_has(host: ContractHost, shelf: Shelf) -> None:
    shelf.publish("one")
    nothing = reference_of("nothing:1")
    with pytest.raises(PullFailed, match=f"{nothing} cannot be pulled: ") as refusal:
        pull(host, nothing)
    assert isinstance(refusal.value, EngineRefused)
    assert not isinstance(refusal.value, ContainerVanished)
    assert host.engine.image(nothing) is None


def test_an_id_is_no_name(host: ContractHost, shelf: Shelf) -> None:
    shelf.publish("one")
    identity = pull(host).id
    for reference in (identity, identity.removeprefix("sha256:")):
        with pytest.raises(PullFailed, match=f"^{reference} is the id of an image"):
            pull(host, reference)


def test_whoever_hears_of_the_progress_may_end_it(
    host: ContractHost, shelf: Shelf
) -> None:
    shelf.publish("one")

    def end(progress: PullProgress) -> None:
        raise KeyboardInterrupt(progress)

    with pytest.raises(KeyboardInterrupt):
        host.engine.pull(APP, end)
    # What has been broken off is begun again.
    assert pull(host).names == (APP,)


@pytest.mark.parametrize("word", ["two", "mine"])
def test_a_container_with_another_image(
    host: ContractHost, shelf: Shelf, word: str
) -> None:
    shelf.publish("one")
    pull(host)
    old = host.create(Spec("it", APP))
    shelf.publish("two")
    image = pull(host)

    variables = () if word == "two" else (f"WORD={word}",)
    new = host.engine.create_renewed(old, "new", (), Renewal(APP, variables))

    assert inspected(host, "new") == (image.id, (f"WORD={word}",))
    labels = inner(inner(host.engine.inspect(new), "Config"), "Labels")
    assert labels == {"word": "two"}
    host.engine.start(new)
    assert host.engine.changes(new) == ()
