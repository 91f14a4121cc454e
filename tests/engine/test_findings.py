"""Groups and findings after what is done to an owner with the docker command."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.model.container import ContainerId
from nstui.model.finding import GroupBond
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.engine.looking import (
    await_report,
    errors,
    finding_of,
    interfaces,
    namespace,
    of,
    together,
    wrong,
)
from tests.engine.program import run_nstui

if TYPE_CHECKING:
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

HEAL = Request(action=Action.HEAL, targets=())

ACTIONS = {
    "stop": ("stop", "-t", "0", "own"),
    "kill": ("kill", "own"),
    "restart": ("restart", "-t", "0", "own"),
    "rm -f": ("rm", "-f", "own"),
}


def run_chain(engine: PrivateEngine) -> str:
    """Start an owner, a dependent and a dependent of that; return the owner's id."""
    owner = engine.run("own")
    engine.run("dep", "--network=container:own")
    engine.run("far", "--network=container:dep")
    return owner


def paste(engine: PrivateEngine, remedy: str) -> None:
    """Do what a user does who believes a remedy."""
    environ = {**os.environ, "DOCKER_HOST": engine.url}
    done = subprocess.run(
        ["sh", "-c", remedy], env=environ, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, (remedy, done.stderr)


def test_a_healthy_chain_of_three(engine_host: PrivateEngine, connection: Host) -> None:
    run_chain(engine_host)
    engine_host.run("other")

    report = connection.observer.look()

    assert report.snapshot.namespaces_read is NamespacesRead.INODE
    assert together(report) == {("own", "dep", "far")}
    assert wrong(report) == set()
    assert namespace(report, "own") == namespace(report, "dep")
    assert namespace(report, "own") == namespace(report, "far")
    assert namespace(report, "own") != namespace(report, "other")
    assert interfaces(report, "far") == ("lo", "eth0")


@pytest.mark.parametrize("action", ["stop", "kill"])
def test_an_owner_that_has_ended(
    engine_host: PrivateEngine, connection: Host, action: str
) -> None:
    run_chain(engine_host)
    before = namespace(connection.observer.look(), "own")

    engine_host.docker(*ACTIONS[action])
    report = connection.observer.look()

    assert wrong(report) == errors("owner-stopped", "dep", "far")
    assert together(report) == {("own", "dep", "far")}
    assert namespace(report, "own") is None
    assert namespace(report, "dep") == namespace(report, "far") == before
    assert interfaces(report, "dep") == interfaces(report, "far") == ("lo",)

    paste(engine_host, finding_of(report, "far").remedy)
    report = connection.observer.look()
    assert wrong(report) == set()
    assert interfaces(report, "far") == ("lo", "eth0")


def test_an_owner_that_was_restarted(
    engine_host: PrivateEngine, connection: Host
) -> None:
    run_chain(engine_host)
    before = namespace(connection.observer.look(), "own")

    engine_host.docker(*ACTIONS["restart"])
    report = connection.observer.look()

    assert wrong(report) == errors("stale-join", "dep", "far")
    assert together(report) == {("own", "dep", "far")}
    assert namespace(report, "own") not in {None, before}
    assert namespace(report, "dep") == namespace(report, "far") == before
    assert f"{before}" in finding_of(report, "far").message

    # Whoever joined the one that is restarted would be left behind by that.
    paste(engine_host, finding_of(report, "dep").remedy)
    assert wrong(connection.observer.look()) == set()


def test_an_owner_that_was_removed(
    engine_host: PrivateEngine, connection: Host
) -> None:
    owner = run_chain(engine_host)

    engine_host.docker(*ACTIONS["rm -f"])
    report = connection.observer.look()

    assert wrong(report) == errors("owner-gone", "dep", "far")
    (group,) = report.groups()
    assert (group.bond, group.gone_reference) == (GroupBond.GONE, owner)
    assert together(report) == {("dep", "far")}
    assert interfaces(report, "far") == ("lo",)

    engine_host.docker("stop", "-t", "0", "dep", "far")
    assert wrong(connection.observer.look()) == {
        ("dep", "owner-gone", "warning"),
        ("far", "owner-stopped", "notice"),
    }


def test_dependents_that_ended_with_their_owner_are_no_error(
    engine_host: PrivateEngine, connection: Host
) -> None:
    run_chain(engine_host)

    engine_host.docker("stop", "-t", "0", "far", "dep", "own")

    report = connection.observer.look()
    assert wrong(report) == {
        ("dep", "owner-stopped", "notice"),
        ("far", "owner-stopped", "notice"),
    }
    assert together(report) == {("own", "dep", "far")}


def test_ipc_and_pid(engine_host: PrivateEngine, connection: Host) -> None:
    engine_host.run("own", "--ipc=shareable")
    engine_host.run("queue", "--ipc=container:own")
    engine_host.run("debugger", "--pid=container:own")

    report = connection.observer.look()
    assert together(report) == set()
    assert together(report, NamespaceKind.IPC) == {("own", "queue")}
    assert together(report, NamespaceKind.PID) == {("own", "debugger")}
    assert wrong(report) == set()

    engine_host.docker(*ACTIONS["restart"])
    report = await_report(connection, lambda r: not of(r, "debugger").state.has_process)
    assert wrong(report) == errors("stale-join", "queue")
    assert namespace(report, "queue", NamespaceKind.IPC) != namespace(
        report, "own", NamespaceKind.IPC
    )
    paste(engine_host, finding_of(report, "queue").remedy)
    assert wrong(connection.observer.look()) == set()

    engine_host.docker(*ACTIONS["kill"])
    assert wrong(connection.observer.look()) == {
        ("queue", "owner-stopped", "error"),
        ("debugger", "owner-stopped", "notice"),
    }


def test_no_uplink(engine_host: PrivateEngine, connection: Host) -> None:
    run_chain(engine_host)
    pid = engine_host.pid_of("own")
    subprocess.run(
        ["nsenter", "-n", "-t", f"{pid}", "ip", "link", "del", "eth0"], check=True
    )

    report = connection.observer.look()

    assert wrong(report) == errors("no-uplink", "own", "dep", "far")
    paste(engine_host, finding_of(report, "far").remedy)
    report = connection.observer.look()
    assert wrong(report) == set()
    assert interfaces(report, "far") == ("lo", "eth0")


@pytest.mark.parametrize("name", [(), ("dep",)])
def test_an_interface_that_is_gone_is_healed(
    engine_host: PrivateEngine, connection: Host, name: tuple[str, ...]
) -> None:
    run_chain(engine_host)
    pid = engine_host.pid_of("own")
    subprocess.run(
        ["nsenter", "-n", "-t", f"{pid}", "ip", "link", "del", "eth0"], check=True
    )

    healed = run_nstui("-H", engine_host.url, "heal", "--yes", *name)

    assert healed.returncode == 0, healed.stderr
    report = connection.observer.look()
    assert wrong(report) == set()
    assert interfaces(report, "far") == interfaces(report, "own") == ("lo", "eth0")


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        pytest.param(("--network=none",), ("lo",), id="none"),
        pytest.param(("--network=bridge",), ("lo", "eth0"), id="bridge"),
    ],
)
def test_what_is_healthy(
    engine_host: PrivateEngine,
    connection: Host,
    options: tuple[str, ...],
    seen: tuple[str, ...],
) -> None:
    engine_host.run("own", *options)
    engine_host.run("dep", "--network=container:own")

    report = connection.observer.look()

    assert wrong(report) == set()
    assert interfaces(report, "own") == interfaces(report, "dep") == seen


