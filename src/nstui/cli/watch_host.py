"""The command ``nstui watch``."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from nstui.analysis.findings.ignoring import Reporting
from nstui.analysis.own import protected_containers
from nstui.analysis.preferences.watching import (
    NOTHING_SET,
    LogFormat,
    WatchSettings,
    watch_options,
)
from nstui.analysis.watching.durations import parse_duration
from nstui.analysis.watching.words import event_on_host
from nstui.cli.config import config_file, preferences, read_config
from nstui.cli.exits import ExitCode, complain
from nstui.cli.wiring import find_own_process, find_watch_state, wire
from nstui.errors import UsageProblem
from nstui.render.document import dump_line
from nstui.render.watch_log import watch_event_document, watch_line
from nstui.service.watch import StandingWatch, WatchSetup
from nstui.telling.systemd import find_systemd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from nstui.analysis.preferences.choices import Preferences
    from nstui.analysis.report import Report
    from nstui.cli.options import WatchFlags
    from nstui.cli.settings import Settings
    from nstui.model.container import ContainerId
    from nstui.model.host_options import HostOptions
    from nstui.model.own import OwnProcess
    from nstui.model.watch import WatchEvent, WatchStatus
    from nstui.ports import WatchSink
    from nstui.service.host import Host


LOG_LOST = "the log cannot be written any more, healing goes on"


def watch_host(settings: Settings, flags: WatchFlags) -> int:
    """Watch a host until a signal ends it; return the exit code.

    Raises:
        UsageProblem: an option makes no sense.
        NstuiError: the engine cannot be read at the start.

    """
    # Imported modules are never garbage, so the collector need not visit them.
    gc.freeze()
    gc.enable()
    preferred = preferences(settings, read_config())
    given = _given(flags)
    reporting = Reporting(rules=tuple(preferred.choices.ignore or ()))
    host = wire(settings, reporting, has_particulars=False)
    acts = not (flags["dry_run"] or settings.read_only or host.is_demo)
    setting_up = _SettingUp(settings, flags, given, host.options)
    watch = StandingWatch(
        host,
        setting_up,
        state=find_watch_state(host.endpoint) if acts else None,
        interval=preferred.choices.interval,
        prepare=partial(_prepare, host),
        protect=partial(_protected, find_own_process(settings)),
    )
    with _ending(watch) as ended_by:
        watch.run()
    interrupted = signal.SIGINT in ended_by
    return ExitCode.INTERRUPTED if interrupted else ExitCode.DONE


def _given(flags: WatchFlags) -> WatchSettings:
    """Return what the options set.

    Raises:
        UsageProblem: an option makes no sense.

    """
    settle_s = None
    if flags["settle"] is not None:
        try:
            settle_s = parse_duration(flags["settle"])
        except ValueError as problem:
            raise UsageProblem(f"--settle: {problem}") from problem
    if flags["as_json"] and flags["log_format"] == LogFormat.TEXT:
        raise UsageProblem("--json is the same as --log-format json: give one of them")
    if any(not word.strip() for word in flags["only"]):
        raise UsageProblem("--only needs the name of a container, or a label")
    if flags["metrics"] is not None and not flags["metrics"].strip():
        raise UsageProblem("--metrics needs an address, or a file that ends in .prom")
    log_format = LogFormat.JSON if flags["as_json"] else None
    if flags["log_format"] is not None:
        log_format = LogFormat(flags["log_format"])
    return WatchSettings(
        settle_s=settle_s,
        notify=flags["notify"] or None,
        metrics=flags["metrics"],
        log_format=log_format,
    )


def _protected(own: OwnProcess, report: Report) -> frozenset[ContainerId]:
    """Return the containers that the watch must not act on, since it runs in them."""
    return protected_containers(report.snapshot, report.graph, own)


def _prepare(host: Host) -> None:
    """Import what healing takes, so that it need not be waited for."""
    host.make_executor()
    if not host.is_demo:
        import nstui.engine.sdk  # noqa: F401, PLC0415


def _open_metrics(where: str, problem: Callable[[str], None]) -> WatchSink:
    from nstui.telling.opening import open_metrics  # noqa: PLC0415
    from nstui.telling.target import parse_target  # noqa: PLC0415

    return open_metrics(parse_target(where), problem)


class _SettingUp:
    """Reads what the watch is to do: at the start, and whenever it is asked to."""

    def __init__(
        self,
        settings: Settings,
        flags: WatchFlags,
        given: WatchSettings,
        named: HostOptions,
    ) -> None:
        """Store the options; the sinks that they name are opened at the first call.

        Those in `named` select the host.
        """
        self._named = named
        self._settings = settings
        self._flags = flags
        self._given = given
        self._sinks: dict[tuple[object, ...], WatchSink] = {}

    def __call__(self, problem: Callable[[str], None]) -> WatchSetup:
        """Return what applies now.

        Args:
            problem: Takes what a sink has to tell of itself.

        Raises:
            UsageProblem: an option makes no sense.

        """
        preferred = preferences(self._settings, read_config())
        chosen = _combined(self._given, preferred)
        options = replace(
            watch_options(chosen, self._flags["only"]),
            is_dry_run=self._flags["dry_run"],
            is_read_only=self._settings.read_only,
        )
        problems = list(preferred.problems)
        sinks = self._open(chosen, problem, problems)
        return WatchSetup(options, sinks, tuple(problems))

    def _open(
        self,
        chosen: WatchSettings,
        problem: Callable[[str], None],
        problems: list[str],
    ) -> tuple[WatchSink, ...]:
        """Return the sinks; one that has stayed the same is not opened again."""
        log_format = chosen.log_format or LogFormat.TEXT
        wanted: dict[tuple[object, ...], Callable[[], WatchSink | None]] = {
            ("log", log_format): partial(self._open_log, log_format),
        }
        wanted["systemd",] = partial(find_systemd, os.environ, problem)
        if chosen.notify:
            wanted["notify", chosen.notify] = partial(
                self._open_notifier,
                chosen.notify,
                problem,
                is_strict=bool(self._given.notify),
            )
        if chosen.metrics:
            wanted["metrics", chosen.metrics] = partial(
                _open_metrics, chosen.metrics, problem
            )
        sinks: dict[tuple[object, ...], WatchSink] = {}
        for key, open_sink in wanted.items():
            try:
                sink = self._sinks.get(key) or open_sink()
            except UsageProblem as error:
                kind = str(key[0])
                if getattr(self._given, kind, None):
                    raise UsageProblem(f"--{kind}: {error}") from error
                problems.append(f"{config_file()}: watch.{kind}: {error}")
                continue
            if sink is not None:
                sinks[key] = sink
        self._sinks = sinks
        return tuple(sinks.values())

    def _open_log(self, log_format: LogFormat) -> WatchSink:
        log = LogSink(log_format)
        is_read = log_format is LogFormat.TEXT and self._named.words
        return SinkForPeople(log, self._named) if is_read else log

    def _open_notifier(
        self, urls: tuple[str, ...], problem: Callable[[str], None], *, is_strict: bool
    ) -> WatchSink:
        from nstui.telling.opening import open_notifier  # noqa: PLC0415

        notifier = open_notifier(urls, problem, is_strict=is_strict)
        return SinkForPeople(notifier, self._named) if self._named.words else notifier


def _combined(given: WatchSettings, preferred: Preferences) -> WatchSettings:
    """Return the options and, where they set nothing, the configuration."""
    chosen = preferred.choices.watch or NOTHING_SET
    return replace(
        chosen,
        settle_s=chosen.settle_s if given.settle_s is None else given.settle_s,
        notify=given.notify or chosen.notify,
        metrics=given.metrics or chosen.metrics,
        log_format=given.log_format or chosen.log_format,
    )


class SinkForPeople:
    """Implements `nstui.ports.WatchSink` by one whose events people read.

    They have the commands for the host that was named.
    """

    def __init__(self, sink: WatchSink, options: HostOptions) -> None:
        """Take what the events go to, and the options that select the host."""
        self._sink = sink
        self._options = options

    def take(self, event: WatchEvent) -> None:
        """Tell what has happened."""
        self._sink.take(event_on_host(event, self._options))

    def update(self, status: WatchStatus) -> None:
        """Tell what the watch is doing."""
        self._sink.update(status)

    def close(self) -> None:
        """Close what the events go to."""
        self._sink.close()


class LogSink:
    """Implements `nstui.ports.WatchSink` on stdout."""

    def __init__(self, log_format: LogFormat) -> None:
        """Take the form of the lines."""
        self._format = log_format
        self._is_lost = False

    def take(self, event: WatchEvent) -> None:
        """Print an event."""
        is_json = self._format is LogFormat.JSON
        line = dump_line(watch_event_document(event)) if is_json else watch_line(event)
        try:
            # echo flushes, so that a waiting reader gets each line at once.
            click.echo(line)
        except OSError as error:
            if not self._is_lost:
                complain(f"{LOG_LOST}: {error.strerror}")
            self._is_lost = True
        else:
            self._is_lost = False

    def update(self, status: WatchStatus) -> None:
        """Do nothing: the log tells what happens, not what is."""

    def close(self) -> None:
        """Do nothing: every line is written."""


@contextmanager
def _ending(watch: StandingWatch) -> Iterator[list[signal.Signals]]:
    """End the watch in order on a first signal; yield the signals that have arrived.

    A second ctrl+c ends the program at once; SIGTERM may be sent several times, as
    timeout(1) does. A signal that is ignored, as after nohup(1), stays ignored.

    Raises:
        KeyboardInterrupt: a second ctrl+c arrived.

    """
    ended_by: list[signal.Signals] = []

    def end(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in ended_by:
            raise KeyboardInterrupt
        ended_by.append(signal.Signals(number))
        watch.stop()

    def read_again(_number: int, _frame: FrameType | None) -> None:
        watch.reload()

    handlers: dict[signal.Signals, Callable[[int, FrameType | None], None]] = {
        signal.SIGINT: end,
        signal.SIGTERM: end,
        signal.SIGHUP: read_again,
    }
    before = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield ended_by
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
