"""Plans on a real engine where declarations do not tell who is in a namespace."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, EffectNow
from tests.engine.looking import PATIENCE, of
from tests.engine.program import run_nstui

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

NET, PID, IPC = NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC
ENDING = (Action.STOP, Action.KILL, Action.RESTART, Action.RM)
LOST = {
    NET: EffectNow.LOSES_NETWORK,
    PID: EffectNow.KILLED,
    IPC: EffectNow.NAMESPACE_SPLIT,
}


def join(kind: NamespaceKind, reference: str) -> str:
    """Return the option that joins a container."""
    option = "network" if kind is NET else kind.value
    return f"--{option}=container:{reference}"


def own(engine: PrivateEngine, name: str = "own") -> None:
    """Start one that others can join in every kind."""
    engine.run(name, "--ipc=shareable")


def by_name(engine: PrivateEngine, _: NamespaceKind) -> None:
    """Let one join by a name, and give that name up; another one joins that one."""
    engine.create("dep", join(NET, "own"))
    own(engine)
    engine.docker("start", "dep")
    engine.run("far", join(NET, "dep"))
    engine.docker("rename", "own", "own-old")


def by_a_name_of_another(engine: PrivateEngine, kind: NamespaceKind) -> None:
    """Let that name mean another container."""
    by_name(engine, kind)
    own(engine)


def by_id(engine: PrivateEngine, kind: NamespaceKind) -> None:
    """Rename an owner that was joined by its id."""
    own(engine)
    engine.run("dep", join(kind, "own"))
    # What joined an ipc namespace cannot be joined in turn.
    engine.run("far", join(kind, "own" if kind is IPC else "dep"))
    engine.docker("rename", "own", "own-old")


def through_one_that_is_gone(engine: PrivateEngine, kind: NamespaceKind) -> None:
    """Let one join through another that is removed."""
    own(engine, "own-old")
    engine.run("dep", join(kind, "own-old"))
    engine.run("mid", join(kind, "own-old"))
    engine.run("far", join(kind, "mid"))
    engine.docker("rm", "--force", "mid")


def as_a_guest(engine: PrivateEngine, kind: NamespaceKind) -> None:
    """Let one enter a namespace that it does not declare; another one joins that."""
    own(engine, "own-old")
    engine.run_in("dep", "own-old", kind)
    engine.run("far", join(kind, "dep"))


SCENES: tuple[tuple[Callable[[PrivateEngine, NamespaceKind], None], NamespaceKind], ...]
SCENES = (
    (by_name, NET),
    (by_a_name_of_another, NET),
    *((by_id, kind) for kind in LOST),
    *((through_one_that_is_gone, kind) for kind in LOST),
    *((as_a_guest, kind) for kind in (NET, IPC)),
)


def names(engine: PrivateEngine) -> set[str]:
    """Return the names of all containers."""
    rows = engine.client.containers(all=True)
    return {name.removeprefix("/") for row in rows for name in row["Names"]}


def namespace(engine: PrivateEngine, name: str, kind: NamespaceKind) -> int:
    """Return a number of a container's namespace; 0 if it does not run."""
    pid = engine.pid_of(name) if name in names(engine) else 0
    try:
        return Path(f"/proc/{pid}/ns/{kind}").stat().st_ino if pid else 0
    except OSError:
        return 0


def has_network(pid: int) -> bool:
    """Tell whether a process has an interface to others; not if it has just ended."""
    try:
        return pid != 0 and "eth0" in Path(f"/proc/{pid}/net/dev").read_text()
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Seen:
    """A container as the kernel shows it."""

    pid: int
    is_with_owner: bool
    has_network: bool


def see(engine: PrivateEngine, kind: NamespaceKind) -> dict[str, Seen]:
    """Look at the dependents."""
    home = namespace(engine, "own-old", kind)
    return {
        name: Seen(
            engine.pid_of(name),
            is_with_owner=home == namespace(engine, name, kind) != 0,
            has_network=has_network(engine.pid_of(name)),
        )
        for name in ("dep", "far")
    }


def suffered(
    then: Mapping[str, Seen], now: Mapping[str, Seen], kind: NamespaceKind
) -> set[tuple[str, EffectNow]]:
    """Return what has happened to whom."""
    found = set()
    for name, seen in then.items():
        if kind is PID and not now[name].pid:
            found.add((name, EffectNow.KILLED))
        if kind is NET and seen.has_network and not now[name].has_network:
            found.add((name, EffectNow.LOSES_NETWORK))
        if kind is IPC and seen.is_with_owner and not now[name].is_with_owner:
            found.add((name, EffectNow.NAMESPACE_SPLIT))
    return found


def plan(
    connection: Host, action: Action, name: str, policy: Policy = Policy.PROTECT
) -> Plan:
    """Return the plan for an action."""
    target = of(connection.observer.look_afresh(), name).id
    request = Request(
        action=action, targets=(target,), policy=policy, force=True, timeout=0
    )
    return connection.executor.plan(request)


