"""Asks the engine for changes, and checks that they have happened."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

from nstui.analysis.findings.networks import LOOPBACK
from nstui.analysis.plans.order import is_up
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    HalfDone,
    NstuiError,
)
from nstui.model.container import ContainerState, is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.ports import ContainerEngine
    from nstui.service.observer import Observer

    Seen = Container | None


MOST_IMAGES = 8
"""How many images to try for something that can sleep."""

SETTLING_S = 3.0
"""How long a change may take to be seen that the engine answered well, or that goes on
although it answered with an error."""

PAUSE_S = 0.1
"""How long to leave the engine alone between two looks."""


@contextmanager
def standing_in(
    engine: ContainerEngine, graph: Graph, old: Container
) -> Iterator[None]:
    """Let something stand in for what a container joined and what is gone.

    While a container has the id of the one that is gone for its name, the engine takes
    it for that one.

    Args:
        engine: Makes the placeholders.
        graph: Tells which joins lead nowhere, and which images there are.
        old: The container, which can be started meanwhile.

    """
    gone = [
        join.reference
        for join in old.joins
        if is_id(join.reference) and graph.resolve(join.reference) is None
    ]
    with ExitStack() as places:
        for reference in dict.fromkeys(gone):
            places.enter_context(_held(engine, graph, old, reference))
        yield


@contextmanager
def _held(
    engine: ContainerEngine, graph: Graph, old: Container, name: str
) -> Iterator[None]:
    """Keep a name taken by something that runs."""
    place = _hold_place(engine, graph, old, name)
    try:
        yield
    finally:
        with suppress(NstuiError):
            engine.remove(place, force=True)


def _hold_place(
    engine: ContainerEngine, graph: Graph, old: Container, name: str
) -> ContainerId:
    """Start something under a name, from any image that can sleep."""
    problem: NstuiError | None = None
    for image in islice(_images(graph, old), MOST_IMAGES):
        try:
            place = engine.create_placeholder(name, image)
        except EngineRefused as error:
            problem = error
            continue
        try:
            engine.start(place)
        except EngineRefused as error:
            problem = error
            engine.remove(place, force=True)
            continue
        return place
    raise EngineRefused(
        f"what it joined no longer exists, and nothing could stand in for it: {problem}"
    )


def _images(graph: Graph, old: Container) -> Iterator[str]:
    """Yield images that may have a program that sleeps: those in use, its own first."""
    yield from dict.fromkeys((old.image, *(c.image for c in graph.containers.values())))


class VerifiedEngine:
    """Asks an engine for changes and believes neither its success nor its failure.

    What was asked for and is seen afterwards is done, even if the engine answered with
    an error; what is not seen has failed, even if it answered well.

    Raises:
        ContainerVanished: the container is no longer there.
        EngineRefused: it failed, and the container is as it was before.
        HalfDone: it failed, and the message says what is the case now.
        EngineUnreachable: nobody knows what became of it, or what was asked at all.

    """

    def __init__(self, engine: ContainerEngine, observer: Observer) -> None:
        """Take the engine to ask, and what looks at the host."""
        self._engine = engine
        self._observer = observer

    def see(self, container: ContainerId) -> Container | None:
        """Return a container as it is now; None if there is none."""
        self._observer.forget((container,))
        return self._observer.look().graph.containers.get(container)

    def start(self, before: Container) -> Seen:
        """Start a container; return it when it was seen to run, or to have run."""
        return self._change(
            before,
            "started",
            lambda: self._engine.start(before.id),
            lambda now: now is not None and _has_started(before, now),
        )

    def start_orphan(self, before: Container, graph: Graph) -> None:
        """Start a container that may join a missing one; see `standing_in`."""
        with standing_in(self._engine, graph, before):
            self.start(before)

    def stop(self, before: Container, timeout: int | None = None) -> Seen:
        """Stop a container; return it when it was seen not to run; None if gone."""
        return self._change(
            before,
            "stopped",
            lambda: self._engine.stop(before.id, timeout),
            lambda now: now is None or not is_up(now),
        )

    def restart(self, before: Container, timeout: int | None = None) -> Seen:
        """Restart a container; return it when its new start was seen."""
        return self._change(
            before,
            "restarted",
            lambda: self._engine.restart(before.id, timeout),
            lambda now: now is not None and _has_started(before, now),
        )

    def connect(
        self, before: Container, network: str, aliases: Iterable[str] = ()
    ) -> None:
        """Attach a container to a network; return when it was seen to be there."""
        self._change(
            before,
            f"connected to {network}",
            lambda: self._engine.connect(before.id, network, aliases),
            # It had none before, and the network may have been named by its id.
            lambda now: now is not None and bool(now.networks),
        )
        interfaces = self._observer.look().snapshot.interfaces(before.id)
        if interfaces is not None and set(interfaces) <= {LOOPBACK}:
            raise HalfDone(
                f"{before.name} is attached to {network} now, and still has no network"
                f" interface but {LOOPBACK}"
            )

    def kill(self, before: Container, signal: str | None = None) -> Seen:
        """Send a signal; return it when its end was seen if it was to be ``KILL``.

        Any other signal is the container's to act on, or not.
        """
        ends = signal is None or signal in {"KILL", "9"}
        return self._change(
            before,
            "killed",
            lambda: self._engine.kill(before.id, signal),
            lambda now: _has_ended(before, now) if ends else None,
        )

    def remove(
        self, before: Container, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove a container; return when it was seen to be gone."""
        self._change(
            before,
            "removed",
            lambda: self._engine.remove(before.id, force=force, volumes=volumes),
            lambda now: now is None,
        )

    def rename(self, before: Container, name: str) -> None:
        """Rename a container; return when it was seen to have the name."""
        self._change(
            before,
            f"renamed to {name}",
            lambda: self._engine.rename(before.id, name),
            lambda now: now is not None and now.name == name,
        )

    def _change(
        self,
        before: Container,
        done: str,
        ask: Callable[[], None],
        is_done: Callable[[Seen], bool | None],
    ) -> Seen:
        """Ask for a change; return what has come of it once it was seen.

        Args:
            before: The container as it was seen last.
            done: What the container is if it succeeds, such as ``stopped``.
            ask: Asks the engine.
            is_done: Tells whether a container is as it was asked for; None: that
                cannot be seen, and the engine has to be believed.

        """
        problem: NstuiError | None = None
        try:
            ask()
        except NstuiError as error:
            problem = error
        now = self._look_until(before.id, is_done, problem)
        verdict = is_done(now)
        if verdict or (verdict is None and problem is None):
            return now
        if isinstance(problem, EngineUnreachable | ContainerVanished):
            raise problem
        is_gone = now is None
        change = _what_changed(before, now)
        if problem is None:
            state = "gone" if now is None else now.state
            problem = EngineRefused(
                f"the engine answered that {before.name} was {done}, but it is {state}"
            )
            change = ""
        if is_gone:
            raise ContainerVanished(f"{problem}; {before.name} is no longer there")
        if change:
            raise HalfDone(f"{problem}; {change}") from problem
        raise problem

    def _look_until(
        self,
        container: ContainerId,
        is_done: Callable[[Seen], bool | None],
        problem: NstuiError | None,
    ) -> Seen:
        """Return what is seen once a change is done, or has had its time."""
        begun = time.monotonic()
        limit = SETTLING_S if problem is None else 0.0
        while True:
            try:
                now = self.see(container)
            except NstuiError as blind:
                raise problem or blind from blind
            if is_done(now) is not False:
                return now
            if now is not None and now.state is ContainerState.REMOVING:
                limit = SETTLING_S
            if time.monotonic() - begun >= limit:
                return now
            time.sleep(PAUSE_S)


def _has_started(before: Container, now: Container) -> bool:
    """Tell whether a container has been started since it was seen before."""
    if before.inspection is None or now.inspection is None:
        return now.state.has_process
    if before.inspection.started_at != now.inspection.started_at:
        # One whose program ends at once has run nevertheless.
        return not now.inspection.start_error
    return now.state.has_process and not before.state.has_process


def _has_ended(before: Container, now: Seen) -> bool:
    """Tell whether the process has ended that a container had before."""
    return now is None or not is_up(now) or now.pid != before.pid


def _what_changed(before: Container, now: Seen) -> str:
    """Say what is not as it was before; nothing if all is."""
    if now is None:
        return f"{before.name} is no longer there"
    if before.name != now.name:
        return f"{before.name} is called {now.name} now"
    if before.state is not now.state:
        return f"{before.name} was {before.state} before and is {now.state} now"
    if _moments(before) != _moments(now):
        return f"{before.name} is {now.state}, but it was stopped in between"
    return ""


def _moments(container: Container) -> tuple[object, ...]:
    """Return what changes whenever a container is started or ends."""
    inspection = container.inspection
    if inspection is None:
        return ()
    return inspection.started_at, inspection.finished_at, inspection.pid
