"""An action, what it would do to others, and its steps, before anything happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.healing import Layer
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from nstui.model.container import (
        ContainerId,
        ContainerState,
        Health,
        Join,
        PublishedPort,
    )
    from nstui.model.healing import OwnerChoice, Recreation, Unhealed
    from nstui.model.interruption import Interruption


class Action(StrEnum):
    """What can be done to a container that may harm others; the engine's words."""

    RM = "rm"
    STOP = "stop"
    RESTART = "restart"
    KILL = "kill"
    PRUNE = "prune"
    """Remove what is not running and nobody depends on."""

    HEAL = "heal"
    """Bring back together what an action has torn apart."""


class ShareKind(StrEnum):
    """A way in which one container depends on another."""

    NET = "net"
    PID = "pid"
    IPC = "ipc"
    UTS = "uts"
    LINK = "link"
    VOLUMES_FROM = "volumes-from"


class EffectNow(StrEnum):
    """What happens to a dependent at once; the worst comes first."""

    KILLED = "killed"
    LOSES_NETWORK = "loses_network"
    NAMESPACE_SPLIT = "namespace_split"
    EXEC_FAILS = "exec_fails"
    NONE = "none"

    @property
    def rank(self) -> int:
        """Its place in an order that puts the worst first."""
        return list(EffectNow).index(self)


class EffectLater(StrEnum):
    """What happens at a dependent's next start; the worst comes first."""

    MUST_BE_RECREATED = "must_be_recreated"
    CANNOT_RESTART_UNTIL_OWNER_RUNS = "cannot_restart_until_owner_runs"
    RESTART_REJOINS = "restart_rejoins"
    NONE = "none"

    @property
    def rank(self) -> int:
        """Its place in an order that puts the worst first."""
        return list(EffectLater).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an action does to one dependent through one kind of sharing."""

    container: ContainerId
    name: str
    kind: ShareKind
    via: ContainerId
    """The container it joined directly; the target itself, or one in between."""

    via_name: str
    now: EffectNow
    later: EffectLater
    is_indirect: bool
    """Whether the container it joined is not the one that is acted on."""

    harms: bool
    """Whether the dependent is worse off than it would be without the action.

    A dependent that is not running and merely has to wait for its owner to be started
    again loses nothing; one whose owner is removed does.
    """

    sentence: str
    """Both in words, without the dependent's name."""

    at_once: str = ""
    """The first half of the sentence: what happens now."""

    next_start: str = ""
    """The second half: what comes later; empty if nothing does."""

    because_of: tuple[str, ...] = ()
    """The names of those acted on that it comes from."""

    known_by: NamespacesRead = NamespacesRead.DECLARED
    """What says that the two share: the kernel, or only a declaration."""

    is_declared: bool = True
    """Whether a declaration makes it a dependent, and not the kernel alone."""

    is_certain: bool = True
    """Whether it is known that what they share ends with the one that is acted on."""


