"""Several hosts, with a real engine on each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import HASTY, run_nstui
from tests.support.private_engine import PrivateEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]


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
