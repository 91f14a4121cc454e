"""``nstui tree`` and ``nstui check`` without a terminal."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.world import World
from tests.unit.cli.answers import names
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from tests.unit.cli.answers import Answer, Nstui, Stage


def document(answer: Answer) -> dict[str, object]:
    """Return the JSON that was printed; nothing but plain ASCII may be in it."""
    assert answer.err == ""
    assert answer.out.isascii()
    assert answer.out.replace("\n", "").isprintable()
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    assert found["schema"] == "nstui/1"
    return found


def test_without_a_command_and_a_terminal_the_tree_is_printed(
    nstui: Nstui, world: World
) -> None:
    assert names(world)
    bare, tree = nstui("--demo"), nstui("--demo", "tree")
    assert bare == tree
    assert (tree.code, tree.err) == (0, "")
    assert "└─ ● qbit-exporter" in tree.out


def test_all_lists_those_that_share_with_nobody(nstui: Nstui) -> None:
    assert "postgres" not in nstui("--demo", "tree").out
    assert "postgres" in nstui("--demo", "tree", "--all").out


@pytest.mark.parametrize("kind", ["pid", "ipc"])
def test_another_kind(nstui: Nstui, kind: str) -> None:
    tree = nstui("--demo", "tree", "--kind", kind).out
    assert tree.startswith("● pod-infra")
    assert "● vpn" not in tree


def test_every_kind_under_its_name(nstui: Nstui) -> None:
    lines = nstui("--demo", "tree", "--kind", "all").out.splitlines()
    titles = [line for line in lines if line.endswith(" namespaces")]
    assert titles == ["net namespaces", "pid namespaces", "ipc namespaces"]


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ((), ["net"]),
        (("--kind", "pid"), ["pid"]),
        (("--kind", "uts"), []),
        (("--kind", "all"), ["net", "pid", "ipc"]),
    ],
)
def test_the_groups_of_a_document(
    nstui: Nstui, arguments: tuple[str, ...], kinds: list[str]
) -> None:
    found = document(nstui("--demo", "tree", "--json", *arguments))
    groups = found["groups"]
    assert isinstance(groups, list)
    assert list(dict.fromkeys(group["kind"] for group in groups)) == kinds


def test_a_document_holds_every_container(nstui: Nstui, world: World) -> None:
    containers = document(nstui("--demo", "tree", "--json"))["containers"]
    assert isinstance(containers, list)
    assert {one["name"] for one in containers} == names(world)


def test_what_is_wrong(nstui: Nstui) -> None:
    answer = nstui("--demo", "check")
    assert (answer.code, answer.err) == (1, "")
    assert [line[:1] for line in answer.out.splitlines()] == list("✗ ✗ ✗ ! 2n")


def test_what_is_wrong_as_json(nstui: Nstui) -> None:
    answer = nstui("--demo", "check", "--json")
    findings = document(answer)["findings"]
    assert answer.code == 1
    assert isinstance(findings, list)
    assert [(one["code"], one["name"]) for one in findings] == [
        ("stale-join", "pihole"),
        ("owner-gone", "soulseek"),
        ("unhealthy", "vaultwarden"),
        ("restarting", "alloy"),
    ]


def test_nothing_wrong(nstui: Nstui, stage: Stage) -> None:
    stage(World()).run(Spec("web"))
    answer = nstui("--demo", "check")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "1 container, 0 groups · verified by the kernel · nothing wrong\n"
    )
    assert document(nstui("--demo", "check", "--json"))["findings"] == []


def test_a_notice_is_no_failure(nstui: Nstui, stage: Stage) -> None:
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.stop("dep")
    world.stop("own")
    answer = nstui("--demo", "check")
    assert answer.code == 0
    assert (
        "· notice owner-stopped  own stopped a moment ago: 1 container that joined"
        in answer.out
    )


def test_what_comes_from_outside_is_made_harmless(nstui: Nstui, stage: Stage) -> None:
    world = stage(World())
    world.run(Spec("own", HOSTILE))
    world.run(Spec("dep", HOSTILE, network="container:own"))
    world.restart("own")
    for command in (("tree",), ("tree", "--all", "--kind", "all"), ("check",)):
        shown = nstui("--demo", *command).out
        assert shown.replace("\n", "").isprintable()
    assert nstui("--demo", "tree").out.count(HARMLESS) == 2
    containers = document(nstui("--demo", "tree", "--json"))["containers"]
    assert isinstance(containers, list)
    assert [one["image"] for one in containers] == [HOSTILE, HOSTILE]


def test_the_version(nstui: Nstui) -> None:
    assert nstui("--version").out == f"nstui {version('nstui')}\n"


@pytest.mark.parametrize("command", [(), ("tree",), ("check",), ("rm",)])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(nstui: Nstui, command: tuple[str, ...], option: str) -> None:
    answer = nstui(*command, option)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"Usage: {' '.join(('nstui', *command))} ")


def test_all_lists_namespaces_without_a_container(nstui: Nstui) -> None:
    shown = nstui("--demo", "tree", "--all", "--kind", "ipc").out
    assert shown.splitlines()[-2:] == [
        "ipc namespaces without a container",
        "  ipc:[4026531839]  the host's own; 5 processes, the first 1 systemd",
    ]
    shown = nstui("--demo", "tree", "--all").out
    mount = "/run/docker/netns/5f2d0c9a7b1e"
    assert [line.partition("]  ")[2] for line in shown.splitlines()[-3:]] == [
        f"no container is left in it; kept by an engine's {mount}",
        "named lab; 2 processes, the first 3372 dnsmasq",
        "1 process, the first 3486 python3",
    ]


def test_all_as_json_lists_every_namespace(nstui: Nstui) -> None:
    found = document(nstui("--demo", "tree", "--all", "--json"))["namespaces"]
    assert isinstance(found, list)
    assert found[0]["command"] == "systemd"
    assert len(found) > 3
    assert [one["mounts"] for one in found if one["left"]] == [
        [{"kind": "engine", "path": "/run/docker/netns/5f2d0c9a7b1e"}]
    ]
    (lab,) = [one for one in found if one["command"] == "dnsmasq"]
    assert [each["command"] for each in lab["first"]] == ["dnsmasq", "radvd"]
    assert (lab["containers"], lab["processes"], lab["left"]) == ([], 2, False)
    assert "namespaces" not in document(nstui("--demo", "tree", "--json"))
