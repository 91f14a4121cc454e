"""Who does not run although it should, who ended with an error, and who was stopped."""

from __future__ import annotations

import pytest

from nstui.analysis.exits import is_about_joined, is_cause_gone
from nstui.analysis.graph.graph import Graph
from nstui.analysis.report import Report
from tests.support.builders import cid, container, report, snapshot

NOT_RUNNING = "cannot join network of a non running container: 44575a206d3e"
TAKEN = (
    "driver failed programming external connectivity on endpoint web (0b4c):"
    " Bind for 0.0.0.0:80 failed: port is already allocated"
)


@pytest.mark.parametrize(
    ("policy", "limit", "count", "code", "found"),
    [
        ("no", 0, 0, 3, ["exited"]),
        ("no", 0, 0, 1, ["exited"]),
        ("no", 0, 0, 255, ["exited"]),
        ("no", 0, 0, 139, ["exited"]),
        ("no", 0, 0, 134, ["exited"]),
        ("no", 0, 0, 0, []),
        ("no", 0, 0, 129, []),
        ("no", 0, 0, 130, []),
        ("no", 0, 0, 131, []),
        ("no", 0, 0, 137, []),
        ("no", 0, 0, 143, []),
        ("no", 0, 0, 165, []),
        ("on-failure", 2, 2, 3, ["exited"]),
        ("on-failure", 2, 1, 3, []),
        ("on-failure", 2, 2, 0, []),
        ("on-failure", 0, 7, 3, []),
        ("always", 0, 4, 3, []),
        ("unless-stopped", 0, 0, 3, []),
    ],
)
def test_only_what_ended_with_an_error_and_is_not_started_again_has_exited(
    policy: str, limit: int, count: int, code: int, found: list[str]
) -> None:
    one = container(
        "job",
        state="exited",
        restart=policy,
        restart_limit=limit,
        restart_count=count,
        exit_code=code,
    )
    assert [finding.code for finding in report(one).findings] == found


def test_an_exit_says_how_it_ended() -> None:
    (finding,) = report(container("job", state="exited", exit_code=139)).findings
    assert finding.message == (
        "ended with exit code 139 (SIGSEGV), and nothing will start it again"
    )
    assert finding.remedy == "fix what its log reports, then: docker start job"
    assert not finding.is_command


def test_a_dependent_exits_as_any_other_does() -> None:
    own = container("own")
    dep = container("dep", joins=own.id, state="exited", exit_code=3)
    assert [f.code for f in report(own, dep).findings] == ["exited"]


def test_what_ran_out_of_memory_has_not_exited_besides() -> None:
    one = container("job", state="exited", exit_code=137, oom_killed=True)
    assert [f.code for f in report(one).findings] == ["oom-killed"]


@pytest.mark.parametrize("state", ["created", "exited"])
@pytest.mark.parametrize("policy", ["no", "always", "unless-stopped", "on-failure"])
def test_a_refused_start_is_an_error_whatever_the_policy(
    state: str, policy: str
) -> None:
    sick = container(
        "sick", state=state, restart=policy, exit_code=127, start_error="no such file"
    )
    (finding,) = report(sick).findings
    assert (finding.code, finding.severity) == ("start-failed", "error")
    assert finding.message == "is not running: its last start failed: no such file"
    assert finding.remedy == "fix that, then: docker start sick"
    assert not finding.is_command


@pytest.mark.parametrize("state", ["running", "dead", "removing", "restarting"])
def test_what_the_engine_says_of_others_is_no_failed_start(state: str) -> None:
    sick = container("sick", state=state, start_error="driver is busy")
    assert "start-failed" not in {f.code for f in report(sick).findings}


def test_what_was_only_created_is_well() -> None:
    one = container("one", state="created", restart="always", started=None)
    assert report(one).findings == ()


def test_what_could_not_join_can_now() -> None:
    own = container("own")
    dep = container("dep", joins=own.id, state="created", start_error=NOT_RUNNING)
    (finding,) = report(own, dep).findings
    assert (finding.code, finding.severity) == ("start-failed", "error")
    assert (finding.remedy, finding.is_command) == ("docker start dep", True)


