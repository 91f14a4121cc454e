"""The steps of an action, and its effects on dependents."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespacesRead

if TYPE_CHECKING:
    from nstui.model.container import ContainerId, Health, Join


class Action(StrEnum):
    """The actions on containers, in the engine's words."""

    RM = "rm"
    STOP = "stop"
    START = "start"
    RESTART = "restart"
    KILL = "kill"
    PRUNE = "prune"
    """Remove stopped containers that nothing depends on."""

    PAUSE = "pause"
    """Freeze the processes of running containers."""

    UNPAUSE = "unpause"
    HEAL = "heal"
    """Repair joins that are broken."""

    RESTORE = "restore"
    """Bring back a removed container from its kept inspect."""

    RECREATE = "recreate"
    """Make containers anew, from the image that their name has now or from another, and
    take everything that depends on them along."""

    @property
    def ends_nothing(self) -> bool:
        """Whether it ends no process and no namespace, and so harms no dependent."""
        return self in {Action.START, Action.PAUSE, Action.UNPAUSE}


class ShareKind(StrEnum):
    """A way in which one container depends on another."""

    NET = "net"
    PID = "pid"
    IPC = "ipc"
    UTS = "uts"
    LINK = "link"
    VOLUMES_FROM = "volumes-from"


class EffectNow(StrEnum):
    """What happens to a dependent at once; the worst first."""

    KILLED = "killed"
    LOSES_NETWORK = "loses_network"
    NAMESPACE_SPLIT = "namespace_split"
    EXEC_FAILS = "exec_fails"
    NONE = "none"

    @property
    def rank(self) -> int:
        """The position in an order with the worst first."""
        return list(EffectNow).index(self)


class EffectLater(StrEnum):
    """What happens at a dependent's next start; the worst first."""

    MUST_BE_RECREATED = "must_be_recreated"
    CANNOT_RESTART_UNTIL_OWNER_RUNS = "cannot_restart_until_owner_runs"
    RESTART_REJOINS = "restart_rejoins"
    NONE = "none"

    @property
    def rank(self) -> int:
        """The position in an order with the worst first."""
        return list(EffectLater).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The effect of an action on one dependent, through one kind of sharing."""

    container: ContainerId
    name: str
    kind: ShareKind
    via: ContainerId
    """The container it joined directly: the target itself, or one in between."""

    via_name: str
    now: EffectNow
    later: EffectLater
    is_indirect: bool
    """Whether the container it joined is not itself acted on."""

    harms: bool
    """Whether the dependent is worse off than without the action.

    A stopped dependent that only has to wait until its owner is started again is not
    harmed; a dependent of a removed owner is.
    """

    sentence: str
    """Both halves in words, without the dependent's name."""

    at_once: str = ""
    """The first half of the sentence: what happens now."""

    next_start: str = ""
    """The second half: what comes later; empty if nothing does."""

    at_once_of_several: str = ""
    """The first half with several containers as its subject."""

    next_start_of_several: str = ""
    """The second half with several containers as its subject; empty if there is
    none."""

    because_of: tuple[str, ...] = ()
    """The names of the targets that cause it."""

    known_by: NamespacesRead = NamespacesRead.DECLARED
    """How the sharing is known: from the kernel, or only from a declaration."""

    is_declared: bool = True
    """Whether a declaration makes it a dependent, rather than the kernel alone."""

    is_certain: bool = True
    """Whether it is known that the shared namespace ends with the target."""


class Verb(StrEnum):
    """The request of a step."""

    RM = "rm"
    STOP = "stop"
    RESTART = "restart"
    KILL = "kill"
    START = "start"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    WAIT = "wait"
    """Wait until it runs and, if it has a health check, is healthy."""

    RECREATE = "recreate"
    """Replace it by an equal container with other joins."""

    PULL = "pull"
    """Pull the image that a container is about to be made from."""

    COMPOSE = "compose"
    """Let compose replace it."""

    MANAGER = "manager"
    """Let its manager, such as a systemd unit, stop or restart it."""

    RESTORE = "restore"
    """Create a removed container again from its kept inspect, and start it if it
    ran."""

    CONNECT = "connect"
    """Reattach it to the network that it was made for."""

    FINISH = "finish"
    """Finish an interrupted replacement."""

    UNDO = "undo"
    """Restore a container after an interrupted replacement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request to the engine, for one container by its full id."""

    verb: Verb
    container: ContainerId
    name: str
    force: bool = False
    """``rm`` only: kill it first if it runs."""

    volumes: bool = False
    """``rm`` only: also remove its anonymous volumes."""

    timeout: int | None = None
    """``stop`` and ``restart``: seconds before it is killed; None for its own timeout.
    ``wait``: seconds before the wait is given up."""

    signal: str | None = None
    """``kill``, ``stop`` and ``restart``: the signal; None for ``KILL``, or for the
    container's own stop signal."""

    removes: bool = False
    """Whether the container is gone afterwards: after ``rm``, after a replacement, and
    after the end of a container that removes itself."""

    joins: tuple[Join, ...] = ()
    """``recreate``, ``compose`` and ``restore``: all joins of the new container, by id,
    or by name if the joined container is recreated before it."""

    onto: str = ""
    """``recreate`` only: the name of its only new owner; empty if there are several."""

    starts: bool = True
    """``recreate`` and ``restore`` only: whether the new container is started."""

    image: str = ""
    """``restore``: the image to create it from; empty for the one it had. ``pull``: the
    image to pull. ``recreate``: the image that takes the place of the old one, whose
    defaults are not kept; empty for an equal container."""

    environment: tuple[str, ...] = ()
    """``recreate`` only: variables to set, each as ``NAME=value``. They may be secret
    and are written nowhere."""

    keeps_old: bool = False
    """``recreate`` only: whether the old container stays, stopped and under another
    name, until a later step removes it."""

    is_old: bool = False
    """``rm`` only: whether the container is one that such a step has kept; `name` is
    the name that it had."""

    is_required: bool = False
    """``wait`` only: whether the step fails if the container with this name, which
    another step has made, is not healthy in time."""

    is_made: bool = False
    """``pause`` only: whether the container is the one that has the name by then, which
    another step may have made."""

    keeps_layer: bool = False
    """``recreate`` only: whether the files it wrote are committed to an image that the
    new container is made from."""

    files: tuple[str, ...] = ()
    """``recreate``, and ``compose`` if nstui has to do it itself: the files that are
    copied from the old container, since neither its image nor a volume has them."""

    command: tuple[str, ...] = ()
    """``compose`` and ``manager`` only: the words of the command."""

    network: str = ""
    """``connect`` only."""

    aliases: tuple[str, ...] = ()
    """``connect`` only: its other names on that network, as far as they are known."""

    changes: tuple[str, ...] = ()
    """``compose`` only: what it changes in the container, as the user was told."""

    record: str = ""
    """``finish`` and ``undo``: the id of the interrupted plan's record; also for the
    ``start`` of a container that such a plan has stopped."""

    needs: tuple[ContainerId, ...] = ()
    """The containers of earlier steps that this step needs; its own is not included."""

    health: Health | None = field(default=None, compare=False)
    """``wait`` only: the health when the plan is made; None without a health check. Not
    compared: a plan stays valid when the health changes."""

    trial: int = field(default=0, compare=False)
    """``wait`` only: how many seconds a container without a health check must stay
    up."""

    as_before: bool = True
    """``compose`` only: whether the new container must have the mounts and the
    environment of the old one."""
