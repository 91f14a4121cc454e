"""Opens the sinks, and hands messages to notification services.

It needs none of the extras.
"""

from __future__ import annotations

import socket
import threading
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.analysis.watching.notices import next_message, take_event, take_status
from nstui.analysis.watching.outbox import DEFAULT_LIMITS, put_back
from nstui.analysis.watching.stories import NoticeState
from nstui.errors import InternalFault, UsageProblem
from nstui.telling.notification_process import NotificationProcess, check_urls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from nstui.analysis.watching.outbox import Message, NoticeLimits
    from nstui.model.watch import WatchEvent, WatchStatus
    from nstui.ports import WatchSink
    from nstui.telling.target import MetricsTarget

    class Sender(Protocol):
        """Sends messages somewhere."""

        name: str

        def send(self, message: Message, host: str = "") -> str:
            """Send a message; return why that failed, or nothing."""


FIRST_RETRY_S = 10.0
LONGEST_RETRY_S = 600.0
CLOSING_S = 0.4


class NotificationSink:
    """Implements `nstui.ports.WatchSink`: notifications, to each service by itself."""

    def __init__(
        self,
        services: Sequence[Sender],
        problem: Callable[[str], None],
        *,
        host: str = "",
        limits: NoticeLimits = DEFAULT_LIMITS,
        retry_s: float = FIRST_RETRY_S,
    ) -> None:
        """Begin to send.

        Args:
            services: Where to.
            problem: Is told in one sentence that a service fails, once until it has
                worked again; called from other threads.
            host: The name of the host, for the titles.
            limits: When notifications are sent, and how many.
            retry_s: After how many seconds a service that failed is tried again, first.

        """
        self._channels = [
            Channel(service, problem, host=host, limits=limits, retry_s=retry_s)
            for service in services
        ]

    def take(self, event: WatchEvent) -> None:
        """Take what was told."""
        for channel in self._channels:
            channel.take(event)

    def update(self, status: WatchStatus) -> None:
        """Take what the watch is doing."""
        for channel in self._channels:
            channel.update(status)

    def close(self) -> None:
        """Send what is still to be sent, as far as that is quick."""
        for channel in self._channels:
            channel.close_soon()
        until = time.monotonic() + CLOSING_S
        for channel in self._channels:
            channel.join(max(0.0, until - time.monotonic()))


class Channel:
    """One service with its own queue and thread: one that hangs delays no other."""

    def __init__(
        self,
        service: Sender,
        problem: Callable[[str], None],
        *,
        host: str,
        limits: NoticeLimits,
        retry_s: float,
    ) -> None:
        """Begin to send."""
        self._service = service
        self._problem = problem
        self._host = host
        self._limits = limits
        self._first_retry_s = self._retry_s = retry_s
        self._state = NoticeState()
        self._changed = threading.Condition()
        self._is_closing = False
        self._has_failed = False
        self._thread = threading.Thread(
            target=self._run, name=service.name, daemon=True
        )
        self._thread.start()

    def take(self, event: WatchEvent) -> None:
        """Take what was told; what is worth it will be sent."""
        with self._changed:
            now = time.monotonic()
            self._state = take_event(self._state, event, now, self._limits)
            self._changed.notify()

    def update(self, status: WatchStatus) -> None:
        """Take what the watch is doing."""
        with self._changed:
            self._state = take_status(self._state, status)

    def close_soon(self) -> None:
        """Send what is left without waiting for more, and end."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()

    def join(self, seconds: float) -> None:
        """Wait for the end, but not for longer than that."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            message = self._next()
            if message is None:
                return
            why = self._send(message)
            if not why:
                self._has_failed, self._retry_s = False, self._first_retry_s
                continue
            self._tell(f"{why}; it is tried again")
            with self._changed:
                outbox = put_back(self._state.outbox, message, self._limits)
                self._state = self._state.with_outbox(outbox)
                until = time.monotonic() + self._retry_s
                while not self._is_closing and time.monotonic() < until:
                    self._changed.wait(until - time.monotonic())
                if self._is_closing:
                    return
            self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)

    def _next(self) -> Message | None:
        """Wait for a message, and return it; None if no more will come."""
        with self._changed:
            while True:
                is_last = self._is_closing
                self._state, message, wait_s = next_message(
                    self._state, time.monotonic(), self._limits, is_last=is_last
                )
                if message is not None or is_last:
                    return message
                self._changed.wait(wait_s)

    def _send(self, message: Message) -> str:
        """Send a message; return why that failed, or nothing."""
        try:
            return self._service.send(message, self._host)
        except Exception as error:  # noqa: BLE001 - no exception ends a thread in silence
            return str(InternalFault.of(error))

    def _tell(self, sentence: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._problem(sentence)


def _is_installed(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except (ImportError, ValueError):
        return False


def need_metrics() -> None:
    """Check that metrics can be made.

    Raises:
        UsageProblem: the library for that is not installed.

    """
    if not _is_installed("prometheus_client"):
        raise UsageProblem(
            "metrics need prometheus_client: pip install 'nstui[metrics]'"
        )


def need_notify() -> None:
    """Check that notifications can be sent.

    Raises:
        UsageProblem: the library for that is not installed.

    """
    if not _is_installed("apprise"):
        raise UsageProblem("notifications need apprise: pip install 'nstui[notify]'")


def check_notifiers(urls: Sequence[str]) -> None:
    """Check the URLs of notification services; nothing is sent.

    Raises:
        UsageProblem: one makes no sense, or the library is not installed; no secret
            of the URL is in the sentence.

    """
    need_notify()
    for problem in check_urls(urls):
        if problem:
            raise UsageProblem(problem)


def open_notifier(
    urls: Sequence[str],
    problem: Callable[[str], None],
    *,
    host: str | None = None,
    is_strict: bool = True,
) -> WatchSink:
    """Return a sink that notifies people.

    Args:
        urls: The URLs of notification services, as apprise documents them.
        problem: Is told in one sentence that a service fails, once until it has worked
            again; called from other threads.
        host: The name of the host, for the titles; None for that of this machine.
        is_strict: Whether a URL that makes no sense is an error; otherwise it is told
            as a problem, and the others are used.

    Raises:
        UsageProblem: a URL makes no sense, or the library is not installed.

    """
    need_notify()
    processes = []
    problems = check_urls(urls)
    for number, (url, wrong) in enumerate(zip(urls, problems, strict=True), start=1):
        if wrong and is_strict:
            raise UsageProblem(wrong)
        if wrong:
            problem(f"{wrong}; it is left out")
        else:
            processes.append(NotificationProcess(url, number))
    name = socket.gethostname() if host is None else host
    return NotificationSink(processes, problem, host=printable(name))


def open_metrics(
    target: MetricsTarget,
    problem: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> WatchSink:
    """Return a sink that serves metrics, or writes them to a file.

    Args:
        target: Where, from `nstui.telling.target.parse_target`.
        problem: Is told in one sentence what does not work, once until it has worked
            again; called from other threads.
        clock: Returns seconds that only go forward.

    Raises:
        UsageProblem: the library is not installed.

    """
    need_metrics()
    from nstui.telling.metrics import Metrics  # noqa: PLC0415

    return Metrics(target, problem, clock)
