"""Units that run a container in the foreground, by the client that they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.procfs.cgroup import container_named, find_clients
from tests.unit.procfs.test_managing import unit
from tests.unit.procfs.tree import ProcTree, container_id
from tests.unit.procfs.ways import host_at, machine_at

if TYPE_CHECKING:
    from pathlib import Path

ID = container_id("a")
RUN = "/usr/bin/docker run --rm --name web nginx:1"
SYSTEM = "0::/system.slice/web.service"
USER = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service"


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine that systemd runs."""
    tree = ProcTree(tmp_path)
    tree.path(1, "comm").write_text("systemd\n")
    return tree


def client(  # noqa: PLR0913 - one for each thing that is looked at
    tree: ProcTree,
    words: str = RUN,
    *,
    cgroup: str = SYSTEM,
    called: str = "docker",
    parent: int = 1,
    parent_called: str = "systemd",
) -> None:
    """Add a client of an engine."""
    if parent != 1:
        tree.add(parent, "0::/x", net="machine")
    tree.add(20, cgroup, net="machine")
    tree.start(20, parent, parent_called)
    tree.path(20, "comm").write_text(called + "\n")
    tree.path(20, "cmdline").write_text("\0".join(words.split()) + "\0")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (RUN, "web"),
        ("docker run --name=web nginx", "web"),
        ("docker run -d --name", ""),
        ("podman run --name web --replace nginx", "web"),
        ("docker start -a web", "web"),
        ("docker start --attach --interactive web", "web"),
        ("docker start -a web db", ""),
        ("docker run nginx", ""),
        ("docker logs -f web", ""),
        ("docker", ""),
        ("", ""),
        # Another engine's.
        ("docker -H tcp://far run --name web nginx", ""),
        ("docker --context=far run --name web nginx", ""),
    ],
)
def test_which_container_a_client_runs(words: str, name: str) -> None:
    assert container_named(words.split()) == name


@pytest.mark.parametrize("cgroup", [SYSTEM, USER])
def test_a_unit_that_runs_a_container(tree: ProcTree, cgroup: str) -> None:
    client(tree, cgroup=cgroup)
    tree.add(10, f"0::/system.slice/docker-{ID}.scope", net="a")

    reading = host_at(tree.root).read({ID: 10})

    uid = 1000 if cgroup == USER else None
    assert reading.units == {"web": unit("web.service", uid)}


def test_a_users_own_systemd_starts_it_too(tree: ProcTree) -> None:
    client(tree, cgroup=USER, parent=9)

    assert find_clients(machine_at(tree.root)) == {"web": unit("web.service", 1000)}


def test_what_a_job_of_a_unit_runs_is_not_the_units(tree: ProcTree) -> None:
    client(tree, cgroup="0::/system.slice/cron.service", parent=9, parent_called="sh")

    assert find_clients(machine_at(tree.root)) == {}


@pytest.mark.parametrize(
    ("words", "cgroup", "called"),
    [
        (RUN, SYSTEM, "dockerd"),
        (RUN, "0::/user.slice/user-0.slice/session-1.scope", "docker"),
        (RUN, f"0::/docker/{ID}/system.slice/web.service", "docker"),
        ("docker run nginx", SYSTEM, "docker"),
    ],
)
def test_what_is_no_unit_of_a_container(
    tree: ProcTree, words: str, cgroup: str, called: str
) -> None:
    client(tree, words, cgroup=cgroup, called=called)

    assert find_clients(machine_at(tree.root)) == {}


def test_without_systemd_nobody_is_looked_at(tmp_path: Path) -> None:
    tree = ProcTree(tmp_path)
    client(tree, parent=9)
    tree.path(1, "comm").write_text("init\n")

    assert find_clients(machine_at(tree.root)) == {}


def test_where_no_process_is_a_containers_nobody_is_looked_at(tree: ProcTree) -> None:
    client(tree)

    assert host_at(tree.root).read({ID: 10}).units == {}


def test_one_that_goes_meanwhile_is_nobodys(tree: ProcTree) -> None:
    client(tree)
    tree.refuse(20, "cmdline")

    assert find_clients(machine_at(tree.root)) == {}
