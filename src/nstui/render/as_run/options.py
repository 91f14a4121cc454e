"""The fields of a container that options of the docker command set, and how."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from nstui.model import json
from nstui.render.as_run.settings import (
    as_value,
    boolean,
    each,
    each_string,
    inside,
    integer,
    pairs,
    read_fields,
    string,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.render.as_run.settings import Json, Reader, Setting, Table

_UNITS = ((3600 * 10**9, "h"), (60 * 10**9, "m"), (10**9, "s"), (10**6, "ms"))
_BUILT_IN_PROFILES = {"", "builtin", "unconfined"}
_PROFILE_FILE = "seccomp-profile.json"
"""A placeholder for the file with the profile: the engine keeps only its content."""

_NANO = 10**9
_ANY_ACCESS = "rwm"
_ALL_GPUS = -1
_DEFAULT_LOG = "json-file"
_DEFAULT_SHM = 64 * 1024 * 1024


def _restart(host: Json, key: str) -> str:
    policy = json.inner(host, key)
    name, limit = json.text(policy, "Name"), json.number(policy, "MaximumRetryCount")
    if name == "no":
        return ""
    return f"{name}:{limit}" if name and limit else name


def _init(host: Json, key: str) -> Iterator[Setting]:
    is_used = json.flag(host, key)
    if is_used is not None:
        yield "--init" if is_used else "--init=false", None


def _published_ports(host: Json, key: str) -> Iterator[Setting]:
    bindings = json.inner(host, key)
    for port in bindings:
        for binding in json.objects(bindings, port):
            outside = json.text(binding, "HostPort")
            address = json.text(binding, "HostIp")
            address = f"[{address}]" if ":" in address else address
            before = (address, outside) if address else filter(None, (outside,))
            yield "-p", ":".join((*before, port.removesuffix("/tcp")))


def _duration(fields: Json, key: str) -> str:
    """Return nanoseconds as Go reads them, in the largest unit without a remainder."""
    nanoseconds = json.number(fields, key) or 0
    fitting = (one for one in _UNITS if nanoseconds % one[0] == 0)
    size, unit = next(fitting, (1, "ns"))
    return f"{nanoseconds // size}{unit}" if nanoseconds else ""


def _health_command(health: Json, key: str) -> Iterator[Setting]:
    """Read the command of a health check.

    A check that is a program with arguments becomes a shell command, since the option
    takes nothing else. An image without a shell has to define such a check itself.
    """
    kind, *command = json.texts(health, key) or ("",)
    if kind == "CMD-SHELL":
        yield "--health-cmd", " ".join(command)
    elif kind == "CMD":
        yield "--health-cmd", shlex.join(command)


_HEALTH: Table = {
    "Test": _health_command,
    "Interval": value("--health-interval", _duration),
    "Timeout": value("--health-timeout", _duration),
    "StartPeriod": value("--health-start-period", _duration),
    "StartInterval": value("--health-start-interval", _duration),
    "Retries": integer("--health-retries", 0),
}


def _health(config: Json, key: str) -> Iterable[Setting]:
    health = json.inner(config, key)
    if json.texts(health, "Test")[:1] == ("NONE",):
        return [("--no-healthcheck", None)]
    return read_fields(health, _HEALTH)


TERMINAL: Table = {"OpenStdin": boolean("-i"), "Tty": boolean("-t")}
LIFECYCLE: Table = {"RestartPolicy": value("--restart", _restart), "Init": _init}
NAMES: Table = {
    "Hostname": string("--hostname"),
    "Domainname": string("--domainname"),
}
NETWORKING: Table = {
    "Dns": each_string("--dns"),
    "ExtraHosts": each_string("--add-host"),
    "PortBindings": _published_ports,
    "PublishAllPorts": boolean("-P"),
}
CONFIG: Table = {
    "Env": each_string("-e"),
    "Labels": pairs("--label"),
    "User": string("--user"),
    "WorkingDir": string("--workdir"),
    "StopSignal": string("--stop-signal"),
    "StopTimeout": integer("--stop-timeout"),
    "Healthcheck": _health,
}


def has_own_profile(option: str) -> bool:
    """Tell whether a security option is the content of a file."""
    name, _, profile = option.partition("=")
    return name == "seccomp" and profile not in _BUILT_IN_PROFILES


def _security(host: Json, key: str) -> Iterator[Setting]:
    for option in json.texts(host, key):
        is_file = has_own_profile(option)
        yield "--security-opt", f"seccomp={_PROFILE_FILE}" if is_file else option


def _open_paths(host: Json, key: str) -> Iterator[Setting]:
    if host.get(key) == host.get("ReadonlyPaths") == []:
        yield "--security-opt", "systempaths=unconfined"


def _swap(host: Json, key: str) -> str:
    memory, swap = json.number(host, "Memory") or 0, json.number(host, key) or 0
    # By default the engine sets memory and swap together to twice the memory.
    return "" if swap in {0, 2 * memory} else str(swap)


def _cpus(host: Json, key: str) -> str:
    cpus = json.number(host, key) or 0
    fraction = f"{cpus // _NANO}.{cpus % _NANO:09d}"
    return fraction.rstrip("0").rstrip(".") if cpus else ""


def _ulimit(limit: Json) -> str:
    soft, hard = json.number(limit, "Soft") or 0, json.number(limit, "Hard") or 0
    return f"{json.text(limit, 'Name')}={soft}:{hard}"


def _throttle(name: str, amount: str = "Rate") -> Reader:
    return each(
        name, lambda one: f"{json.text(one, 'Path')}:{json.number(one, amount) or 0}"
    )


def _device(device: Json) -> str:
    path, access = (
        json.text(device, "PathOnHost"),
        json.text(device, "CgroupPermissions"),
    )
    target = json.text(device, "PathInContainer")
    parts = ("" if target == path else target, "" if access == _ANY_ACCESS else access)
    return ":".join((path, *filter(None, parts)))


def _device_requests(host: Json, key: str) -> Iterator[Setting]:
    for request in json.objects(host, key):
        if json.text(request, "Driver") == "cdi":
            yield from each_string("--device")(request, "DeviceIDs")
        else:
            yield "--gpus", _gpus(request)


def _gpus(request: Json) -> str:
    """Return a request in the form that the client's ``opts/gpus.go`` reads."""
    devices, count = json.texts(request, "DeviceIDs"), json.number(request, "Count")
    amount = "all" if count == _ALL_GPUS else str(count or 0)
    capabilities = map(json.texts_in, json.items(request.get("Capabilities")))
    found = {
        "driver": json.text(request, "Driver"),
        "device": ",".join(devices),
        "count": "" if devices else amount,
        # The client adds "gpu" by itself.
        "capabilities": ",".join(c for one in capabilities for c in one if c != "gpu"),
        "options": as_value(json.strings(request.get("Options")).items()),
    }
    parts = [(name, part) for name, part in found.items() if part]
    whole = as_value(parts)
    return whole.removeprefix("count=") if len(parts) == 1 else whole