def test_what_it_needs_is_started_before() -> None:
    own = container("own", state="exited")
    dep = container("dep", joins=own.id, state="exited", start_error=NOT_RUNNING)
    far = container("far", joins=dep.id, state="exited", start_error=NOT_RUNNING)
    found = {f.container: f for f in report(own, dep, far).findings}
    assert [found[c.id].code for c in (dep, far)] == ["start-failed"] * 2
    assert found[far.id].remedy == "docker start own dep far"
    assert len(found) == 2


def test_what_its_owner_fails_for_has_to_be_mended_first() -> None:
    own = container("own", state="exited", start_error="exec: no such file")
    dep = container("dep", joins=own.id, state="exited", start_error=NOT_RUNNING)
    found = {f.container: f for f in report(own, dep).findings}
    assert found[dep.id].remedy == "fix that, then: docker start dep"


@pytest.mark.parametrize("joins_pid", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        "cannot start a stopped process: unknown",
        'writing syncT "procResume": write init-p: broken pipe: unknown',
    ],
)
def test_one_that_was_killed_with_its_owner_as_it_started(
    error: str, *, joins_pid: bool
) -> None:
    """Its first process is in the owner's pid namespace before its program begins."""
    own = container("own")
    mon = container(
        "mon",
        joins=None if joins_pid else own.id,
        joins_pid=own.id if joins_pid else None,
        state="exited",
        start_error=error,
    )
    (finding,) = (f for f in report(own, mon).findings if f.container == mon.id)
    assert finding.code.value == "start-failed"
    start = "docker start mon"
    known = (start, True) if joins_pid else (f"fix that, then: {start}", False)
    assert (finding.remedy, finding.is_command) == known


def test_a_port_that_no_container_has_any_more_is_free() -> None:
    web = container("web", state="created", start_error=TAKEN)
    (finding,) = report(web).findings
    assert (finding.remedy, finding.is_command) == ("docker start web", True)
    (finding,) = report(web, container("other", ports=(80,))).findings
    assert (finding.remedy, finding.is_command) == (
        "fix that, then: docker start web",
        False,
    )


@pytest.mark.parametrize(
    "error",
    [
        NOT_RUNNING,
        "cannot join network namespace of a non running container: container x is dead",
        "Container 4457 is restarting, wait until the container is running",
        "cannot join PID of a non running container: 4457",
        "failed to join PID namespace: container 4457 is not running",
        "failed to join IPC namespace: cannot join IPC of a non running container: 44",
        "Cannot link to a non running container: /t AS /d/alias",
        "joining network namespace of container: No such container: own",
        "failed to create task: lstat /proc/4242/ns/net: no such file or directory",
    ],
)
def test_errors_about_what_it_joined(error: str) -> None:
    assert is_about_joined(error)


@pytest.mark.parametrize(
    "error",
    [
        TAKEN,
        "cannot join IPC of container own: non-shareable IPC (hint: use IpcMode:…)",
        "cannot join own network namespace",
        'exec: "/nowhere": stat /nowhere: no such file or directory',
        "network 1234 not found",
        "",
    ],
)
def test_errors_about_something_else(error: str) -> None:
    assert not is_about_joined(error)
    graph = Graph((container("own", ports=(80,)),))
    assert is_cause_gone(graph, cid("own")) is False


def test_an_orphan_that_cannot_start_is_told_once() -> None:
    dep = container(
        "dep", joins=cid("gone"), state="exited", start_error="No such container: 4457"
    )
    (finding,) = Report(snapshot(dep)).findings
    assert (finding.code, finding.severity) == ("owner-gone", "warning")


def test_a_finished_job_is_told_of_without_alarm() -> None:
    job = container("job", joins=cid("gone"), state="exited")
    (finding,) = Report(snapshot(job, former_containers={"gone": "vpn"})).findings
    assert finding.message == (
        f"has finished; it joined vpn ({cid('gone')[:12]}), which no longer exists"
    )
    assert finding.remedy == (
        "if its log and exit code are not needed, then: nstui heal job"
    )
    assert not finding.is_command
