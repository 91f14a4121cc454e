"""A container for which everything was asked that an engine can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.private_engine import IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.support.private_engine import PrivateEngine

Body = dict[str, object]
Version = tuple[int, ...]

LARGEST = 2**63 - 1
ODD = 2**53 + 1
"""No floating-point number is that."""

CONFIG: Body = {
    "Hostname": "given",
    "Domainname": "example",
    "User": "7:8",
    "AttachStdin": True,
    "AttachStdout": True,
    "AttachStderr": True,
    "Tty": True,
    "OpenStdin": True,
    "StdinOnce": True,
    "ExposedPorts": {"70/tcp": {}, "71/udp": {}},
    "Env": ["COLOUR=green", "EMPTY=", "NAME_ALONE"],
    "Entrypoint": ["env", "A=1"],
    "Cmd": ["sleep", "1000"],
    "Image": IMAGE,
    "Volumes": {"/of-config": {}},
    "WorkingDir": "/etc",
    "Labels": {"team": "net", "empty": ""},
    "StopSignal": "SIGKILL",
    "StopTimeout": 3,
    "Shell": ["sh", "-c"],
    "OnBuild": ["RUN true"],
    "MacAddress": "02:42:ac:1e:00:77",
}
HEALTH: Body = {
    "Test": ["CMD", "true"],
    "Interval": 90_000_000_001,
    "Timeout": 1_500_000_000,
    "StartPeriod": ODD,
    "Retries": 2,
}
HOST: Body = {
    "Binds": ["named:/named:ro", "/usr:/host:ro,rslave"],
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
    "NetworkMode": "one",
    "PortBindings": {
        "70/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8070"}],
        "71/udp": [{"HostIp": "", "HostPort": ""}],
    },
    "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    "VolumeDriver": "local",
    "VolumesFrom": ["base:ro"],
    "ConsoleSize": [24, 80],
    "CapAdd": ["NET_ADMIN"],
    "CapDrop": ["MKNOD"],
    "CgroupnsMode": "host",
    "Dns": ["10.0.0.1"],
    "DnsOptions": ["ndots:2"],
    "DnsSearch": ["example"],
    "ExtraHosts": ["a:10.0.0.2", "b:fd00::2"],
    "GroupAdd": ["9"],
    "IpcMode": "shareable",
    "Links": ["base:alias"],
    "OomScoreAdj": 7,
    "PidMode": "host",
    "PublishAllPorts": True,
    "ReadonlyRootfs": True,
    "SecurityOpt": ["no-new-privileges", "label=disable"],
    "Tmpfs": {"/scratch": "size=2m", "/plain": ""},
    "UsernsMode": "host",
    "ShmSize": 1_000_003,
    "Sysctls": {"net.ipv4.ip_forward": "1", "kernel.msgmax": "9000"},
    "CpuShares": 513,
    "Memory": 100_000_001,
    "CgroupParent": "/nstui-test",
    "BlkioWeight": 300,
    "BlkioWeightDevice": [{"Path": "/dev/zero", "Weight": 20}],
    "BlkioDeviceReadBps": [{"Path": "/dev/zero", "Rate": ODD}],
    "BlkioDeviceWriteBps": [{"Path": "/dev/zero", "Rate": 2**64 - 1}],
    "BlkioDeviceReadIOps": [{"Path": "/dev/zero", "Rate": 3}],
    "BlkioDeviceWriteIOps": [{"Path": "/dev/zero", "Rate": 4}],
    "CpuPeriod": 50_000,
    "CpuQuota": 20_000,
    "CpusetCpus": "0",
    "CpusetMems": "0",
    "Devices": [
        {
            "PathOnHost": "/dev/null",
            "PathInContainer": "/dev/nothing",
            "CgroupPermissions": "r",
        }
    ],
    "DeviceCgroupRules": ["c 1:3 mr"],
    "DeviceRequests": [
        {
            "Driver": "nvidia",
            "Count": 0,
            "DeviceIDs": ["0", "1"],
            "Capabilities": [["gpu", "compute"]],
            "Options": {"a": "b"},
        }
    ],
    "MemoryReservation": 50_000_001,
    "MemorySwap": 200_000_003,
    "MemorySwappiness": 0,
    "OomKillDisable": True,
    "PidsLimit": 50,
    "Ulimits": [
        {"Name": "core", "Soft": -1, "Hard": -1},
        {"Name": "fsize", "Soft": ODD, "Hard": LARGEST},
    ],
    "MaskedPaths": ["/proc/acpi"],
    "ReadonlyPaths": ["/proc/irq"],
    "Init": True,
}
MOUNTS: tuple[tuple[Version, Body], ...] = (
    ((1, 30), {"Type": "volume", "Target": "/without-name"}),
    (
        (1, 30),
        {
            "Type": "volume",
            "Source": "optioned",
            "Target": "/optioned",
            "ReadOnly": True,
            "VolumeOptions": {
                "NoCopy": True,
                "Labels": {"a": "b"},
                "DriverConfig": {
                    "Name": "local",
                    "Options": {"type": "tmpfs", "device": "tmpfs"},
                },
            },
        },
    ),
    (
        (1, 30),
        {
            "Type": "tmpfs",
            "Target": "/sized",
            "TmpfsOptions": {"SizeBytes": 1_000_003, "Mode": 0o1770},
        },
    ),
    (
        (1, 40),
        {
            "Type": "bind",
            "Source": "/etc",
            "Target": "/bound",
            "ReadOnly": True,
            "Consistency": "cached",
            "BindOptions": {"Propagation": "rprivate", "NonRecursive": True},
        },
    ),
    (
        (1, 44),
        {
            "Type": "bind",
            "Source": "/usr",
            "Target": "/made",
            "ReadOnly": True,
            "BindOptions": {"CreateMountpoint": True, "ReadOnlyNonRecursive": True},
        },
    ),
    (
        (1, 45),
        {
            "Type": "volume",
            "Source": "parts",
            "Target": "/part",
            "VolumeOptions": {"Subpath": "part"},
        },
    ),
    (
        (1, 46),
        {
            "Type": "tmpfs",
            "Target": "/uid",
            "TmpfsOptions": {"Options": [["noexec"]]},
        },
    ),
    (
        (1, 48),
        {
            "Type": "image",
            "Source": IMAGE,
            "Target": "/image",
            "ImageOptions": {"Subpath": "bin"},
        },
    ),
)
NEWER_HOST: tuple[tuple[Version, Body], ...] = (
    ((1, 43), {"Annotations": {"org.example.a": "b=c", "empty": ""}}),
)
NEWER_HEALTH: tuple[tuple[Version, Body], ...] = (
    (
        (1, 44),
        {"StartInterval": 2_000_000_001},
    ),
)
FIRST: Body = {
    "IPAMConfig": {"IPv4Address": "172.30.0.9", "LinkLocalIPs": ["169.254.7.7"]},
    "Aliases": ["Al", "bl"],
    "Links": ["base:alias"],
    "DriverOpts": {"com.example": "x"},
    "MacAddress": "02:42:ac:1e:00:77",
}
SECOND: Body = {
    "IPAMConfig": {"IPv4Address": "172.31.0.9"},
    "Aliases": ["x", "Y"],
    "DriverOpts": {"com.example": "y"},
}
NEWER_FIRST: tuple[tuple[Version, Body], ...] = ((((1, 48)), {"GwPriority": -3}),)
NEWER_SECOND: tuple[tuple[Version, Body], ...] = (
    ((1, 44), {"MacAddress": "02:00:00:00:00:78"}),
    ((1, 48), {"GwPriority": 7}),
)

NOT_ASKED_FOR = {
    "Config.ArgsEscaped": "is of Windows",
    "Config.NetworkDisabled": "leaves it without the networks that are compared",
    "HostConfig.AutoRemove": "is refused beside a restart policy",
    "HostConfig.Cgroup": "is of other runtimes",
    "HostConfig.ContainerIDFile": "is written by the client, of the one container",
    "HostConfig.BlkioWeight": "is thrown away where the kernel lacks it",
    "HostConfig.BlkioWeightDevice": "as above",
    "HostConfig.CpuCount": "is of Windows",
    "HostConfig.CpuPercent": "is of Windows",
    "HostConfig.CpuRealtimePeriod": "is refused by kernels without it",
    "HostConfig.CpuRealtimeRuntime": "as above",
    "HostConfig.IOMaximumBandwidth": "is of Windows",
    "HostConfig.IOMaximumIOps": "is of Windows",
    "HostConfig.Isolation": "is of Windows",
    "HostConfig.KernelMemory": "is refused by kernels without it",
    "HostConfig.KernelMemoryTCP": "as above",
    "HostConfig.Links": "are an endpoint's on a network that somebody made",
    "HostConfig.NanoCpus": "is refused beside a quota",
    "HostConfig.Privileged": "takes the place of capabilities and devices",
    "HostConfig.Runtime": "is the only one that there is",
    "HostConfig.StorageOpt": "is refused by most storage",
    "HostConfig.UTSMode": "is refused beside a hostname",
}
"""What stays as it is where nobody asks, and why nobody does here."""


def api_of(host: PrivateEngine) -> Version:
    """Return the newest version of the API that an engine has."""
    return _version(str(host.client.version()["ApiVersion"]))


def create_everything(host: PrivateEngine, name: str) -> str:
    """Create a container with all that the newest version of an engine's API has.

    What it refers to has been made: `tests.support.equality.furnish`.
    """
    api = api_of(host)
    health = {**HEALTH, **_since(api, NEWER_HEALTH)}
    mounts = [mount for since, mount in MOUNTS if since <= api]
    has_several = api >= (1, 44)
    first = {**FIRST, **_since(api, NEWER_FIRST)}
    second = {**SECOND, **_since(api, NEWER_SECOND)}
    attached = {"one": first, "two": second} if has_several else {"one": first}
    config = dict(CONFIG)
    if api >= (1, 52):
        del config["MacAddress"]
    body = {
        **config,
        "Healthcheck": health,
        "HostConfig": {**HOST, **_since(api, NEWER_HOST), "Mounts": mounts},
        "NetworkingConfig": {"EndpointsConfig": attached},
    }
    made = host.client.create_container_from_config(body, name)  # type: ignore[no-untyped-call]  # the stubs lack it
    if not has_several:
        more = ("--ip=172.31.0.9", "--alias=x", "--alias=Y")
        host.docker("network", "connect", *more, "two", name)
    return str(made["Id"])


def untouched(inspect: object) -> Iterator[str]:
    """Yield the fields of a container with everything that hold nothing."""
    assert isinstance(inspect, dict)
    for part in ("Config", "HostConfig"):
        for key, value in inspect[part].items():
            # Zero is what was asked for of the swappiness.
            if not value and key != "MemorySwappiness":
                yield f"{part}.{key}"


def _since(api: Version, added: Iterable[tuple[Version, Body]]) -> Body:
    """Return what an engine knows of what came with later versions of the API."""
    found: Body = {}
    for since, fields in added:
        if since <= api:
            found |= fields
    return found


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))
