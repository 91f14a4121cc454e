"""What is mounted into a container, as a create of an equal one has to say it."""

from __future__ import annotations

from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Mount = Mapping[str, object]

LOCAL_DRIVER = "local"

_DATA = "_data"
"""The folder in a local volume's folder that is mounted."""


def volume_fields(
    raw: Mapping[str, object], lenders: Mapping[str, Mapping[str, object]]
) -> dict[str, object]:
    """Return the fields of ``HostConfig`` by which an equal container has the volumes.

    A volume without a name of its own is said by the name that the engine gave it;
    what came from a container that is gone, or has something else there now, is said
    by its name or by its folder on the host.

    Args:
        raw: An inspect of the container to be like.
        lenders: Inspects of those of whom it has volumes and who exist still, each by
            the reference in ``VolumesFrom``, without a mode.

    """
    host = mapping(raw.get("HostConfig"))
    mounted = {_place(mount, "Destination"): mount for mount in _each(raw)}
    binds = [_named_bind(bind, mounted) for bind in texts(host.get("Binds"))]
    mounts = [_named_mount(mount, mounted) for mount in _each(host)]
    declared = {bind_target(bind) for bind in binds}
    declared |= {_place(mount, "Target") for mount in mounts}
    for place, mount in mounted.items():
        if place not in declared and not _is_lent(mount, lenders):
            _add(mount, text(host, "VolumeDriver"), binds, mounts)
    borrowed = texts(host.get("VolumesFrom"))
    kept = [reference for reference in borrowed if lender_of(reference) in lenders]
    # What is null and what is empty stay so.
    return {
        "Binds": binds or host.get("Binds"),
        "Mounts": mounts or host.get("Mounts"),
        "VolumesFrom": kept if borrowed else host.get("VolumesFrom"),
    }


def lender_of(reference: str) -> str:
    """Return whom an entry ``reference[:mode]`` of ``VolumesFrom`` means."""
    return reference.partition(":")[0].lstrip("/")


def bind_target(bind: str) -> str:
    """Return where a bind ``[source:]target[:options]`` is in the container."""
    return normpath(bind.split(":")[1] if ":" in bind else bind)


def _each(fields: Mapping[str, object]) -> Iterator[Mount]:
    return map(mapping, items(fields.get("Mounts")))


def _place(mount: Mount, key: str) -> str:
    place = text(mount, key)
    return normpath(place) if place else ""


def _volume_name(mount: Mount) -> str:
    """Return the name of a mounted volume, or "" for anything else.

    Docker says no name of one that was declared as a bind without a source, but its
    folder is called by it.
    """
    if text(mount, "Type") != "volume":
        return ""
    source = text(mount, "Source")
    in_path = basename(dirname(source)) if basename(source) == _DATA else ""
    return text(mount, "Name") or in_path


def _named_bind(bind: str, mounted: Mapping[str, Mount]) -> str:
    """Return a bind; one without a source gets the volume that the engine made."""
    if ":" in bind:
        return bind
    name = _volume_name(mounted.get(bind_target(bind), {}))
    return f"{name}:{bind}" if name else bind


def _named_mount(mount: Mount, mounted: Mapping[str, Mount]) -> dict[str, object]:
    if text(mount, "Type") != "volume" or text(mount, "Source"):
        return dict(mount)
    name = _volume_name(mounted.get(_place(mount, "Target"), {}))
    return {**mount, "Source": name} if name else dict(mount)


def _is_lent(mount: Mount, lenders: Mapping[str, Mapping[str, object]]) -> bool:
    """Tell whether somebody who exists would lend the very same."""
    wanted = _identity(mount)
    return any(
        _identity(lent) == wanted
        for lender in lenders.values()
        for lent in _each(lender)
    )


def _identity(mount: Mount) -> tuple[str, str]:
    what = _volume_name(mount) or text(mount, "Source")
    return _place(mount, "Destination"), what


def _add(
    mount: Mount,
    driver_of_all: str,
    binds: list[str],
    mounts: list[dict[str, object]],
) -> None:
    """Declare what is mounted, as a bind where that can say it."""
    kind, name = text(mount, "Type"), _volume_name(mount)
    source = name if kind == "volume" else text(mount, "Source")
    if kind not in {"volume", "bind"} or not source:
        return
    target, may_write = text(mount, "Destination"), mount.get("RW") is not False
    driver = text(mount, "Driver") if name else ""
    has_usual_driver = driver in {"", driver_of_all or LOCAL_DRIVER}
    if has_usual_driver and ":" not in source + target:
        options = ",".join(_bind_options(mount, may_write=may_write))
        binds.append(":".join(filter(None, (source, target, options))))
        return
    declared: dict[str, object] = {"Type": kind, "Source": source, "Target": target}
    if not may_write:
        declared["ReadOnly"] = True
    if driver:
        declared["VolumeOptions"] = {"DriverConfig": {"Name": driver}}
    if propagation := text(mount, "Propagation"):
        declared["BindOptions"] = {"Propagation": propagation}
    mounts.append(declared)


def _bind_options(mount: Mount, *, may_write: bool) -> Iterator[str]:
    words = [word for word in text(mount, "Mode").split(",") if word]
    if not may_write and "ro" not in words:
        yield "ro"
    yield from words
    propagation = text(mount, "Propagation")
    if propagation and propagation not in words:
        yield propagation
