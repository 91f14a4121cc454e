"""Opens what tells: the only module of this package that needs none of its extras."""

from __future__ import annotations

import socket
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.errors import UsageProblem
from nstui.telling.courier import Courier, check_urls
from nstui.telling.notifier import Notifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nstui.ports import WatchSink
    from nstui.telling.target import MetricsTarget


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
    couriers = []
    problems = check_urls(urls)
    for number, (url, wrong) in enumerate(zip(urls, problems, strict=True), start=1):
        if wrong and is_strict:
            raise UsageProblem(wrong)
        if wrong:
            problem(f"{wrong}; it is left out")
        else:
            couriers.append(Courier(url, number))
    name = socket.gethostname() if host is None else host
    return Notifier(couriers, problem, host=printable(name))


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
