"""An owner is made anew from another image, or everything is as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from docker.utils import version_lt

from nstui.demo.audit_log import MemoryAuditLog
from nstui.engine.compose import ComposeCli
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import StepFailed
from nstui.model.container import ContainerId, short_id
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Request
from nstui.model.step import Action, Verb
from nstui.procfs.host import ProcHost
from nstui.service.host import open_host
from tests.engine.attach import attached
from tests.engine.looking import namespace, wrong
from tests.support.busybox_image import image_archive, static_busybox
from tests.support.compose_project import (
    ComposeProject,
    available_forms,
    provide,
    require,
)
from tests.support.equality import differing, fields
from tests.support.sim_faults import Fault, FaultyEngine, Killed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.service.host import Host
    from tests.support.equality import Fields
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

APP = "app:1"
NAMES = ("own", "dep", "far", "spy")
SLEEP = 'CMD ["sleep", "1000"]'
FIRST = (
    SLEEP,
    "ENV VERSION=1",
    "LABEL version=1",
    "EXPOSE 70 71",
    "WORKDIR /root",
    'VOLUME ["/data", "/only-old"]',
)
SECOND = (
    'CMD ["sleep", "2000"]',
    "ENV VERSION=2 MORE=yes",
    "LABEL version=2",
    "EXPOSE 70 72",
    "WORKDIR /tmp",
    "USER 0",
    'VOLUME ["/data"]',
)
OF_THE_IMAGE = {
    "Config.Cmd",
    "Config.Env",
    "Config.Labels.version",
    "Config.User",
    "Config.WorkingDir",
    "Config.ExposedPorts.71/tcp",
    "Config.ExposedPorts.72/tcp",
    "Config.Volumes./only-old",
    "Image",
    "Args",
    "HostConfig.Binds",
    "Mounts[/only-old]",
}
"""What differs in the owner; an anonymous volume is said by its name then."""

ADDRESSES = ("IPAddress", "MacAddress", "IPAMConfig.IPv4Address", "Aliases")


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield an engine with an owner that has everything, and three on it."""
    tag(engine_host, *FIRST)
    engine_host.docker("network", "create", "--subnet=172.30.0.0/16", "one")
    # Older engines derive the address of the card from the fixed one.
    is_new = version_lt("1.43", engine_host.client.api_version)
    engine_host.docker(
        *("run", "-d", "--name=own", "--network=one", "--ip=172.30.0.77"),
        *(("--mac-address=02:42:ac:1e:00:99",) if is_new else ()),
        *("--network-alias=vpn", "-p=7070:70", "--stop-signal=KILL"),
        *("-e", "MINE=1", "--label=mine=1", "-v", "named:/named", "-v", "/asked"),
        *("--restart=unless-stopped", "--hostname=gate", "--cap-add=NET_ADMIN", APP),
    )
    engine_host.run("dep", "--network=container:own", "-v", "/kept")
    engine_host.run("far", "--network=container:dep", "-e", "FAR=1")
    engine_host.run("spy", "--pid=container:own", "--network=one")
    yield engine_host
    engine_host.remove_all()
    engine_host.docker("rmi", "--force", APP, check=False)


@pytest.fixture(autouse=True)
def _little_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.5)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.2)


def tag(engine: PrivateEngine, *changes: str) -> None:
    """Give the name to a new image."""
    made = engine.import_image(image_archive(static_busybox()), *changes)
    engine.docker("tag", made, APP)


def request(engine: PrivateEngine) -> Request:
    """Return the request to make the owner anew."""
    target = ContainerId(str(engine.inspect("own", "Id")))
    return Request(action=Action.RECREATE, targets=(target,), wait_s=2, timeout=1)


def all_fields(engine: PrivateEngine) -> dict[str, Fields]:
    """Return the inspect of each container."""
    return {name: fields(engine, name) for name in NAMES}


def addresses(found: Fields) -> Fields:
    """Return the addresses and ports of a container."""
    return {
        path: value
        for path, value in found.items()
        if path.startswith(("NetworkSettings.Networks.one.", "NetworkSettings.Ports"))
        and path.endswith((*ADDRESSES[:3], "HostPort", "70/tcp"))
    }


def require_together(engine: PrivateEngine, connection: Host) -> None:
    """Require that everything runs, and each where it belongs."""
    report = connection.observer.look_afresh()
    assert wrong(report) == set()
    assert {c.name for c in report.snapshot.containers} == set(NAMES)
    assert all(c.state.has_process for c in report.snapshot.containers)
    homes = {namespace(report, name) for name in ("own", "dep", "far")}
    assert len(homes) == 1
    pid = NamespaceKind.PID
    assert namespace(report, "spy", pid) == namespace(report, "own", pid)
    assert engine.docker("exec", "far", "ip", "addr").stdout.count("172.30.0.77") == 1


