"""What is mounted into a container, as an equal one has to declare it."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from nstui.model.fields import Fields
from nstui.model.recipe import Mounted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.model.recipe import Recipe

LOCAL_DRIVER = "local"

_DATA = "_data"
"""The folder in a local volume's folder that is mounted."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What an equal container declares, so that it has the very same mounted."""

    binds: tuple[str, ...]
    """Each as ``source:target[:options]``."""

    mounts: tuple[dict[str, object], ...]
    """Each as the engine's API takes it."""


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
    """Return what an equal container declares, so that it has the very same mounted.

    A volume without a name of its own is said by the name that the engine gave it;
    what came from a container that is gone, or has something else there now, is said
    by its name or by its folder on the host.

    Args:
        recipe: What it takes to make it.
        is_lent: Tells what it gets from another container again.

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
    """Return what tells whether one of some containers would lend the very same."""
    lent = {_identity(mount) for mounted in lenders for mount in mounted}
    return lambda mount: _identity(mount) in lent


def lender_of(reference: str) -> str:
    """Return whom an entry ``reference[:mode]`` of ``VolumesFrom`` means."""
    return reference.partition(":")[0].lstrip("/")


def bind_target(bind: str) -> str:
    """Return where a bind ``[source:]target[:options]`` is in the container."""
    return normpath(bind.split(":")[1] if ":" in bind else bind)


def _place(path: str) -> str:
    return normpath(path) if path else ""


def _volume_name(mount: Fields) -> str:
    """Return the name of a mounted volume, or "" for anything else.

    Docker says no name of one that was declared as a bind without a source, but its
    folder is called by it.
    """
    if mount.text("Type") != "volume":
        return ""
    source = mount.text("Source")
    in_path = basename(dirname(source)) if basename(source) == _DATA else ""
    return mount.text("Name") or in_path


def _named_bind(bind: str, mounted: dict[str, Mounted]) -> str:
    """Return a bind; one without a source gets the volume that the engine made."""
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
    """Declare what is mounted, as a bind where that can say it."""
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
