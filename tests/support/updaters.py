"""What programs that update or restart containers ask of the engine, in their order.

Each is written after the source of the program that it is named for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from nstui.demo.containers import Spec
from nstui.demo.engine import connect_networks
from nstui.model.json import inner, mapping, text
from nstui.model.namespace import NamespaceKind
from tests.support.sim_accidents import disconnect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.demo.world import World
    from tests.support.private_engine import PrivateEngine

NET = NamespaceKind.NET


@dataclass(frozen=True)
class Kept:
    """What an updater has read of a container before it changes anything."""

    id: str
    image: str
    """The id of its image."""

    found: Spec | Mapping[str, object]
    """The engine's answer, or what stands for it on the simulation."""


class EngineApi(Protocol):
    """The part of an engine's API that updaters use."""

    def pull(self, image: str) -> None:
        """Pull an image."""

    def read(self, name: str) -> Kept:
        """Inspect a container."""

    def stop(self, name: str) -> None:
        """Stop a container."""

    def kill(self, name: str) -> None:
        """End a container by a signal."""

    def restart(self, name: str) -> None:
        """Stop and start a container."""

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a container."""

    def rename(self, name: str, new: str) -> None:
        """Rename a container."""

    def create(self, kept: Kept, name: str, image: str, network: str = "") -> None:
        """Create a container with what was read of another, in another network mode."""

    def disconnect(self, name: str) -> None:
        """Take a container off its network."""

    def connect(self, name: str) -> None:
        """Attach a container to its network again."""

    def start(self, name: str) -> None:
        """Start a container."""


@dataclass(frozen=True)
class Update:
    """A new image for an owner, and the containers that the updater looks after."""

    image: str
    owner: str
    joined: Mapping[str, str]
    """The dependents that it looks after, owners first, each with what it joined."""


def watchtower(api: EngineApi, update: Update) -> None:
    """Update as watchtower does, which knows links and the network mode.

    It ends the containers that are linked to a stale one before that, and creates them
    again after it, with its name in their network mode.
    """
    api.pull(update.image)
    names = [update.owner, *update.joined]
    kept = {name: api.read(name) for name in names}
    for name in reversed(names):
        api.kill(name)
        api.remove(name, force=True)
    for name in names:
        owner = update.joined.get(name)
        network = f"container:/{owner}" if owner else ""
        api.create(kept[name], name, update.image, network)
        if not owner:
            api.disconnect(name)
            api.connect(name)
        api.start(name)


def wud(api: EngineApi, update: Update) -> None:
    """Update as the docker trigger of What's up Docker does: this container alone."""
    kept = api.read(update.owner)
    api.pull(update.image)
    api.stop(update.owner)
    api.remove(update.owner)
    api.create(kept, update.owner, update.image)
    api.start(update.owner)


def compose(api: EngineApi, update: Update) -> None:
    """Update as ``compose up -d`` does with one service.

    What the file says to depend on it is stopped first and started last; what shares
    its namespace by the file would be made anew as well.
    """
    kept = api.read(update.owner)
    api.pull(update.image)
    for name in reversed(list(update.joined)):
        api.stop(name)
    passing = f"{kept.id[:12]}_{update.owner}"
    api.create(kept, passing, update.image)
    api.stop(update.owner)
    api.remove(update.owner)
    api.rename(passing, update.owner)
    api.start(update.owner)
    for name, owner in update.joined.items():
        dependent = api.read(name)
        passing = f"{dependent.id[:12]}_{name}"
        network = f"container:{api.read(owner).id}"
        api.create(dependent, passing, update.image, network)
        api.remove(name)
        api.rename(passing, name)
        api.start(name)


def portainer(api: EngineApi, update: Update) -> None:
    """Update as Portainer's *Recreate* with *Re-pull image* does."""
    kept, old = api.read(update.owner), f"{update.owner}-old"
    api.pull(update.image)
    api.stop(update.owner)
    api.rename(update.owner, old)
    api.disconnect(old)
    api.create(kept, update.owner, update.image)
    api.start(update.owner)
    api.remove(old)


def rollout(api: EngineApi, update: Update) -> None:
    """Update as docker-rollout does with a service of compose.

    It has compose start a second container beside the first one, which it stops and
    removes once the second one is healthy: the number in the name is another one then.
    """
    kept, second = api.read(update.owner), rolled_out(update.owner)
    api.pull(update.image)
    api.create(kept, second, update.image)
    api.start(second)
    api.stop(update.owner)
    api.remove(update.owner)


def rolled_out(owner: str) -> str:
    """Return the name that an owner has after `rollout`."""
    return f"{owner}-2"


