"""What is mounted into a container, and how an equal container declares the same."""

from __future__ import annotations

from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from nstui.model.healing import Mounted
from nstui.model.json import flag, inner, objects, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nstui.model.healing import Recipe

    Json = Mapping[str, object]

_LOCAL_DRIVER = "local"

_DATA = "_data"
"""The subfolder of a local volume's folder that is mounted."""


def read_mounted(inspect: Json) -> tuple[Mounted, ...]:
    """Return what is mounted into a container."""
    return tuple(
        Mounted(
            kind=text(mount, "Type"),
            name=_volume_name(mount),
            source=text(mount, "Source"),
            target=text(mount, "Destination"),
            driver=text(mount, "Driver"),
            mode=text(mount, "Mode"),
            propagation=text(mount, "Propagation"),
            is_writable=flag(mount, "RW") is not False,
        )
        for mount in objects(inspect, "Mounts")
    )


def declare_volumes(
    recipe: Recipe, lenders: Iterable[tuple[Mounted, ...]] | None
) -> tuple[list[str], list[dict[str, object]]]:
    """Return the binds and mounts by which an equal container has the same volumes.

    An anonymous volume is declared by the name that the engine gave it. A mount from a
    container that is gone, or that has another mount there now, is declared by the
    volume's name or by its folder on the host.

    Args:
        recipe: The recipe of the container.
        lenders: The mounts of each container in its ``VolumesFrom``; None if they are
            not known.

    """
    is_lent = _seems_lent(recipe) if lenders is None else _lends(lenders)
    mounted = {_normalized(mount.target): mount for mount in recipe.mounted}
    binds = [_named_bind(bind, mounted) for bind in texts(recipe.host, "Binds")]
    mounts = [_named_mount(mount, mounted) for mount in objects(recipe.host, "Mounts")]
    declared = {_bind_target(bind) for bind in binds}
    declared |= {_normalized(text(mount, "Target")) for mount in mounts}
    for place, mount in mounted.items():
        if place not in declared and not is_lent(mount):
            _add(mount, text(recipe.host, "VolumeDriver"), binds, mounts)
    return binds, mounts


def lender_of(reference: str) -> str:
    """Return the reference in an entry ``reference[:mode]`` of ``VolumesFrom``."""
    return reference.partition(":")[0].lstrip("/")


def _lends(lenders: Iterable[tuple[Mounted, ...]]) -> Callable[[Mounted], bool]:
    """Return a test whether one of the lenders would provide the same mount."""
    lent = {_identity(mount) for mounted in lenders for mount in mounted}
    return lambda mount: _identity(mount) in lent


def _seems_lent(recipe: Recipe) -> Callable[[Mounted], bool]:
    """Return a test whether another container will probably provide a mount again.

    A mount that the container or its image requested is its own.
    """
    has_lenders = bool(texts(recipe.host, "VolumesFrom"))
    own = {_normalized(path) for path in inner(recipe.config, "Volumes")}
    return lambda mount: has_lenders and _normalized(mount.target) not in own


def _bind_target(bind: str) -> str:
    """Return the path in the container of a bind ``[source:]target[:options]``."""
    return normpath(bind.split(":")[1] if ":" in bind else bind)


def _normalized(path: str) -> str:
    return normpath(path) if path else ""


def _volume_name(mount: Json) -> str:
    """Return the name of a mounted volume; empty for anything else.

    Docker omits the name of a volume that was declared as a bind without a source, but
    its folder has that name.
    """
    if text(mount, "Type") != "volume":
        return ""
    source = text(mount, "Source")
    in_path = basename(dirname(source)) if basename(source) == _DATA else ""
    return text(mount, "Name") or in_path


def _named_bind(bind: str, mounted: Mapping[str, Mounted]) -> str:
    """Return a bind, with the engine's volume as the source if it has none."""
    found = None if ":" in bind else mounted.get(_bind_target(bind))
    return f"{found.name}:{bind}" if found is not None and found.name else bind


def _named_mount(mount: Json, mounted: Mapping[str, Mounted]) -> dict[str, object]:
    """Return a mount, with the engine's volume as the source if it has none."""
    found = mounted.get(_normalized(text(mount, "Target")))
    is_anonymous = text(mount, "Type") == "volume" and not text(mount, "Source")
    if is_anonymous and found is not None and found.name:
        return {**mount, "Source": found.name}
    return dict(mount)


def _identity(mount: Mounted) -> tuple[str, str]:
    return _normalized(mount.target), mount.what


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
    has_usual_driver = driver in {"", driver_of_all or _LOCAL_DRIVER}
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
