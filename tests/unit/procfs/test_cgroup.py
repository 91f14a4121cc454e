"""Which container a cgroup file names."""

from __future__ import annotations

import pytest

from nstui.model.container import ContainerId
from nstui.procfs.cgroup import names_container

ID = ContainerId("0123456789abcdef" * 4)
OTHER = "f" * 64

NAMES_IT = {
    "v1": f"12:pids:/docker/{ID}\n11:memory:/docker/{ID}\n0::/system.slice\n",
    "v1, one hierarchy only": f"12:pids:/\n4:memory:/docker/{ID}\n0::/\n",
    "v1, a controller with a colon": f"1:name=systemd:/docker/{ID}\n",
    "v2, cgroupfs driver": f"0::/docker/{ID}\n",
    "v2, systemd driver": f"0::/system.slice/docker-{ID}.scope\n",
    "rootless docker": f"0::/user.slice/user@1000.service/app.slice/docker-{ID}.scope",
    "podman": f"0::/machine.slice/libpod-{ID}.scope/container\n",
    "podman, cgroupfs driver": f"0::/libpod_parent/libpod-{ID}\n",
    "kubernetes": f"0::/kubepods.slice/x.slice/cri-containerd-{ID}.scope\n",
    "kubernetes, v1": f"4:memory:/kubepods/x:cri-containerd:{ID}\n",
    "a cgroup of the user's choice": f"0::/my/own/place/{ID}\n",
    "nested below it": f"0::/docker/{ID}/init.scope/app\n",
    "a container in the container": f"0::/docker/{OTHER}/docker/{ID}\n",
    "seen from another cgroup namespace": f"0::/../../docker/{ID}\n",
    "seen from beside it": f"0::/../{ID}\n",
    "removed, the process still ending": f"0::/docker/{ID} (deleted)\n",
}

DOES_NOT = {
    "nothing": "",
    "the machine's own": "0::/init.scope\n",
    "v1 root": "9:name=systemd:/\n8:pids:/\n0::/\n",
    "the reader's own cgroup namespace": "0::/../..\n",
    "another container": f"0::/docker/{OTHER}\n",
    "a longer number that begins with it": f"0::/docker/{ID}0\n",
    "a longer number that ends with it": f"0::/docker/0{ID}\n",
    "a word that ends with it": f"0::/docker/x{ID}\n",
    "its short form": f"0::/docker/{ID[:12]}\n",
    "all but one digit of it": f"0::/docker/{ID[:-1]}\n",
    "in capitals": f"0::/docker/{ID.upper()}\n",
    "in two components": f"0::/docker/{ID[:32]}/{ID[32:]}\n",
    "in the place of the controllers": f"3:{ID}:/\n",
}


@pytest.mark.parametrize("text", NAMES_IT.values(), ids=NAMES_IT)
def test_a_cgroup_names_the_container(text: str) -> None:
    assert names_container(text, ID)


@pytest.mark.parametrize("text", DOES_NOT.values(), ids=DOES_NOT)
def test_a_cgroup_does_not_name_the_container(text: str) -> None:
    assert not names_container(text, ID)


@pytest.mark.parametrize("reference", ["", "docker", "0123456789ab", ID[:-1]])
def test_what_is_no_full_id_names_nothing(reference: str) -> None:
    assert not names_container(f"0::/docker/{ID}\n", ContainerId(reference))
