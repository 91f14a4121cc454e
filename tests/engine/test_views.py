"""What a terminal shows of other kinds of namespaces, and of those without a container.

The pids, namespaces and numbers are the kernel's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import NSTUI, read_json, run_nstui
from tests.support.terminal import Terminal
from tests.unit.procfs.scan.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]


@pytest.fixture
def engine(engine_host: PrivateEngine) -> PrivateEngine:
    """Return the session's engine with a pod, and a container on the host's pids."""
    engine_host.run("own", "--ipc=shareable")
    engine_host.run("dep", *(f"--{kind}=container:own" for kind in ("net", "pid")))
    engine_host.run("shm", "--ipc=container:own", "--network=none")
    engine_host.run("top", "--pid=host")
    return engine_host


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Return what starts processes that are no container's."""
    machine = Machine()
    try:
        yield machine
    finally:
        machine.close()


def test_the_groups_of_each_kind(engine: PrivateEngine) -> None:
    shown = {
        kind: run_nstui("-H", engine.url, "tree", "--kind", kind).stdout.splitlines()
        for kind in ("net", "pid", "ipc")
    }
    assert shown["net"][:3] == [
        "● own     running  +pid +ipc  bb:1",
        "└─ ● dep  running  +pid       bb:1",
        "◇ 2 containers that share no network (--all lists them)",
    ]
    assert shown["pid"][:5] == [
        "● own     running  +net +ipc  bb:1",
        "└─ ● dep  running  +net       bb:1",
        "◆ host's pid namespace (1 container)",
        "└─ ● top  running             bb:1",
        "◇ 1 container that shares no pid namespace (--all lists them)",
    ]
    assert shown["ipc"][:2] == [
        "● own     running  +net +pid  bb:1",
        "└─ ● shm  running             bb:1",
    ]
    document = read_json("-H", engine.url, "tree", "--kind", "all")
    assert [group["kind"] for group in document["groups"]] == [
        "net",
        "pid",
        "pid",
        "ipc",
    ]


@pytest.mark.parametrize(("columns", "lines"), [(120, 40), (80, 24)])
def test_views_in_a_terminal(
    engine: PrivateEngine, machine: Machine, columns: int, lines: int
) -> None:
    own = engine.pid_of("own")
    stray = machine.start(f"nsenter -n -t {own} sleep 600")
    command = (*NSTUI, "-H", engine.url)
    with Terminal(command, columns=columns, lines=lines) as terminal:
        terminal.wait_for("● own", "└─ ● dep", "+pid +ipc", "share no network")
        terminal.press("t")
        terminal.wait_for("pid namespaces", "host's pid namespace (1 container)")
        terminal.press("t")
        terminal.wait_for("ipc namespaces", "└─ ● shm", "+net +pid")
        terminal.press("t")
        terminal.wait_until_gone("ipc namespaces")

        terminal.press("O")
        terminal.wait_until(
            lambda screen: " kB  Σ " in screen or " MB  Σ " in screen, "tells memory"
        )
        terminal.press("O")
        terminal.wait_until(lambda screen: "%  Σ " in screen, "tells the CPU's share")
        terminal.press("o", "o")
        terminal.wait_until_gone("by CPU")

        terminal.press("a", "G")
        # Where other engines run as well, theirs are others and not without one.
        terminal.wait_until(
            lambda screen: bool(re.search(r"net namespaces( without.*)? \(\d", screen)),
            "lists all namespaces",
        )
        engine.docker("rm", "-f", "own")
        terminal.wait_for("(dep, own were)")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    assert (
        f"the first {stray} sleep"
        in run_nstui("-H", engine.url, "tree", "--all").stdout
    )
