"""Readable ways to write down an inspect, and what is said of one."""

from __future__ import annotations

import shlex
from copy import deepcopy
from typing import TYPE_CHECKING

from nstui.render.as_run import recreate_commands

if TYPE_CHECKING:
    from collections.abc import Mapping

Cases = dict[str, tuple[dict[str, object], str]]
"""Some fields and what they make one say."""

ID = "3f2a9c1b7d4e" + "0" * 52
OTHER = "ab" * 32
VOLUME = "cd" * 32

DEFAULTS: dict[str, dict[str, object]] = {
    # What an engine of version 28 on a host of cgroup v2 says of a plain container.
    "Config": {
        "Hostname": ID[:12],
        "Domainname": "",
        "User": "",
        "AttachStdin": False,
        "AttachStdout": False,
        "AttachStderr": False,
        "Tty": False,
        "OpenStdin": False,
        "StdinOnce": False,
        "Env": None,
        "Cmd": ["sleep", "1000"],
        "Image": "web:1",
        "Volumes": None,
        "WorkingDir": "",
        "Entrypoint": ["run"],
        "OnBuild": None,
        "Labels": {},
    },
    "HostConfig": {
        "Binds": None,
        "LogConfig": {"Type": "json-file", "Config": {}},
        "NetworkMode": "bridge",
        "PortBindings": {},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "AutoRemove": False,
        "VolumeDriver": "",
        "ConsoleSize": [0, 0],
        "CapAdd": None,
        "CgroupnsMode": "private",
        "Dns": [],
        "IpcMode": "private",
        "Links": None,
        "OomScoreAdj": 0,
        "PidMode": "",
        "Privileged": False,
        "PublishAllPorts": False,
        "ReadonlyRootfs": False,
        "SecurityOpt": None,
        "ShmSize": 67108864,
        "Runtime": "runc",
        "Isolation": "",
        "Memory": 0,
        "NanoCpus": 0,
        "BlkioWeightDevice": [],
        "Devices": [],
        "DeviceRequests": None,
        "MemorySwap": 0,
        "MemorySwappiness": None,
        "OomKillDisable": None,
        "PidsLimit": None,
        "Ulimits": [],
        "MaskedPaths": ["/proc/asound"],
        "ReadonlyPaths": ["/proc/bus"],
    },
}

ADDRESSES = {
    "IPv4Address": "10.0.0.9",
    "IPv6Address": "fd00::9",
    "LinkLocalIPs": ["169.254.0.9"],
}


def endpoint(**asked_for: object) -> dict[str, object]:
    """Return what an engine of version 25 or newer says of a network."""
    return {
        "IPAMConfig": None,
        "Links": None,
        "Aliases": None,
        "MacAddress": "02:42:ac:11:00:02",
        "IPAddress": "172.17.0.2",
        "DriverOpts": None,
        "GwPriority": 0,
        "NetworkID": "ee" * 32,
        "DNSNames": ["web"],
        **asked_for,
    }


def old_endpoint(**asked_for: object) -> dict[str, object]:
    """Return what an older engine says of a network."""
    found = endpoint(**asked_for)
    del found["DNSNames"], found["GwPriority"]
    return found


def inspect(
    config: Mapping[str, object] | None = None,
    host: Mapping[str, object] | None = None,
    networks: Mapping[str, object] | None = None,
    mounts: object = None,
    **top: object,
) -> dict[str, object]:
    """Return the inspect of a plain container, but for some fields."""
    found = deepcopy(DEFAULTS)
    found["Config"].update(config or {})
    found["HostConfig"].update(host or {})
    return {
        "Id": ID,
        "Name": "/web",
        "Image": "sha256:" + "0" * 64,
        "State": {"Status": "running", "Running": True},
        "Mounts": mounts,
        "NetworkSettings": {
            "Networks": {"bridge": endpoint()} if networks is None else networks
        },
        **found,
        **top,
    }


def only_command(found: Mapping[str, object]) -> tuple[str, ...]:
    """Return the command that makes a container again, where one is enough."""
    (command,) = recreate_commands(found)
    return command


def said(found: Mapping[str, object]) -> str:
    """Return the options that a plain container does not have."""
    line = shlex.join(only_command(found))
    begin, end = "docker run -d --name web ", "--entrypoint run web:1 sleep 1000"
    assert line.startswith(begin)
    assert line.endswith(end)
    return line.removeprefix(begin).removesuffix(end).strip()


def volume(destination: str, **more: object) -> dict[str, object]:
    """Return a volume that is mounted."""
    plain = {"Type": "volume", "Name": VOLUME, "Driver": "local", "RW": True}
    return {**plain, "Destination": destination, **more}