def test_a_container_taken_off_its_network_on_purpose(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("network", "disconnect", "bridge", "own")

    report = connection.observer.look()

    assert interfaces(report, "dep") == ("lo",)
    assert wrong(report) == errors("no-uplink", "own", "dep")
    assert together(report) == {("own", "dep")}
    plan = connection.executor.plan(HEAL)
    assert plan.steps == ()
    assert [one.needs_decision for one in plan.unhealed] == [True]

    paste(engine_host, report.findings[0].remedy)
    report = connection.observer.look_afresh()
    assert interfaces(report, "own") == interfaces(report, "dep") != ("lo",)
    assert wrong(report) == set()


def test_a_container_is_attached_again_for_who_names_it(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.docker("network", "create", "lan")
    own = ContainerId(engine_host.run("own", "--network=lan", "-p", "127.0.0.1::80"))
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("network", "disconnect", "lan", "own")
    engine_host.docker("restart", "-t", "0", "own", "dep")

    plan = connection.executor.plan(replace(HEAL, targets=(own,)))
    assert [(step.verb, step.network) for step in plan.steps] == [("connect", "lan")]
    connection.executor.carry_out(plan)

    report = connection.observer.look_afresh()
    assert interfaces(report, "own") == interfaces(report, "dep") != ("lo",)
    assert of(report, "own").ports
    assert wrong(report) == set()


def test_the_hosts_network(engine_host: PrivateEngine, connection: Host) -> None:
    engine_host.run("one", "--network=host")
    engine_host.run("two", "--network=host")
    engine_host.run("dep", "--network=container:one")

    report = connection.observer.look()

    (group,) = report.groups()
    assert (group.bond, group.owner) == (GroupBond.HOST, None)
    assert together(report) == {("one", "two", "dep")}
    assert namespace(report, "one") == namespace(report, "dep") == group.namespace
    assert wrong(report) == set()
