"""Several hosts, with a real engine on each."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest

from nstui.cli.running import AtEnd
from nstui.cli.settings import Settings
from nstui.cli.wiring import wire
from nstui.service import watcher
from nstui.service.host_choice import HostChoice
from nstui.service.hosts import ListedHost
from tests.engine.program import HASTY, run_nstui
from tests.support.guard_program import wait_until
from tests.support.private_engine import PrivateEngine
from tests.support.servers import Relay, UnixServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

LIST = "/containers/json?"


def is_at_rest(relay: Relay) -> bool:
    """Tell whether nothing but lists was asked for lately."""
    latest = tuple(relay.requests)[-5:]
    return len(latest) == 5 and all(LIST in one for one in latest)


@pytest.fixture
def second(engine_host: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield another engine, on a machine where one can be started."""
    assert engine_host.is_running
    engine = PrivateEngine()
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()


def test_what_is_printed_of_one_of_two_hosts_heals_it(
    engine_host: PrivateEngine, second: PrivateEngine
) -> None:
    for engine in (engine_host, second):
        engine.run("own")
        engine.run("dep", "--network=container:own")
    second.docker("restart", "own")
    hosts = ("-H", engine_host.url, "-H", second.url)

    found = run_nstui(*hosts, "check")

    assert (found.returncode, found.stderr) == (1, "")
    assert "stale-join" in found.stdout
    remedy = f"nstui -H {second.url} heal own"
    assert remedy in map(str.strip, found.stdout.splitlines())
    levels = [
        one["namespaces_read"]
        for one in json.loads(run_nstui(*hosts, "check", "--json").stdout)
    ]
    assert levels == ["inode", "inode"]
    healed = run_nstui(*remedy.split()[1:], "--yes", program=HASTY)
    assert healed.returncode == 0, healed.stderr
    assert run_nstui(*hosts, "check").returncode == 0


def test_at_rest_a_host_that_is_not_open_costs_a_stream_and_a_list_each_time(
    engine_host: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watcher.CONNECTED_INTERVAL_S == 30.0
    monkeypatch.setattr(watcher, "CONNECTED_INTERVAL_S", 0.1)
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    relay = Relay(engine_host.socket)
    with UnixServer(tmp_path / "d.sock", relay) as server, ExitStack() as at_end:
        to_close = AtEnd(at_end.callback)
        connect = partial(wire, Settings(host=server.url), at_end=to_close)
        listed = ListedHost(HostChoice("nas", connect), lambda: None)
        at_end.callback(listed.stop)
        listed.start()
        # What is asked once is over then.
        wait_until(
            lambda: (
                relay.count("/events?")
                and listed.watcher is not None
                and listed.watcher.is_connected
                and is_at_rest(relay)
            ),
            60,
        )
        streams = relay.count("/events?")
        relay.requests.clear()
        wait_until(lambda: relay.count(LIST) >= 5, 60)

        assert streams == 1
        # More of them come meanwhile.
        assert not [one for one in tuple(relay.requests) if LIST not in one]
        assert listed.watcher is not None
        assert listed.watcher.is_connected
        assert (listed.summary.containers, listed.summary.running) == (2, 2)
