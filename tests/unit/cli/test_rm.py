"""``nstui rm`` without a terminal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.world import World
from tests.unit.cli.answers import VPN_FAMILY, names
from tests.unit.render.paper import HOSTILE

if TYPE_CHECKING:
    from tests.unit.cli.answers import Nstui, Stage

DEPENDENTS = VPN_FAMILY[:-1]
REFUSED = (
    "nstui: refused, nothing was changed: others depend on vpn; --with-dependents"
    " acts on them too, --break-dependents accepts the harm"
)


@pytest.mark.parametrize("options", [(), ("-f",), ("-f", "--yes"), ("--json", "-fy")])
def test_what_would_break_dependents_is_refused(
    nstui: Nstui, world: World, options: tuple[str, ...]
) -> None:
    before = names(world)
    answer = nstui("--demo", "rm", *options, "vpn")
    title, *listed, said = answer.err.splitlines()
    assert answer.code == 4
    assert title == "Removing vpn breaks 4 containers"
    assert said == REFUSED
    lines = [line for line in listed if line.startswith("  ")]
    effects = [line for line in lines if "of no container" not in line]
    (outsider,) = set(lines) - set(effects)
    assert "tcpdump (pid " in outsider
    assert {line.split(":")[0].strip() for line in effects} == set(DEPENDENTS)
    for line in effects:
        assert "loses its network at once; can never start again" in line
    assert names(world) == before
    assert world.records.get("vpn").pid is not None


def test_the_ports_that_would_go_dark_are_listed(nstui: Nstui) -> None:
    assert (
        "\nports no longer reachable: *:8080->8080/tcp, *:8989->8989/tcp,"
        " *:9696->9696/tcp, *:9707->9707/tcp\n"
    ) in nstui("--demo", "rm", "-f", "vpn").err


def test_with_dependents_the_deepest_go_first(nstui: Nstui, world: World) -> None:
    before = names(world)
    answer = nstui("--demo", "rm", "-f", "--with-dependents", "vpn")
    assert (answer.code, answer.err) == (0, "")
    assert tuple(answer.out.split()) == VPN_FAMILY
    assert before - names(world) == set(VPN_FAMILY)


def test_the_harm_can_be_accepted(nstui: Nstui, world: World) -> None:
    before = names(world)
    answer = nstui("--demo", "rm", "-f", "--break-dependents", "vpn")
    assert (answer.code, answer.out, answer.err) == (0, "vpn\n", "")
    assert before - names(world) == {"vpn"}
    (line,) = re.findall("✗ error owner-gone  vpn .*", nstui("--demo", "check").out)
    assert "sonarr" in line


def test_all_of_them_by_name_break_nobody(nstui: Nstui, world: World) -> None:
    answer = nstui("--demo", "rm", "-f", *reversed(VPN_FAMILY))
    assert answer.code == 0
    assert answer.out.split()[-1] == "vpn"
    assert not names(world) & set(VPN_FAMILY)


@pytest.mark.parametrize("spelling", ["name", "slash", "id", "prefix"])
def test_however_it_is_named(nstui: Nstui, world: World, spelling: str) -> None:
    full = world.records.get("backup-nightly").id
    given = {
        "name": "backup-nightly",
        "slash": "/backup-nightly",
        "id": full,
        "prefix": full[:12],
    }[spelling]
    answer = nstui("--demo", "rm", given)
    assert (answer.code, answer.out) == (0, "backup-nightly\n")
    assert "backup-nightly" not in names(world)


def test_what_runs_is_not_removed_without_force(nstui: Nstui, world: World) -> None:
    answer = nstui("--demo", "rm", "redis")
    assert answer.code == 1
    assert answer.complaint == "redis is running: stop it first, or use --force"
    assert "redis" in names(world)


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ((), "docker rm vpn"),
        (("-f",), "docker rm -f vpn"),
        (("-f", "-v"), "docker rm -f -v vpn"),
        (("--force", "--volumes"), "docker rm -f -v vpn"),
        (
            ("-f", "--with-dependents"),
            "docker rm -f prowlarr qbit-exporter qbittorrent sonarr vpn",
        ),
    ],
)
@pytest.mark.parametrize("before", [(), ("--read-only",)])
def test_a_dry_run_changes_nothing(
    nstui: Nstui,
    world: World,
    options: tuple[str, ...],
    command: str,
    before: tuple[str, ...],
) -> None:
    there = names(world)
    answer = nstui("--demo", *before, "rm", "--dry-run", *options, "vpn")
    assert answer.err == ""
    # It ends as the real run would.
    assert answer.code == (0 if "--with-dependents" in options else 4)
    assert answer.out.splitlines()[-1] == command
    assert names(world) == there


def test_read_only_refuses_every_removal(nstui: Nstui, world: World) -> None:
    before = names(world)
    for arguments in (("-f", "redis"), ("-f", "--with-dependents", "-y", "vpn")):
        answer = nstui("--demo", "--read-only", "rm", *arguments)
        assert answer.code == 1
        assert answer.complaint == "refused: nstui was started with --read-only"
    assert names(world) == before


@pytest.mark.parametrize(
    ("options", "code", "removed"),
    [
        pytest.param((), 4, set(), id="refused"),
        pytest.param(("--dry-run",), 4, set(), id="shown"),
        pytest.param(("--with-dependents",), 0, set(VPN_FAMILY), id="done"),
        pytest.param(("--break-dependents",), 0, {"vpn"}, id="accepted"),
    ],
)
def test_stdout_holds_the_plan_as_json_and_nothing_else(
    nstui: Nstui, world: World, options: tuple[str, ...], code: int, removed: set[str]
) -> None:
    before, vpn = names(world), world.records.get("vpn").id
    answer = nstui("--demo", "rm", "-f", "--json", *options, "vpn")
    plan = json.loads(answer.out)
    assert answer.code == code
    assert (plan["schema"], plan["action"]) == ("nstui/1", "rm")
    assert plan["targets"] == [vpn]
    assert plan["breaks"] is ("--with-dependents" not in options)
    assert before - names(world) == removed
    assert bool(answer.err) == (code != 0 and "--dry-run" not in options)
    done = {step["name"] for step in (plan["outcome"] or {"done": ()})["done"]}
    assert done == removed


def test_json_is_plain_ascii_whatever_the_names(nstui: Nstui, stage: Stage) -> None:
    world = stage(World())
    world.run(Spec(HOSTILE, HOSTILE))
    world.run(Spec("dep", HOSTILE, network=f"container:{HOSTILE}"))
    answer = nstui("--demo", "rm", "-f", "--json", world.records.get(HOSTILE).id)
    assert answer.code == 4
    assert answer.out.isascii()
    assert answer.out.replace("\n", "").isprintable()
    assert json.loads(answer.out)["steps"][0]["name"] == HOSTILE
    assert answer.err.replace("\n", "").isprintable()
    assert names(world) == {HOSTILE, "dep"}


def test_a_removed_name_is_printed_harmlessly(nstui: Nstui, stage: Stage) -> None:
    world = stage(World())
    one = world.run(Spec(HOSTILE))
    answer = nstui("--demo", "rm", "-f", one[:12])
    assert answer.code == 0
    assert answer.out[:-1].isprintable()
    assert names(world) == set()