def require_before(
    engine: PrivateEngine, connection: Host, before: dict[str, Fields]
) -> None:
    """Require that there are the same containers, as they were."""
    require_together(engine, connection)
    after = all_fields(engine)
    for name in NAMES:
        assert after[name]["Id"] == before[name]["Id"]
        assert differing(before[name], after[name]) == set()
        assert addresses(after[name]).items() >= addresses(before["dep"]).items()
    assert addresses(after["own"]) == addresses(before["own"])


def fail(engine: PrivateEngine, connection: Host) -> str:
    """Make the owner anew, which fails; return why."""
    plan = connection.executor.plan(request(engine))
    with pytest.raises(StepFailed) as caught:
        connection.executor.carry_out(plan)
    (failure,) = caught.value.outcome.failed
    return failure.reason


def test_an_image_that_does_not_start(engine: PrivateEngine, connection: Host) -> None:
    before = all_fields(engine)
    tag(engine, 'CMD ["/not/there"]')
    reason = fail(engine, connection)
    assert "/not/there" in reason
    assert reason.endswith("; everything was put back")
    require_before(engine, connection, before)


def test_an_image_that_never_becomes_healthy(
    engine: PrivateEngine, connection: Host
) -> None:
    before = all_fields(engine)
    tag(engine, SLEEP, "HEALTHCHECK --interval=1s --retries=1 CMD false")
    reason = fail(engine, connection)
    assert reason == "own was not healthy within 2 s; everything was put back"
    require_before(engine, connection, before)


PAUSED = ("own", "far")


def states(engine: PrivateEngine) -> dict[str, object]:
    """Return the state of each container."""
    return {name: engine.inspect(name, "State", "Status") for name in NAMES}


@pytest.mark.parametrize("breaks", [False, True])
def test_what_is_paused_is_paused_again(
    engine: PrivateEngine, connection: Host, *, breaks: bool
) -> None:
    tag(engine, SLEEP, *(("HEALTHCHECK --interval=1s CMD false",) if breaks else ()))
    engine.docker("pause", *PAUSED)
    before, ids = states(engine), all_fields(engine)
    assert {name for name in NAMES if before[name] == "paused"} == set(PAUSED)
    if breaks:
        assert fail(engine, connection).endswith("; everything was put back")
    else:
        connection.executor.carry_out(connection.executor.plan(request(engine)))
    assert states(engine) == before
    assert (all_fields(engine)["far"]["Id"] == ids["far"]["Id"]) is breaks
    engine.docker("unpause", *PAUSED)
    require_together(engine, connection)


@pytest.mark.one_engine
def test_a_name_that_is_taken(engine: PrivateEngine, connection: Host) -> None:
    before = all_fields(engine)
    temporary = f"own-new-{short_id(ContainerId(str(before['own']['Id'])))}"
    engine.docker("create", "--name", temporary, APP)
    assert "already in use" in fail(engine, connection)
    # The name is nstui's own, so that it is what an earlier one has left.
    engine.docker("rm", "-f", temporary, check=False)
    require_before(engine, connection, before)