def _log(host: Json, key: str) -> Iterator[Setting]:
    log = json.inner(host, key)
    kind, options = json.text(log, "Type"), list(pairs("--log-opt")(log, "Config"))
    if kind and (options or kind != _DEFAULT_LOG):
        yield "--log-driver", kind
    yield from options


HOST: Table = {
    "AutoRemove": boolean("--rm"),
    "Privileged": boolean("--privileged"),
    "ReadonlyRootfs": boolean("--read-only"),
    "OomKillDisable": boolean("--oom-kill-disable"),
    "PidMode": string("--pid"),
    "IpcMode": string("--ipc", "private"),
    "UTSMode": string("--uts"),
    "UsernsMode": string("--userns"),
    # On hosts with cgroup v1 the default is "host", so there it is always given.
    "CgroupnsMode": string("--cgroupns", "private"),
    "Runtime": string("--runtime", "runc"),
    "Isolation": string("--isolation", "default"),
    "CgroupParent": string("--cgroup-parent"),
    "CpusetCpus": string("--cpuset-cpus"),
    "CpusetMems": string("--cpuset-mems"),
    "CapAdd": each_string("--cap-add"),
    "CapDrop": each_string("--cap-drop"),
    "GroupAdd": each_string("--group-add"),
    "DeviceCgroupRules": each_string("--device-cgroup-rule"),
    "DnsSearch": each_string("--dns-search"),
    "DnsOptions": each_string("--dns-option"),
    "SecurityOpt": _security,
    "MaskedPaths": _open_paths,
    "Memory": integer("--memory", 0),
    "MemoryReservation": integer("--memory-reservation", 0),
    "MemorySwappiness": integer("--memory-swappiness", -1),
    "KernelMemory": integer("--kernel-memory", 0),
    "CpuShares": integer("--cpu-shares", 0),
    "CpuPeriod": integer("--cpu-period", 0),
    "CpuQuota": integer("--cpu-quota", 0),
    "CpuRealtimePeriod": integer("--cpu-rt-period", 0),
    "CpuRealtimeRuntime": integer("--cpu-rt-runtime", 0),
    "PidsLimit": integer("--pids-limit", 0),
    "BlkioWeight": integer("--blkio-weight", 0),
    "OomScoreAdj": integer("--oom-score-adj", 0),
    "ShmSize": integer("--shm-size", 0, _DEFAULT_SHM),
    # These four only exist on Windows.
    "CpuCount": integer("--cpu-count", 0),
    "CpuPercent": integer("--cpu-percent", 0),
    "IOMaximumIOps": integer("--io-maxiops", 0),
    "IOMaximumBandwidth": integer("--io-maxbandwidth", 0),
    "MemorySwap": value("--memory-swap", _swap),
    "NanoCpus": value("--cpus", _cpus),
    "Ulimits": each("--ulimit", _ulimit),
    "BlkioWeightDevice": _throttle("--blkio-weight-device", "Weight"),
    "BlkioDeviceReadBps": _throttle("--device-read-bps"),
    "BlkioDeviceWriteBps": _throttle("--device-write-bps"),
    "BlkioDeviceReadIOps": _throttle("--device-read-iops"),
    "BlkioDeviceWriteIOps": _throttle("--device-write-iops"),
    "Devices": each("--device", _device),
    "DeviceRequests": _device_requests,
    "Sysctls": pairs("--sysctl"),
    "StorageOpt": pairs("--storage-opt"),
    "Annotations": pairs("--annotation"),
    "LogConfig": _log,
}


