"""An action, its effects and its steps, before anything happens."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.host_options import HERE, HostOptions
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.step import Action, Effect, Step

if TYPE_CHECKING:
    from nstui.model.container import (
        Container,
        ContainerId,
        ContainerState,
        PublishedPort,
    )
    from nstui.model.healing import OwnerChoice, Recreation, Unhealed
    from nstui.model.outcome import Interruption
    from nstui.model.restoration import Restoration


class Policy(StrEnum):
    """What an action may do to dependents."""

    PROTECT = "protect"
    """Nothing: an action that harms a dependent is refused."""

    WITH_DEPENDENTS = "with-dependents"
    """They are acted on too, in the right order."""

    BREAK_DEPENDENTS = "break-dependents"
    """They may be harmed."""


class Layer(StrEnum):
    """What becomes of what a container wrote to its own file system."""

    ASK = "ask"
    """Nothing is recreated that wrote anything."""

    KEEP = "keep"
    """It is made an image, which the new container is made from."""

    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An action as it was requested."""

    action: Action
    targets: tuple[ContainerId, ...]
    """The named containers; empty for ``prune``, which finds its targets itself. For
    ``restore`` the id that the removed container had."""

    policy: Policy = Policy.PROTECT
    force: bool = False
    """``rm`` only: kill running containers, as ``docker rm -f`` does."""

    stop_first: bool = False
    """``rm`` only: stop running containers gracefully before removing them."""

    volumes: bool = False
    timeout: int | None = None
    signal: str | None = None
    """``kill`` only: the signal; None for ``KILL``."""

    wait_s: int = 60
    """``start``, ``restart``, ``heal`` and ``recreate``: how many seconds an owner may
    take to become healthy. ``recreate`` puts everything back after that."""

    onto: ContainerId | None = None
    """``heal`` and ``restore`` only: the new owner of all orphans; None to find the
    owners."""

    chosen: tuple[tuple[ContainerId, ContainerId], ...] = ()
    """``heal`` and ``restore`` only: pairs of an owner that is gone and its chosen
    replacement."""

    layer: Layer = Layer.ASK
    """``heal`` and ``recreate`` only."""

    asks_nobody: bool = False
    """``heal`` only: whether to skip what needs a decision and heal the rest."""

    passed_over: tuple[str, ...] = ()
    """``heal`` only: the ids of interrupted plans' records that could not be finished
    and are skipped, so that unrelated plans come next."""

    compose: bool = False
    """``heal`` and ``recreate`` only: whether compose may change more than what a
    container joins and its image."""

    image: str = ""
    """``restore`` and ``recreate`` only: the image to use instead of the one that the
    container had; empty for that one, by its name for ``recreate``."""

    pull: bool = False
    """``recreate`` only: whether the image is pulled first."""

    environment: tuple[str, ...] = ()
    """``recreate`` only: variables to set, each as ``NAME=value``."""

    env_file: str = ""
    """``recreate`` only: the path of the file that these were read from, if any."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stopped container that ``prune`` does not remove."""

    container: ContainerId
    name: str
    needed_by: tuple[str, ...]
    """The names of the containers that depend on it."""

    managed_by: str = ""
    """What manages it, in words; empty if nothing does."""


