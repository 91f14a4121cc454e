"""A week of a simulated host, as a storm of what people, programs and faults do."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from nstui.demo.containers import Spec
from nstui.demo.faults import crash
from nstui.demo.machine import KILLED
from nstui.errors import EngineRefused, EngineUnreachable
from nstui.model.container import ComposeService, ContainerState
from tests.support.sim_compose import SimCompose
from tests.support.sim_watch import SimWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.demo.containers import Record
    from nstui.demo.world import World
    from nstui.model.namespace import NamespaceKind

WEEK_S = 7 * 86_400.0
LONGEST_CALM_S = 3600.0
"""The longest time between two looks of the watch, in seconds."""

_OWNERS = ("vpn", "db", "gate")


def _service(name: str, *needs: str) -> ComposeService:
    return ComposeService("media", name, depends_on=needs, config_hash=name)


SPECS = (
    Spec("vpn", restart="unless-stopped", devices=("tun0",)),
    Spec("torrent", network="container:vpn", restart="unless-stopped"),
    Spec("indexer", network="container:vpn", restart="always"),
    Spec("exporter", network="container:torrent", restart="unless-stopped"),
    Spec("db", restart="always", ipc="shareable", has_health_check=True),
    Spec("probe", pid="container:db", restart="always"),
    Spec("cache", ipc="container:db", restart="on-failure"),
    Spec("gate", restart="unless-stopped", compose=_service("gate")),
    Spec(
        "films",
        network="container:gate",
        restart="unless-stopped",
        compose=_service("films", "gate"),
    ),
    Spec(
        "music",
        network="container:gate",
        restart="unless-stopped",
        compose=_service("music", "gate"),
    ),
    Spec("alone", restart="always"),
)
BY_NAME = {spec.name: spec for spec in SPECS}
NAMES = tuple(BY_NAME)


class Storm:
    """A host to which things happen, with a watch that looks after it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - nothing here is secret
        self.watch = SimWatch(find_compose=SimCompose, seed=str(seed))
        self.stopped: set[str] = set()
        """The containers that a person has stopped and not started since."""

        self.happened: list[tuple[float, str]] = []
        for spec in SPECS:
            self.world.run(spec)
        self.let_pass(60)

    @property
    def world(self) -> World:
        """The host."""
        return self.watch.world

    def rage(self, until_s: float = WEEK_S) -> None:
        """Let things happen until some time, and then let everything calm down."""
        acts: tuple[tuple[int, Callable[[], object]], ...] = (
            (6, self.restart),
            (3, self.kill),
            (5, self.crash),
            (4, self.recreate),
            (4, self.stop_for_a_while),
            (2, self.compose_up),
            (2, self.flap),
            (1, self.engine_restart),
            (2, self.back_up),
        )
        self.hammer()
        weights = [weight for weight, _ in acts]
        while self.watch.seconds < until_s:
            (_, act) = self.random.choices(acts, weights)[0]
            act()
            short = self.random.random() < 0.4
            self.let_pass(self.random.uniform(1, 90 if short else 3 * 3600))
        self.start_some()
        self.let_pass(3 * 3600)

    def let_pass(self, seconds: float) -> None:
        """Let time pass; the watch looks when something is due, and now and then."""
        end = self.watch.seconds + seconds
        self._look()
        while self.watch.seconds < end:
            due = self.watch.decision.look_in_s
            step = LONGEST_CALM_S if due is None else due + 0.001
            self.watch.seconds = min(end, self.watch.seconds + step)
            self._look()

    def _look(self) -> None:
        with suppress(EngineUnreachable):
            self.watch.look()
        for name in self.stopped:
            record = self.world.records.find(name)
            running = record is not None and record.state.has_process
            assert not running, f"{name} was stopped by a person, and runs"

    def note(self, what: str) -> None:
        """Note what happens, for who reads a failure."""
        self.happened.append((self.watch.seconds, what))

    def pick(self, *names: str) -> Record | None:
        """Return a container that runs, by chance, of some or all."""
        found = (self.world.records.find(name) for name in names or NAMES)
        running = [r for r in found if r and r.state is ContainerState.RUNNING]
        return self.random.choice(running) if running else None

    def restart(self) -> None:
        """A person restarts a container."""
        record = self.pick(*_OWNERS, *_OWNERS, *NAMES)
        if record is not None:
            self.note(f"restart {record.name}")
            with suppress(EngineRefused):
                self.world.restart(record.name)

    def kill(self) -> None:
        """A person kills a container, and starts it again."""
        record = self.pick()
        if record is None:
            return
        self.note(f"kill {record.name}")
        self.world.kill(record.name)
        self.stopped.add(record.name)
        self.let_pass(self.random.uniform(0, 30))
        self._start(record.name)

    def crash(self) -> None:
        """A program ends by itself."""
        record = self.pick()
        if record is not None:
            self.note(f"crash {record.name}")
            crash(self.world, record.name)

    def recreate(self) -> None:
        """A person or an updater makes a container anew."""
        record = self.pick("vpn", "db", "gate", "alone")
        if record is None:
            return
        self.note(f"recreate {record.name}")
        self.world.remove(record.name, force=True)
        self.let_pass(self.random.choice((0.0, 2.0, 20.0, 100.0)))
        new = self.world.create(BY_NAME[record.name])
        self.let_pass(self.random.choice((0.0, 5.0)))
        with suppress(EngineRefused):
            self.world.start(new)

    def stop_for_a_while(self) -> None:
        """A person stops a container; some are never started again."""
        record = self.pick()
        if record is None:
            return
        self.note(f"stop {record.name}")
        self.world.stop(record.name)
        self.stopped.add(record.name)
        self.let_pass(self.random.uniform(1, 3600))
        if self.random.random() < 0.7:
            self._start(record.name)

    def start_some(self) -> None:
        """A person starts all but one of those that were stopped."""
        for name in sorted(self.stopped)[1:]:
            self._start(name)

    def _start(self, name: str) -> None:
        self.note(f"start {name}")
        self.stopped.discard(name)
        with suppress(EngineRefused):
            self.world.start(name)

    def compose_up(self) -> None:
        """Compose makes the owner of its project anew, and some that joined it."""
        world = self.world
        gate = world.records.find("gate")
        if gate is None or "gate" in self.stopped:
            return
        self.note("compose up")
        also = [n for n in ("films", "music") if self.random.random() < 0.5]
        made = []
        for name in ("gate", *also):
            old = world.records.find(name)
            if old is None:
                continue
            if old.state.has_process:
                world.stop(name)
            self.let_pass(self.random.uniform(0, 3))
            aside = f"{old.id[:12]}_{name}"
            world.rename(old.id, aside)
            made.append(world.create(BY_NAME[name]))
            self.let_pass(self.random.uniform(0, 2))
            world.remove(old.id)
        for new in made:
            name = world.records.get(new).name
            self.stopped.discard(name)
            with suppress(EngineRefused):
                world.start(new)
            self.let_pass(self.random.uniform(0, 2))

    def flap(self) -> None:
        """An owner keeps dying by itself for a while."""
        record = self.pick(*_OWNERS)
        if record is None:
            return
        self.note(f"flap {record.name}")
        for _ in range(self.random.randint(3, 8)):
            if record.state.has_process:
                crash(self.world, record.id)
            self.let_pass(self.random.uniform(1, 20))

    def hammer(self) -> None:
        """A script that went wrong restarts an owner again and again."""
        record = self.pick(*_OWNERS)
        if record is None:
            return
        self.note(f"hammer {record.name}")
        for _ in range(12):
            if record.state is ContainerState.RUNNING:
                self.world.restart(record.id)
            self.let_pass(self.random.uniform(8, 20))

    def engine_restart(self) -> None:
        """The engine is restarted; what joins another may come before that one."""
        self.note("engine restart")
        world, machine = self.world, self.world.machine
        self.watch.sim.go_away()
        self._look()
        running = [r for r in world.records if r.state.has_process]
        # Whatever is in the pid namespace of another ends first, by its own request.
        for record in sorted(running, key=lambda one: not one.joins):
            machine.end(record, KILLED)
        world.journal.forget()
        self.watch.seconds += self.random.uniform(1, 10)
        self.random.shuffle(running)
        for record in running:
            if record.spec.restart != "no" and not record.state.has_process:
                with suppress(EngineRefused):
                    world.start(record.id)
        self.watch.sim.come_back()

    def back_up(self) -> None:
        """A backup pauses or stops a container, and lets it go on."""
        record = self.pick()
        if record is None:
            return
        self.note(f"back up {record.name}")
        if self.random.random() < 0.5:
            self.world.pause(record.name)
            self.let_pass(self.random.uniform(1, 600))
            if record.state is ContainerState.PAUSED:
                self.world.unpause(record.id)
            return
        self.world.stop(record.name)
        self.stopped.add(record.name)
        self.let_pass(self.random.uniform(1, 600))
        self._start(record.name)

    def unwell(self) -> dict[str, str]:
        """Return what should run together and does not, with how it is."""
        found = {}
        for name in NAMES:
            record = self.world.records.find(name)
            if name in self.stopped:
                continue
            if record is None:
                found[name] = "is gone"
            elif self._waits(record):
                continue
            elif not record.state.has_process:
                found[name] = f"is {record.state}: {record.start_error}"
            elif apart := self._apart(record):
                found[name] = f"is not with its owner: {apart}"
        return found

    def _waits(self, record: Record) -> bool:
        """Tell whether what a container joined is to stay stopped."""
        for join in record.joins:
            owner = self.world.records.find(join.reference)
            if owner is not None and (owner.name in self.stopped or self._waits(owner)):
                return True
        return False

    def _apart(self, record: Record) -> NamespaceKind | None:
        for join in record.joins:
            owner = self.world.records.find(join.reference)
            here = record.namespaces.get(join.kind)
            if owner is None or owner.namespaces.get(join.kind) is not here:
                return join.kind
        return None
