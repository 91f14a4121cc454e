"""Where the folder of a container's cgroup is, by the kernel's tables."""

from __future__ import annotations

import pytest

from nstui.procfs.usage import folders_of, mounted_hierarchies
from tests.unit.procfs.tree import container_id

ID, OTHER = container_id("a"), container_id("b")

V2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
V1 = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 master:2 - cgroup cgroup \
rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
"""
BOTH = f"{V1}41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"
PART = (
    f"35 31 0:32 /docker/{OTHER} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
)

FOUND = {
    "version 2": (V2, f"0::/docker/{ID}", ["2 /sys/fs/cgroup/docker/<id>"]),
    "version 2, by systemd": (
        V2,
        f"0::/system.slice/docker-{ID}.scope",
        ["2 /sys/fs/cgroup/system.slice/docker-<id>.scope"],
    ),
    "a cgroup of its own below": (
        V2,
        f"0::/machine.slice/libpod-{ID}.scope/container/init.scope",
        ["2 /sys/fs/cgroup/machine.slice/libpod-<id>.scope"],
    ),
    "version 1": (
        V1,
        f"7:memory:/docker/{ID}\n3:cpu,cpuacct:/docker/{ID}\n1:name=systemd:/x\n0::/",
        ["1 /sys/fs/cgroup/memory/docker/<id>"],
    ),
    "both versions": (
        BOTH,
        f"0::/docker/{ID}\n7:memory:/docker/{ID}\n",
        [
            "2 /sys/fs/cgroup/unified/docker/<id>",
            "1 /sys/fs/cgroup/memory/docker/<id>",
        ],
    ),
    "both versions, a controller in the second only": (
        BOTH,
        f"7:memory:/\n0::/docker/{ID}",
        ["2 /sys/fs/cgroup/unified/docker/<id>"],
    ),
    "a place with a blank": (
        V2.replace("/sys/fs/cgroup", r"/my\040groups"),
        f"0::/docker/{ID}",
        ["2 /my groups/docker/<id>"],
    ),
    "a part that holds it": (
        V2.replace("0:26 /", "0:26 /docker"),
        f"0::/docker/{ID}",
        ["2 /sys/fs/cgroup/<id>"],
    ),
    "a part that is it": (
        V2.replace("0:26 /", f"0:26 /docker/{ID}"),
        f"0::/docker/{ID}/app",
        ["2 /sys/fs/cgroup"],
    ),
    "another part": (PART, f"7:memory:/docker/{ID}", []),
    "a name that begins like it": (
        V2.replace("0:26 /", "0:26 /dock"),
        f"0::/docker/{ID}",
        [],
    ),
    "another cgroup namespace": (V2, f"0::/../../docker/{ID}", []),
    "another controller": (V1, f"3:cpu,cpuacct:/docker/{ID}", []),
    "no hierarchy": ("22 27 0:21 / /proc rw - proc proc rw\n", f"0::/{ID}", []),
    "another container": (V2, f"0::/docker/{OTHER}", []),
    "nothing": ("", "", []),
}


@pytest.mark.parametrize(("mountinfo", "cgroup", "folders"), FOUND.values(), ids=FOUND)
def test_where_the_memory_is_told(
    mountinfo: str, cgroup: str, folders: list[str]
) -> None:
    found = folders_of(cgroup, ID, "memory", mounted_hierarchies(mountinfo))
    assert [f"{each.version} {each.path}".replace(ID, "<id>") for each in found] == (
        folders
    )
