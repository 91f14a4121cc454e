"""What is mounted into a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.as_run.options import comma_separated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.render.as_run.fields import Fields

_LOCAL = "local"
_RECURSION = (
    # Older clients said bind-nonrecursive, which newer ones no longer know.
    ("NonRecursive", "disabled"),
    ("ReadOnlyNonRecursive", "writable"),
    ("ReadOnlyForceRecursive", "readonly"),
)


def mount_words(inspect: Fields) -> Iterator[str]:
    """Yield the options for everything that is mounted.

    A volume without a name of its own is said by the name that the engine gave it, so
    that what is in it is there again, if it was not removed with the container.
    """
    host = inspect.inner("HostConfig")
    names = _volume_names(inspect)
    for bind in host.texts("Binds"):
        yield from ("-v", bind)
    for mount in host.each("Mounts"):
        yield from _mount(mount, names)
    yield from _anonymous(inspect)
    for path, options in host.pairs("Tmpfs"):
        yield from ("--tmpfs", f"{path}:{options}" if options else path)
    for reference in host.texts("VolumesFrom"):
        yield from ("--volumes-from", reference)
    if driver := host.text("VolumeDriver"):
        yield from ("--volume-driver", driver)


def _anonymous(inspect: Fields) -> Iterator[str]:
    """Yield an option for each volume that nothing else declares.

    Where volumes come from another container too, it has to be one that the container
    or its image asked for.
    """
    host = inspect.inner("HostConfig")
    declared = {_target(bind) for bind in host.texts("Binds")}
    declared |= {mount.text("Target") for mount in host.each("Mounts")}
    asked_for = set(inspect.inner("Config").keys("Volumes"))
    for mount in inspect.each("Mounts"):
        inside, name = mount.text("Destination"), mount.text("Name")
        if mount.text("Type") != "volume" or not name or inside in declared:
            continue
        if host.texts("VolumesFrom") and inside not in asked_for:
            continue
        yield from _named(mount, host.text("VolumeDriver"))


def _named(mount: Fields, driver_of_all: str) -> Iterator[str]:
    """Say a volume by its name."""
    name, inside = mount.text("Name"), mount.text("Destination")
    driver, may_write = mount.text("Driver"), mount.flag("RW") is not False
    if ":" not in inside and driver in {"", _LOCAL, driver_of_all}:
        yield from ("-v", f"{name}:{inside}" if may_write else f"{name}:{inside}:ro")
        return
    parts = ["type=volume", f"src={name}", f"dst={inside}"]
    parts += [] if may_write else ["readonly"]
    parts += [] if driver in {"", _LOCAL} else [f"volume-driver={driver}"]
    yield from ("--mount", comma_separated(parts))


def _volume_names(inspect: Fields) -> dict[str, str]:
    """Return the names of the mounted volumes by where they are."""
    return {
        mount.text("Destination"): mount.text("Name")
        for mount in inspect.each("Mounts")
    }


def _target(bind: str) -> str:
    """Return where a bind ``source:target[:options]`` is."""
    return bind.split(":")[1] if ":" in bind else bind


def _mount(mount: Fields, names: dict[str, str]) -> Iterator[str]:
    source, target = mount.text("Source"), mount.text("Target")
    kind = mount.text("Type") or "volume"
    if kind == "volume":
        source = source or names.get(target, "")
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
