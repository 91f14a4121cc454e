"""What is mounted into a container."""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

from nstui.analysis.recipe import declare_volumes
from nstui.model.container import Fields
from nstui.render.as_run.options import comma_separated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.model.healing import Mounted, Recipe


_RECURSION = (
    # Older clients said bind-nonrecursive, which newer ones no longer know.
    ("NonRecursive", "disabled"),
    ("ReadOnlyNonRecursive", "writable"),
    ("ReadOnlyForceRecursive", "readonly"),
)


def mount_words(recipe: Recipe) -> Iterator[str]:
    """Yield the options for everything that is mounted.

    A volume without a name of its own is said by the name that the engine gave it, so
    that what is in it is there again, if it was not removed with the container.
    """
    host = Fields(recipe.host)
    declared = declare_volumes(recipe, _seems_lent(recipe))
    for bind in declared.binds:
        yield from ("-v", bind)
    for mount in declared.mounts:
        yield from _mount(Fields(mount))
    for path, options in host.pairs("Tmpfs"):
        yield from ("--tmpfs", f"{path}:{options}" if options else path)
    for reference in host.texts("VolumesFrom"):
        yield from ("--volumes-from", reference)
    if driver := host.text("VolumeDriver"):
        yield from ("--volume-driver", driver)


def _seems_lent(recipe: Recipe) -> Callable[[Mounted], bool]:
    """Return what tells what probably comes from another container again.

    Those of whom a container has volumes are not known here. What it or its image asked
    for is its own.
    """
    has_lenders = bool(Fields(recipe.host).texts("VolumesFrom"))
    asked_for = {normpath(path) for path in Fields(recipe.config).keys("Volumes")}
    return lambda mount: has_lenders and normpath(mount.target) not in asked_for


def _mount(mount: Fields) -> Iterator[str]:
    source, target = mount.text("Source"), mount.text("Target")
    kind = mount.text("Type") or "volume"
    if _is_plain_bind(mount):
        # Older clients make a missing folder on the host for -v alone.
        mode = ":ro" if mount.flag("ReadOnly") else ""
        yield from ("-v", f"{source}:{target}{mode}")
        return
    parts = [f"type={kind}"]
    if source:
        parts.append(f"src={source}")
    parts.append(f"dst={target}")
    if mount.flag("ReadOnly"):
        parts.append("readonly")
    if consistency := mount.text("Consistency"):
        parts.append(f"consistency={consistency}")
    for more in (_bind_parts, _volume_parts, _tmpfs_parts):
        parts += more(mount)
    yield from ("--mount", comma_separated(parts))


def _is_plain_bind(mount: Fields) -> bool:
    """Tell whether a bind makes its source, and -v can say the rest of it too."""
    options = mount.inner("BindOptions")
    return (
        mount.text("Type") == "bind"
        and options.flag("CreateMountpoint") is True
        and not any(options.flag(key) for key, _ in _RECURSION)
        and not options.text("Propagation")
        and not mount.text("Consistency")
        and ":" not in mount.text("Source") + mount.text("Target")
    )


def _bind_parts(mount: Fields) -> Iterator[str]:
    options = mount.inner("BindOptions")
    if propagation := options.text("Propagation"):
        yield f"bind-propagation={propagation}"
    for key, word in _RECURSION:
        if options.flag(key):
            yield f"bind-recursive={word}"
    if options.flag("CreateMountpoint"):
        yield "bind-create-src"


def _volume_parts(mount: Fields) -> Iterator[str]:
    options = mount.inner("VolumeOptions")
    if options.flag("NoCopy"):
        yield "volume-nocopy"
    if path := options.text("Subpath"):
        yield f"volume-subpath={path}"
    for key, value in options.pairs("Labels"):
        yield f"volume-label={key}={value}"
    driver = options.inner("DriverConfig")
    if name := driver.text("Name"):
        yield f"volume-driver={name}"
    for key, value in driver.pairs("Options"):
        yield f"volume-opt={key}={value}"
    if path := mount.inner("ImageOptions").text("Subpath"):
        yield f"image-subpath={path}"


def _tmpfs_parts(mount: Fields) -> Iterator[str]:
    options = mount.inner("TmpfsOptions")
    if size := options.number("SizeBytes"):
        yield f"tmpfs-size={size}"
    if mode := options.number("Mode"):
        yield f"tmpfs-mode={mode:o}"
