"""Every action on a real engine: what the plan said is what happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.errors import ActionImpossible, EngineRefused
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, ShareKind
from tests.engine.looking import await_report, interfaces, names, namespace, of, wrong
from tests.engine.program import read_json, run_nstui
from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

TRUTH = json.loads(
    (Path(__file__).parents[1] / "data" / "engine-truth.json").read_text()
)
ROWS = [row for row in TRUTH["rows"] if row["action"] != "pause"]
DEPENDENT = {
    "net": ("--network=container:own",),
    "pid": ("--pid=container:own",),
    "ipc": ("--ipc=container:own",),
    "volumes-from": ("--volumes-from=own",),
    "link": ("--link=own:own",),
}
OWNER = {"ipc": ("--ipc=shareable",), "volumes-from": ("-v", "/data")}
REQUESTS = {
    "stop": (Action.STOP, False),
    "restart": (Action.RESTART, False),
    "kill": (Action.KILL, False),
    "rm -f": (Action.RM, False),
    "stop+rm": (Action.RM, True),
}


def plan(
    connection: Host,
    action: Action,
    *targets: str,
    policy: Policy = Policy.PROTECT,
    stop_first: bool = False,
    wait_s: int = 20,
) -> Plan:
    """Return the plan of an action on containers, by their names."""
    report = connection.observer.look_afresh()
    return connection.executor.plan(
        Request(
            action=action,
            targets=tuple(of(report, name).id for name in targets),
            policy=policy,
            force=action is Action.RM and not stop_first,
            stop_first=stop_first,
            wait_s=wait_s,
        )
    )


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_another_signal_ends_it(engine_host: PrivateEngine, verb: str) -> None:
    script = (
        "trap 'touch /heard' INT; trap 'touch /wrong' TERM; echo ready;"
        " while :; do sleep 0.1; done"
    )
    engine_host.run("own", command=("sh", "-c", script))
    wait_until(lambda: "ready" in engine_host.docker("logs", "own").stdout, 60)
    done = run_nstui(
        "-H", engine_host.url, verb, "--yes", "-t", "2", "-s", "INT", "own"
    )
    major = int(engine_host.client.version()["Version"].partition(".")[0])
    changed = {entry["Path"] for entry in engine_host.client.diff("own") or ()}
    if major < 23:
        assert done.returncode == 1
        assert "--signal needs Docker 23 or newer" in done.stderr
        assert changed & {"/heard", "/wrong"} == set()
    else:
        assert done.returncode == 0, done.stderr
        assert changed & {"/heard", "/wrong"} == {"/heard"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['share']} {row['action']}")
def test_what_a_plan_said_is_what_happened(
    engine_host: PrivateEngine, connection: Host, row: dict[str, object]
) -> None:
    share, word = str(row["share"]), str(row["action"])
    engine_host.run("own", *OWNER.get(share, ()))
    engine_host.run("dep", *DEPENDENT[share])
    action, stop_first = REQUESTS[word]
    made = plan(
        connection,
        action,
        "own",
        policy=Policy.BREAK_DEPENDENTS,
        stop_first=stop_first,
    )
    said = [(e.kind, e.now.value, e.later.value) for e in made.effects]
    expected = (ShareKind(share), row["effect_now"], row["effect_later"])
    is_silent = expected[1:] == ("none", "none") and share != "volumes-from"
    assert said == ([] if is_silent else [expected])

    connection.executor.carry_out(made)

    is_killed = row["effect_now"] == "killed"
    report = await_report(
        connection, lambda r: of(r, "dep").state.has_process is not is_killed
    )
    assert of(report, "dep").state.has_process is not is_killed
    assert ("own" in names(report)) is (row["owner_after"] != "gone")
    if isinstance(row["dependent_interfaces"], list) and not is_killed:
        assert interfaces(report, "dep") == tuple(row["dependent_interfaces"])
    if row["dependent_restart"] == "ok":
        connection.engine.restart(of(report, "dep").id, 0)
    else:
        with pytest.raises(EngineRefused):
            connection.engine.restart(of(report, "dep").id, 0)


def start_chain(engine: PrivateEngine, *options: str) -> None:
    """Start an owner with two dependents, one of which has its own."""
    engine.run("own", *options)
    engine.run("dep", "--network=container:own")
    engine.run("far", "--network=container:dep")
    engine.run("beside", "--network=container:own")


def test_restart_with_dependents_puts_all_into_the_new_namespace(
    engine_host: PrivateEngine, connection: Host
) -> None:
    start_chain(engine_host)
    before = namespace(connection.observer.look_afresh(), "own")
    done = run_nstui("-H", engine_host.url, "restart", "--with-dependents", "own")
    assert (done.returncode, done.stdout.split()) == (
        0,
        ["own", "beside", "dep", "far"],
    )
    report = connection.observer.look_afresh()
    inodes = {namespace(report, name) for name in ("own", "dep", "far", "beside")}
    assert len(inodes) == 1
    assert before is not None
    assert interfaces(report, "far") == ("lo", "eth0")
    check = run_nstui("-H", engine_host.url, "check")
    assert (check.returncode, check.stdout.count("✗")) == (0, 0)


def test_a_restart_waits_for_the_owners_health(
    engine_host: PrivateEngine, connection: Host
) -> None:
    start_chain(engine_host, "--health-cmd=test -e /ready", "--health-interval=200ms")
    engine_host.docker("exec", "own", "touch", "/ready")
    made = plan(connection, Action.RESTART, "own", policy=Policy.WITH_DEPENDENTS)
    connection.executor.carry_out(made)
    assert wrong(connection.observer.look_afresh()) == set()


def test_an_owner_that_stays_ill_does_not_cut_its_dependents_off(
    engine_host: PrivateEngine, connection: Host
) -> None:
    start_chain(engine_host, "--health-cmd=false", "--health-interval=200ms")
    made = plan(
        connection,
        Action.RESTART,
        "own",
        policy=Policy.WITH_DEPENDENTS,
        wait_s=2,
    )
    outcome = connection.executor.carry_out(made)
    (remark,) = outcome.remarks
    assert remark.startswith("own ")
    assert remark.endswith("; went on with its dependents")
    report = connection.observer.look_afresh()
    inodes = {namespace(report, name) for name in ("own", "dep", "far", "beside")}
    assert len(inodes) == 1
    assert {code for _, code, _ in wrong(report)} <= {"unhealthy"}


@pytest.mark.parametrize("action", [Action.STOP, Action.KILL])
def test_dependents_go_before_their_owner(
    engine_host: PrivateEngine, connection: Host, action: Action
) -> None:
    start_chain(engine_host)
    made = plan(connection, action, "own", policy=Policy.WITH_DEPENDENTS)
    assert [step.name for step in made.steps] == ["beside", "far", "dep", "own"]
    connection.executor.carry_out(made)
    report = connection.observer.look_afresh()
    assert {c.state.value for c in report.snapshot.containers} == {"exited"}
    finished = [
        inspection.finished_at
        for step in made.steps
        if (inspection := of(report, step.name).inspection) is not None
    ]
    assert finished == sorted(finished, key=str)


def test_an_owner_that_removes_itself(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own", "--rm")
    engine_host.run("dep", "--network=container:own")
    made = plan(connection, Action.STOP, "own", policy=Policy.BREAK_DEPENDENTS)
    assert [(e.now, e.later) for e in made.effects] == [
        ("loses_network", "must_be_recreated")
    ]
    connection.executor.carry_out(made)
    report = await_report(connection, lambda r: "own" not in names(r))
    assert wrong(report) == {("dep", "owner-gone", "error")}
    with pytest.raises(EngineRefused):
        connection.engine.restart(of(report, "dep").id, 0)


@pytest.mark.parametrize("command", [("stop", "own"), ("rm", "-f", "own")])
def test_a_restart_that_would_end_in_a_stop_is_not_tried(
    engine_host: PrivateEngine, connection: Host, command: tuple[str, ...]
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker(*command)
    with pytest.raises(ActionImpossible, match="dep could not start: "):
        connection.executor.carry_out(plan(connection, Action.RESTART, "dep"))
    assert of(connection.observer.look_afresh(), "dep").state.value == "running"


def test_prune_keeps_the_stopped_owner_of_what_could_be_started(
    engine_host: PrivateEngine,
) -> None:
    start_chain(engine_host)
    engine_host.run("loner")
    engine_host.docker("stop", "far", "own", "loner")
    said = run_nstui("-H", engine_host.url, "prune", "--dry-run", "--json")
    document = json.loads(said.stdout)
    assert [step["name"] for step in document["steps"]] == ["far", "loner"]
    assert [(k["name"], k["needed_by"]) for k in document["kept"]] == [
        ("own", ["beside", "dep"])
    ]
    done = run_nstui("-H", engine_host.url, "prune")
    assert (done.returncode, done.stdout.split()) == (0, ["far", "loner"])
    left = {f["name"] for f in read_json("-H", engine_host.url, "check")["findings"]}
    assert left == {"beside", "dep"}


def test_without_a_terminal_nothing_that_others_need_is_touched(
    engine_host: PrivateEngine, connection: Host
) -> None:
    start_chain(engine_host)
    before = connection.observer.look_afresh().snapshot.containers
    for command in ("stop", "restart", "kill"):
        done = run_nstui("-H", engine_host.url, command, "own")
        assert (done.returncode, done.stdout) == (4, "")
        assert "beside: loses its network at once" in done.stderr
    after = connection.observer.look_afresh().snapshot.containers
    assert [c.inspection for c in after] == [c.inspection for c in before]


def test_all_kinds_of_one_dependent_at_once(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own", "--ipc=shareable")
    joins = ("--network=container:own", "--pid=container:own", "--ipc=container:own")
    engine_host.run("dep", *joins)
    made = plan(connection, Action.RM, "own", policy=Policy.BREAK_DEPENDENTS)
    assert [effect.kind.value for effect in made.effects] == ["pid", "net", "ipc"]
    report = connection.observer.look_afresh()
    for kind in (NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC):
        assert namespace(report, "dep", kind) == namespace(report, "own", kind)
    connection.executor.carry_out(made)
    gone = await_report(connection, lambda r: not of(r, "dep").state.has_process)
    assert of(gone, "dep").state.value == "exited"
