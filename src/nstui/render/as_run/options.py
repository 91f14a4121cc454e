"""What an inspect says as options, and what a container may use of its host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.container import Fields


_DEFAULT_SHM = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Option:
    """An option and the field it comes from."""

    name: str
    key: str
    defaults: tuple[str | int, ...] = ()
    """What it holds where nobody said anything, beside nothing at all."""


CONFIG_TEXTS = (
    Option("--user", "User"),
    Option("--workdir", "WorkingDir"),
    Option("--stop-signal", "StopSignal"),
)
CONFIG_NUMBERS = (Option("--stop-timeout", "StopTimeout"),)
CONFIG_PAIRS = (Option("--label", "Labels"),)
CONFIG_LISTS = (Option("-e", "Env"),)

HOST_TEXTS = (
    Option("--pid", "PidMode"),
    Option("--ipc", "IpcMode", ("private",)),
    Option("--uts", "UTSMode"),
    Option("--userns", "UsernsMode"),
    # On hosts of cgroup v1 it is always said: there the default is "host".
    Option("--cgroupns", "CgroupnsMode", ("private",)),
    Option("--runtime", "Runtime", ("runc",)),
    Option("--isolation", "Isolation", ("default",)),
    Option("--cgroup-parent", "CgroupParent"),
    Option("--cpuset-cpus", "CpusetCpus"),
    Option("--cpuset-mems", "CpusetMems"),
)
HOST_NUMBERS = (
    Option("--memory", "Memory", (0,)),
    Option("--memory-reservation", "MemoryReservation", (0,)),
    Option("--memory-swappiness", "MemorySwappiness", (-1,)),
    Option("--kernel-memory", "KernelMemory", (0,)),
    Option("--cpu-shares", "CpuShares", (0,)),
    Option("--cpu-period", "CpuPeriod", (0,)),
    Option("--cpu-quota", "CpuQuota", (0,)),
    Option("--cpu-rt-period", "CpuRealtimePeriod", (0,)),
    Option("--cpu-rt-runtime", "CpuRealtimeRuntime", (0,)),
    Option("--pids-limit", "PidsLimit", (0,)),
    Option("--blkio-weight", "BlkioWeight", (0,)),
    Option("--oom-score-adj", "OomScoreAdj", (0,)),
    Option("--shm-size", "ShmSize", (0, _DEFAULT_SHM)),
    # Of Windows.
    Option("--cpu-count", "CpuCount", (0,)),
    Option("--cpu-percent", "CpuPercent", (0,)),
    Option("--io-maxiops", "IOMaximumIOps", (0,)),
    Option("--io-maxbandwidth", "IOMaximumBandwidth", (0,)),
)
HOST_FLAGS = (
    Option("--rm", "AutoRemove"),
    Option("--privileged", "Privileged"),
    Option("--read-only", "ReadonlyRootfs"),
    Option("--oom-kill-disable", "OomKillDisable"),
)
HOST_LISTS = (
    Option("--cap-add", "CapAdd"),
    Option("--cap-drop", "CapDrop"),
    Option("--group-add", "GroupAdd"),
    Option("--device-cgroup-rule", "DeviceCgroupRules"),
    Option("--dns-search", "DnsSearch"),
    Option("--dns-option", "DnsOptions"),
)
HOST_PAIRS = (
    Option("--sysctl", "Sysctls"),
    Option("--storage-opt", "StorageOpt"),
    Option("--annotation", "Annotations"),
)


def text_options(fields: Fields, options: Iterable[Option]) -> Iterator[str]:
    """Yield the options for fields that are a text."""
    for option in options:
        value = fields.text(option.key)
        if value and value not in option.defaults:
            yield from (option.name, value)


def numbers(fields: Fields, options: Iterable[Option]) -> Iterator[str]:
    """Yield the options for fields that are a number."""
    for option in options:
        value = fields.number(option.key)
        if value is not None and value not in option.defaults:
            yield from (option.name, str(value))


def flags(fields: Fields, options: Iterable[Option]) -> Iterator[str]:
    """Yield the options for fields that are true."""
    for option in options:
        if fields.flag(option.key):
            yield option.name


def lists(fields: Fields, options: Iterable[Option]) -> Iterator[str]:
    """Yield an option for each text of fields that are a list."""
    for option in options:
        for value in fields.texts(option.key):
            yield from (option.name, value)


def pairs(fields: Fields, options: Iterable[Option]) -> Iterator[str]:
    """Yield an option for each key of fields that are an object."""
    for option in options:
        for key, value in fields.pairs(option.key):
            yield from (option.name, f"{key}={value}")


def comma_separated(parts: Iterable[str]) -> str:
    """Join the parts of an option's value, quoted as Go's ``encoding/csv`` reads."""
    return ",".join(
        '"{}"'.format(part.replace('"', '""')) if set(part) & set(',"\r\n') else part
        for part in parts
    )


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
