"""Every finding, provoked on a real engine, and gone when what is wrong is mended."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from nstui.model.finding import FindingCode
from nstui.model.namespace import NamespaceKind
from nstui.render.incidents import message_text
from tests.engine.looking import (
    await_report,
    errors,
    finding_of,
    namespace,
    of,
    together,
    wrong,
)
from tests.engine.program import run_nstui

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.service.host import Host
    from tests.engine.looking import Wrong
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

JOINED = "--network=container:own"
NOTICES = 10
"""How often the engine may miss that a container was killed for want of memory."""

UNLESS_WELL = "test -e /tmp/well && exec sleep 1000; exec"
"""How a script begins whose container is well as soon as it has a certain file."""


def paste(engine: PrivateEngine, remedy: str) -> None:
    """Do what a user does who believes a remedy."""
    environ = {**os.environ, "DOCKER_HOST": engine.url}
    done = subprocess.run(
        ["sh", "-c", remedy], env=environ, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, (remedy, done.stderr)


def make_well(engine: PrivateEngine, remedy: str) -> None:
    """Put a file into a container that need not run."""
    del remedy
    paste(engine, "f=$(mktemp) && docker cp -q $f sick:/tmp/well; rm $f")


def pair(engine: PrivateEngine, *then: str) -> None:
    """Start an owner and a dependent, and do something with the docker command."""
    engine.run("own")
    engine.run("dep", JOINED)
    engine.docker(*then)


def lose_uplink(engine: PrivateEngine) -> None:
    """Take a container's interface away behind the engine's back."""
    engine.run("own")
    enter = ["nsenter", "-n", "-t", f"{engine.pid_of('own')}"]
    subprocess.run([*enter, "ip", "link", "del", "eth0"], check=True, timeout=30)


def intrude(engine: PrivateEngine) -> None:
    """Start a container that enters another's network without the engine."""
    engine.run("own")
    engine.run_in("guest", "own", NamespaceKind.NET)


def inherit(engine: PrivateEngine, remedy: str) -> None:
    """Create an owner again and believe the remedy.

    The engine remembers the name of the old one, though nobody had looked.
    """
    first, _, line = remedy.partition(", then: ")
    assert first == "create own again"
    engine.run("own")
    program, *words = line.split()
    assert program == "nstui"
    done = run_nstui("-H", engine.url, *words, "--yes")
    assert done.returncode == 0, done.stderr


def take_too_much_memory(engine: PrivateEngine) -> None:
    """Have a container killed for want of memory, and the engine notice that.

    The engine hears of the container's end on another way, and the news of the memory
    may come too late.
    """
    command = ("sh", "-c", f"{UNLESS_WELL} tail /dev/zero")
    engine.run("sick", "--memory=8m", command=command)
    for _ in range(NOTICES):
        engine.docker("wait", "sick")
        if engine.inspect("sick", "State", "OOMKilled") is True:
            return
        engine.docker("start", "sick")


def give_memory(engine: PrivateEngine, remedy: str) -> None:
    """Believe a remedy that leaves the amount to the user."""
    assert "docker update" in remedy
    make_well(engine, "")
    paste(engine, "docker update --memory 64m --memory-swap 64m sick")
    # Engine 20.10 keeps the mark over a start, but not over the next end.
    engine.docker("start", "sick")
    engine.docker("restart", "-t", "0", "sick")


def start_well(engine: PrivateEngine, remedy: str) -> None:
    """Believe a remedy that wants something mended first."""
    make_well(engine, remedy)
    deed, _, line = remedy.partition(", then: ")
    assert deed == "fix what its log reports"
    paste(engine, line)


def remove_guest(engine: PrivateEngine, remedy: str) -> None:
    """Send the intruder away."""
    del remedy
    engine.docker("rm", "-f", "guest")


def check_again(engine: PrivateEngine, remedy: str) -> None:
    """Make the health check succeed, having seen what the remedy shows."""
    paste(engine, remedy)
    engine.docker("exec", "sick", "touch", "/tmp/well")  # noqa: S108 - the container's


@dataclass(frozen=True)
class Case:
    """How something comes to be wrong, what is found, and how it is mended."""

    provoke: Callable[[PrivateEngine], object]
    found: Wrong
    mend: Callable[[PrivateEngine, str], object] = paste