def _tmpfs(host: Json, key: str) -> Iterator[Setting]:
    for path, found in json.strings(host.get(key)).items():
        yield "--tmpfs", f"{path}:{found}" if found else path


VOLUMES: Table = {
    "Tmpfs": _tmpfs,
    "VolumesFrom": each_string("--volumes-from"),
    "VolumeDriver": string("--volume-driver"),
}
_ADDRESSES: Table = {
    "IPv4Address": string("ip"),
    "IPv6Address": string("ip6"),
    "LinkLocalIPs": each_string("link-local-ip"),
}
NETWORK: Table = {
    "Aliases": each_string("alias"),
    "IPAMConfig": inside(_ADDRESSES),
    "Links": each_string("link"),
    "MacAddress": string("mac-address"),
    "DriverOpts": pairs("driver-opt"),
    "GwPriority": integer("gw-priority", 0),
}


_VOLUME_DRIVER: Table = {
    "Name": string("volume-driver"),
    "Options": pairs("volume-opt"),
}


def _octal(fields: Json, key: str) -> str:
    found = json.number(fields, key)
    return f"{found:o}" if found else ""


MOUNT: Mapping[str, Table] = {
    "": {"ReadOnly": boolean("readonly"), "Consistency": string("consistency")},
    "BindOptions": {
        "Propagation": string("bind-propagation"),
        # Older clients have bind-nonrecursive, which newer ones no longer accept.
        "NonRecursive": boolean("bind-recursive=disabled"),
        "ReadOnlyNonRecursive": boolean("bind-recursive=writable"),
        "ReadOnlyForceRecursive": boolean("bind-recursive=readonly"),
        "CreateMountpoint": boolean("bind-create-src"),
    },
    "VolumeOptions": {
        "NoCopy": boolean("volume-nocopy"),
        "Subpath": string("volume-subpath"),
        "Labels": pairs("volume-label"),
        "DriverConfig": inside(_VOLUME_DRIVER),
    },
    "ImageOptions": {"Subpath": string("image-subpath")},
    "TmpfsOptions": {
        "SizeBytes": integer("tmpfs-size", 0),
        "Mode": value("tmpfs-mode", _octal),
    },
}
"""The readers of a mount's fields, by the object with the fields; "" is the mount."""
