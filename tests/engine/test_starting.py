"""Start, pause and unpause on a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import ActionImpossible
from nstui.model.step import Action
from tests.engine.looking import interfaces, namespace, of, wrong
from tests.engine.program import run_nstui
from tests.engine.test_every_action import plan

if TYPE_CHECKING:
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


def test_a_start_of_a_dependent_starts_its_owner_first(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.run("left", "--network=container:own")
    engine_host.docker("stop", "-t", "0", "dep", "own")
    done = run_nstui("-H", engine_host.url, "start", "dep")
    assert (done.returncode, done.stdout.split()) == (0, ["own", "dep"])
    assert done.stderr.splitlines() == [
        "dep needs own, which is not running and is started first",
        "left is running and will not be in the new network of own: heal it afterwards",
    ]
    report = connection.observer.look_afresh()
    assert namespace(report, "dep") == namespace(report, "own")
    assert interfaces(report, "dep") == ("lo", "eth0")
    assert wrong(report) == {("left", "stale-join", "error")}


def test_a_start_is_refused_where_the_owner_is_gone(
    engine_host: PrivateEngine, connection: Host
) -> None:
    own = engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("rm", "-f", "own")
    engine_host.docker("stop", "-t", "0", "dep")
    made = plan(connection, Action.START, "dep")
    (objection,) = made.objections
    assert objection.startswith(f"dep could not start: {own[:12]} no longer exists; ")
    assert "nstui heal" in objection
    with pytest.raises(ActionImpossible):
        connection.executor.carry_out(made)
    assert of(connection.observer.look_afresh(), "dep").state.value == "exited"


def test_pausing_an_owner_freezes_nobody_else(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    done = run_nstui("-H", engine_host.url, "pause", "own")
    assert (done.returncode, done.stdout) == (0, "own\n")
    assert done.stderr.startswith("own's dependent keeps running: dep; ")
    report = connection.observer.look_afresh()
    assert [of(report, n).state.value for n in ("own", "dep")] == ["paused", "running"]
    assert interfaces(report, "dep") == ("lo", "eth0")
    assert wrong(report) == set()
    assert engine_host.docker("exec", "dep", "true").returncode == 0
    assert run_nstui("-H", engine_host.url, "pause", "own").returncode == 0
    assert run_nstui("-H", engine_host.url, "start", "own").returncode == 1
    again = run_nstui("-H", engine_host.url, "unpause", "own")
    assert (again.returncode, again.stdout) == (0, "own\n")
    report = connection.observer.look_afresh()
    assert of(report, "own").state.value == "running"
