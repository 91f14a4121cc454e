"""The network attachments and the mounts of a container."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH, Fields
from nstui.model.healing import Attachment, Mounted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.model.healing import Recipe


BRIDGE = "bridge"
DEFAULT_MODES = frozenset({"", "default", BRIDGE})
"""The network modes that mean the engine's default network."""

_CHOSEN = frozenset(
    {
        *("NetworkID", "EndpointID", "DNSNames", "Gateway", "IPAddress", "IPPrefixLen"),
        *("IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen"),
    }
)
"""The fields of a network in an inspect that the engine chose."""

_NOT_ATTACHED = frozenset({"host", "none"})


def has_networks(mode: str) -> bool:
    """Tell whether a network mode allows the container networks of its own."""
    return mode not in _NOT_ATTACHED and not mode.startswith(JOIN_PREFIX)


def read_networks(
    inspect: Fields,
) -> tuple[Attachment | None, tuple[Attachment, ...]]:
    """Return the attachment to the network of the mode, and all others.

    If the container has left the network of its mode, the first is None.
    """
    if not has_networks(_mode(inspect)):
        return None, ()
    networks = inspect.inner("NetworkSettings").inner("Networks")
    first = _mode_network(_mode(inspect), networks)
    further = tuple(
        _attachment(inspect, name, networks.inner(name))
        for name in sorted(networks.raw)
        if name != first
    )
    if first is None:
        return None, further
    return _attachment(inspect, first, networks.inner(first)), further


def _mode(inspect: Fields) -> str:
    return inspect.inner("HostConfig").text("NetworkMode")


def _mode_network(mode: str, networks: Fields) -> str | None:
    """Return the name of the network that the mode means, if it is attached.

    A mode is a network's name, its id, a prefix of it, or the default's name.
    """
    wanted = BRIDGE if mode in DEFAULT_MODES else mode
    if wanted in networks.raw:
        return wanted
    ids = {name: networks.inner(name).text("NetworkID") for name in networks.raw}
    by_id = (name for name, found in ids.items() if found.startswith(wanted))
    # Podman says "bridge" whatever the network's name is.
    fallback = next(iter(networks.raw), None) if wanted == BRIDGE else None
    return next(by_id, fallback)


def _attachment(inspect: Fields, name: str, network: Fields) -> Attachment:
    """Return the requested settings on a network, without what the engine chose."""
    # Engines before 26 add the beginning of the container's id themselves.
    own = inspect.text("Id")[:SHORT_ID_LENGTH]
    aliases = [alias for alias in network.texts("Aliases") if alias != own]
    asked = {
        **{key: value for key, value in network.raw.items() if key not in _CHOSEN},
        "Aliases": aliases or None,
        "MacAddress": _mac_address(inspect, name, network),
    }
    return Attachment(
        network=name,
        # Null and empty values are kept: the engine distinguishes them.
        asked={
            key: value for key, value in asked.items() if value or value in ({}, [])
        },
        # Both this field and several networks at once came with API 1.44.
        allows_several=network.has("DNSNames"),
    )


def _mac_address(inspect: Fields, name: str, network: Fields) -> str:
    """Return the MAC address that was, or may have been, requested on a network.

    A running container always has one. The address requested on the network of the mode
    is also recorded elsewhere. On other networks, only an address derived from the IP
    address is known to be the engine's choice: newer engines choose at random.
    """
    found = network.text("MacAddress")
    if not inspect.inner("State").flag("Running"):
        return found
    is_told = name in {BRIDGE, _mode(inspect)}
    is_chosen = found == _made_of(network.text("IPAddress"))
    return "" if is_told or is_chosen else found


def _made_of(address: str) -> str:
    """Return the MAC address that engines derive from an IPv4 address."""
    try:
        parts = [f"{int(part):02x}" for part in address.split(".")]
    except ValueError:
        return ""
    return ":".join(("02", "42", *parts))


LOCAL_DRIVER = "local"

_DATA = "_data"
"""The subfolder of a local volume's folder that is mounted."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What an equal container declares to have the same mounts."""

    binds: tuple[str, ...]
    """The binds, as ``source:target[:options]``."""

    mounts: tuple[dict[str, object], ...]
    """The mounts, in the form of the engine's API."""


