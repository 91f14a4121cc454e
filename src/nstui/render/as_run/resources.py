"""What a container may use of its host, and what it may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.as_run.options import comma_separated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.fields import Fields

_NANO = 10**9
_ALL_GPUS = -1
_ANY_ACCESS = "rwm"
_BUILT_IN_PROFILES = {"", "builtin", "unconfined"}
PROFILE_FILE = "seccomp-profile.json"
"""Stands for a file with the profile: the engine keeps only its content."""

_THROTTLES = (
    ("--blkio-weight-device", "BlkioWeightDevice", "Weight"),
    ("--device-read-bps", "BlkioDeviceReadBps", "Rate"),
    ("--device-write-bps", "BlkioDeviceWriteBps", "Rate"),
    ("--device-read-iops", "BlkioDeviceReadIOps", "Rate"),
    ("--device-write-iops", "BlkioDeviceWriteIOps", "Rate"),
)


def resource_words(host: Fields) -> Iterator[str]:
    """Yield the options for resources that one field or one word cannot say."""
    yield from _swap(host)
    yield from _cpus(host)
    for limit in host.each("Ulimits"):
        soft, hard = limit.number("Soft") or 0, limit.number("Hard") or 0
        yield from ("--ulimit", f"{limit.text('Name')}={soft}:{hard}")
    for option, key, amount in _THROTTLES:
        for one in host.each(key):
            yield from (option, f"{one.text('Path')}:{one.number(amount) or 0}")


def device_words(host: Fields) -> Iterator[str]:
    """Yield the options for devices and requests for devices."""
    for device in host.each("Devices"):
        yield from ("--device", _device(device))
    for request in host.each("DeviceRequests"):
        if request.text("Driver") == "cdi":
            for name in request.texts("DeviceIDs"):
                yield from ("--device", name)
        else:
            yield from ("--gpus", _gpus(request))


def security_words(host: Fields) -> Iterator[str]:
    """Yield the security options."""
    for option in host.texts("SecurityOpt"):
        if has_own_profile(option):
            yield from ("--security-opt", f"seccomp={PROFILE_FILE}")
        else:
            yield from ("--security-opt", option)
    if host.is_empty_list("MaskedPaths") and host.is_empty_list("ReadonlyPaths"):
        yield from ("--security-opt", "systempaths=unconfined")


def has_own_profile(option: str) -> bool:
    """Tell whether a security option is the content of a file."""
    name, _, profile = option.partition("=")
    return name == "seccomp" and profile not in _BUILT_IN_PROFILES


def _swap(host: Fields) -> Iterator[str]:
    """Say it unless it is the engine's own: as much again as there is memory."""
    memory, swap = host.number("Memory") or 0, host.number("MemorySwap") or 0
    if swap not in {0, 2 * memory}:
        yield from ("--memory-swap", str(swap))


def _cpus(host: Fields) -> Iterator[str]:
    cpus = host.number("NanoCpus") or 0
    if cpus:
        text = f"{cpus // _NANO}.{cpus % _NANO:09d}".rstrip("0").rstrip(".")
        yield from ("--cpus", text)


def _device(device: Fields) -> str:
    outside, inside = device.text("PathOnHost"), device.text("PathInContainer")
    access = device.text("CgroupPermissions")
    parts = [outside]
    if inside not in {"", outside}:
        parts.append(inside)
    if access not in {"", _ANY_ACCESS}:
        parts.append(access)
    return ":".join(parts)


def _gpus(request: Fields) -> str:
    """Return a request as the client's ``opts/gpus.go`` reads it."""
    count, devices = request.number("Count") or 0, request.texts("DeviceIDs")
    parts = []
    if driver := request.text("Driver"):
        parts.append(f"driver={driver}")
    if devices:
        parts.append(f"device={','.join(devices)}")
    else:
        amount = "all" if count == _ALL_GPUS else str(count)
        parts.append(f"count={amount}")
    # The client adds "gpu" by itself.
    wanted = [c for one in request.lists("Capabilities") for c in one if c != "gpu"]
    if wanted:
        parts.append(f"capabilities={','.join(wanted)}")
    options = [f"{key}={value}" for key, value in request.pairs("Options")]
    if options:
        parts.append(f"options={comma_separated(options)}")
    whole = comma_separated(parts)
    return whole.removeprefix("count=") if len(parts) == 1 else whole
