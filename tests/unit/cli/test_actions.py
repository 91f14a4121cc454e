"""Stop, restart, kill and prune on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.world import World

if TYPE_CHECKING:
    from tests.unit.cli.answers import Nstui, Stage


def state(world: World, name: str) -> str:
    return world.records.get(name).state.value


@pytest.mark.parametrize("command", ["stop", "restart", "kill"])
def test_what_would_break_others_is_refused(
    nstui: Nstui, world: World, command: str
) -> None:
    started = world.records.get("vpn").started_at
    answer = nstui("--demo", command, "vpn")
    assert (answer.code, answer.out) == (4, "")
    for dependent in ("prowlarr", "qbittorrent", "sonarr", "qbit-exporter"):
        assert f"  {dependent}: loses its network at once" in answer.err
    assert world.records.get("vpn").started_at == started
    assert state(world, "vpn") == "running"


def test_the_dependents_too_are_offered_only_where_that_would_be_done(
    nstui: Nstui, world: World
) -> None:
    offered = nstui("--demo", "restart", "ts-paperless")
    world.run(Spec("debug", pid="container:paperless", removes_itself=True))

    refused = nstui("--demo", "restart", "ts-paperless")
    too = nstui("--demo", "restart", "--with-dependents", "ts-paperless")

    assert "--with-dependents acts on them too" in offered.err
    assert too.code == 4
    assert refused.code == 4
    assert "--with-dependents" not in refused.err
    assert "; --break-dependents accepts the harm" in refused.err


def test_stop_with_dependents(nstui: Nstui, world: World) -> None:
    answer = nstui("--demo", "stop", "--with-dependents", "vpn")
    assert answer.code == 0
    assert answer.out.split() == [
        "prowlarr",
        "qbit-exporter",
        "qbittorrent",
        "sonarr",
        "vpn",
    ]
    assert state(world, "vpn") == "exited"


def test_restart_with_dependents_leaves_nothing_stale(
    nstui: Nstui, world: World
) -> None:
    world.stop("pihole")
    answer = nstui("--demo", "restart", "--with-dependents", "ts-paperless")
    assert answer.code == 0
    assert answer.out.split() == ["ts-paperless", "paperless"]
    check = nstui("--demo", "check", "--json")
    stale = [f for f in json.loads(check.out)["findings"] if f["code"] == "stale-join"]
    assert stale == []


def test_accepted_harm_says_what_brings_them_back(nstui: Nstui, world: World) -> None:
    answer = nstui("--demo", "stop", "--break-dependents", "ts-paperless")
    assert answer.code == 0
    assert answer.err == (
        "to bring back what depends on it:"
        " docker start ts-paperless && docker restart paperless\n"
    )
    assert state(world, "ts-paperless") == "exited"
    assert state(world, "paperless") == "running"


def test_a_restart_that_would_end_in_a_stop(nstui: Nstui, world: World) -> None:
    answer = nstui("--demo", "restart", "soulseek")
    assert answer.code == 1
    assert "soulseek could not start: " in answer.err
    assert "no longer exists" in answer.err
    assert state(world, "soulseek") == "running"


def test_kill(nstui: Nstui, world: World) -> None:
    assert nstui("--demo", "kill", "-s", "sigterm", "redis").code == 0
    assert state(world, "redis") == "exited"
    again = nstui("--demo", "kill", "redis")
    assert (again.code, again.err) == (
        1,
        "nstui: redis is exited: it has no process to kill\n",
    )


@pytest.mark.parametrize("signal", ["HUP", "sigusr1", "RTMIN+3", "28"])
def test_a_signal_that_ends_nothing_harms_nobody(
    nstui: Nstui, world: World, signal: str
) -> None:
    refused = nstui("--demo", "kill", "-s", "INT", "-y", "vpn")
    assert refused.code == 4
    assert nstui("--demo", "kill", "-s", signal, "-y", "vpn").code == 0
    assert state(world, "vpn") == "running"


def test_who_has_nobody_depending_on_it_is_not_blamed(nstui: Nstui) -> None:
    answer = nstui("--demo", "stop", "-y", "redis", "vpn")
    assert answer.code == 4
    assert "others depend on vpn;" in answer.err


def test_one_line_for_each_dependent(nstui: Nstui, stage: Stage) -> None:
    world = World()
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own", pid="container:own"))
    stage(world)
    answer = nstui("--demo", "stop", "--dry-run", "own")
    assert answer.out.count("dep: ") == 1
    assert "dep: is killed at once; cannot start again until own runs\n" in answer.out


@pytest.mark.parametrize("signal", ["", "NOPE", "0", "999", "-9", "9.5"])
def test_no_such_signal(nstui: Nstui, world: World, signal: str) -> None:
    answer = nstui("--demo", "kill", f"--signal={signal}", "redis")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert state(world, "redis") == "running"


@pytest.mark.parametrize("command", ["stop", "restart"])
@pytest.mark.parametrize("time", ["-1", "soon", "1.5"])
def test_no_such_time(nstui: Nstui, command: str, time: str) -> None:
    answer = nstui("--demo", command, "-t", time, "redis")
    assert (answer.code, answer.err.count("\n")) == (2, 1)


def test_stopping_what_is_stopped(nstui: Nstui) -> None:
    answer = nstui("--demo", "stop", "backup-nightly")
    assert (answer.code, answer.out, answer.err) == (
        0,
        "",
        "already stopped: backup-nightly\n",
    )


def test_start_what_is_needed_first(nstui: Nstui, world: World) -> None:
    nstui("--demo", "stop", "--with-dependents", "vpn")
    dry = nstui("--demo", "start", "--dry-run", "sonarr")
    assert dry.out.splitlines() == [
        "Start sonarr?",
        "sonarr needs vpn, which is not running and is started first",
        (
            "  waits up to 60 s for vpn to become healthy (it is unhealthy now), then"
            " goes on"
        ),
        "docker start vpn sonarr",
    ]
    plan = json.loads(nstui("--demo", "start", "--dry-run", "--json", "sonarr").out)
    assert (plan["action"], plan["breaks"], plan["notes"]) == (
        "start",
        False,
        ["sonarr needs vpn, which is not running and is started first"],
    )
    answer = nstui("--demo", "start", "--wait", "0", "sonarr")
    assert (answer.code, answer.out.split()) == (0, ["vpn", "sonarr"])
    assert answer.err.splitlines()[0] == plan["notes"][0]
    assert (state(world, "vpn"), state(world, "sonarr")) == ("running", "running")
    again = nstui("--demo", "start", "sonarr")
    assert (again.code, again.out, again.err) == (0, "", "already running: sonarr\n")


def test_pause_says_who_keeps_running(nstui: Nstui, world: World) -> None:
    answer = nstui("--demo", "pause", "ts-paperless")
    assert (answer.code, answer.out.split()) == (0, ["ts-paperless"])
    assert answer.err == (
        "ts-paperless's dependent keeps running: paperless; connections through a"
        " program in ts-paperless stall until it is unpaused\n"
    )
    assert state(world, "ts-paperless") == "paused"
    assert state(world, "paperless") == "running"
    again = nstui("--demo", "pause", "ts-paperless")
    assert (again.code, again.err) == (0, "already paused: ts-paperless\n")
    refused = nstui("--demo", "start", "ts-paperless")
    assert (refused.code, refused.complaint) == (
        1,
        "ts-paperless is paused: unpause it instead",
    )
    assert nstui("--demo", "unpause", "ts-paperless").out.split() == ["ts-paperless"]
    assert state(world, "ts-paperless") == "running"
    running = nstui("--demo", "unpause", "ts-paperless")
    assert (running.code, running.err) == (0, "not paused: ts-paperless\n")


def test_prune(nstui: Nstui, world: World) -> None:
    owner = world.create(Spec("owner"))
    world.create(Spec("dep", network=f"container:{owner}"))
    plan = json.loads(nstui("--demo", "prune", "--dry-run", "--json").out)
    assert plan["action"] == "prune"
    assert [step["name"] for step in plan["steps"]] == ["backup-nightly", "dep"]
    assert [(k["name"], k["needed_by"]) for k in plan["kept"]] == [("owner", ["dep"])]
    shown = nstui("--demo", "prune", "--dry-run")
    assert "keeps owner for dep" in shown.out
    assert nstui("--demo", "prune").out.split() == ["backup-nightly", "dep"]
    assert nstui("--demo", "prune").out.split() == ["owner"]
    nothing = nstui("--demo", "prune")
    assert (nothing.code, nothing.out) == (0, "")


@pytest.mark.parametrize(
    "command",
    [
        ("stop", "redis"),
        ("restart", "redis"),
        ("kill", "redis"),
        ("start", "redis"),
        ("pause", "redis"),
        ("unpause", "redis"),
        ("prune",),
    ],
)
def test_read_only_refuses(
    nstui: Nstui, world: World, command: tuple[str, ...]
) -> None:
    before = [(r.name, r.state, r.started_at) for r in world.records]
    answer = nstui("--demo", "--read-only", *command)
    assert (answer.code, answer.err) == (
        1,
        "nstui: refused: nstui was started with --read-only\n",
    )
    assert [(r.name, r.state, r.started_at) for r in world.records] == before
    assert nstui("--demo", "--read-only", *command, "--dry-run").code == 0