class Verb(StrEnum):
    """What one step asks of the engine."""

    RM = "rm"
    STOP = "stop"
    RESTART = "restart"
    KILL = "kill"
    START = "start"
    WAIT = "wait"
    """Until it runs and, where it has a health check, is healthy."""

    RECREATE = "recreate"
    """Replace it by an equal container that joins others than it did."""

    COMPOSE = "compose"
    """Let compose replace it."""

    MANAGER = "manager"
    """Let what manages it, such as a systemd unit, stop or restart it."""

    CONNECT = "connect"
    """Attach it again to the network that it was made for."""

    FINISH = "finish"
    """Finish a replacement that was cut off."""

    UNDO = "undo"
    """Put back a container whose replacement was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request to the engine, for one container by its full id."""

    verb: Verb
    container: ContainerId
    name: str
    force: bool = False
    """``rm`` only: kill it first if it runs."""

    volumes: bool = False
    """``rm`` only: remove its anonymous volumes as well."""

    timeout: int | None = None
    """``stop`` and ``restart``: seconds before it is killed; None: its own.
    ``wait``: seconds before the wait is given up."""

    signal: str | None = None
    """``kill`` only: the signal; None: ``KILL``."""

    removes: bool = False
    """Whether the container is gone afterwards: ``rm``, what replaces it, and the end
    of a container that removes itself."""

    joins: tuple[Join, ...] = ()
    """``recreate`` and ``compose``: all that the new container joins, by id, or by name
    if that is recreated before it."""

    onto: str = ""
    """``recreate`` only: the name of its one new owner; empty if there are several."""

    starts: bool = True
    """``recreate`` only: whether the new container is started."""

    keeps_layer: bool = False
    """``recreate`` only: whether what it wrote to its own file system is made an image
    first, which the new container is made from."""

    files: tuple[str, ...] = ()
    """``recreate``, and ``compose`` if nstui does it itself in the end: the files that
    the new container gets from the old one, since neither its image nor a volume has
    them."""

    command: tuple[str, ...] = ()
    """``compose`` and ``manager`` only: the words of the command."""

    network: str = ""
    """``connect`` only."""

    aliases: tuple[str, ...] = ()
    """``connect`` only: its names there besides its own, as far as they are known."""

    changes: tuple[str, ...] = ()
    """``compose`` only: what it changes of the container, as the user was told."""

    record: str = ""
    """``finish`` and ``undo``: the id of the record of the plan that was cut off; of
    the ``start`` of a container that such a plan has stopped as well."""

    needs: tuple[ContainerId, ...] = ()
    """Those that the plan acts on earlier and without which this step makes no sense;
    its own container is not among them."""

    health: Health | None = field(default=None, compare=False)
    """``wait`` only: what the container's health check says when the plan is made; None
    if it has none. A plan holds although that has changed meanwhile."""

    trial: int = field(default=0, compare=False)
    """``wait`` only: how many seconds one without a health check has to run on."""

    as_before: bool = True
    """``compose`` only: whether the new container must have the mounts and the
    environment of the old one."""


class Policy(StrEnum):
    """What may happen to dependents."""

    PROTECT = "protect"
    """Nothing: an action that harms one is refused."""

    WITH_DEPENDENTS = "with-dependents"
    """They are acted on too, in the right order."""

    BREAK_DEPENDENTS = "break-dependents"
    """They may be harmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An action as somebody asked for it."""

    action: Action
    targets: tuple[ContainerId, ...]
    """Whom it names; empty for a prune, which finds its targets by itself."""

    policy: Policy = Policy.PROTECT
    force: bool = False
    """``rm`` only: kill what runs, as ``docker rm -f`` does."""

    stop_first: bool = False
    """``rm`` only: stop what runs, gently, before it is removed."""

    volumes: bool = False
    timeout: int | None = None
    signal: str | None = None
    """``kill`` only: the signal; None: ``KILL``."""

    wait_s: int = 60
    """``restart`` and ``heal``: how long an owner may take to become healthy."""

    onto: ContainerId | None = None
    """``heal`` only: the new owner for all whose owner is gone; None: it is found."""

    chosen: tuple[tuple[ContainerId, ContainerId], ...] = ()
    """``heal`` only: for one that is gone the new owner, where several would fit."""

    layer: Layer = Layer.ASK
    """``heal`` only."""

    asks_nobody: bool = False
    """``heal`` only: whether what needs a decision is left alone, and the rest healed
    without it."""

    passed_over: tuple[str, ...] = ()
    """``heal`` only: the ids of the records of plans that were cut off and could not be
    finished, so that what has nothing to do with them comes next."""

    compose: bool = False
    """``heal`` only: whether compose may change more than what a container joins."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A container that a prune leaves alone although it is not running."""

    container: ContainerId
    name: str
    needed_by: tuple[str, ...]
    """The names of those that depend on it."""

    managed_by: str = ""
    """What manages it, in words; empty if nothing does."""