@dataclass(frozen=True, slots=True)
class Outsider:
    """A process in a container's namespace that belongs to no known container."""

    pid: int
    command: str | None
    """None if it could not be read."""

    kinds: tuple[NamespaceKind, ...]
    """The kinds of namespaces that it is in."""

    owner: ContainerId
    """The container that owns these namespaces."""

    owner_name: str
    container: ContainerId | None = None
    """The container it belongs to by its cgroup, if that is another engine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A named container, as it was when the plan was made."""

    id: ContainerId
    name: str
    image: str
    state: ContainerState

    @classmethod
    def of(cls, container: Container) -> Target:
        """Return a container as a target."""
        return cls(
            id=container.id,
            name=container.name,
            image=container.image,
            state=container.state,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would happen; equal plans promise the same."""

    request: Request
    targets: tuple[Target, ...]
    effects: tuple[Effect, ...]
    """Effects on containers that the plan does not act on, the worst first, and on
    those that it stops and that could never be started again."""

    steps: tuple[Step, ...]
    dark_ports: tuple[PublishedPort, ...]
    """Published ports that lead nowhere afterwards."""

    uncertain: tuple[str, ...]
    """Names of containers that could not be inspected and may be dependents."""

    program: str = "docker"
    """The engine's command line program."""

    options: HostOptions = HERE
    """Those that commands for the engine have where they are shown."""

    command: tuple[str, ...] = ()
    """``recreate`` only: the words of nstui's own command for the whole plan."""

    recovery: tuple[Step, ...] = ()
    """The steps that would bring back the harmed containers, if this is possible
    without recreating them."""

    kept: tuple[Kept, ...] = ()
    """``prune`` only: the containers that are left alone, and why."""

    recreations: tuple[Recreation, ...] = ()
    """``heal`` and ``recreate`` only: the recreated containers, in the order of the
    steps."""

    restoration: Restoration | None = None
    """``restore`` only: the container that is brought back."""

    choices: tuple[OwnerChoice, ...] = ()
    """``heal`` and ``restore`` only: the questions that must be answered to do the
    rest."""

    unhealed: tuple[Unhealed, ...] = ()
    """``heal`` only: what it cannot repair, and why."""

    interruptions: tuple[Interruption, ...] = ()
    """``heal`` only: the interrupted plans that it finishes or undoes."""

    managed: tuple[str, ...] = ()
    """What nstui leaves to others, as sentences that say what to do: what something
    else manages, and what would end nstui itself. A plan that has any is never carried
    out."""

    objections: tuple[str, ...]
    """Why the engine would refuse, as sentences; a plan that has any is never carried
    out."""

    notes: tuple[str, ...] = ()
    """What else to know before it is carried out, as sentences."""

    namespaces_read: NamespacesRead = NamespacesRead.INODE
    """How the namespaces that end were identified."""

    blind_spots: tuple[str, ...] = ()
    """What could not be read, as sentences; unseen containers may be harmed."""

    unplaced: tuple[str, ...] = ()
    """Names of containers that joined by a name which no container has any more, and
    with an unreadable namespace: it may be one that ends."""

    outsiders: tuple[Outsider, ...] | None = field(default=None, compare=False)
    """The processes outside all containers in namespaces that end; None if they were
    not read. Not compared: a plan stays valid when they come and go."""

    @property
    def harmed(self) -> tuple[Effect, ...]:
        """The effects that leave a dependent worse off."""
        return tuple(effect for effect in self.effects if effect.harms)

    @property
    def breaks(self) -> bool:
        """Whether a container would suffer more than was requested."""
        return bool(self.harmed)

    @property
    def goes_on(self) -> bool:
        """Whether the remaining steps are taken although one has failed.

        Containers that were already restarted or recreated have cut off others, which
        the remaining steps bring back. A start or a pause needs no earlier step but
        those in `Step.needs`.
        """
        action = self.request.action
        return action in {Action.HEAL, Action.RESTART} or action.ends_nothing

    @property
    def goes_back(self) -> bool:
        """Whether everything is put back as it was if a step fails."""
        return self.request.action is Action.RECREATE

    @property
    def is_permitted(self) -> bool:
        """Whether the policy of the request permits the effects."""
        if self.request.policy is Policy.BREAK_DEPENDENTS:
            return True
        return not self.breaks and not self.uncertain and not self.unplaced

    @property
    def is_possible(self) -> bool:
        """Whether neither the engine nor a manager prevents it."""
        return not self.managed and not self.objections

    @property
    def losing(self) -> tuple[Recreation, ...]:
        """The recreations that would lose files nobody has decided about."""
        return tuple(one for one in self.recreations if one.loses_layer)
