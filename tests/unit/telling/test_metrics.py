"""The metrics of a watch, on a page and in a file, and what keeps them away."""

from __future__ import annotations

import re
import socket
import stat
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from nstui.model.watch import Hold, WatchEventKind
from nstui.telling import page
from nstui.telling.metrics import Metrics, write_readable
from nstui.telling.target import MetricsFile, PageAddress
from tests.support.sinks import LONG_S
from tests.support.told import (
    AT,
    FOUND,
    HEALED,
    circuit,
    incident,
    told,
    watch_status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANY_PORT = PageAddress(host="127.0.0.1", port=0)

MONITORING = Path(__file__).parents[3] / "docs" / "monitoring.md"

Samples = dict[str, float]


class Problems(SimpleQueue[str]):
    """What a sink has told of itself."""

    def next(self) -> str:
        """Wait for the next problem."""
        return self.get(timeout=LONG_S)

    def all(self) -> list[str]:
        """Return those that have been told by now."""
        found = []
        while True:
            try:
                found.append(self.get_nowait())
            except Empty:
                return found


@pytest.fixture
def problems() -> Problems:
    """Return where problems are told."""
    return Problems()


@pytest.fixture
def served(problems: Problems) -> Iterator[Metrics]:
    """Yield metrics on a page, whose clock stands still."""
    metrics = Metrics(ANY_PORT, problems.put, clock=lambda: 100.0)
    yield metrics
    metrics.close()
    assert problems.all() == []


def url_of(metrics: Metrics) -> str:
    where = metrics.wait(LONG_S)
    assert where is not None
    return f"http://{where}/metrics"


def fetch(url: str, accept: str = "text/plain") -> str:
    request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - of this test
    with urllib.request.urlopen(request, timeout=LONG_S) as answer:  # noqa: S310 - as above
        content = answer.read()
    assert isinstance(content, bytes)
    return content.decode()


def samples(text: str) -> Samples:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = "".join(f"{{{value}}}" for value in sample.labels.values())
            found[f"{sample.name}{labels}"] = sample.value
    return found


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_before_the_first_look_nothing_is_said_of_it(served: Metrics) -> None:
    found = samples(fetch(url_of(served)))
    assert "nstui_watch_heals_total{healed}" in found
    assert [name for name in found if name.startswith("nstui_findings")] == []
    assert "nstui_engine_up" not in found
    served.update(watch_status(looked_at=None))
    found = samples(fetch(url_of(served)))
    assert found["nstui_watch_events_connected"] == 1
    assert "nstui_engine_up" not in found
    assert [name for name in found if "held" in name or "look" in name] == []


def test_a_quiet_watch(served: Metrics) -> None:
    served.update(watch_status())
    found = samples(fetch(url_of(served)))
    assert found["nstui_engine_up"] == 1
    assert found["nstui_findings{stale-join}"] == 0
    assert found["nstui_incidents{error}"] == 0
    assert found["nstui_watch_held_incidents{no-proof}"] == 0
    assert found["nstui_watch_incidents_total{owner-restarted}"] == 0
    assert found["nstui_last_look_timestamp_seconds"] == AT.timestamp()
    assert found["nstui_watch_look_age_seconds"] == 0
    assert found["process_resident_memory_bytes"] > 0
    assert [name for name in found if "circuit_open" in name] == []


def test_what_is_broken(served: Metrics) -> None:
    served.update(
        watch_status(
            findings={"stale-join": 2, "a-new-code": 1},
            incidents=(incident(), incident(Hold.NO_PROOF), incident(Hold.NO_PROOF)),
            circuits=(circuit('a"b\\\x1b'),),
            has_events=False,
            is_dry_run=True,
        )
    )
    found = samples(fetch(url_of(served)))
    assert found["nstui_findings{stale-join}"] == 2
    assert found["nstui_findings{a-new-code}"] == 1
    assert found["nstui_incidents{error}"] == 3
    assert found["nstui_watch_held_incidents{no-proof}"] == 2
    assert found["nstui_watch_held_incidents{none}"] == 1
    assert found[r'nstui_watch_circuit_open{a"b\\x1b}'] == 1
    assert found["nstui_watch_events_connected"] == 0
    assert found["nstui_watch_dry_run"] == 1


def test_the_documentation_has_each_metric_and_no_other(served: Metrics) -> None:
    served.update(watch_status(circuits=(circuit(),)))
    text = fetch(url_of(served))
    present = {
        line.split()[2]
        for line in text.splitlines()
        if line.startswith("# TYPE nstui_")
    }
    rows = re.findall(
        r"^\| (`nstui_.+?) \| (?:gauge|counter|histogram) \|",
        MONITORING.read_text(),
        re.MULTILINE,
    )
    documented = {name for row in rows for name in re.findall(r"`(nstui_\w+)", row)}
    assert present == documented


def test_what_was_done(served: Metrics) -> None:
    for event in (FOUND, HEALED, FOUND, told(WatchEventKind.FAILED)):
        served.take(event)
    served.take(told(WatchEventKind.PROBLEM))
    found = samples(fetch(url_of(served)))
    assert found["nstui_watch_incidents_total{owner-restarted}"] == 2
    assert found["nstui_watch_heals_total{healed}"] == 1
    assert found["nstui_watch_heals_total{failed}"] == 1
    assert found["nstui_watch_problems_total"] == 1
    assert found["nstui_watch_time_to_heal_seconds_bucket{2.5}"] == 0
    assert found["nstui_watch_time_to_heal_seconds_bucket{5.0}"] == 1
    assert found["nstui_watch_time_to_heal_seconds_bucket{+Inf}"] == 1
    assert found["nstui_watch_time_to_heal_seconds_sum"] == 4


def test_an_engine_that_does_not_answer_leaves_what_was_seen_last(
    problems: Problems,
) -> None:
    clock = [100.0]
    metrics = Metrics(ANY_PORT, problems.put, clock=lambda: clock[0])
    metrics.update(watch_status(findings={"stale-join": 2}))
    clock[0] += 90
    metrics.update(watch_status(findings={"stale-join": 2}, problem="it is away"))
    found = samples(fetch(url_of(metrics)))
    assert found["nstui_engine_up"] == 0
    assert found["nstui_findings{stale-join}"] == 2
    assert found["nstui_watch_look_age_seconds"] == 90
    metrics.update(watch_status(looked_at=AT + timedelta(seconds=90)))
    assert samples(fetch(url_of(metrics)))["nstui_watch_look_age_seconds"] == 0
    metrics.close()


def test_openmetrics_is_spoken_and_other_pages_are_not_there(served: Metrics) -> None:
    url = url_of(served)
    text = fetch(url, "application/openmetrics-text;version=1.0.0")
    assert text.endswith("# EOF\n")
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        fetch(f"{url}/other")
    refused.value.close()


def test_nothing_is_registered_for_all() -> None:
    before = set(REGISTRY._names_to_collectors)  # noqa: SLF001 - there is no other way
    Metrics(ANY_PORT, print).close()
    assert set(REGISTRY._names_to_collectors) == before  # noqa: SLF001 - as above


def test_readers_that_say_nothing_keep_no_others_away_for_long(
    monkeypatch: pytest.MonkeyPatch, served: Metrics
) -> None:
    monkeypatch.setattr(page, "PATIENCE_S", 0.5)
    where = served.wait(LONG_S)
    assert where is not None
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection((where.host, where.port)))

        def answers() -> bool:
            try:
                return "nstui_build_info" in fetch(url_of(served))
            except OSError:
                return False

        until(answers)


