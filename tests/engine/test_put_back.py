"""What is put back after a failure runs as before, and so does what ended with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import StepFailed
from nstui.model.namespace import NamespaceKind
from nstui.model.outcome import Aftermath
from nstui.model.plan import Layer, Policy, Request
from nstui.model.step import Action
from tests.engine.looking import namespace

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.outcome import Outcome
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

FIRST_RUN_ONLY = "[ -e /v/ran ] && exit 7; touch /v/ran; exec sleep 1000"
"""A program that ends whenever it is started again."""

ITS_OWN_FILES_ONLY = "sleep 1; [ -e /seed ] || exit 9; exec sleep 1000"
"""A program that ends in a new container, and runs in the old one."""


def heal(connection: Host) -> Outcome:
    """Heal everybody, which fails; return what has come of it."""
    request = Request(
        action=Action.HEAL,
        targets=(),
        policy=Policy.WITH_DEPENDENTS,
        layer=Layer.DROP,
        timeout=1,
    )
    with pytest.raises(StepFailed) as caught:
        connection.executor.carry_out(connection.executor.plan(request))
    return caught.value.outcome


def orphan(engine: PrivateEngine, connection: Host) -> None:
    """Make the owner anew."""
    connection.observer.look()
    engine.docker("rm", "-f", "own")
    engine.run("own")


def test_one_that_ends_once_it_was_put_back_is_said_to_be_down(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    words = ("sh", "-c", FIRST_RUN_ONLY)
    engine_host.run("dep", "-v", "/v", "--net=container:own", command=words)
    orphan(engine_host, connection)
    outcome = heal(connection)
    assert [failure.aftermath for failure in outcome.failed] == [Aftermath.CHANGED]
    assert outcome.failed[0].reason == (
        "the new dep ended with exit code 7;"
        " dep was started again, but it ended with exit code 7"
    )


@pytest.mark.parametrize("more", [(), ("--net=container:mid",)])
def test_who_ended_with_one_that_is_put_back_runs_again(
    engine_host: PrivateEngine,
    connection: Host,
    tmp_path: Path,
    more: tuple[str, ...],
) -> None:
    engine_host.run("own")
    words = ("sh", "-c", ITS_OWN_FILES_ONLY)
    mid = engine_host.create("mid", "--net=container:own", command=words)
    (tmp_path / "seed").touch()
    engine_host.docker("cp", str(tmp_path / "seed"), "mid:/seed")
    engine_host.docker("start", "mid")
    engine_host.run("leaf", "--pid=container:mid", *more)
    orphan(engine_host, connection)
    outcome = heal(connection)
    assert [failure.step.name for failure in outcome.failed] == ["mid"]
    assert outcome.failed[0].reason.endswith("mid was put back, and so was leaf")
    assert [(one.step.name, one.now) for one in outcome.left] == [("leaf", "")]
    assert engine_host.inspect("mid", "Id") == mid
    report, pid = connection.observer.look_afresh(), NamespaceKind.PID
    assert namespace(report, "leaf", pid) == namespace(report, "mid", pid)