def read_mounted(inspect: Fields) -> tuple[Mounted, ...]:
    """Return what is mounted into a container."""
    return tuple(
        Mounted(
            kind=mount.text("Type"),
            name=_volume_name(mount),
            source=mount.text("Source"),
            target=mount.text("Destination"),
            driver=mount.text("Driver"),
            mode=mount.text("Mode"),
            propagation=mount.text("Propagation"),
            is_writable=mount.flag("RW") is not False,
        )
        for mount in inspect.each("Mounts")
    )


def declare_volumes(recipe: Recipe, is_lent: Callable[[Mounted], bool]) -> Declared:
    """Return what an equal container declares to have the same mounts.

    An anonymous volume is declared by the name that the engine gave it. What came from
    a container that is gone, or has another mount there now, is declared by the
    volume's name or by its folder on the host.

    Args:
        recipe: The recipe of the container.
        is_lent: Tells what the copy gets from another container again.

    """
    host = Fields(recipe.host)
    mounted = {_place(mount.target): mount for mount in recipe.mounted}
    binds = [_named_bind(bind, mounted) for bind in host.texts("Binds")]
    mounts = [_named_mount(mount, mounted) for mount in host.each("Mounts")]
    declared = {bind_target(bind) for bind in binds}
    declared |= {_place(mount.text("Target")) for mount in host.each("Mounts")}
    for place, mount in mounted.items():
        if place not in declared and not is_lent(mount):
            _add(mount, host.text("VolumeDriver"), binds, mounts)
    return Declared(tuple(binds), tuple(mounts))


def lends(lenders: Iterable[tuple[Mounted, ...]]) -> Callable[[Mounted], bool]:
    """Return a test for whether one of some containers would lend the same mount."""
    lent = {_identity(mount) for mounted in lenders for mount in mounted}
    return lambda mount: _identity(mount) in lent


def lender_of(reference: str) -> str:
    """Return the reference in an entry ``reference[:mode]`` of ``VolumesFrom``."""
    return reference.partition(":")[0].lstrip("/")


def bind_target(bind: str) -> str:
    """Return the path in the container of a bind ``[source:]target[:options]``."""
    return normpath(bind.split(":")[1] if ":" in bind else bind)


def _place(path: str) -> str:
    return normpath(path) if path else ""


def _volume_name(mount: Fields) -> str:
    """Return the name of a mounted volume; empty for anything else.

    Docker omits the name of a volume that was declared as a bind without a source, but
    its folder has that name.
    """
    if mount.text("Type") != "volume":
        return ""
    source = mount.text("Source")
    in_path = basename(dirname(source)) if basename(source) == _DATA else ""
    return mount.text("Name") or in_path


def _named_bind(bind: str, mounted: dict[str, Mounted]) -> str:
    """Return a bind, with the engine's volume as the source if it has none."""
    if ":" in bind:
        return bind
    found = mounted.get(bind_target(bind))
    return f"{found.name}:{bind}" if found is not None and found.name else bind


def _named_mount(mount: Fields, mounted: dict[str, Mounted]) -> dict[str, object]:
    fields = dict(mount.raw)
    if mount.text("Type") != "volume" or mount.text("Source"):
        return fields
    found = mounted.get(_place(mount.text("Target")))
    if found is not None and found.name:
        fields["Source"] = found.name
    return fields


def _identity(mount: Mounted) -> tuple[str, str]:
    return _place(mount.target), mount.what


def _add(
    mount: Mounted,
    driver_of_all: str,
    binds: list[str],
    mounts: list[dict[str, object]],
) -> None:
    """Declare a mount, as a bind if that is possible."""
    source = mount.name if mount.kind == "volume" else mount.source
    if mount.kind not in {"volume", "bind"} or not source:
        return
    driver = mount.driver if mount.name else ""
    has_usual_driver = driver in {"", driver_of_all or LOCAL_DRIVER}
    if has_usual_driver and ":" not in source + mount.target:
        options = ",".join(_bind_options(mount))
        binds.append(":".join(filter(None, (source, mount.target, options))))
        return
    declared: dict[str, object] = {
        "Type": mount.kind,
        "Source": source,
        "Target": mount.target,
    }
    if not mount.is_writable:
        declared["ReadOnly"] = True
    if driver:
        declared["VolumeOptions"] = {"DriverConfig": {"Name": driver}}
    if mount.propagation:
        declared["BindOptions"] = {"Propagation": mount.propagation}
    mounts.append(declared)


def _bind_options(mount: Mounted) -> Iterator[str]:
    words = [word for word in mount.mode.split(",") if word]
    if not mount.is_writable and "ro" not in words:
        yield "ro"
    yield from words
    if mount.propagation and mount.propagation not in words:
        yield mount.propagation