MISTAKE = watch_status(findings={"stale-join": "two"})  # type: ignore[dict-item]  # so that it raises


def test_a_mistake_of_ours_is_told_and_the_page_goes_on(problems: Problems) -> None:
    metrics = Metrics(ANY_PORT, problems.put)
    metrics.update(MISTAKE)
    with pytest.raises(urllib.error.HTTPError, match="500") as refused:
        fetch(url_of(metrics))
    refused.value.close()
    assert "please report it" in problems.next()
    metrics.update(watch_status())
    assert "nstui_build_info" in fetch(url_of(metrics))
    metrics.close()


def test_an_address_that_is_taken_is_told_once_and_tried_again(
    problems: Problems,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        address = PageAddress(host="127.0.0.1", port=port)
        metrics = Metrics(address, problems.put, retry_s=0.05)
        assert problems.next() == (
            f"the metrics cannot be served at 127.0.0.1:{port}: "
            "Address already in use; it is tried again"
        )
        assert metrics.wait(0.3) is None
    assert metrics.wait(LONG_S) == address
    assert "nstui_build_info" in fetch(url_of(metrics))
    assert problems.all() == []
    metrics.close()


def test_a_page_that_waits_for_its_address_can_be_closed(problems: Problems) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        metrics = Metrics(PageAddress(host="127.0.0.1", port=port), problems.put)
        problems.next()
        metrics.close()
        assert metrics.wait(0) is None


def test_localhost_is_the_address_that_most_mean(problems: Problems) -> None:
    metrics = Metrics(PageAddress(host="localhost", port=0), problems.put)
    where = metrics.wait(LONG_S)
    assert where is not None
    assert where.host == "127.0.0.1"
    metrics.close()


def test_a_closed_page_leaves_its_address(served: Metrics) -> None:
    where = served.wait(LONG_S)
    assert where is not None
    served.close()
    with socket.create_server((where.host, where.port)):
        pass


def test_a_file_is_complete_readable_and_up_to_date(
    tmp_path: Path, problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.telling.metrics.LEAST_S", 0.0)
    path = tmp_path / "nstui.prom"
    metrics = Metrics(MetricsFile(path), problems.put, retry_s=0.05)
    metrics.update(watch_status(findings={"stale-join": 2}))
    until(lambda: path.exists() and "stale-join" in path.read_text())
    found = samples(path.read_text())
    assert found["nstui_findings{stale-join}"] == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    # These would stand still, or be taken for those of node_exporter itself.
    assert [name for name in found if "look_age" in name or "process" in name] == []
    metrics.update(watch_status(findings={}))
    metrics.close()
    assert samples(path.read_text())["nstui_findings{stale-join}"] == 0
    assert [each.name for each in tmp_path.iterdir()] == ["nstui.prom"]
    assert metrics.wait(0) is None
    assert problems.all() == []


def test_a_file_that_cannot_be_written_is_told_once_and_tried_again(
    tmp_path: Path, problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.telling.metrics.LEAST_S", 0.0)
    folder = tmp_path / "later"
    path = folder / "nstui.prom"
    metrics = Metrics(MetricsFile(path), problems.put, retry_s=0.05)
    metrics.take(FOUND)
    assert problems.next() == (
        f"the metrics cannot be written to {path}: No such file or directory; "
        "it is tried again"
    )
    metrics.take(FOUND)
    folder.mkdir()
    until(path.exists)
    assert problems.all() == []
    path.unlink()
    folder.rmdir()
    metrics.take(FOUND)
    assert "No such file" in problems.next()
    metrics.close()


def test_nothing_is_left_of_a_file_that_could_not_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "nstui.prom"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        write_readable(path, b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["nstui.prom"]


def test_a_mistake_of_ours_is_told_and_the_file_goes_on(
    tmp_path: Path, problems: Problems
) -> None:
    path = tmp_path / "nstui.prom"
    metrics = Metrics(MetricsFile(path), problems.put, retry_s=0.05)
    metrics.update(MISTAKE)
    assert "please report it" in problems.next()
    metrics.update(watch_status())
    until(path.exists)
    metrics.close()
