"""A group broken in each way on a real engine, and what is printed pasted into a shell.

What is printed as a command takes the finding away; what is a sentence changes nothing.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.exits import ENOUGH
from tests.engine.looking import await_report, errors, of, wrong
from tests.engine.program import run_nstui

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerState
    from nstui.service.host import Host
    from tests.engine.looking import Wrong
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE_S = 60.0
LOOKS = 40
"""For at least how many looks what is printed stays as it is."""

OWN, DEP = "--network=container:own", "--network=container:dep"
GO = "test -e /tmp/ill && sleep 0.3 && exit 3; exec sleep 1000"
"""The script of a container that ends at once from when it has a certain file on."""


def chain(engine: PrivateEngine, *then: str, options: Sequence[str] = ()) -> None:
    """Start an owner, who joined it, and who joined that; then do something."""
    engine.run("own", *options)
    engine.run("dep", OWN)
    engine.run("far", DEP)
    engine.docker(*then)


def lose_a_network(engine: PrivateEngine) -> None:
    """Take an owner off its network, and remove that."""
    engine.docker("network", "create", "lan")
    engine.run("own", "--network=lan")
    engine.run("dep", OWN)
    engine.docker("network", "disconnect", "lan", "own")
    engine.docker("network", "rm", "lan")


def chain_and(engine: PrivateEngine, *options: str) -> None:
    """Leave a dependent behind that somebody rides on."""
    engine.run("own")
    engine.run("dep", OWN)
    engine.run("rider", *options)
    engine.docker("restart", "-t", "0", "own")


def pause_in_the_old(engine: PrivateEngine) -> None:
    """Freeze one that its owner has left behind."""
    chain(engine, "restart", "-t", "0", "own")
    engine.docker("pause", "dep")


def fall_ill(engine: PrivateEngine) -> None:
    """Let the owner of a chain end up in a restart loop; return once it is in it."""
    engine.run("own", "--restart=always", command=("sh", "-c", GO))
    engine.run("dep", OWN)
    engine.run("far", DEP)
    paste(engine, "f=$(mktemp) && docker cp -q $f own:/tmp/ill; rm $f")
    engine.docker("restart", "-t", "0", "own")
    while not isinstance(count := engine.inspect("own", "RestartCount"), int) or (
        count < ENOUGH
    ):
        time.sleep(0.05)


def let_it_go(engine: PrivateEngine) -> None:
    """Stop the owner of a chain that the engine removes then; return once it has."""
    chain(engine, "stop", "-t", "0", "own", options=["--rm"])
    while "own" in engine.docker("ps", "-a", "--format={{.Names}}").stdout.split():
        time.sleep(0.05)


def fall_down(engine: PrivateEngine) -> None:
    """Let the owner of a chain end with an error, as it will again if it is started."""
    engine.run("own", command=("sh", "-c", GO))
    engine.run("dep", OWN)
    engine.run("far", DEP)
    paste(engine, "f=$(mktemp) && docker cp -q $f own:/tmp/ill; rm $f")
    engine.docker("restart", "-t", "0", "own")
    engine.docker("wait", "own")


def begin_without(engine: PrivateEngine) -> None:
    """Try to start a chain whose owner does not run, and start that then."""
    engine.create("own", "--restart=always")
    for name, join in (("dep", OWN), ("far", DEP)):
        engine.create(name, join, "--restart=always")
        assert engine.docker("start", name, check=False).returncode
    engine.docker("start", "own")


def want_a_port(engine: PrivateEngine, *then: str) -> None:
    """Try to start two containers on one port of the host."""
    engine.run("first", "-p", "127.0.0.1:47811:80")
    engine.create("second", "-p", "127.0.0.1:47811:80")
    engine.docker("start", "second", check=False)
    engine.docker(*then)


def lose_the_way(engine: PrivateEngine) -> None:
    """Remove the owner of a chain whose middle does not run."""
    chain(engine, "stop", "-t", "0", "dep")
    engine.docker("rm", "-f", "own")


def split(engine: PrivateEngine) -> None:
    """Tear one apart from whom it shares memory with; another joined its network."""
    engine.run("shm", "--ipc=shareable")
    engine.run("dep", "--ipc=container:shm")
    engine.run("far", DEP)
    engine.docker("restart", "-t", "0", "shm")


@dataclass(frozen=True)
class Way:
    """How a group is broken, and which findings there are then that are commands."""

    break_it: Callable[[PrivateEngine], object]
    cured: Wrong
    """Those that what is pasted takes away; all others are sentences."""


WAYS = {
    "owner restarted": Way(
        lambda e: chain(e, "restart", "-t", "0", "own"),
        errors("stale-join", "dep", "far"),
    ),
    "owner stopped": Way(
        lambda e: chain(e, "stop", "-t", "0", "own"),
        errors("owner-stopped", "dep", "far"),
    ),
    "all but the end stopped": Way(
        lambda e: chain(e, "stop", "-t", "0", "dep", "own"),
        {("dep", "owner-stopped", "notice"), *errors("owner-stopped", "far")},
    ),
    "the middle stopped": Way(
        lambda e: chain(e, "stop", "-t", "0", "dep"), errors("owner-stopped", "far")
    ),
    "the middle can never start": Way(lose_the_way, set()),
    "owner in a restart loop": Way(fall_ill, {("own", "restarting", "warning")}),
    "owner ended with an error": Way(fall_down, set()),
    "owner removes itself": Way(let_it_go, set()),
    "owner paused": Way(lambda e: chain(e, "pause", "own"), set()),
    "dependent paused in an old network": Way(
        pause_in_the_old, errors("stale-join", "dep", "far")
    ),
    "started before the owner": Way(
        begin_without, errors("start-failed", "dep", "far")
    ),
    "port taken": Way(lambda e: want_a_port(e, "ps"), set()),
    "port free again": Way(
        lambda e: want_a_port(e, "rm", "-f", "first"),
        errors("start-failed", "second"),
    ),
    "memory no longer shared": Way(split, errors("stale-join", "dep")),
    "its network is gone": Way(lose_a_network, set()),
    "a rider that is thrown away": Way(
        lambda e: chain_and(e, "--rm", "--pid=container:dep"),
        errors("stale-join", "dep"),
    ),
    "restarts without both of its owners": Way(
        lambda e: (
            e.run("own"),
            e.run("other"),
            e.run("dep", OWN, "--pid=container:other", "--restart=always"),
        ),
        {("dep", "restart-mismatch", "notice")},
    ),
    "restarts without its owner": Way(
        lambda e: (e.run("own"), e.run("dep", OWN, "--restart=always")),
        {("dep", "restart-mismatch", "notice")},
    ),
}
ONLY_TELL = {"restarting"}
"""Findings of which a command shows more, without an end to them."""


def paste(engine: PrivateEngine, remedy: str) -> int:
    """Do what a user does who believes a remedy; return the exit code."""
    environ = {**os.environ, "DOCKER_HOST": engine.url}
    done = subprocess.run(
        ["sh", "-c", remedy], env=environ, capture_output=True, check=False, timeout=60
    )
    return done.returncode


def states(report: Report) -> set[tuple[str, bool]]:
    """Return of each container whether it runs, or is about to."""
    return {
        (c.name, c.state.has_process or c.state == "restarting")
        for c in report.snapshot.containers
    }


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_is_printed_helps_or_does_nothing(
    engine_host: PrivateEngine, connection: Host, way: Way
) -> None:
    way.break_it(engine_host)
    report = await_report(connection, lambda r: way.cured <= wrong(r))
    commands = {
        (report.graph.name(f.container), f.code.value, f.severity.value)
        for f in report.findings
        if f.is_command
    }
    assert commands == way.cured

    before = states(report)
    for sentence in (f.remedy for f in report.findings if not f.is_command):
        assert paste(engine_host, sentence) != 0
    report = connection.observer.look_afresh()
    assert states(report) == before

    for finding in [f for f in report.findings if f.is_command]:
        found = (report.graph.name(finding.container), finding.code.value)
        assert paste(engine_host, finding.remedy) == 0, finding.remedy
        report = connection.observer.look_afresh()
        left = {key[:2] for key in wrong(report)}
        assert found not in left or finding.code in ONLY_TELL
        up = {name for name, runs in before if runs} - {"rider"}
        assert up <= {name for name, runs in states(report) if runs}
    if ONLY_TELL.isdisjoint(code for _, code, _ in way.cured):
        assert not way.cured & wrong(connection.observer.look_afresh())


def test_an_owner_in_a_loop_is_to_be_mended_at_every_moment_of_it(
    engine_host: PrivateEngine, connection: Host
) -> None:
    fall_ill(engine_host)
    await_report(connection, lambda r: ("own", "restarting", "warning") in wrong(r))

    seen: set[ContainerState] = set()
    # The engine waits longer from one start to the next: 100 ms doubled each time.
    deadline = time.monotonic() + PATIENCE_S
    looks = 0
    while looks < LOOKS or len(seen) < 2:
        assert time.monotonic() < deadline, "it was always the same moment"
        looks += 1
        report = connection.observer.look_afresh()
        seen.add(of(report, "own").state)
        (finding,) = report.findings_by_container[of(report, "dep").id]
        assert finding.remedy.startswith("fix own, which keeps exiting, then: ")


@pytest.mark.parametrize("then", [("ps",), ("stop", "-t", "0", "rider")])
def test_healing_takes_along_who_rides_on_what_it_makes_anew(
    engine_host: PrivateEngine, connection: Host, then: Sequence[str]
) -> None:
    engine_host.run("own")
    engine_host.run("dep", OWN)
    engine_host.run("rider", "--pid=container:dep")
    connection.observer.look()
    engine_host.docker("rm", "-f", "own")
    engine_host.run("own")
    engine_host.docker(*then)

    (finding,) = connection.observer.look_afresh().findings
    assert finding.is_command
    program, *words = finding.remedy.split()
    assert program == "nstui"
    done = run_nstui("-H", engine_host.url, *words, "--yes")

    assert done.returncode == 0, done.stderr
    assert wrong(connection.observer.look_afresh()) == set()
    runs = engine_host.inspect("rider", "State", "Running")
    assert runs is (then == ("ps",))
