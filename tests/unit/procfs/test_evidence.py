"""What a runtime was told, read through the shim above a container's process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.model.holders import RuntimeJoin
from nstui.model.namespace import NamespaceKind
from nstui.procfs.evidence import read_evidence
from tests.unit.procfs.tree import ProcTree, container_id
from tests.unit.procfs.ways import machine_at, words

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.holders import Evidence

DEP, OWN = container_id("d"), container_id("a")
PID, SHIM, OWNER = 40, 39, 30
TOLD = {"linux": {"namespaces": [
    {"type": "mount"},
    {"type": "network", "path": f"/proc/{OWNER}/ns/net"},
    {"type": "ipc"},
]}}  # fmt: skip


class Host:
    """A container below its shim, and the shim's bundle."""

    def __init__(self, folder: Path) -> None:
        self.tree = ProcTree(folder)
        self.tree.add(PID, f"0::/docker/{DEP}", net="own")
        self.tree.add(SHIM, "0::/system.slice/containerd.service", net="machine")
        (self.tree.root / str(PID) / "status").write_text(f"Name:\tsh\nPPid:\t{SHIM}\n")
        (self.tree.root / str(PID) / "mountinfo").write_text("")
        self.bundle = folder / "moby" / DEP
        self.bundle.mkdir(parents=True)
        (self.tree.root / str(SHIM) / "cwd").symlink_to(self.bundle)
        self.tell(json.dumps(TOLD))

    def tell(self, config: str) -> None:
        """Let the runtime have been told something."""
        (self.bundle / "config.json").write_text(config)

    def read(self) -> Evidence:
        """Read what there is of the container."""
        return read_evidence(machine_at(self.tree.root), DEP, PID)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Build the processes of one container."""
    return Host(tmp_path)


def join(*, is_there: bool, container: str | None) -> tuple[RuntimeJoin, ...]:
    """Return the join that the runtime was told of."""
    return (
        RuntimeJoin(
            kind=NamespaceKind.NET,
            path=f"/proc/{OWNER}/ns/net",
            pid=OWNER,
            is_there=is_there,
            container=None if container is None else container_id(container),
        ),
    )


def test_the_process_that_was_joined_is_there_still(host: Host) -> None:
    host.tree.add(OWNER, f"0::/docker/{OWN}", net="own")
    found = host.read()
    assert found.joins == join(is_there=True, container="a")
    assert found.config == str(host.bundle / "config.json")
    assert (found.joins_problem, found.files, found.files_problem) == (None, (), None)


def test_the_process_that_was_joined_has_gone(host: Host) -> None:
    assert host.read().joins == join(is_there=False, container=None)


def test_its_number_is_somebody_elses_now(host: Host) -> None:
    host.tree.add(OWNER, "0::/user.slice", net="machine")
    assert host.read().joins == join(is_there=True, container=None)


def test_a_namespace_that_has_a_name(host: Host) -> None:
    named = {"linux": {"namespaces": [{"type": "network", "path": "/run/netns/a"}]}}
    host.tell(json.dumps(named))
    (found,) = host.read().joins or ()
    assert (found.path, found.pid, found.is_there) == ("/run/netns/a", None, False)


@pytest.mark.parametrize("config", ["", "{", "[]", '{"linux": 1}', '{"linux": {}}'])
def test_a_configuration_that_is_no_such_thing(host: Host, config: str) -> None:
    host.tell(config)
    found = host.read()
    is_json = config not in {"", "{"}
    assert found.joins == (() if is_json else None)
    assert bool(found.joins_problem) is not is_json


def elsewhere(host: Host, *command: str) -> Evidence:
    """Read a container whose shim runs in no bundle and was started by a command."""
    shim = host.tree.root / str(SHIM)
    (shim / "cwd").unlink()
    (shim / "cwd").symlink_to("/")
    (shim / "root").symlink_to("/")
    (shim / "cmdline").write_bytes("".join(f"{word}\0" for word in command).encode())
    return host.read()


def test_a_monitor_that_was_told_the_bundle(host: Host) -> None:
    host.tree.add(OWNER, f"0::/docker/{OWN}", net="own")
    found = elsewhere(host, "/usr/bin/conmon", "-c", DEP, "-b", str(host.bundle))
    assert found.joins == join(is_there=True, container="a")
    assert found.config == str(host.bundle / "config.json")


@pytest.mark.parametrize(
    "command",
    [
        ("shim", "-c", DEP),
        ("shim", "-c", OWN, "-b", "/"),
        ("shim", "-c", DEP, "-b", "relative"),
        ("shim", DEP, "-b"),
        (),
    ],
)
def test_a_shim_that_names_no_bundle(host: Host, command: tuple[str, ...]) -> None:
    found = elsewhere(host, *command)
    assert found.joins is None
    assert found.joins_problem == "its runtime keeps no bundle where its shim says"


def test_a_process_that_is_not_the_containers(host: Host) -> None:
    found = read_evidence(machine_at(host.tree.root), OWN, PID)
    assert (found.joins, found.files) == (None, None)
    assert found.files_problem == "its cgroup does not name the container"


def test_a_process_that_has_gone(host: Host) -> None:
    found = read_evidence(machine_at(host.tree.root), DEP, 99)
    assert found.joins is None
    assert found.joins_problem == "its process has gone, or is hidden from this user"


def test_what_only_root_may_read_says_so(host: Host) -> None:
    (host.bundle / "config.json").unlink()
    (host.bundle / "config.json").symlink_to(host.bundle / "config.json")
    host.tree.refuse(PID, "mountinfo")
    found = host.read()
    assert (found.joins, found.files) == (None, None)
    assert found.joins_problem == f"needs root: {words().remedy}"
    assert found.files_problem == f"needs root: {words().remedy}"