@dataclass(frozen=True, slots=True)
class Outsider:
    """A process that is in a container's namespace and in no container known here."""

    pid: int
    command: str | None
    """None if it could not be read."""

    kinds: tuple[NamespaceKind, ...]
    """The kinds of namespaces that it is in."""

    owner: ContainerId
    """Whose namespaces these are."""

    owner_name: str
    container: ContainerId | None = None
    """Whose it is by its cgroup, if it is another engine's container's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A container that was named, as it was when the plan was made."""

    id: ContainerId
    name: str
    image: str
    state: ContainerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would happen; equal plans promise the same."""

    request: Request
    targets: tuple[Target, ...]
    effects: tuple[Effect, ...]
    """On containers that the plan does not act on, the worst first; and on those that
    it stops and that could never be started again."""

    steps: tuple[Step, ...]
    dark_ports: tuple[PublishedPort, ...]
    """Published ports that lead nowhere afterwards."""

    uncertain: tuple[str, ...]
    """Names of containers that could not be inspected: they may be dependents."""

    program: str = "docker"
    """The command line program of the engine."""

    recovery: tuple[Step, ...] = ()
    """What would bring those back that the plan harms, if anything but recreating
    them does."""

    kept: tuple[Kept, ...] = ()
    """``prune`` only: what is left alone, and for whom."""

    recreations: tuple[Recreation, ...] = ()
    """``heal`` only: those that it recreates, in the order of its steps."""

    choices: tuple[OwnerChoice, ...] = ()
    """``heal`` only: questions without whose answers some stay broken."""

    unhealed: tuple[Unhealed, ...] = ()
    """``heal`` only: what it cannot repair, and why."""

    interruptions: tuple[Interruption, ...] = ()
    """``heal`` only: the plans that were cut off and that it finishes or undoes."""

    managed: tuple[str, ...] = ()
    """What something else manages, and how that is told what to do, as sentences; such
    a plan is never carried out."""

    objections: tuple[str, ...]
    """Why the engine would refuse, as sentences; such a plan is never carried out."""

    notes: tuple[str, ...] = ()
    """What else is to be known before it is carried out, as sentences."""

    namespaces_read: NamespacesRead = NamespacesRead.INODE
    """How the namespaces that end were told apart."""

    blind_spots: tuple[str, ...] = ()
    """What could not be looked at, as sentences: others may be harmed unseen."""

    unplaced: tuple[str, ...] = ()
    """Names of containers that joined by a name which nobody has any more, and whose
    namespace could not be read: it may be one that ends."""

    outsiders: tuple[Outsider, ...] | None = field(default=None, compare=False)
    """The processes of no container in namespaces that end; None if nobody looked. A
    plan holds whoever comes and goes there."""

    @property
    def harmed(self) -> tuple[Effect, ...]:
        """The effects that leave a dependent worse off."""
        return tuple(effect for effect in self.effects if effect.harms)

    @property
    def breaks(self) -> bool:
        """Whether a container would suffer more than was asked for."""
        return bool(self.harmed)

    @property
    def goes_on(self) -> bool:
        """Whether a step that fails does not keep the others from being taken.

        What was restarted or recreated already has cut others off, which the steps
        that are left bring back.
        """
        return self.request.action in {Action.HEAL, Action.RESTART}

    @property
    def is_permitted(self) -> bool:
        """Whether the policy it was made under accepts what it does."""
        if self.request.policy is Policy.BREAK_DEPENDENTS:
            return True
        return not self.breaks and not self.uncertain and not self.unplaced

    @property
    def is_possible(self) -> bool:
        """Whether neither the engine nor what manages a container stands against it."""
        return not self.managed and not self.objections

    @property
    def losing(self) -> tuple[Recreation, ...]:
        """Those of whom something would be lost that nobody has decided on."""
        return tuple(one for one in self.recreations if one.loses_layer)
