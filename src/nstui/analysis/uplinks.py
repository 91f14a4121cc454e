"""Who should have a network and has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.commands import connect_words
from nstui.analysis.mending import bring_back
from nstui.analysis.remedies import after, command, commands, named, word_for
from nstui.model.container import JOIN_PREFIX, is_id
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import EngineInfo, Snapshot

LOOPBACK = "lo"
NO_NETWORK = "none"
"""Both the network mode and the network of a container that wants none."""

DEFAULT, BRIDGE = "default", "bridge"
"""The network mode of who asked for none in particular, and what the engine makes of
it."""

_FORGETFUL = 29
"""The first version of Docker that forgets the networks of a container for good when it
cannot attach it to one at a start, such as for a published port that is taken
(moby#51758): it starts without any from then on."""


def find_no_uplink(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Finding | None:
    """Return that a container that should have a network sees only loopback.

    Whether it should is the declaration of whom it joined last, if anybody: attached to
    a network other than ``none``, or made for one and attached to none at all. The
    latter is what `docker network disconnect` leaves as well; whoever did that on
    purpose has taken the network from all who joined it.
    """
    end = graph.chain(container.id, NamespaceKind.NET).owner
    if end is None or not has_only_loopback(snapshot, container):
        return None
    if is_attached(graph, container.id):
        return _no_interface(snapshot, graph, container)
    owner = graph.containers[end]
    if made_for(snapshot.engine, owner):
        return _detached(snapshot, container, owner)
    return None


def is_attached(graph: Graph, container: ContainerId) -> bool:
    """Tell whether whoever a container has its network of is attached to one."""
    end = graph.chain(container, NamespaceKind.NET).owner
    networks = () if end is None else graph.containers[end].networks
    return bool(set(networks) - {NO_NETWORK, "host"})


def has_only_loopback(snapshot: Snapshot, container: Container) -> bool:
    """Tell whether a container runs and was seen to have no other interface."""
    interfaces = snapshot.interfaces(container.id)
    is_seen = interfaces is not None and container.state.has_process
    return is_seen and set(interfaces or ()) <= {LOOPBACK}


def made_for(engine: EngineInfo, container: Container) -> str:
    """Return the network that a container was made for and is not attached to.

    Empty if there is none, or if it is attached to another one.
    """
    mode = container.network_mode
    if engine.name != "Docker" or container.networks or not mode:
        return ""
    if mode in {NO_NETWORK, "host"} or mode.startswith(JOIN_PREFIX):
        return ""
    return BRIDGE if mode == DEFAULT else mode


def may_lack(engine: EngineInfo, container: Container) -> bool:
    """Tell whether a container runs without the network that it was made for."""
    return container.state.has_process and bool(made_for(engine, container))


def is_network_gone(snapshot: Snapshot, container: Container) -> bool:
    """Tell whether the network that a container was made for is known to be gone.

    It may have been named by its id, or by the beginning of that.
    """
    network, known = made_for(snapshot.engine, container), snapshot.networks
    if not network or known is None or network in known:
        return False
    return not any(is_id(one) and one.startswith(network) for one in known)


def forgets_networks(engine: EngineInfo) -> bool:
    """Tell whether an engine may have forgotten what a container was attached to."""
    major = engine.version.partition(".")[0]
    return engine.name == "Docker" and major.isdecimal() and int(major) >= _FORGETFUL


def aliases_of(container: Container) -> tuple[str, ...]:
    """Return the names that a container has on a network of its own besides its own.

    What else it may have been called went with the network. The default network knows
    no names.
    """
    has_names = container.network_mode not in {DEFAULT, BRIDGE}
    if container.compose is None or not has_names:
        return ()
    return (container.compose.service,)


def _no_interface(snapshot: Snapshot, graph: Graph, container: Container) -> Finding:
    # The network is the owner's: it comes back with it, and all who joined it rejoin.
    hops = graph.chain(container.id, NamespaceKind.NET).hops
    cure = bring_back(snapshot, graph, hops)
    return Finding(
        code=FindingCode.NO_UPLINK,
        severity=Severity.ERROR,
        container=container.id,
        message="has no network interface but lo, though it is attached to a network",
        remedy=cure.text,
        is_command=cure.is_command,
    )


def _detached(snapshot: Snapshot, container: Container, owner: Container) -> Finding:
    engine = snapshot.engine
    network = made_for(engine, owner)
    name = word_for(owner)
    again = connect_words(command(engine), network, aliases_of(owner), name)
    cure, gone = commands(again), ""
    if is_network_gone(snapshot, owner):
        cure = after(f"create the network {named(network)} again", again)
        gone = ", which no longer exists"
    forgets = forgets_networks(engine)
    whose = "" if owner is container else f"{owner.name}, whose network it is in, "
    why = "this engine forgets it after a failed start" if forgets else "taken off it"
    return Finding(
        code=FindingCode.NO_UPLINK,
        severity=Severity.ERROR,
        container=container.id,
        message=f"{whose}is attached to no network, though made for"
        f" {network}{gone}: {why}",
        remedy=cure.text,
        is_command=cure.is_command,
    )
