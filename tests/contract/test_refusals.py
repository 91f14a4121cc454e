"""What an engine refuses, and what it lets pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId
from tests.contract.look import look_at, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.ports import ContainerEngine
    from tests.contract.host import ContractHost

UNKNOWN = ContainerId("0" * 64)


@pytest.mark.parametrize(
    "act",
    [
        lambda engine, container: engine.stop(container, timeout=0),
        lambda engine, container: engine.restart(container, timeout=0),
        lambda engine, container: engine.kill(container),
        lambda engine, container: engine.remove(container),
        lambda engine, container: engine.remove(container, force=True),
    ],
    ids=["stop", "restart", "kill", "remove", "remove by force"],
)
def test_a_container_that_is_not_there(
    host: ContractHost, act: Callable[[ContainerEngine, ContainerId], None]
) -> None:
    with pytest.raises(ContainerVanished, match=f"No such container: {UNKNOWN}"):
        act(host.engine, UNKNOWN)


def test_removing_a_running_container_needs_force(host: ContractHost) -> None:
    container = run(host, Spec("own"))
    # What they call it and what they advise depends on the release.
    with pytest.raises(
        EngineRefused, match=rf"cannot remove .*({container}|own).* force remove"
    ) as refusal:
        host.engine.remove(container)
    assert not isinstance(refusal.value, ContainerVanished)
    assert look_at(host).is_running("own")
    host.engine.remove(container, force=True)
    assert look_at(host).containers == {}


def test_removing_a_paused_container_needs_force(host: ContractHost) -> None:
    container = run(host, Spec("own"))
    host.pause("own")
    with pytest.raises(EngineRefused, match=r"(?i)cannot remove .*paused.*unpause"):
        host.engine.remove(container)
    host.engine.remove(container, force=True)
    assert look_at(host).containers == {}


def test_what_does_not_run_is_removed_without_force(host: ContractHost) -> None:
    created = host.create(Spec("one"))
    stopped = run(host, Spec("two"))
    host.engine.stop(stopped, timeout=0)
    host.engine.remove(created)
    host.engine.remove(stopped)
    assert look_at(host).containers == {}


def test_stopping_what_does_not_run_does_nothing(host: ContractHost) -> None:
    container = host.create(Spec("own"))
    host.engine.stop(container, timeout=0)
    assert look_at(host).state("own") == "created/0"


def test_restarting_what_does_not_run_starts_it(host: ContractHost) -> None:
    container = host.create(Spec("own"))
    host.engine.restart(container, timeout=0)
    assert look_at(host).is_running("own")


def test_killing_what_does_not_run_is_refused(host: ContractHost) -> None:
    container = host.create(Spec("own"))
    with pytest.raises(EngineRefused, match=r"(?i)cannot kill .* is not running"):
        host.engine.kill(container)


def test_a_signal_that_does_not_kill(host: ContractHost) -> None:
    container = run(host, Spec("own"))
    host.engine.kill(container, signal="WINCH")
    assert look_at(host).is_running("own")


def test_a_signal_that_does_not_exist(host: ContractHost) -> None:
    container = run(host, Spec("own"))
    with pytest.raises(EngineRefused, match=r"(?i)invalid signal"):
        host.engine.kill(container, signal="NONSENSE")
    assert look_at(host).is_running("own")


def test_a_private_ipc_namespace_cannot_be_joined(host: ContractHost) -> None:
    run(host, Spec("own", ipc="private"))
    host.create(Spec("dep", ipc="container:own"))
    with pytest.raises(EngineRefused, match="non-shareable IPC"):
        host.start("dep")


@pytest.mark.parametrize(
    "spec",
    [
        Spec("dep", network="container:own"),
        Spec("dep", pid="container:own"),
        Spec("dep", ipc="container:own"),
    ],
    ids=["net", "pid", "ipc"],
)
def test_what_was_never_started_cannot_be_joined(
    host: ContractHost, spec: Spec
) -> None:
    host.create(Spec("own", ipc="shareable"))
    host.create(spec)
    with pytest.raises(EngineRefused, match=r"not running|non running"):
        host.start("dep")
    host.start("own")
    host.start("dep")
    assert look_at(host).is_running("dep")


def test_a_name_is_taken_once(host: ContractHost) -> None:
    first = host.create(Spec("own"))
    host.create(Spec("other"))
    with pytest.raises(EngineRefused, match=f"already in use by container.*{first}"):
        host.create(Spec("own"))
    with pytest.raises(EngineRefused, match=f"already in use by container.*{first}"):
        host.rename("other", "own")
