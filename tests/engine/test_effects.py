"""What is said before an action, beside what its dependents then really suffer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.plans.effects import find_effects
from nstui.model.step import Action, EffectLater, EffectNow
from tests.engine.looking import PATIENCE, of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

COMMANDS = {
    Action.STOP: ("stop", "-t", "0"),
    Action.KILL: ("kill",),
    Action.RESTART: ("restart", "-t", "0"),
    Action.RM: ("rm", "-f"),
}
Said = tuple[EffectNow, EffectLater]

UNHARMED = (EffectNow.NONE, EffectLater.NONE)
LOST = EffectNow.LOSES_NETWORK
KILLED = EffectNow.KILLED
KEEPS = EffectNow.NONE
WAITS = EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS
REJOINS = EffectLater.RESTART_REJOINS
RECREATED = EffectLater.MUST_BE_RECREATED


@dataclass(frozen=True, slots=True)
class Scene:
    """Containers that share, and what happens to some of them."""

    containers: dict[str, str]
    """What each one's option is; the first owns a network."""

    before: tuple[str, ...] = ()
    """Docker commands that are carried out first."""

    on: tuple[str, ...] = ("own",)
    """Whom the action is carried out on."""

    early: tuple[str, ...] = ()
    """Who is created before all others, so that its join stays a name."""


def play(engine: PrivateEngine, scene: Scene) -> None:
    """Start a scene's containers."""
    for name in scene.early:
        engine.create(name, *scene.containers[name].split())
    for name, options in scene.containers.items():
        if name in scene.early:
            engine.docker("start", name)
        else:
            engine.run(name, *options.split())
    for command in scene.before:
        engine.docker(*command.split())


def say(
    connection: Host, scene: Scene, action: Action, names: Iterable[str]
) -> dict[str, Said]:
    """Return what nstui says that an action does to some containers."""
    report = connection.observer.look()
    targets = [of(report, name).id for name in scene.on]
    effects = find_effects(report.snapshot, report.graph, action, targets)
    said = {effect.name: (effect.now, effect.later) for effect in effects}
    assert len(said) == len(effects)
    assert set(said) <= set(names)
    return {name: said.get(name, UNHARMED) for name in names}


def suffer(
    engine: PrivateEngine, scene: Scene, action: Action, names: Iterable[str]
) -> dict[str, Said]:
    """Carry an action out and return what it does, trying each in the order given."""
    ran = {name: runs(engine, name) for name in names}
    worked = {name: works(engine, name) for name in names}
    for name in scene.on:
        engine.docker(*COMMANDS[action], name)
        if action is Action.KILL:
            # It is answered before the process has ended.
            engine.docker("wait", name)
    now = {
        name: see_now(engine, name, ran=ran[name], worked=worked[name])
        for name in names
    }
    broken = {name for name in names if ran[name] and not works(engine, name)}
    at_once = {name for name in names if works_again(engine, name)}
    at_last = set()
    for name, options in scene.containers.items():
        if name in scene.on:
            bring_back(engine, name, options)
        elif name in set(names) and works_again(engine, name):
            at_last.add(name)
    later = {}
    for name in names:
        if name not in at_last:
            later[name] = RECREATED
        elif name not in at_once:
            later[name] = WAITS
        else:
            later[name] = REJOINS if name in broken else EffectLater.NONE
    return {name: (now[name], later[name]) for name in names}


def see_now(engine: PrivateEngine, name: str, *, ran: bool, worked: bool) -> EffectNow:
    """Return what has just happened to a container."""
    if ran and died(engine, name):
        return KILLED
    return LOST if worked and not works(engine, name) else KEEPS


def died(engine: PrivateEngine, name: str) -> bool:
    """Tell whether a container ran and no longer does; its engine may need a moment."""
    pid = engine.pid_of(name)
    deadline = time.monotonic() + PATIENCE
    while pid and not Path(f"/proc/{pid}/exe").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
        pid = engine.pid_of(name)
    return not pid


def runs(engine: PrivateEngine, name: str) -> bool:
    """Tell whether a container runs."""
    return bool(engine.pid_of(name))


def works(engine: PrivateEngine, name: str) -> bool:
    """Tell whether a container runs and has a network, as the kernel lists it."""
    pid = engine.pid_of(name)
    return bool(pid) and "eth0" in Path(f"/proc/{pid}/net/dev").read_text()


def works_again(engine: PrivateEngine, name: str) -> bool:
    """Tell whether a container works after a restart, or a start if it had ended."""
    done = engine.docker("restart", "-t", "0", name, check=False)
    return done.returncode == 0 and works(engine, name)