def carry_out(engine: PrivateEngine, action: Action, name: str) -> None:
    """Do to a container what a plan would, without asking anybody."""
    words = {
        Action.STOP: ("stop", "-t", "0"),
        Action.KILL: ("kill",),
        Action.RESTART: ("restart", "-t", "0"),
        Action.RM: ("rm", "--force"),
    }
    engine.docker(*words[action], name)


@pytest.mark.parametrize("action", ENDING)
@pytest.mark.parametrize(
    ("scene", "kind"), SCENES, ids=lambda one: getattr(one, "__name__", one)
)
def test_everybody_who_suffers_is_named(
    engine_host: PrivateEngine,
    connection: Host,
    scene: Callable[[PrivateEngine, NamespaceKind], None],
    kind: NamespaceKind,
    action: Action,
) -> None:
    scene(engine_host, kind)
    made = plan(connection, action, "own-old")
    then = see(engine_host, kind)
    assert all(seen.is_with_owner for seen in then.values())
    carry_out(engine_host, action, "own-old")
    deadline = time.monotonic() + PATIENCE
    expected = {(name, LOST[kind]) for name in then}
    while suffered(then, see(engine_host, kind), kind) != expected:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    said = {(e.name, e.now) for e in made.harmed if e.kind == kind.value}
    assert said == expected
    assert not made.is_permitted


@pytest.mark.parametrize("action", ENDING)
def test_the_end_of_a_guest_harms_only_those_who_joined_it(
    engine_host: PrivateEngine, connection: Host, action: Action
) -> None:
    as_a_guest(engine_host, NET)
    made = plan(connection, action, "dep")
    assert "own-old" not in {effect.name for effect in made.effects}
    assert EffectNow.LOSES_NETWORK not in {effect.now for effect in made.effects}
    pid = engine_host.pid_of("far")
    carry_out(engine_host, action, "dep")
    assert engine_host.pid_of("far") == pid
    assert "eth0" in Path(f"/proc/{pid}/net/dev").read_text()
    assert namespace(engine_host, "far", NET) == namespace(engine_host, "own-old", NET)


@pytest.mark.parametrize("action", [Action.STOP, Action.KILL, Action.RM])
@pytest.mark.parametrize(
    ("scene", "kind"), SCENES, ids=lambda one: getattr(one, "__name__", one)
)
def test_with_its_dependents_all_are_ended_and_nobody_suffers_for_it(
    engine_host: PrivateEngine,
    connection: Host,
    scene: Callable[[PrivateEngine, NamespaceKind], None],
    kind: NamespaceKind,
    action: Action,
) -> None:
    scene(engine_host, kind)
    made = plan(connection, action, "own-old", Policy.WITH_DEPENDENTS)
    assert {step.name for step in made.steps} == {"own-old", "dep", "far"}
    if (scene, kind) != (as_a_guest, IPC):
        # Which one an ipc namespace was made for is nowhere to be read.
        assert made.steps[-1].name == "own-old"
    connection.executor.carry_out(made)
    left = {name for name in names(engine_host) if engine_host.pid_of(name)}
    assert left <= {"own"}


@pytest.mark.parametrize("action", [Action.STOP, Action.RM])
def test_a_process_that_came_from_outside_is_named_and_is_no_container(
    engine_host: PrivateEngine, action: Action
) -> None:
    own(engine_host)
    pid = str(engine_host.pid_of("own"))
    words = ("nsenter", "-t", pid, "--net", "--ipc", "sleep", "600")
    verb = (action.value, *(("-f",) if action is Action.RM else ()))
    with subprocess.Popen(words) as outsider:
        try:
            await_namespace(outsider.pid, pid)
            told = run_nstui("-H", engine_host.url, *verb, "--dry-run", "own")
            document = json.loads(
                run_nstui(
                    "-H", engine_host.url, *verb, "--dry-run", "--json", "own"
                ).stdout
            )
        finally:
            outsider.kill()
    line = f"sleep (pid {outsider.pid}), of no container, is in the net and ipc"
    assert line in told.stdout
    assert document["effects"] == []
    (one,) = document["outsiders"]
    assert (one["pid"], one["kinds"]) == (outsider.pid, ["net", "ipc"])
    assert (one["command"], one["container"]) == ("sleep", None)


def await_namespace(pid: int, other: str) -> None:
    """Wait until a process is in the network of another and has become its program."""
    there = Path(f"/proc/{other}/ns/ipc").stat().st_ino
    deadline = time.monotonic() + PATIENCE
    while (
        Path(f"/proc/{pid}/ns/ipc").stat().st_ino != there
        or Path(f"/proc/{pid}/comm").read_text() != "sleep\n"
    ):
        assert time.monotonic() < deadline
        time.sleep(0.02)
