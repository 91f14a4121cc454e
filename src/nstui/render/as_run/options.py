"""Options that say one field of an inspect each, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.fields import Fields

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


def texts(fields: Fields, options: Iterable[Option]) -> Iterator[str]:
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