def autoheal(api: EngineApi, update: Update) -> None:
    """Restart as docker-autoheal does with what is unhealthy."""
    api.restart(update.owner)


def docker_rollout(api: EngineApi, update: Update) -> None:
    """Update as docker-rollout does: a second container first, the old one away."""
    kept, second = api.read(update.owner), f"{update.owner}-2"
    api.create(kept, second, update.image)
    api.start(second)
    api.stop(update.owner)
    api.remove(update.owner)


class RealApi:
    """The API of a private engine; calls `after_each` after each change."""

    def __init__(
        self, engine: PrivateEngine, after_each: Callable[[], object] = lambda: None
    ) -> None:
        self._engine = engine
        self._after = after_each

    def pull(self, image: str) -> None:
        """Pull an image."""
        self._engine.docker("pull", "--quiet", image)
        self._after()

    def read(self, name: str) -> Kept:
        """Inspect a container."""
        found: Mapping[str, object] = self._engine.client.inspect_container(name)
        return Kept(text(found, "Id"), text(found, "Image"), found)

    def stop(self, name: str) -> None:
        """Stop a container."""
        self._engine.client.stop(name, timeout=1)
        self._after()

    def kill(self, name: str) -> None:
        """End a container by a signal."""
        self._engine.client.kill(name, "KILL")
        self._engine.client.wait(name)
        self._after()

    def restart(self, name: str) -> None:
        """Stop and start a container."""
        self._engine.client.restart(name, timeout=1)
        self._after()

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a container."""
        self._engine.client.remove_container(name, force=force)
        self._after()

    def rename(self, name: str, new: str) -> None:
        """Rename a container."""
        self._engine.client.rename(name, new)
        self._after()

    def create(self, kept: Kept, name: str, image: str, network: str = "") -> None:
        """Create a container with what was read of another, in another network mode."""
        found = mapping(kept.found)
        config, host = dict(inner(found, "Config")), dict(inner(found, "HostConfig"))
        if network:
            host["NetworkMode"] = network
        if network or text(host, "NetworkMode").startswith("container:"):
            config["Hostname"] = ""
        config |= {"Image": image, "HostConfig": host}
        self._engine.client.create_container_from_config(  # type: ignore[no-untyped-call]  # the stubs lack it
            config, name
        )
        self._after()

    def disconnect(self, name: str) -> None:
        """Take a container off its network."""
        client = self._engine.client
        client.disconnect_container_from_network(name, "bridge", force=True)
        self._after()

    def connect(self, name: str) -> None:
        """Attach a container to its network again."""
        self._engine.client.connect_container_to_network(name, "bridge")
        self._after()

    def start(self, name: str) -> None:
        """Start a container."""
        self._engine.client.start(name)
        self._after()


class SimApi:
    """The API of a simulated engine; calls `after_each` after each change."""

    def __init__(
        self, world: World, after_each: Callable[[], object] = lambda: None
    ) -> None:
        self._world = world
        self._after = after_each

    def pull(self, image: str) -> None:
        """Pull an image."""
        self._world.image_store.pull(image, lambda _: None)
        self._after()

    def read(self, name: str) -> Kept:
        """Inspect a container."""
        record = self._world.records.get(name)
        spec = replace(
            record.spec,
            network=record.modes[NET],
            pid=record.modes[NamespaceKind.PID],
            ipc=record.modes[NamespaceKind.IPC],
        )
        return Kept(record.id, record.image_id, spec)

    def stop(self, name: str) -> None:
        """Stop a container."""
        self._world.stop(name)
        self._after()

    def kill(self, name: str) -> None:
        """End a container by a signal."""
        self._world.kill(name)
        self._after()

    def restart(self, name: str) -> None:
        """Stop and start a container."""
        self._world.restart(name)
        self._after()

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a container."""
        self._world.remove(name, force=force)
        self._after()

    def rename(self, name: str, new: str) -> None:
        """Rename a container."""
        self._world.rename(name, new)
        self._after()

    def create(self, kept: Kept, name: str, image: str, network: str = "") -> None:
        """Create a container with what was read of another, in another network mode."""
        spec = kept.found
        assert isinstance(spec, Spec)
        made = replace(spec, name=name, image=image, network=network or spec.network)
        self._world.create(made)
        self._after()

    def disconnect(self, name: str) -> None:
        """Take a container off its network."""
        disconnect(self._world, name)
        self._after()

    def connect(self, name: str) -> None:
        """Attach a container to its network again."""
        connect_networks(self._world, name, "bridge")
        self._after()

    def start(self, name: str) -> None:
        """Start a container."""
        self._world.start(name)
        self._after()
