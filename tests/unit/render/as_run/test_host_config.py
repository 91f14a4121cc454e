"""What is said of the fields that belong to the container alone."""

from __future__ import annotations

import pytest

from tests.unit.render.as_run.inspects import OTHER, Cases, inspect, said


def gpus(**request: object) -> dict[str, object]:
    """Return a request for devices of a graphics card."""
    plain = {"Driver": "", "Count": 0, "DeviceIDs": None, "Options": {}}
    wanted = {**plain, "Capabilities": [["gpu"]], **request}
    return {"DeviceRequests": [wanted]}


HOST: Cases = {
    "ports": (
        {
            "PortBindings": {
                "80/tcp": [
                    {"HostIp": "", "HostPort": "8080"},
                    {"HostIp": "127.0.0.1", "HostPort": "81"},
                ],
                "53/udp": [{"HostIp": "", "HostPort": ""}],
                "54/tcp": [{"HostIp": "::1", "HostPort": ""}],
                "55/tcp": [],
                "56/tcp": None,
            }
        },
        "-p 8080:80 -p 127.0.0.1:81:80 -p 53/udp -p '[::1]::54'",
    ),
    "all ports": ({"PublishAllPorts": True}, "-P"),
    "no restart": ({"RestartPolicy": {"Name": ""}}, ""),
    "restart": (
        {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
        "--restart on-failure:3",
    ),
    "always": (
        {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}},
        "--restart always",
    ),
    "rm": ({"AutoRemove": True}, "--rm"),
    "init": ({"Init": True}, "--init"),
    "no init": ({"Init": False}, "--init=false"),
    "log": (
        {"LogConfig": {"Type": "syslog", "Config": {"tag": "a b"}}},
        "--log-driver syslog --log-opt 'tag=a b'",
    ),
    "log options": (
        {"LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}}},
        "--log-driver json-file --log-opt max-size=1m",
    ),
    "modes": (
        {"PidMode": "host", "IpcMode": f"container:{OTHER}", "UTSMode": "host"},
        f"--pid host --ipc container:{OTHER} --uts host",
    ),
    "more modes": (
        {"UsernsMode": "host", "CgroupnsMode": "host", "Runtime": "runsc"},
        "--userns host --cgroupns host --runtime runsc",
    ),
    "lists": (
        {
            "CapAdd": ["CAP_NET_ADMIN"],
            "CapDrop": ["ALL"],
            "GroupAdd": ["7"],
            "DeviceCgroupRules": ["c 1:3 mr"],
            "DnsSearch": ["example"],
            "DnsOptions": ["ndots:2"],
        },
        (
            "--cap-add CAP_NET_ADMIN --cap-drop ALL --group-add 7"
            " --device-cgroup-rule 'c 1:3 mr' --dns-search example --dns-option ndots:2"
        ),
    ),
    "resolving": (
        {"Dns": ["10.0.0.1"], "ExtraHosts": ["a:::1"]},
        "--dns 10.0.0.1 --add-host a:::1",
    ),
    "flags": (
        {"Privileged": True, "ReadonlyRootfs": True, "OomKillDisable": True},
        "--privileged --read-only --oom-kill-disable",
    ),
    "profiles": (
        {"SecurityOpt": ["seccomp=unconfined", "apparmor=x", "no-new-privileges"]},
        (
            "--security-opt seccomp=unconfined --security-opt apparmor=x"
            " --security-opt no-new-privileges"
        ),
    ),
    "own profile": (
        {"SecurityOpt": ['seccomp={"defaultAction":"SCMP_ACT_ERRNO"}']},
        "--security-opt seccomp=seccomp-profile.json",
    ),
    "open paths": (
        {"MaskedPaths": [], "ReadonlyPaths": []},
        "--security-opt systempaths=unconfined",
    ),
    "memory": ({"Memory": 64, "MemorySwap": 128}, "--memory 64"),
    "memory alone": ({"Memory": 64, "MemorySwap": 0}, "--memory 64"),
    "no swap": (
        {"Memory": 64, "MemorySwap": 64, "MemorySwappiness": 0},
        "--memory 64 --memory-swappiness 0 --memory-swap 64",
    ),
    "endless swap": ({"MemorySwap": -1}, "--memory-swap -1"),
    "swappiness": ({"MemorySwappiness": -1}, ""),
    "reservation": (
        {"MemoryReservation": 32, "ShmSize": 9, "OomScoreAdj": -5},
        "--memory-reservation 32 --oom-score-adj -5 --shm-size 9",
    ),
    "cpus": ({"NanoCpus": 1_250_000_000}, "--cpus 1.25"),
    "whole cpus": ({"NanoCpus": 20 * 10**9}, "--cpus 20"),
    "few cpus": ({"NanoCpus": 1}, "--cpus 0.000000001"),
    "cpu time": (
        {"CpuShares": 5, "CpuQuota": -1, "CpuPeriod": 7, "CpusetCpus": "0-1"},
        "--cpuset-cpus 0-1 --cpu-shares 5 --cpu-period 7 --cpu-quota -1",
    ),
    "real time": (
        {"CpuRealtimePeriod": 5, "CpuRealtimeRuntime": 6, "CpusetMems": "0"},
        "--cpuset-mems 0 --cpu-rt-period 5 --cpu-rt-runtime 6",
    ),
    "processes": ({"PidsLimit": 9}, "--pids-limit 9"),
    "no limit": ({"PidsLimit": 0}, ""),
    "limits": (
        {"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": -1}]},
        "--ulimit nofile=1:-1",
    ),
    "disks": (
        {
            "BlkioWeight": 10,
            "BlkioWeightDevice": [{"Path": "/dev/a", "Weight": 5}],
            "BlkioDeviceReadBps": [{"Path": "/dev/a", "Rate": 6}],
            "BlkioDeviceWriteBps": [{"Path": "/dev/a", "Rate": 7}],
            "BlkioDeviceReadIOps": [{"Path": "/dev/a", "Rate": 8}],
            "BlkioDeviceWriteIOps": [{"Path": "/dev/a", "Rate": 9}],
        },
        (
            "--blkio-weight 10 --blkio-weight-device /dev/a:5"
            " --device-read-bps /dev/a:6"
            " --device-write-bps /dev/a:7 --device-read-iops /dev/a:8"
            " --device-write-iops /dev/a:9"
        ),
    ),
    "devices": (
        {
            "Devices": [
                {
                    "PathOnHost": "/dev/a",
                    "PathInContainer": "/dev/a",
                    "CgroupPermissions": "rwm",
                },
                {
                    "PathOnHost": "/dev/a",
                    "PathInContainer": "/dev/b",
                    "CgroupPermissions": "r",
                },
                {"PathOnHost": "/dev/c"},
            ]
        },
        "--device /dev/a --device /dev/a:/dev/b:r --device /dev/c",
    ),
    "all gpus": (gpus(Count=-1), "--gpus all"),
    "some gpus": (gpus(Count=2), "--gpus 2"),
    "one gpu": (gpus(DeviceIDs=["0"]), "--gpus device=0"),
    "two gpus": (gpus(DeviceIDs=["0", "1"]), "--gpus '\"device=0,1\"'"),
    "gpus with options": (
        gpus(
            Count=-1,
            Driver="nvidia",
            Capabilities=[["gpu", "compute"]],
            Options={"a": "b"},
        ),
        "--gpus driver=nvidia,count=all,capabilities=compute,options=a=b",
    ),
    "cdi": (
        {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["x.com/gpu=0"]}]},
        "--device x.com/gpu=0",
    ),
    "pairs": (
        {
            "Sysctls": {"a.b": "1"},
            "StorageOpt": {"size": "1"},
            "Annotations": {"c": ""},
        },
        "--sysctl a.b=1 --storage-opt size=1 --annotation c=",
    ),
    "rest": (
        {"CgroupParent": "/x", "KernelMemory": 5, "Isolation": "hyperv"},
        "--isolation hyperv --cgroup-parent /x --kernel-memory 5",
    ),
}


@pytest.mark.parametrize(("host", "words"), HOST.values(), ids=HOST)
def test_host_config(host: dict[str, object], words: str) -> None:
    assert said(inspect(host=host)) == words
