"""The loop of a standing watch: it looks, decides, heals and tells, until it is ended.

One thread owns the memory and calls the sinks. The watcher's threads, the signal
handlers and the threads that heal only put what they have into its inbox.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.report import Report
from nstui.analysis.text import printable
from nstui.analysis.watching.choices import watch_label_problems
from nstui.analysis.watching.deciding import HealResult
from nstui.analysis.watching.words import scope_text, started_text
from nstui.errors import InternalFault, NstuiError
from nstui.model.container import ContainerEvent
from nstui.model.frozen import dataclass
from nstui.model.watch import WatchEventKind, WatchStatus
from nstui.service.observer import now_utc
from nstui.service.watch_memory import Agenda, Role, WatchMemory
from nstui.service.watch_orders import OrderBegun, OrderEnded, OrderRunner, OrderTerms
from nstui.service.watch_telling import SinkNotifier, Troubles
from nstui.service.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from nstui.analysis.watching.decisions import WatchOptions
    from nstui.model.container import ContainerId
    from nstui.model.watch import WatchEvent
    from nstui.ports import ContainerEngine, WatchSink, WatchState
    from nstui.service.host import Host


TICK_S = 1.0
"""The longest wait for news, in seconds: requests of people are looked for as often."""

MOST_NEWS = 1000
"""How many news are taken before it is decided what follows from them."""

HEARTBEAT_S = 10.0
"""The longest time without an update of the sinks, in seconds."""


@dataclass(frozen=True, slots=True)
class WatchSetup:
    """What the watch is to do, and whom it tells."""

    options: WatchOptions
    sinks: tuple[WatchSink, ...]
    problems: tuple[str, ...] = ()
    """What of the options and the configuration makes no sense, as sentences."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of the watch itself failed, as a sentence."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Wake:
    """A signal has arrived, which is kept elsewhere."""


News = Report | NstuiError | ContainerEvent | OrderBegun | OrderEnded | Problem | Wake


def _protect_nothing(_: Report) -> frozenset[ContainerId]:
    return frozenset()


def _past_events_of(
    report: Report, engine: ContainerEngine
) -> tuple[ContainerEvent, ...]:
    """Return what the engine remembers of the ends of what does not run."""
    down = [c.id for c in report.snapshot.containers if not c.state.has_process]
    with suppress(NstuiError):
        # A proxy may allow lists but not events.
        return engine.past_events(down) if down else ()
    return ()


