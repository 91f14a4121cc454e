"""What a container is doing, in the engine's words and in the kernel's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import EngineRefused
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from tests.contract.look import await_look, look_at, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import Inspection
    from tests.contract.host import ContractHost

KILLED = {"exited/137", "exited/255"}
"""What is seen of one that was killed with its owner: an engine that is busy may not
know how it ended."""


def inspect(host: ContractHost, name: str) -> Inspection:
    inspection = look_at(host).containers[name].inspection
    assert inspection is not None
    return inspection


def paused(host: ContractHost) -> None:
    """Freeze the container."""
    host.engine.pause(look_at(host).containers["own"].id)


def stop(host: ContractHost) -> None:
    """Stop the container."""
    host.engine.stop(look_at(host).containers["own"].id, timeout=0)


def kill_paused(host: ContractHost) -> None:
    """Freeze the container and kill it."""
    host.pause("own")
    host.engine.kill(look_at(host).containers["own"].id)


def unpaused(host: ContractHost) -> None:
    """Freeze the container for a moment."""
    paused(host)
    host.engine.unpause(look_at(host).containers["own"].id)


@pytest.mark.parametrize(
    ("act", "state", "status"),
    [
        (paused, ContainerState.PAUSED, "Up .* (Paused)"),
        (stop, ContainerState.EXITED, "Exited (137) .* ago"),
        (kill_paused, ContainerState.EXITED, "Exited (137) .* ago"),
        (unpaused, ContainerState.RUNNING, "Up .*"),
    ],
    ids=["paused", "stopped", "killed while paused", "unpaused"],
)
def test_state_and_status(
    host: ContractHost,
    act: Callable[[ContractHost], None],
    state: ContainerState,
    status: str,
) -> None:
    run(host, Spec("own"))
    act(host)
    await_look(host, lambda look: look.containers["own"].state is state)
    container = look_at(host).containers["own"]
    assert container.state is state
    start, _, end = status.partition(".*")
    assert container.status.startswith(start)
    assert container.status.endswith(end)


def test_never_started(host: ContractHost) -> None:
    host.create(Spec("own"))
    container = look_at(host).containers["own"]
    assert (container.state, container.status) == (ContainerState.CREATED, "Created")
    inspection = inspect(host, "own")
    assert inspection.pid is None
    assert inspection.started_at is None
    assert inspection.finished_at is None
    assert inspection.exit_code is None


def test_a_start_that_failed(host: ContractHost) -> None:
    host.create(Spec("own", network="container:nobody"))
    with pytest.raises(EngineRefused):
        host.start("own")
    container = look_at(host).containers["own"]
    assert (container.state, container.status) == (ContainerState.CREATED, "Created")
    assert inspect(host, "own").exit_code == 128
    assert inspect(host, "own").started_at is None


def test_each_start_is_another(host: ContractHost) -> None:
    container = run(host, Spec("own"))
    first = inspect(host, "own")
    host.engine.restart(container, timeout=0)
    second = inspect(host, "own")
    assert None not in {first.pid, second.pid, first.started_at, second.started_at}
    assert first.pid != second.pid
    assert first.exit_code is second.exit_code is None
    assert first.started_at != second.started_at


def test_it_has_no_process_after_a_stop(host: ContractHost) -> None:
    container = run(host, Spec("own"))
    host.engine.stop(container, timeout=0)
    inspection = inspect(host, "own")
    assert inspection.pid is None
    assert inspection.exit_code == 137
    assert inspection.finished_at is not None


def test_containers_are_in_the_order_of_their_names(host: ContractHost) -> None:
    names = ["BBB", "m-10", "m-2", "zzz", "aaa", "nnn"]
    for name in names:
        host.create(Spec(name))
    listed = [container.name for container in host.engine.containers()]
    assert listed == sorted(names)


def test_a_policy_tries_once_to_bring_a_dependent_back(host: ContractHost) -> None:
    """It fails for good if the owner is not up again by then, so it is a race."""
    owner = run(host, Spec("own"))
    dependent = run(host, Spec("dep", pid="container:own", restart="always"))
    assert inspect(host, "dep").restart_policy == "always"
    host.engine.restart(owner, timeout=0)
    outcomes = {"running/0", *KILLED}
    look = await_look(
        host,
        lambda look: (
            look.state("dep") in outcomes and inspect(host, "dep").restart_count == 1
        ),
    )
    assert look.state("dep") in outcomes
    assert inspect(host, "dep").restart_count == 1
    host.engine.restart(dependent, timeout=0)
    assert inspect(host, "dep").restart_count == 0
    assert look_at(host).share(NamespaceKind.PID, "own", "dep")


def test_its_policy_cannot_bring_it_back_without_the_owner(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    run(host, Spec("dep", pid="container:own", restart="always"))
    host.engine.stop(owner, timeout=0)
    look = await_look(host, lambda look: look.state("dep") in KILLED)
    assert look.state("dep") in KILLED


def test_what_was_stopped_on_purpose_stays_down(host: ContractHost) -> None:
    container = run(host, Spec("own", restart="always"))
    host.engine.kill(container)
    look = await_look(host, lambda look: look.state("own") == "exited/137")
    assert look.state("own") == "exited/137"
