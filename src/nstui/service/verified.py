"""Requests changes from the engine, and checks that they have happened."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

from nstui.analysis.findings.networks import LOOPBACK
from nstui.analysis.guarding.requests import Change
from nstui.analysis.plans.order import is_up
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    HalfDone,
    NstuiError,
)
from nstui.model.container import ContainerState, is_id
from nstui.service.several import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.ports import ContainerEngine, Tickets
    from nstui.service.observer import Observer

    Seen = Container | None


MAX_IMAGES = 8
"""The largest number of images to try for a placeholder."""

SETTLING_S = 3.0
"""Seconds until a change has to be visible after the engine's answer, which may be an
error although the engine continues."""

PAUSE_S = 0.1
"""Seconds between two looks while waiting."""


class NoTickets:
    """Implements `nstui.ports.Tickets` where no guard of an engine can be told."""

    def issue(self, container: ContainerId, name: str, change: Change) -> None:
        """Do nothing."""


@contextmanager
def placeholders_for(
    engine: ContainerEngine, graph: Graph, old: Container, tickets: Tickets
) -> Iterator[None]:
    """Run a placeholder for each container that `old` joined and that is gone.

    Within the context, `old` can be started: the engine looks up a join by id or name,
    and the placeholder has the id of the missing container as its name.

    Args:
        engine: The engine.
        graph: The dependencies, and the images in use.
        old: The container to be started.
        tickets: Tells the guard that the placeholder is removed again.

    """
    gone = [
        join.reference
        for join in old.joins
        if is_id(join.reference) and graph.resolve(join.reference) is None
    ]
    with ExitStack() as places:
        for reference in dict.fromkeys(gone):
            places.enter_context(_placeholder(engine, graph, old, reference, tickets))
        yield


@contextmanager
def _placeholder(
    engine: ContainerEngine, graph: Graph, old: Container, name: str, tickets: Tickets
) -> Iterator[None]:
    """Run a placeholder with a name, and remove it at the end of the context."""
    place = _start_placeholder(engine, graph, old, name)
    try:
        yield
    finally:
        # `old` is in its network, and loses what it would not have had without it.
        tickets.issue(place, name, Change.RM)
        with suppress(NstuiError):
            engine.remove(place, force=True)


def _start_placeholder(
    engine: ContainerEngine, graph: Graph, old: Container, name: str
) -> ContainerId:
    """Start a placeholder with a name, from the first image that has ``sleep``."""
    problem: NstuiError | None = None
    for image in islice(_images_in_use(graph, old), MAX_IMAGES):
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


def _images_in_use(graph: Graph, old: Container) -> Iterator[str]:
    """Yield the images in use, beginning with that of `old`, each once."""
    yield from dict.fromkeys((old.image, *(c.image for c in graph.containers.values())))


class VerifiedEngine:
    """Requests changes from an engine, and checks their effects by looking.

    The engine's answer is not relied on: a change that is seen has succeeded, even if
    the answer was an error; a change that is not seen has failed, even if the answer
    was a success.

    Raises:
        ContainerVanished: the container no longer exists.
        EngineRefused: the change failed, and the container is as before.
        HalfDone: the change failed; the message says what the situation is now.
        EngineUnreachable: the effect of the request is unknown, or it was not sent.

    """

    def __init__(
        self,
        engine: ContainerEngine,
        observer: Observer,
        tickets: Tickets | None = None,
    ) -> None:
        """Store the collaborators.

        Args:
            engine: The engine to act on.
            observer: Looks at the host.
            tickets: Tells the engine's guard what is asked for; None if it has none.

        """
        self._engine = engine
        self._observer = observer
        self.look = Shared(observer.look)
        """Returns a new report, one for all threads that ask at the same time."""
        self._tickets = tickets or NoTickets()

    def announce(self, container: Container, *changes: Change) -> None:
        """Tell the engine's guard what a confirmed plan asks for next, each once."""
        for change in changes:
            self._tickets.issue(container.id, container.name, change)

    def see(self, container: ContainerId) -> Container | None:
        """Return a container from a new look; None if it does not exist."""
        self._observer.forget((container,))
        return self.look().graph.containers.get(container)

    def start(self, before: Container) -> Seen:
        """Start a container; return it once it is seen to run or to have run."""
        return self._change(
            before,
            "started",
            lambda: self._engine.start(before.id),
            lambda now: now is not None and _has_started(before, now),
        )

    def start_orphan(self, before: Container, graph: Graph) -> None:
        """Start a container that may have joined a missing one."""
        with placeholders_for(self._engine, graph, before, self._tickets):
            self.start(before)

    def stop(
        self, before: Container, timeout: int | None = None, signal: str | None = None
    ) -> Seen:
        """Stop a container; return it once it is seen stopped; None if it is gone."""
        self.announce(before, Change.STOP)
        return self._change(
            before,
            "stopped",
            lambda: self._engine.stop(before.id, timeout, signal),
            lambda now: now is None or not is_up(now),
        )

    def restart(
        self, before: Container, timeout: int | None = None, signal: str | None = None
    ) -> Seen:
        """Restart a container; return it once its new start is seen."""
        self.announce(before, Change.RESTART)
        return self._change(
            before,
            "restarted",
            lambda: self._engine.restart(before.id, timeout, signal),
            lambda now: now is not None and _has_started(before, now),
        )

    def pause(self, before: Container) -> Seen:
        """Pause a container; return it once it is seen paused."""
        return self._change(
            before,
            "paused",
            lambda: self._engine.pause(before.id),
            lambda now: now is not None and now.state is ContainerState.PAUSED,
        )

    def unpause(self, before: Container) -> Seen:
        """Unpause a container; return it once it is seen to run."""
        return self._change(
            before,
            "unpaused",
            lambda: self._engine.unpause(before.id),
            lambda now: now is not None and now.state is ContainerState.RUNNING,
        )

    def connect(
        self, before: Container, network: str, aliases: Iterable[str] = ()
    ) -> None:
        """Attach a container to a network; return once that is seen."""
        self._change(
            before,
            f"connected to {network}",
            lambda: self._engine.connect(before.id, network, aliases),
            # Any network will do: the container had none, and `network` may be an id.
            lambda now: now is not None and bool(now.networks),
        )
        interfaces = self.look().snapshot.interfaces(before.id)
        if interfaces is not None and set(interfaces) <= {LOOPBACK}:
            raise HalfDone(
                f"{before.name} is attached to {network} now, and still has no network"
                f" interface but {LOOPBACK}"
            )

    def kill(self, before: Container, signal: str | None = None) -> Seen:
        """Send a signal, ``KILL`` by default; return the container as then seen.

        The end of the container is waited for after ``KILL`` only, since a container
        may handle any other signal as it likes.
        """
        self.announce(before, Change.KILL)
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
        """Remove a container; return once it is seen to be gone."""
        self.announce(before, Change.RM)
        self._change(
            before,
            "removed",
            lambda: self._engine.remove(before.id, force=force, volumes=volumes),
            lambda now: now is None,
        )

    def rename(self, before: Container, name: str) -> None:
        """Rename a container; return once it is seen to have the name."""
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
        """Request a change; return the container once the effect is seen.

        Args:
            before: The container as last seen.
            done: A participle for a success, such as ``stopped``.
            ask: Sends the request to the engine.
            is_done: Tells whether a container is as requested. None means that this
                cannot be seen, so that the engine's answer decides.

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
        """Look until a change is done or the time is up; return the container."""
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
    """Tell whether a container has been started since `before` was read."""
    if before.inspection is None or now.inspection is None:
        return now.state.has_process
    if before.inspection.started_at != now.inspection.started_at:
        # A container with a program that ends at once has run nevertheless.
        return not now.inspection.start_error
    return now.state.has_process and not before.state.has_process


def _has_ended(before: Container, now: Seen) -> bool:
    """Tell whether the process that a container had before has ended."""
    return now is None or not is_up(now) or now.pid != before.pid


def _what_changed(before: Container, now: Seen) -> str:
    """Return what has changed since `before` was read; empty if nothing has."""
    if now is None:
        return f"{before.name} is no longer there"
    if before.name != now.name:
        return f"{before.name} is called {now.name} now"
    if before.state is not now.state:
        return f"{before.name} was {before.state} before and is {now.state} now"
    if _start_and_end(before) != _start_and_end(now):
        return f"{before.name} is {now.state}, but it was stopped in between"
    return ""


def _start_and_end(container: Container) -> tuple[object, ...]:
    """Return a value that changes whenever a container starts or ends."""
    inspection = container.inspection
    if inspection is None:
        return ()
    return inspection.started_at, inspection.finished_at, inspection.pid