class StandingWatch:
    """Heals what has proof, until `stop` is called."""

    def __init__(  # noqa: PLR0913 - one for each collaborator
        self,
        host: Host,
        set_up: Callable[[Callable[[str], None]], WatchSetup],
        *,
        state: WatchState | None = None,
        interval: float | None = None,
        prepare: Callable[[], object] = lambda: None,
        protect: Callable[[Report], frozenset[ContainerId]] = _protect_nothing,
        wall: Callable[[], datetime] = now_utc,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Store what to watch; nothing is read yet.

        Args:
            host: The host.
            set_up: Returns what to do and whom to tell, now and when the configuration
                is to be read again; is given what takes a problem of a sink.
            state: Where the watch leaves what it does, and who acts; None if it acts
                on nothing.
            interval: Seconds between looks without an event; None for the usual.
            prepare: Called once in a thread, as soon as something may have to be
                healed soon: imports what that takes.
            protect: Returns the containers that the watch must not act on, since it
                runs in them.
            wall: Returns the time, in UTC.
            clock: Returns seconds that no change of the machine's clock moves.

        """
        self._host = host
        self._set_up = set_up
        self._prepare: Callable[[], object] | None = prepare
        self._protect = protect
        self._wall = wall
        self._clock = clock
        self._inbox: SimpleQueue[News] = SimpleQueue()
        self._setup = set_up(self._take_problem)
        self._watcher = Watcher(
            host.observer,
            host.engine,
            interval=interval,
            on_report=self._inbox.put,
            on_failure=self._inbox.put,
            on_event=self._inbox.put,
        )
        self._orders = OrderRunner(host.make_executor, self._inbox.put)
        self._troubles = Troubles(wall, clock)
        self._role = Role(state, self._troubles)
        self._memory = WatchMemory(wall, clock)
        self._report: Report | None = None
        self._labels: frozenset[str] = frozenset()
        """What is wrong with the labels of containers."""

        self._agenda = Agenda(clock)
        self._is_stopping = self._must_reload = False
        self._told_s = float("-inf")
        self._started_at = wall()
        self._notifier = SinkNotifier(self._setup.sinks, wall, self._take_problem)

    def stop(self) -> None:
        """End soon: a step under way is finished. May be called by a signal handler."""
        self._is_stopping = True
        self._inbox.put(Wake())

    def reload(self) -> None:
        """Read the configuration again. May be called by a signal handler."""
        self._must_reload = True
        self._inbox.put(Wake())

    @property
    def options(self) -> WatchOptions:
        """What the watch is to do, as things are now."""
        given = self._setup.options
        return replace(given, is_second=True) if self._role.is_second else given

    def run(self) -> None:
        """Watch until `stop` is called.

        Raises:
            NstuiError: the first look failed, so that there is nothing to watch.

        """
        first = self._host.observer.look()
        role = self._role.find()
        self._begin(first, role)
        self._watcher.start()
        try:
            while not self._is_stopping:
                self._go_on()
        finally:
            self._end()

    def _go_on(self) -> None:
        """Take what comes next; a mistake of nstui's own does not end the watch."""
        try:
            self._wait_for_news()
            self._tick()
        except Exception as error:  # noqa: BLE001 - it goes on, and says so
            self._notifier.tell(self._troubles.erred(InternalFault.of(error)))
        else:
            self._troubles.erred(None)

    def _begin(self, first: Report, role: Iterable[WatchEvent]) -> None:
        """Tell what is watched, and decide about what is there."""
        self._notifier.tell_one(
            WatchEventKind.STARTED, started_text(first, self.options)
        )
        self._notifier.tell(role)
        self._notifier.tell_problems(
            (*self._setup.problems, *scope_text(first, self.options))
        )
        self._memory.recall(_past_events_of(first, self._host.engine))
        self._take_report(first)
        self._decide()
        self._update()

    def _wait_for_news(self) -> None:
        """Take what has come, or wait until something has or is due."""
        with suppress(Empty):
            self._take(self._inbox.get(timeout=self._agenda.wait_s(TICK_S)))
            # A storm of events is one occasion to decide.
            for _ in range(MOST_NEWS):
                self._take(self._inbox.get_nowait())

    def _take(self, news: News) -> None:
        match news:
            case Report():
                self._take_report(news)
            case NstuiError():
                self._notifier.tell(self._troubles.failed(news))
            case ContainerEvent():
                self._memory.take_event(news)
            case OrderBegun():
                is_dry_run = self.options.is_dry_run
                told = self._memory.note_begun(news, is_dry_run=is_dry_run)
                self._notifier.tell(told)
            case OrderEnded():
                self._note_ended(news)
            case Problem():
                self._notifier.tell_problems((news.sentence,))
            case Wake():
                # What it is about is looked at with each tick.
                pass

    def _tick(self) -> None:
        """Do what is to be done now and then, and what is due."""
        if self._must_reload:
            self._reload()
        self._notifier.tell(self._troubles.clock_moved())
        self._notifier.tell(
            self._troubles.deaf(self._watcher.stream_problem, self._watcher.every_s)
        )
        was_second = self._role.is_second
        self._notifier.tell(self._role.find())
        resets = self._role.take_resets()
        self._memory.reset(resets)
        if resets or (was_second and not self._role.is_second):
            self._agenda.decide_now()
        if self._agenda.take_reading():
            self._watcher.refresh()
        # What was seen before the engine was lost may not be so any more.
        if self._agenda.must_decide and not self._troubles.is_lost:
            self._decide()
        if self._is_stopping:
            return
        if self._report is not None and self._orders.proceed(
            self._report, self._terms()
        ):
            # What was begun must not have to share the processor with what follows.
            return
        if self._notifier.has_news or self._clock() - self._told_s >= HEARTBEAT_S:
            self._update()

    def _take_report(self, report: Report) -> None:
        self._report = report
        self._agenda.decide_now()
        self._notifier.has_news = True
        self._notifier.tell(self._troubles.looked())
        labels = frozenset(watch_label_problems(report.snapshot.containers))
        self._notifier.tell_problems(map(printable, sorted(labels - self._labels)))
        self._labels = labels

    def _decide(self) -> None:
        """Decide what is to be done about the latest report, and begin to do it."""
        report = self._report
        self._agenda.begin_deciding()
        if report is None:
            return
        decision = self._memory.decide(
            report,
            self.options,
            acting=self._orders.keys,
            protected=self._protect(report),
        )
        self._notifier.has_news = True
        self._agenda.plan(decision)
        if decision.incidents or decision.orders:
            self._prepare_once()
        self._notifier.tell(decision.events)
        for order in decision.orders:
            self._orders.add(order)

    def _prepare_once(self) -> None:
        prepare, self._prepare = self._prepare, None
        if prepare is not None:
            threading.Thread(target=prepare, name="prepare", daemon=True).start()

    def _terms(self) -> OrderTerms:
        options = self.options
        # Without events, something may have changed since without being noticed.
        return OrderTerms(
            at_once=options.limits.parallel,
            is_dry_run=options.is_dry_run,
            afresh=not (self._agenda.is_fresh and self._watcher.is_connected),
        )

    def _note_ended(self, ended: OrderEnded) -> None:
        self._orders.end(ended.healing.key)
        if ended.problem or ended.healing.result is HealResult.HEALED:
            self._notifier.tell(self._troubles.recorded(ended.problem))
        is_dry_run = self.options.is_dry_run
        told = self._memory.note_outcome(ended.healing, is_dry_run=is_dry_run)
        self._notifier.tell(told)
        # The containers may have been left, or put, as they were: no event tells.
        self._watcher.refresh()

    def _reload(self) -> None:
        """Read the configuration again, and tell what applies now."""
        self._must_reload = False
        try:
            self._setup = self._set_up(self._take_problem)
        except NstuiError as error:
            self._notifier.tell_problems((f"{error}; the settings stay as they are",))
            return
        self._notifier.change_sinks(self._setup.sinks)
        said = scope_text(self._report, self.options) if self._report else ()
        self._notifier.tell_one(
            WatchEventKind.CONFIG_READ, "the configuration was read again"
        )
        self._notifier.tell_problems((*self._setup.problems, *said))
        self._agenda.decide_now()

    def _end(self) -> None:
        """Let what is under way be finished, tell that, and leave."""
        self._orders.stop_soon()
        while self._orders.is_busy:
            self._take(self._inbox.get())
        # It closes the connections to the engine, which steps under way need.
        self._watcher.stop()
        self._notifier.tell_one(WatchEventKind.STOPPED, "the watch has ended")
        self._update()
        self._notifier.close()
        self._role.leave()

    def _take_problem(self, sentence: str) -> None:
        """Take a problem of a sink; may be called from any thread."""
        self._inbox.put(Problem(sentence))

    def _update(self) -> None:
        """Tell the sinks and other programs what the watch is doing."""
        self._told_s = self._clock()
        status = self._status()
        self._notifier.update(status)
        self._notifier.tell(self._role.show(status))

    def _status(self) -> WatchStatus:
        report = self._report
        found = () if report is None else report.findings
        options = self.options
        return WatchStatus(
            pid=os.getpid(),
            endpoint=self._host.endpoint,
            started_at=self._started_at,
            written_at=self._wall(),
            looked_at=None if report is None else report.snapshot.taken_at,
            is_dry_run=options.is_dry_run,
            is_read_only=options.is_read_only,
            has_events=not self._watcher.stream_problem,
            problem=self._troubles.problem,
            findings=MappingProxyType(Counter(one.code.value for one in found)),
            incidents=self._memory.decision.incidents,
            circuits=self._memory.decision.circuits,
            last=self._notifier.last,
            healed=self._notifier.counts[WatchEventKind.HEALED],
            failed=self._notifier.counts[WatchEventKind.FAILED],
        )