@pytest.mark.one_engine
def test_an_engine_and_a_program_that_end_in_between(engine: PrivateEngine) -> None:
    before = all_fields(engine)
    tag(engine, *SECOND)
    adapter = DockerEngine(Endpoint(engine.url, None))
    faulty, audit_log = FaultyEngine(adapter), MemoryAuditLog()
    connection = open_host(faulty, ProcHost(), audit_log, endpoint=engine.url)
    faulty.fail(8, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        connection.executor.carry_out(connection.executor.plan(request(engine)))
    audit_log.release_all()
    engine.kill_daemon()
    engine.start()

    again = open_host(adapter, ProcHost(), audit_log, endpoint=engine.url)
    codes = {code for _, code, _ in wrong(again.observer.look_afresh())}
    assert "interrupted" in codes
    heal = Request(action=Action.HEAL, targets=())
    again.executor.carry_out(again.executor.plan(heal))
    left = again.executor.plan(heal)
    if left.steps:
        # What the engine itself did not start again after its end.
        again.executor.carry_out(left)

    require_together(engine, again)
    assert {name: found["Id"] for name, found in all_fields(engine).items()} == {
        name: found["Id"] for name, found in before.items()
    }
    adapter.close()


def test_everything_is_as_before_but_what_the_image_says(
    engine: PrivateEngine, connection: Host
) -> None:
    engine.docker("exec", "own", "touch", "/data/a", "/asked/b", "/named/c")
    engine.docker("exec", "dep", "touch", "/kept/d")
    before = all_fields(engine)
    tag(engine, *SECOND)

    connection.executor.carry_out(connection.executor.plan(request(engine)))

    require_together(engine, connection)
    after = all_fields(engine)
    assert {after[name]["Id"] for name in NAMES}.isdisjoint(
        {before[name]["Id"] for name in NAMES}
    )
    changed = differing(before["own"], after["own"])
    ends = (".Mode", "/only-old].Name")
    changed = {c for c in changed if not c.startswith("Mounts[/only-old]")}
    assert {c for c in changed if not c.endswith(ends)} <= OF_THE_IMAGE
    assert addresses(after["own"]) == addresses(before["own"]) != {}
    assert after["own"]["Config.Cmd"] == ["sleep", "2000"]
    variables = after["own"]["Config.Env"]
    assert isinstance(variables, list)
    assert {"VERSION=2", "MORE=yes", "MINE=1"} <= set(variables)
    assert "VERSION=1" not in variables
    assert after["own"]["Config.Labels.mine"] == "1"
    assert after["own"]["Config.WorkingDir"] == "/tmp"  # noqa: S108 - in the image
    assert "Mounts[/only-old].Name" not in after["own"]
    for name in ("dep", "far", "spy"):
        joins = {"HostConfig.NetworkMode", "HostConfig.PidMode", "HostConfig.Binds"}
        changed = differing(before[name], after[name])
        assert {c for c in changed if not c.endswith(ends)} <= joins
    listed = engine.docker("exec", "own", "ls", "/data", "/asked", "/named").stdout
    assert {"a", "b", "c"} <= set(listed.split())
    assert engine.docker("exec", "dep", "ls", "/kept").stdout.split() == ["d"]


PROJECT = """
services:
  vpn:
    image: app:1
    environment: {MINE: "1"}
    volumes: ["data:/named"]
    stop_signal: SIGKILL
  web:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "service:vpn"
    depends_on: [vpn]
volumes:
  data: {}
"""
OF_COMPOSE = tuple(one for one in SECOND if "VOLUME" not in one)
"""Compose v1 finds no volumes of an image that was imported."""

SICK = "HEALTHCHECK --interval=1s --retries=1 CMD false"


@pytest.mark.parametrize("is_sick", [True, False])
def test_compose_makes_its_own_and_what_it_removed_comes_back(
    engine_host: PrivateEngine, tmp_path: Path, *, is_sick: bool
) -> None:
    form = available_forms()[-1]
    require(form)
    tag(engine_host, SLEEP, "ENV VERSION=1")
    folder = tmp_path / "project"
    folder.mkdir()
    project = ComposeProject(engine_host, form, provide(form, tmp_path), folder)
    project.write(PROJECT)
    project.up()
    vpn, web = project.container("vpn"), project.container("web")
    engine_host.docker("exec", vpn, "touch", "/named/a")
    old = engine_host.inspect(vpn, "Image")
    tag(engine_host, *OF_COMPOSE, *((SICK,) if is_sick else ()))
    compose = ComposeCli(Endpoint(engine_host.url, None), project.environ)
    with attached(engine_host.url, compose=compose) as connection:
        target = ContainerId(project.id("vpn"))
        asked = Request(action=Action.RECREATE, targets=(target,), wait_s=2, timeout=1)
        plan = connection.executor.plan(asked)
        verbs = [step.verb for step in plan.steps]
        assert verbs[:2] == [Verb.COMPOSE, Verb.WAIT], plan.recreations
        if is_sick:
            with pytest.raises(StepFailed, match="everything was put back"):
                connection.executor.carry_out(plan)
        else:
            connection.executor.carry_out(plan)
        report = connection.observer.look_afresh()
        assert wrong(report) == set()
        assert {c.name for c in report.snapshot.containers} == {vpn, web}
        assert namespace(report, vpn) == namespace(report, web)
    assert (engine_host.inspect(vpn, "Image") == old) is is_sick
    found = engine_host.docker("exec", vpn, "ls", "/named").stdout.split()
    assert found == ["a"]
    assert engine_host.inspect(vpn, "State", "Running") is True
    engine_host.remove_all()
    engine_host.docker("rmi", "--force", APP, check=False)
