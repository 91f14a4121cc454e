"""What a container has that no option of the docker command can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.recipe import read_recipe
from nstui.analysis.recipe.reading import HIDDEN_PLATFORM
from nstui.model.container import Fields
from nstui.render.as_run import options
from nstui.render.as_run.networks import left_over
from nstui.render.as_run.options import has_own_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.healing import Recipe

_IN_TABLES = {
    option.key
    for table in (
        *(options.CONFIG_LISTS, options.CONFIG_NUMBERS, options.CONFIG_PAIRS),
        *(options.CONFIG_TEXTS, options.HOST_FLAGS, options.HOST_LISTS),
        *(options.HOST_NUMBERS, options.HOST_PAIRS, options.HOST_TEXTS),
    )
    for option in table
}
_CONFIG = _IN_TABLES | {
    *("Cmd", "Domainname", "Entrypoint", "ExposedPorts", "Healthcheck", "Hostname"),
    *("Image", "MacAddress", "OpenStdin", "Tty", "Volumes"),
    # The client decides about them, by whether it waits for the container.
    *("AttachStderr", "AttachStdin", "AttachStdout", "StdinOnce"),
    # They are for those who build an image, and come from one.
    *("ArgsEscaped", "OnBuild", "Shell"),
}
_HOST = _IN_TABLES | {
    *("Binds", "BlkioDeviceReadBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteBps"),
    *("BlkioDeviceWriteIOps", "BlkioWeightDevice", "Devices", "DeviceRequests", "Dns"),
    *("ExtraHosts", "Init", "Links", "LogConfig", "MemorySwap", "Mounts", "NanoCpus"),
    *("NetworkMode", "PortBindings", "PublishAllPorts", "RestartPolicy", "SecurityOpt"),
    *("Tmpfs", "Ulimits", "VolumeDriver", "VolumesFrom"),
    # It is the size of the terminal from which it was made.
    "ConsoleSize",
    # All have some: see `_PATHS`.
    *("MaskedPaths", "ReadonlyPaths"),
}
_PATHS = {"MaskedPaths": "/proc/asound", "ReadonlyPaths": "/proc/bus"}
"""One that is among each engine's own paths; an option can say only to have none."""

_OF_A_NETWORK = {
    *("Aliases", "DriverOpts", "GwPriority", "IPAMConfig", "Links", "MacAddress"),
}
_OF_A_MOUNT = {
    "": {
        *("BindOptions", "Consistency", "ImageOptions", "ReadOnly", "Source", "Target"),
        *("TmpfsOptions", "Type", "VolumeOptions"),
    },
    "BindOptions": {
        *("CreateMountpoint", "NonRecursive", "Propagation", "ReadOnlyForceRecursive"),
        "ReadOnlyNonRecursive",
    },
    "ImageOptions": {"Subpath"},
    "TmpfsOptions": {"Mode", "SizeBytes"},
    "VolumeOptions": {"DriverConfig", "Labels", "NoCopy", "Subpath"},
}


def unsaid(inspect: Mapping[str, object]) -> tuple[str, ...]:
    """Return what the commands that make a container again do not say of it.

    Each is a field of an inspect; what holds nothing is not among them.
    """
    return tuple(_unsaid(read_recipe(inspect)))


def _unsaid(recipe: Recipe) -> Iterator[str]:
    host = Fields(recipe.host)
    yield from _unknown("Config", recipe.config, _CONFIG)
    yield from _unknown("HostConfig", recipe.host, _HOST)
    for mount in host.each("Mounts"):
        where = f"HostConfig.Mounts[{mount.text('Target')}]"
        for part, known in _OF_A_MOUNT.items():
            fields = mount.inner(part) if part else mount
            yield from _unknown(f"{where}.{part}".rstrip("."), fields.raw, known)
    for attachment in recipe.networks:
        known = set(_OF_A_NETWORK)
        if attachment in left_over(recipe):
            # Nothing to say it has the command that connects.
            known.discard("MacAddress")
        where = f"NetworkSettings.Networks.{attachment.network}"
        yield from _unknown(where, attachment.asked, known)
    yield from _half_said(recipe)
    if recipe.hides_platform:
        yield HIDDEN_PLATFORM


def _half_said(recipe: Recipe) -> Iterator[str]:
    """Yield what is said in another way than it was, which may not come to the same."""
    host = Fields(recipe.host)
    health = Fields(recipe.config).inner("Healthcheck")
    if health.texts("Test")[:1] == ("CMD",):
        yield "Config.Healthcheck.Test without a shell"
    if any(map(has_own_profile, host.texts("SecurityOpt"))):
        yield "HostConfig.SecurityOpt: the seccomp profile"
    opened = [key for key in _PATHS if host.is_empty_list(key)]
    others = [key for key, one in _PATHS.items() if _lacks(host.texts(key), one)]
    if len(opened) < len(_PATHS):
        others += opened
    yield from (f"HostConfig.{key}" for key in others)


def _lacks(paths: tuple[str, ...], path: str) -> bool:
    return bool(paths) and path not in paths


def _unknown(
    where: str, fields: Mapping[str, object], known: Iterable[str]
) -> Iterator[str]:
    for key in sorted(fields.keys() - set(known)):
        if fields[key]:
            yield f"{where}.{key}"
