"""The adapter against a real engine: listing, and acting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint, resolve_endpoint
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    Unreachable,
)
from nstui.model.container import (
    Container,
    ContainerId,
    ContainerState,
    Health,
    Join,
    Link,
    PublishedPort,
)
from nstui.model.namespace import NamespaceKind
from tests.support.busy import answered, fastest
from tests.support.captured import ID
from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.ports import ContainerEngine
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield the adapter to an engine without containers."""
    engine = DockerEngine(resolve_endpoint(engine_host.url, None, {}))
    yield engine
    engine.close()


def by_name(engine: ContainerEngine) -> dict[str, Container]:
    """Return what the engine lists."""
    return {container.name: container for container in engine.containers()}


def state_of(engine: ContainerEngine, name: str) -> ContainerState:
    return by_name(engine)[name].state


def test_who_answers(engine_host: PrivateEngine, engine: DockerEngine) -> None:
    info = engine.info()

    assert info.name == "Docker"
    assert info.endpoint == engine_host.url
    assert info.context is None
    assert info.version == engine_host.client.version()["Version"]


def test_no_containers(engine: DockerEngine) -> None:
    assert engine.containers() == ()


def test_containers_of_all_kinds(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    owner = ContainerId(
        engine_host.run("owner", "--ipc=shareable", "-p", "127.0.0.1:8080:80")
    )
    share = [f"--{kind}=container:owner" for kind in ("net", "pid", "ipc")]
    engine_host.run("dependent", *share)
    engine_host.run("linked", "--link=owner:alias", "--volumes-from=owner:ro")
    engine_host.create("created", "--restart=on-failure")
    engine_host.run("exited", command=("false",))
    engine_host.docker("wait", "exited")

    found = by_name(engine)

    assert list(found) == ["created", "dependent", "exited", "linked", "owner"]
    assert found["owner"].id == owner
    assert found["owner"].pid == engine_host.pid_of("owner")
    assert found["owner"].ports == (PublishedPort(80, "tcp", "127.0.0.1", 8080),)
    assert found["owner"].networks == ("bridge",)
    assert found["dependent"].networks == ()
    assert found["dependent"].joins == tuple(
        Join(kind, owner)
        for kind in (NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC)
    )
    assert found["created"].state is ContainerState.CREATED
    assert found["exited"].state is ContainerState.EXITED
    for name, container in found.items():
        assert container.inspection is not None, name
        assert container.inspection_problem is None
    linked = found["linked"].inspection
    assert linked is not None
    assert linked.links == (Link("owner", "alias"),)
    assert linked.volumes_from == ("owner",)
    dependent = found["dependent"].inspection
    assert dependent is not None
    assert {file.belongs_to for file in dependent.shared_files} == {owner}
    exited = found["exited"].inspection
    assert exited is not None
    assert exited.exit_code == 1
    assert exited.pid is None


def test_names_that_begin_alike(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    ids = {name: engine_host.create(name) for name in ("web", "web-1", "web-1-data")}

    assert {name: one.id for name, one in by_name(engine).items()} == ids


def test_health(engine_host: PrivateEngine, engine: DockerEngine) -> None:
    check = ("--health-cmd", "test -e /ok", "--health-interval", "0.1s")
    engine_host.run("sick", *check, "--health-retries", "1")

    seen = _await_health(engine, Health.UNHEALTHY)
    engine_host.docker("exec", "sick", "touch", "/ok")
    seen += _await_health(engine, Health.HEALTHY)

    assert seen[-1] is Health.HEALTHY
    assert Health.UNHEALTHY in seen


def _await_health(engine: DockerEngine, wanted: Health) -> list[Health | None]:
    """Look until a container's health is known to be something, without `forget`."""
    seen: list[Health | None] = []
    deadline = time.monotonic() + 60
    while wanted not in seen and time.monotonic() < deadline:
        seen.append(by_name(engine)["sick"].health)
        time.sleep(0.1)
    return seen


def test_stop_and_restart(engine_host: PrivateEngine, engine: DockerEngine) -> None:
    container = ContainerId(engine_host.run("web"))
    first = engine_host.pid_of("web")

    engine.restart(container)
    assert engine_host.pid_of("web") != first
    engine.stop(container)
    assert state_of(engine, "web") is ContainerState.EXITED
    engine.stop(container, timeout=0)
    engine.restart(container, timeout=0)
    assert state_of(engine, "web") is ContainerState.RUNNING


@pytest.mark.parametrize("verb", ["stop", "restart"])
@pytest.mark.parametrize(("given", "own"), [(1, 30), (None, 1)])
def test_the_time_a_container_has_to_stop(
    engine_host: PrivateEngine,
    engine: DockerEngine,
    verb: str,
    given: int | None,
    own: int,
) -> None:
    """A time-out that is given holds, else the container's own."""
    stubborn = ("--stop-signal", "SIGTERM", "--stop-timeout", str(own))
    container = ContainerId(engine_host.run("web", *stubborn))
    action = engine.stop if verb == "stop" else engine.restart

    def attempt() -> float:
        engine_host.docker("start", "web")
        began = time.monotonic()
        action(container, given)
        return time.monotonic() - began

    assert 1 <= fastest(attempt, 8) < 8


def test_kill(engine_host: PrivateEngine, engine: DockerEngine) -> None:
    trap = "trap 'exit 7' USR1; echo ready; while true; do sleep 0.1; done"
    container = ContainerId(engine_host.run("web", command=("sh", "-c", trap)))
    wait_until(lambda: "ready" in engine_host.docker("logs", "web").stdout, 60)

    engine.kill(container, "USR1")
    assert engine_host.docker("wait", "web").stdout.strip() == "7"
    engine_host.docker("start", "web")
    engine.kill(container)
    assert engine_host.docker("wait", "web").stdout.strip() == "137"
    with pytest.raises(EngineRefused, match="is not running"):
        engine.kill(container)


@pytest.mark.parametrize(("volumes", "left"), [(True, 0), (False, 1)])
def test_remove(
    engine_host: PrivateEngine,
    engine: DockerEngine,
    volumes: bool,  # noqa: FBT001 - a column of the table
    left: int,
) -> None:
    container = ContainerId(engine_host.run("web", "-v", "/data"))

    with pytest.raises(EngineRefused, match="running"):
        engine.remove(container)
    assert state_of(engine, "web") is ContainerState.RUNNING
    engine.remove(container, force=True, volumes=volumes)

    assert engine.containers() == ()
    assert len(engine_host.docker("volume", "ls", "-q").stdout.split()) == left


@pytest.mark.parametrize(
    "action",
    [
        DockerEngine.stop,
        DockerEngine.restart,
        DockerEngine.kill,
        DockerEngine.remove,
        lambda engine, container: engine.stop(container, timeout=0),
        lambda engine, container: engine.remove(container, force=True),
    ],
)
def test_acting_on_who_is_gone(
    engine: DockerEngine, action: Callable[[DockerEngine, ContainerId], None]
) -> None:
    with pytest.raises(ContainerVanished, match=ID):
        action(engine, ContainerId(ID))


def test_restarting_an_orphan_is_refused_for_its_owner(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    owner = ContainerId(engine_host.run("owner"))
    dependent = ContainerId(engine_host.run("dependent", "--net=container:owner"))
    engine.remove(owner, force=True)

    with pytest.raises(EngineRefused, match=f"No such container: {owner}") as caught:
        engine.restart(dependent)

    assert not isinstance(caught.value, ContainerVanished)


def test_a_frozen_engine_is_given_up_in_time(engine_host: PrivateEngine) -> None:
    engine_host.run("web")
    engine = DockerEngine(Endpoint(engine_host.url, None), timeout=0.5)
    assert len(answered(engine.containers)) == 1

    def attempt() -> float:
        began = time.monotonic()
        with pytest.raises(EngineUnreachable, match="did not answer within") as caught:
            engine.containers()
        assert caught.value.reason is Unreachable.TIMED_OUT
        return time.monotonic() - began

    engine_host.pause_daemon()
    try:
        assert fastest(attempt, 1.5) < 1.5
    finally:
        engine_host.resume_daemon()

    assert len(answered(engine.containers)) == 1
    engine.close()


def test_an_engine_may_go_and_come_back(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    engine_host.create("web")
    assert len(engine.containers()) == 1
    engine_host.kill_daemon()
    with pytest.raises(EngineUnreachable) as caught:
        engine.containers()
    assert caught.value.reason is Unreachable.REFUSED

    engine_host.ensure_runs()

    assert len(engine.containers()) == 1


def test_closing_twice_is_no_harm(engine: DockerEngine) -> None:
    engine.info()
    engine.close()
    engine.close()