def bring_back(engine: PrivateEngine, name: str, options: str) -> None:
    """Start what was acted on, or another container of its name."""
    if engine.docker("start", name, check=False).returncode:
        engine.run(name, *options.split())


PAIR = {"own": "", "dep": "--network=container:own"}
CHAIN = {**PAIR, "far": "--network=container:dep"}
DEBUGGED = {"own": "", "dep": "--pid=container:own", "far": "--network=container:dep"}
BY_NAME = Scene(PAIR, early=("dep",))


def row(
    id_: str, scene: Scene, action: Action, **expected: Said
) -> tuple[str, Scene, Action, dict[str, Said]]:
    """Return one row of the table."""
    return (id_, scene, action, expected)


CASES = [
    row("pair", Scene(PAIR), Action.STOP, dep=(LOST, WAITS)),
    row("pair", Scene(PAIR), Action.KILL, dep=(LOST, WAITS)),
    row("pair", Scene(PAIR), Action.RESTART, dep=(LOST, REJOINS)),
    row("pair", Scene(PAIR), Action.RM, dep=(LOST, RECREATED)),
    *(
        row("chain", Scene(CHAIN), action, dep=(LOST, later), far=(LOST, later))
        for action, later in (
            (Action.STOP, WAITS),
            (Action.RESTART, REJOINS),
            (Action.RM, RECREATED),
        )
    ),
    *(
        row("middle of a chain", Scene(CHAIN, on=("dep",)), action, far=f)
        for action, f in (
            (Action.STOP, (KEEPS, WAITS)),
            (Action.KILL, (KEEPS, WAITS)),
            (Action.RESTART, UNHARMED),
            (Action.RM, (KEEPS, RECREATED)),
        )
    ),
    row("by name", BY_NAME, Action.RM, dep=(LOST, WAITS)),
    row("by name", BY_NAME, Action.STOP, dep=(LOST, WAITS)),
    row(
        "a name behind an id",
        Scene(CHAIN, early=("dep",)),
        Action.RM,
        dep=(LOST, WAITS),
        far=(LOST, WAITS),
    ),
    row(
        "an id behind a name",
        Scene(CHAIN, early=("far",)),
        Action.RM,
        dep=(LOST, RECREATED),
        far=(LOST, RECREATED),
    ),
    row(
        "middle by name",
        Scene(CHAIN, early=("far",), on=("dep",)),
        Action.RM,
        far=(KEEPS, WAITS),
    ),
    row(
        "two of a chain",
        Scene(CHAIN, on=("dep", "own")),
        Action.STOP,
        far=(LOST, WAITS),
    ),
    row(
        "two of a chain",
        Scene(CHAIN, on=("own", "dep"), early=("dep",)),
        Action.RM,
        far=(LOST, RECREATED),
    ),
    row(
        "killed with its pid namespace",
        Scene(DEBUGGED),
        Action.STOP,
        far=(LOST, WAITS),
        dep=(KILLED, WAITS),
    ),
    row(
        "killed with its pid namespace",
        Scene(DEBUGGED),
        Action.RESTART,
        far=(LOST, WAITS),
        dep=(KILLED, REJOINS),
    ),
    row(
        "killed with its pid namespace",
        Scene(DEBUGGED),
        Action.RM,
        far=(LOST, RECREATED),
        dep=(KILLED, RECREATED),
    ),
    *(
        row("stale", Scene(PAIR, before=("restart -t 0 own",)), action, dep=(KEEPS, x))
        for action, x in (
            (Action.STOP, WAITS),
            (Action.RESTART, REJOINS),
            (Action.RM, RECREATED),
        )
    ),
    *(
        row("not running", Scene(PAIR, before=("kill dep",)), action, dep=(KEEPS, x))
        for action, x in (
            (Action.STOP, WAITS),
            (Action.RESTART, EffectLater.NONE),
            (Action.RM, RECREATED),
        )
    ),
    *(
        row("no owner", Scene(PAIR, before=("kill own",)), action, dep=(KEEPS, later))
        for action, later in (
            (Action.RESTART, REJOINS),
            (Action.RM, RECREATED),
        )
    ),
    row("frozen", Scene(PAIR, before=("pause own",)), Action.RM, dep=(LOST, RECREATED)),
]


@pytest.mark.parametrize(
    ("scene", "action", "expected"),
    [pytest.param(*case[1:], id=f"{case[0]}-{case[2]}") for case in CASES],
)
def test_what_is_said_is_what_happens(
    engine_host: PrivateEngine,
    connection: Host,
    scene: Scene,
    action: Action,
    expected: dict[str, Said],
) -> None:
    play(engine_host, scene)

    said = say(connection, scene, action, expected)
    suffered = suffer(engine_host, scene, action, expected)

    assert suffered == expected
    assert said == expected
