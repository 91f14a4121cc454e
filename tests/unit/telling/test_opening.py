"""Several services, some of which fail or hang, and a library that is not installed."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.outbox import NoticeLimits
from nstui.errors import UsageProblem
from nstui.model.watch import Hold, WatchEventKind
from nstui.telling import opening
from nstui.telling.opening import NotificationSink, check_notifiers, open_notifier
from tests.support.sinks import LONG_S, web_hook
from tests.support.told import FOUND, OVER, incident, told, watch_status

if TYPE_CHECKING:
    from nstui.analysis.watching.outbox import Message


WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"apprise", "prometheus_client"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from nstui.telling.opening import check_notifiers, open_metrics
from nstui.telling.target import parse_target
from nstui.errors import UsageProblem

try:
    ACTION
except UsageProblem as problem:
    print(problem)
"""


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (
            'check_notifiers(["json://127.0.0.1"])',
            "notifications need apprise: pip install 'nstui[notify]'",
        ),
        (
            'open_metrics(parse_target(":9090"), print)',
            "metrics need prometheus_client: pip install 'nstui[metrics]'",
        ),
    ],
)
def test_a_library_that_is_missing_is_named(action: str, sentence: str) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", WITHOUT.replace("ACTION", action)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == f"{sentence}\n"


AT_ONCE = NoticeLimits(gather_s=0.0)
LEFT = told(WatchEventKind.LEFT, hold=Hold.NO_PROOF)


class Receiver:
    """A service that does as the test wants."""

    def __init__(self, name: str = "receiver") -> None:
        self.name = name
        self.answers: SimpleQueue[str] = SimpleQueue()
        """What it answers, in order; then that all is well."""

        self.got: SimpleQueue[str] = SimpleQueue()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def send(self, message: Message, host: str = "") -> str:
        """Take a message."""
        self.got.put(f"{host}: {message.title}")
        self.may_go_on.wait(LONG_S)
        return "" if self.answers.empty() else self.answers.get()

    def next(self) -> str:
        """Wait for the next message."""
        return self.got.get(timeout=LONG_S)


def test_each_service_is_told() -> None:
    first, second = Receiver(), Receiver()
    sink = NotificationSink([first, second], print, host="nas", limits=AT_ONCE)
    sink.take(LEFT)
    for receiver in (first, second):
        assert receiver.next() == "nas: Needs you: vpn"
    sink.take(OVER)
    for receiver in (first, second):
        assert receiver.next() == "nas: Over: vpn"
    sink.close()


def test_a_service_that_fails_is_told_once_and_tried_again() -> None:
    receiver, problems = Receiver(), SimpleQueue[str]()
    for _ in range(3):
        receiver.answers.put("receiver failed: no route")
    sink = NotificationSink([receiver], problems.put, limits=AT_ONCE, retry_s=0.01)
    sink.take(LEFT)
    assert [receiver.next() for _ in range(4)] == [": Needs you: vpn"] * 4
    assert problems.get(timeout=LONG_S) == (
        "receiver failed: no route; it is tried again"
    )
    assert problems.empty()
    # It has worked: the next failure is news.
    receiver.answers.put("receiver failed: once more")
    sink.take(OVER)
    assert problems.get(timeout=LONG_S).startswith("receiver failed: once more")
    sink.close()


def test_the_wait_for_a_service_that_fails_doubles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "LONGEST_RETRY_S", 0.4)
    receiver = Receiver()
    for _ in range(5):
        receiver.answers.put("no")
    sink = NotificationSink([receiver], lambda _: None, limits=AT_ONCE, retry_s=0.1)
    sink.take(LEFT)
    receiver.next()
    begun = time.monotonic()
    for _ in range(5):
        receiver.next()
    # 0.1, 0.2, and three times no more than 0.4 seconds.
    assert time.monotonic() - begun >= 1.4
    sink.close()


def test_a_service_that_hangs_delays_neither_others_nor_the_end() -> None:
    slow, quick = Receiver(), Receiver()
    slow.may_go_on.clear()
    sink = NotificationSink([slow, quick], print, limits=AT_ONCE)
    sink.take(LEFT)
    slow.next()
    quick.next()
    sink.take(OVER)
    assert quick.next() == ": Over: vpn"
    begun = time.monotonic()
    sink.close()
    assert time.monotonic() - begun < LONG_S / 2
    slow.may_go_on.set()


def test_a_mistake_of_ours_is_told() -> None:
    receiver, problems = Receiver(), SimpleQueue[str]()
    monkey = receiver.answers
    receiver.answers = None  # type: ignore[assignment]  # so that it raises
    sink = NotificationSink([receiver], problems.put, limits=AT_ONCE, retry_s=0.01)
    sink.take(LEFT)
    assert "AttributeError" in problems.get(timeout=LONG_S)
    receiver.answers = monkey
    receiver.next()
    receiver.next()
    sink.close()


def test_what_waits_for_others_is_sent_at_the_end() -> None:
    receiver = Receiver()
    sink = NotificationSink([receiver], print, limits=NoticeLimits(gather_s=600.0))
    sink.take(LEFT)
    sink.close()
    assert receiver.next() == ": Needs you: vpn"


def test_what_fails_at_the_end_is_not_tried_again() -> None:
    receiver, problems = Receiver(), SimpleQueue[str]()
    receiver.answers.put("receiver failed: no")
    sink = NotificationSink([receiver], problems.put, limits=AT_ONCE)
    sink.take(LEFT)
    receiver.next()
    problems.get(timeout=LONG_S)
    sink.close()
    assert receiver.got.empty()


def test_a_notification_arrives_at_a_web_hook() -> None:
    problems: list[str] = []
    with web_hook() as hook:
        url = f"json://127.0.0.1:{hook.port}"
        check_notifiers([url])
        sink = open_notifier([url], problems.append, host="nas")
        sink.take(LEFT)
        assert hook.next()["title"] == "[nas] Needs you: vpn"
        sink.close()
    assert problems == []


def test_one_bad_url_among_several_is_named_by_its_place() -> None:
    with pytest.raises(UsageProblem, match=r"^notifier 2 \(nfty://…\) is of no kind"):
        check_notifiers(["json://127.0.0.1", "nfty://x"])


NO_URL = "is not a URL such as ntfy://HOST/TOPIC or mailto://…"


def test_a_bad_url_of_a_configuration_leaves_the_others() -> None:
    problems: list[str] = []
    with web_hook() as hook:
        urls = ["nonsense", f"json://127.0.0.1:{hook.port}"]
        sink = open_notifier(urls, problems.append, is_strict=False)
        assert problems == [f"notifier 1 {NO_URL}; it is left out"]
        sink.take(LEFT)
        assert hook.next()["title"] == f"[{socket.gethostname()}] Needs you: vpn"
        sink.close()


def test_what_another_watch_heals_is_not_told() -> None:
    receiver = Receiver()
    limits = NoticeLimits(gather_s=0.0, grace_s=0.2)
    sink = NotificationSink([receiver], print, limits=limits)
    sink.take(FOUND)
    sink.update(watch_status(incidents=(incident(Hold.OTHER_WATCH),)))
    sink.take(told(WatchEventKind.FOUND, key="b", subject="b"))
    assert receiver.next() == ": Still broken: b"
    sink.close()
    assert receiver.got.empty()
