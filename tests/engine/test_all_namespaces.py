"""``nstui tree --all``: every namespace of a machine, with what lsns knows of it."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import run_nstui
from tests.unit.procfs.scan.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE = 60.0
Listed = dict[str, tuple[int, int]]
"""The lowest pid and the number of processes of each namespace, by its name."""


@pytest.fixture
def stray() -> Iterator[int]:
    """Start a process in a network of its own; return its pid."""
    machine = Machine()
    try:
        yield machine.start("unshare --net sleep 600")
    finally:
        machine.close()


def nstui_lists(engine: PrivateEngine) -> Listed:
    """Return what nstui knows of network namespaces that processes are in."""
    command = ("-H", engine.url, "tree", "--all", "--kind", "net", "--json")
    document = json.loads(run_nstui(*command).stdout)
    return {
        one["namespace"]: (one["pid"], one["processes"])
        for one in document["namespaces"]
        if one["processes"]
    }


def lsns_lists() -> Listed:
    """Return what lsns knows of them; it counts itself."""
    done = subprocess.run(
        ["lsns", "--json", "--type", "net", "--output", "NS,PID,NPROCS"],
        capture_output=True,
        check=True,
        timeout=30,
    )
    return {
        f"net:[{one['ns']}]": (int(one["pid"]), int(one["nprocs"]))
        for one in json.loads(done.stdout)["namespaces"]
    }


def test_the_same_namespaces_as_lsns(engine_host: PrivateEngine, stray: int) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    mine = {(stray, 1), (engine_host.pid_of("own"), 2)}
    deadline = time.monotonic() + PATIENCE
    while True:
        before, ours, after = lsns_lists(), nstui_lists(engine_host), lsns_lists()
        # What came or went between the two is nobody's error. Nor is an engine that
        # enters a network with its main thread for a moment: lsns counts it there.
        lasting = before.keys() & after.keys()
        steady = before.items() & after.items()
        same = lasting <= ours.keys() <= before.keys() | after.keys()
        counted = {ours.get(name) for name, _ in steady}
        if same and mine <= counted and mine <= {listed for _, listed in steady}:
            break
        assert time.monotonic() < deadline, (mine, before, ours, after)


def test_a_stray_process_is_listed_with_its_name(
    engine_host: PrivateEngine, stray: int
) -> None:
    engine_host.run("own")
    shown = run_nstui("-H", engine_host.url, "tree", "--all").stdout
    assert f"1 process, the first {stray} sleep\n" in shown
    assert f"the first {engine_host.pid_of('own')} " not in shown
    assert (
        "namespaces without a container"
        not in run_nstui("-H", engine_host.url, "tree").stdout
    )
