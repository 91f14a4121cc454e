"""``nstui watch`` beside compose and updaters, which change the same containers."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from nstui.model.json import text
from nstui.model.namespace import NamespaceKind
from tests.engine.standing import await_well, watching
from tests.support.compose_project import (
    ComposeProject,
    Form,
    available_forms,
    provide,
    require,
    require_engine_for,
)
from tests.support.private_engine import IMAGE
from tests.support.updaters import (
    RealApi,
    Update,
    autoheal,
    compose,
    portainer,
    rolled_out,
    rollout,
    watchtower,
    wud,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engine.standing import Watch
    from tests.support.private_engine import PrivateEngine
    from tests.support.updaters import EngineApi

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

PAUSE_S = 0.3
"""How long an updater waits after each call, so that a watch could step in."""

SETTLE_S = 1.5
JOINED = {"dep": "own", "far": "dep"}
PROJECT = """
version: "3.9"
services:
  vpn:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    environment: {{ROUND: "{round}"}}
  web: &joined
    image: bb:1
    command: sleep 1000
    stop_grace_period: 1s
    network_mode: "service:vpn"
    depends_on: [vpn]
  dns: *joined
"""


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the traces of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


class PatientApi(RealApi):
    """Notes when each call has ended; pulls nothing."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.moments: list[float] = []
        super().__init__(engine, self._wait)

    def pull(self, image: str) -> None:
        """Do nothing: the image is there."""

    def _wait(self) -> None:
        self.moments.append(time.time())
        time.sleep(PAUSE_S)


def begun_at(watch: Watch) -> list[float]:
    """Return when the watch began to heal."""
    return [
        datetime.fromisoformat(text(event, "at")).timestamp()
        for event in watch.rest()
        if text(event, "event") == "healing"
    ]


def are_together(engine: PrivateEngine, kind: NamespaceKind, *names: str) -> bool:
    """Tell whether some containers are in the same namespace."""
    return len({engine.namespace_of(name, kind) for name in names}) == 1


LABELS = {"project": "project", "service": "own", "config-hash": "1" * 64}
"""What compose's labels say of the owner."""


def autoheal_twice(api: EngineApi, update: Update) -> None:
    """Restart an owner that is unhealthy again as soon as it runs."""
    autoheal(api, update)
    autoheal(api, update)


@pytest.mark.parametrize(
    ("update", "joined"),
    [
        (watchtower, JOINED),
        (watchtower, {}),
        (compose, JOINED),
        (portainer, {}),
        (wud, {}),
        (rollout, {}),
        (autoheal_twice, {}),
    ],
    ids=[
        "watchtower",
        "watchtower with the owner alone",
        "compose",
        "portainer",
        "wud",
        "docker-rollout",
        "autoheal",
    ],
)
def test_an_updater_is_waited_for(
    engine_host: PrivateEngine,
    update: Callable[[EngineApi, Update], None],
    joined: dict[str, str],
) -> None:
    labels = [f"--label=com.docker.compose.{key}={LABELS[key]}" for key in LABELS]
    engine_host.run("own", *(labels if update is rollout else ()))
    # What the engine starts again while its owner is restarted fails in too many ways.
    has_mon = update is not autoheal_twice
    if has_mon:
        engine_host.run("mon", "--pid=container:own", "--restart=unless-stopped")
    for name, owner in JOINED.items():
        engine_host.run(name, f"--network=container:{owner}", "--restart=always")
    api = PatientApi(engine_host)
    with watching(engine_host, settle_s=SETTLE_S) as watch:
        api.moments.append(time.time())
        update(api, Update(IMAGE, "own", joined))
        await_well(engine_host, watch)
        # Only on a machine with too much to do is the updater ever silent for so long,
        # and may end a long call while the watch is about to begin.
        for moment in begun_at(watch):
            before = [one for one in api.moments if one <= moment][-2:]
            silences = [moment - before[-1], before[-1] - before[0]]
            is_late = moment > api.moments[-1] or max(silences) >= SETTLE_S - PAUSE_S
            assert is_late, watch.rest()
        assert watch.end() == 0
    own = rolled_out("own") if update is rollout else "own"
    assert are_together(engine_host, NamespaceKind.NET, own, *JOINED)
    mons = ["mon"] if has_mon else []
    assert are_together(engine_host, NamespaceKind.PID, own, *mons)
    found = engine_host.docker("ps", "--all", "--format={{.Names}}").stdout.split()
    assert sorted(found) == ["dep", "far", *mons, own]


@pytest.fixture(params=available_forms(), ids=lambda form: form.value)
def project(
    request: pytest.FixtureRequest, engine_host: PrivateEngine, tmp_path: Path
) -> ComposeProject:
    """Start a project of an owner and two that take a second to end."""
    form = Form(request.param)
    require(form)
    require_engine_for(form, engine_host)
    folder = tmp_path / "project"
    folder.mkdir()
    project = ComposeProject(engine_host, form, provide(form, tmp_path), folder)
    project.write(PROJECT.format(round=1))
    project.up()
    return project


def test_compose_in_the_middle_of_a_heal(project: ComposeProject) -> None:
    engine = project.engine
    vpn, before = project.container("vpn"), project.id("vpn")
    with watching(engine) as watch:
        engine.docker("restart", vpn)
        watch.until("healing")
        # The dependents take their second to end, or have just been started.
        project.write(PROJECT.format(round=2))
        project.up()
        await_well(engine, watch)
        assert watch.end() == 0
    assert project.id("vpn") != before
    joined = [project.container(service) for service in ("web", "dns")]
    assert are_together(engine, NamespaceKind.NET, vpn, *joined)
    found = engine.docker("ps", "--all", "--format={{.Names}}").stdout.split()
    assert sorted(found) == sorted([vpn, *joined])