CASES = {
    FindingCode.STALE_JOIN: Case(
        lambda engine: pair(engine, "restart", "-t", "0", "own"),
        errors("stale-join", "dep"),
    ),
    FindingCode.OWNER_GONE: Case(
        lambda engine: pair(engine, "rm", "-f", "own"),
        errors("owner-gone", "dep"),
        inherit,
    ),
    FindingCode.OWNER_STOPPED: Case(
        lambda engine: pair(engine, "kill", "own"),
        errors("owner-stopped", "dep"),
    ),
    FindingCode.NO_UPLINK: Case(lose_uplink, errors("no-uplink", "own")),
    FindingCode.START_FAILED: Case(
        lambda engine: (
            engine.create("sick", command=("/nowhere",))
            and engine.docker("start", "sick", check=False)
        ),
        errors("start-failed", "sick"),
        lambda engine, _: engine.docker("rm", "sick"),
    ),
    FindingCode.EXITED: Case(
        lambda engine: engine.run(
            "sick",
            "--restart=on-failure:1",
            command=("sh", "-c", f"{UNLESS_WELL} false"),
        ),
        {("sick", "exited", "warning")},
        start_well,
    ),
    FindingCode.UNHEALTHY: Case(
        lambda engine: engine.run(
            "sick",
            "--health-cmd=test -e /tmp/well",
            "--health-interval=50ms",
            "--health-retries=1",
        ),
        errors("unhealthy", "sick"),
        check_again,
    ),
    FindingCode.OOM_KILLED: Case(
        take_too_much_memory,
        errors("oom-killed", "sick"),
        give_memory,
    ),
    FindingCode.RESTARTING: Case(
        lambda engine: engine.run(
            "sick", "--restart=always", command=("sh", "-c", f"{UNLESS_WELL} false")
        ),
        {("sick", "restarting", "warning")},
        make_well,
    ),
    FindingCode.UNDECLARED_SHARE: Case(
        intrude,
        {
            ("guest", "undeclared-share", "notice"),
            ("own", "undeclared-share", "notice"),
        },
        remove_guest,
    ),
    FindingCode.RESTART_MISMATCH: Case(
        lambda engine: (
            engine.run("own", "--restart=on-failure"),
            engine.run("dep", JOINED, "--restart=unless-stopped"),
        ),
        {("dep", "restart-mismatch", "notice")},
    ),
}


def test_every_code_has_a_case() -> None:
    # What no engine does when it is asked to is in `test_socket_proxy`, and what nstui
    # itself leaves in `test_signals`.
    elsewhere = {FindingCode.UNREADABLE, FindingCode.INTERRUPTED}
    assert set(CASES) | elsewhere == set(FindingCode)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_wrong_is_found_and_what_is_mended_is_not(
    engine_host: PrivateEngine, connection: Host, case: Case
) -> None:
    engine_host.run("bystander")
    assert wrong(connection.observer.look()) == set()
    case.provoke(engine_host)

    report = await_report(connection, lambda r: wrong(r) == case.found)
    assert wrong(report) == case.found

    case.mend(engine_host, report.findings[0].remedy)
    report = await_report(connection, lambda r: wrong(r) == set())
    assert wrong(report) == set()


def test_an_orphan_says_whose_it_was_and_what_went_with_it(
    engine_host: PrivateEngine, connection: Host
) -> None:
    owner = engine_host.run("own")
    engine_host.run("dep", JOINED)
    engine_host.run("far", "--network=container:dep")
    connection.observer.look()

    engine_host.docker("rm", "-f", "own")
    report = connection.observer.look()

    message = finding_of(report, "dep").message
    sentence, _, lost = message.partition("; deleted with it: ")
    assert sentence == f"joined own ({owner[:12]}), which no longer exists"
    assert set(lost.split(", ")) == {"resolv.conf", "hosts", "hostname"}
    assert lost in finding_of(report, "far").message


def test_a_stale_join_says_since_when(
    engine_host: PrivateEngine, connection: Host
) -> None:
    pair(engine_host, "restart", "-t", "0", "own")

    report = connection.observer.look()

    here, there = namespace(report, "dep"), namespace(report, "own")
    finding, now = finding_of(report, "dep"), report.snapshot.taken_at
    assert message_text(finding, now) == (
        f"runs in {here}; own has been in {there} since its restart a moment ago"
    )


def test_an_intruder_is_in_the_group_that_it_intruded_on(
    engine_host: PrivateEngine, connection: Host
) -> None:
    intrude(engine_host)
    engine_host.run("dep", JOINED)

    report = connection.observer.look()

    here = namespace(report, "own")
    assert together(report) == {("own", "dep", "guest")}
    assert {f.message.partition(",")[0] for f in report.findings} == {
        f"shares {here} with guest",
        f"shares {here} with dep",
    }
    assert "with dep, own, though" in finding_of(report, "guest").message


def test_the_engine_gives_no_policy_to_an_owner_that_removes_itself(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own", "--rm")
    engine_host.run("dep", JOINED, "--restart=always")
    refused = engine_host.docker("update", "--restart=always", "own", check=False)
    assert refused.returncode != 0

    report = connection.observer.look()
    assert wrong(report) == {("dep", "restart-mismatch", "notice")}
    paste(engine_host, finding_of(report, "dep").remedy)
    report = connection.observer.look_afresh()
    assert wrong(report) == set()
    inspection = of(report, "dep").inspection
    assert inspection is not None
    assert inspection.restart_policy == "no"


def test_why_a_start_failed_is_the_engines_word(
    engine_host: PrivateEngine, connection: Host
) -> None:
    pair(engine_host, "kill", "own")
    assert engine_host.docker("restart", "-t", "0", "dep", check=False).returncode

    inspection = of(connection.observer.look_afresh(), "dep").inspection

    assert inspection is not None
    assert "non running container" in inspection.start_error
