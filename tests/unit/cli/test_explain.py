"""``nstui explain`` on a simulated host."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from nstui.demo.containers import Spec
from nstui.demo.world import World
from tests.support.managers import swarm_labels
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from tests.unit.cli.answers import Nstui, Stage


def test_a_dependent_of_the_demo(nstui: Nstui) -> None:
    answer = nstui("--demo", "explain", "prowlarr")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "prowlarr  linuxserver/prowlarr:1.35.1  running"
    assert lines[2].endswith("→ vpn, running")
    assert lines[4].endswith("the process of vpn")


def test_an_owner_names_those_that_joined_it(nstui: Nstui) -> None:
    out = nstui("--demo", "explain", "vpn").out
    assert "its own, joined by prowlarr, qbittorrent, sonarr, qbit-exporter" in out


def test_one_in_the_hosts_network(nstui: Nstui) -> None:
    assert "engine   the host's own" in nstui("--demo", "explain", "caddy").out


def test_an_orphan(nstui: Nstui) -> None:
    out = nstui("--demo", "explain", "soulseek").out
    assert out.splitlines()[1].startswith("✗ owner gone  joined 85073aacebaf")
    assert "which no longer exists; its name is unknown" in out
    assert " no longer exists" in out
    assert out.count("; deleted; it still sees the old content") == 3


def test_what_is_known_of_one_that_is_gone_and_from_where(
    nstui: Nstui, stage: Stage
) -> None:
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.remove("own", force=True)
    out = nstui("--demo", "explain", "dep").out
    assert (
        "which no longer exists; it was called own, by the engine's own past events\n"
    ) in out
    document = json.loads(nstui("--demo", "explain", "dep", "--json").out)
    assert document["shares"][0]["engine"]["was"] == {
        "name": "own",
        "compose": None,
        "known_from": "events",
    }


def test_where_the_runtime_was_told_otherwise_comes_with_the_findings(
    nstui: Nstui,
) -> None:
    lines = nstui("--demo", "explain", "pihole").out.splitlines()
    assert lines[1].startswith("✗ stale join")
    assert lines[3].startswith("! the runtime was told to join the net namespace of")
    assert lines[4] == "net"


def test_every_kind_that_is_shared(nstui: Nstui) -> None:
    lines = nstui("--demo", "explain", "app").out.splitlines()
    assert [line for line in lines if line in {"net", "pid", "ipc", "uts"}] == [
        "net",
        "pid",
        "ipc",
    ]


def test_json(nstui: Nstui) -> None:
    document = json.loads(nstui("--demo", "explain", "pihole", "--json").out)
    assert document["schema"] == "nstui/1"
    assert document["findings"][0]["code"] == "stale-join"
    assert "which has ended; wg-home is" in document["disagreements"][0]
    assert document["shares"][0]["runtime"]["is_there"] is False


def test_an_unknown_name(nstui: Nstui) -> None:
    answer = nstui("--demo", "explain", "vqn")
    assert (answer.code, answer.complaint) == (
        1,
        "no container is called 'vqn'; did you mean vpn?",
    )


def test_a_hostile_name_does_nothing_to_the_terminal(
    nstui: Nstui, stage: Stage
) -> None:
    world = stage(World())
    world.run(Spec(HOSTILE, image=HOSTILE))
    world.run(Spec("dep", network=f"container:{HOSTILE}"))
    out = nstui("--demo", "explain", "dep").out
    assert HARMLESS in out
    assert out.replace("\n", "").isprintable()


def test_who_serves_the_ports_of_the_demo(nstui: Nstui) -> None:
    out = nstui("--demo", "explain", "prowlarr").out
    assert "*:8080->8080/tcp  qbittorrent: qbittorrent-nox (" in out
    assert re.search(r"  tun0  up  10\.8\.0\.\d+/24", out)
    assert "  0.0.0.0/1 via 10.8.0.1 on tun0" in out
    inside = json.loads(nstui("--demo", "explain", "vpn", "--json").out)["inside"]
    ports = {one["port"] for one in inside["listeners"]}
    assert {8080, 8989, 9696, 9707} < ports


def test_what_is_published_by_an_owner_that_a_dependent_has_left(nstui: Nstui) -> None:
    out = nstui("--demo", "explain", "wg-home").out
    assert "*:8053->8053/tcp  no listener" in out
    assert "*:51820->51820/udp  no process in it" in out


def test_who_is_in_the_network_of_the_demo(nstui: Nstui) -> None:
    out = nstui("--demo", "explain", "sonarr").out
    found = re.search(r"  ● sonarr +running  up 3 d  CPU (.+)%  memory (.+) MB\n", out)
    assert found is not None
    assert float(found[1]) > 0
    assert "processes from outside\n  3315  tcpdump -n -i tun0, no container's\n" in out


def test_who_is_in_the_network_of_the_demo_as_json(nstui: Nstui) -> None:
    document = json.loads(nstui("--demo", "explain", "pihole", "--json").out)
    assert [each["name"] for each in document["members"]] == ["wg-home", "pihole"]
    assert all(each["cpu_percent"] > 0 for each in document["members"])
    assert document["inside"]["outsiders"] == []
    assert document["inside"]["published"] == []


def test_in_the_hosts_network_nobody_is_from_outside(nstui: Nstui) -> None:
    assert (
        "not looked for: every process of the host"
        in nstui("--demo", "explain", "caddy").out
    )
    inside = json.loads(nstui("--demo", "explain", "caddy", "--json").out)["inside"]
    assert (inside["outsiders"], inside["problems"]) == (None, {})


def test_who_manages_it(stage: Stage, nstui: Nstui) -> None:
    world = World()
    world.run(Spec("task", labels=tuple(swarm_labels().items())))
    stage(world)

    assert nstui("--demo", "explain", "task").out.splitlines()[1] == (
        "managed by swarm service web"
    )
    told = json.loads(nstui("--demo", "explain", "--json", "task").out)
    assert told["manager"]["kind"] == "swarm"
