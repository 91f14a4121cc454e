"""A plan in words and as JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Outsider, Plan, Policy, Request
from nstui.model.step import Action, Step, Verb
from nstui.render.document import dump
from nstui.render.plan_document import plan_document
from nstui.render.plan_text import (
    commands_text,
    dark_ports_line,
    effect_line,
    effect_pieces,
    note_lines,
    outcome_line,
    outsider_lines,
    shown_effects,
    target_text,
    title,
    uncertain_line,
    way_back_line,
)
from nstui.render.text import Piece, Tone
from tests.support.builders import cid, container, snapshot
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from nstui.model.container import Container

VPN = container("vpn", image="gluetun:3", ports=(8080, 9090))
DEP = container("dep", joins=cid("vpn"))
FAR = container("far", joins=cid("dep"))
ALONE = container("alone", state="exited")


def plan(
    *containers: Container,
    targets: tuple[str, ...] = ("vpn",),
    policy: Policy = Policy.PROTECT,
    force: bool = True,
    volumes: bool = False,
) -> Plan:
    one = snapshot(*containers)
    request = Request(
        action=Action.RM,
        targets=tuple(cid(name) for name in targets),
        policy=policy,
        force=force,
        volumes=volumes,
    )
    return make_plan(one, Graph(one.containers), request)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (plan(VPN, ALONE, targets=("alone",)), "Remove alone?"),
        (plan(VPN, ALONE, targets=("alone", "vpn")), "Remove alone, vpn?"),
        (plan(VPN, DEP), "Removing vpn breaks 1 container"),
        (plan(VPN, DEP, FAR), "Removing vpn breaks 2 containers"),
        (
            plan(VPN, container("both", joins=cid("vpn"), joins_pid=cid("vpn"))),
            "Removing vpn breaks 1 container",
        ),
        (plan(VPN, DEP, policy=Policy.WITH_DEPENDENTS), "Remove vpn?"),
        (plan(VPN, container("backup", volumes_from=("vpn",))), "Remove vpn?"),
    ],
)
def test_title(made: Plan, words: str) -> None:
    assert title(made) == words


def test_each_dependent_has_a_line() -> None:
    harm = "loses its network at once; can never start again, must be recreated"
    assert [effect_line(effect) for effect in plan(VPN, DEP, FAR).effects] == [
        f"dep: {harm}",
        f"far: {harm} (through dep)",
    ]


def test_harm_stands_out() -> None:
    backup = container("backup", volumes_from=("vpn",))
    harm, no_harm = (effect_pieces(e) for e in plan(VPN, DEP, backup).effects)
    assert [piece.tone for piece in harm] == [Tone.STRONG, Tone.ERROR, Tone.MUTED]
    assert no_harm == (
        Piece("backup", Tone.STRONG),
        Piece(": uses volumes of vpn: they stay, nothing changes for it", Tone.MUTED),
        Piece("", Tone.MUTED),
    )


def test_ports_that_are_no_longer_reachable() -> None:
    assert dark_ports_line(plan(VPN)) == (
        "ports no longer reachable: 0.0.0.0:8080->8080/tcp, 0.0.0.0:9090->9090/tcp"
    )
    assert dark_ports_line(plan(ALONE, targets=("alone",))) is None


def test_who_may_depend_on_it_for_all_that_is_known() -> None:
    dark = container("dark", is_inspected=False)
    murk = container("murk", is_inspected=False)
    assert uncertain_line(plan(VPN, dark, murk)) == (
        "could not inspect dark, murk: they may depend on this too"
    )
    assert uncertain_line(plan(VPN)) is None


def test_what_the_targets_are() -> None:
    assert target_text(plan(VPN, ALONE, targets=("vpn", "alone"))) == (
        "vpn: gluetun:3, running; alone: busybox:1, exited"
    )


def step(verb: str, name: str, *, timeout: int | None = None, flags: str = "") -> Step:
    return Step(
        verb=Verb(verb),
        container=cid(name),
        name=name,
        force="f" in flags,
        volumes="v" in flags,
        timeout=timeout,
    )


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ((), ""),
        ((step("rm", "a"), step("rm", "b")), "docker rm a b"),
        ((step("rm", "a", flags="f"),), "docker rm -f a"),
        (
            (step("rm", "a", flags="fv"), step("rm", "b", flags="fv")),
            "docker rm -f -v a b",
        ),
        (
            (step("stop", "a"), step("stop", "b"), step("rm", "a"), step("rm", "b")),
            "docker stop a b && docker rm a b",
        ),
        ((step("stop", "a", timeout=0),), "docker stop -t 0 a"),
        ((step("restart", "a", timeout=3),), "docker restart -t 3 a"),
        ((step("kill", "a"),), "docker kill a"),
        ((step("rm", "a; reboot"),), "docker rm 'a; reboot'"),
        ((step("rm", "a\x1b[2J"),), f"docker rm {cid('a' + chr(27) + '[2J')[:12]}"),
    ],
)
def test_the_command_it_amounts_to(steps: tuple[Step, ...], line: str) -> None:
    assert commands_text(steps) == line


def test_the_program_is_the_engines() -> None:
    assert commands_text((step("rm", "a"),), "podman") == "podman rm a"


def test_what_comes_from_outside_is_made_harmless() -> None:
    owner = container(HOSTILE, image=HOSTILE)
    dep = container(f"{HOSTILE}2", joins=owner.id, joins_ipc=owner.id)
    far = container(f"{HOSTILE}3", joins=dep.id)
    dark = container(f"{HOSTILE}4", is_inspected=False)
    made = plan(owner, dep, far, dark, targets=(HOSTILE,))
    lines = (
        title(made),
        target_text(made),
        *(effect_line(effect) for effect in made.effects),
        uncertain_line(made) or "",
    )
    for line in lines:
        assert line.isprintable()
        assert HARMLESS in line
    assert commands_text(made.steps) == f"docker rm -f {owner.id[:12]}"


def test_the_worst_of_its_kinds_is_one_line_with_what_its_next_start_takes() -> None:
    dep = container("dep", joins=cid("vpn"), joins_pid="vpn")
    made = plan(VPN, dep)
    assert [effect.kind for effect in made.effects] == ["pid", "net"]
    assert [effect_line(effect) for effect in shown_effects(made)] == [
        "dep: is killed at once; can never start again, must be recreated"
    ]


def test_what_was_not_seen_is_said() -> None:
    adrift = replace(
        plan(VPN, DEP), notes=("a note",), blind_spots=("unseen",), unplaced=("far",)
    )
    assert note_lines(adrift) == (
        "a note",
        "unseen",
        (
            "no container has the name or id that far joined: it may be in a"
            " namespace that ends"
        ),
    )


def test_what_a_removal_loses_for_good_is_said_before_it() -> None:
    lost = "can be restored, except {} outside volumes"
    assert way_back_line(plan(VPN)) == lost.format("changes")
    with_volumes = lost.format("anonymous volumes and changes")
    assert way_back_line(plan(VPN, volumes=True)) == with_volumes
    assert way_back_line(replace(plan(VPN), steps=())) is None


def test_the_way_back_is_said_after_a_removal() -> None:
    assert outcome_line(plan(VPN)).endswith("removed vpn; U brings it back")
    both = plan(VPN, DEP, policy=Policy.WITH_DEPENDENTS)
    assert outcome_line(both).endswith("; U brings them back")


@pytest.mark.parametrize(
    ("outsider", "line"),
    [
        (
            Outsider(7, "tcpdump", (NamespaceKind.NET,), VPN.id, "vpn"),
            "tcpdump (pid 7), of no container, is in the net namespace of vpn too",
        ),
        (
            Outsider(
                8, None, (NamespaceKind.NET, NamespaceKind.IPC), VPN.id, "vpn", DEP.id
            ),
            (
                f"a process (pid 8), of {DEP.id[:12]}, a container of another engine,"
                " is in the net and ipc namespaces of vpn too"
            ),
        ),
    ],
)
def test_who_came_from_outside_is_named(outsider: Outsider, line: str) -> None:
    made = replace(plan(VPN), outsiders=(outsider,))
    assert outsider_lines(made) == (line,)
    assert f'"pid": {outsider.pid}' in dump(plan_document(made))
    assert made == plan(VPN)


def test_the_document_of_a_plan() -> None:
    made = plan(VPN, DEP, FAR, container("dark", is_inspected=False), force=False)
    effect = {
        "kind": "net",
        "now": "loses_network",
        "later": "must_be_recreated",
        "sentence": "loses its network at once; can never start again,"
        " must be recreated",
        "harms": True,
        "known_by": "declared",
        "declared": True,
        "certain": True,
    }
    assert plan_document(made) == {
        "schema": "nstui/1",
        "action": "rm",
        "policy": "protect",
        "targets": [cid("vpn")],
        "breaks": True,
        "effects": [
            {"container": cid("dep"), "name": "dep", "via": cid("vpn"), **effect},
            {"container": cid("far"), "name": "far", "via": cid("dep"), **effect},
        ],
        "steps": [{"verb": "rm", "container": cid("vpn"), "name": "vpn"}],
        "dark_ports": ["0.0.0.0:8080->8080/tcp", "0.0.0.0:9090->9090/tcp"],
        "kept": [],
        "recovery": [],
        "recreations": [],
        "choices": [],
        "unhealed": [],
        "notes": [],
        "interruptions": [],
        "uncertain": ["dark"],
        "managed": [],
        "unplaced": [],
        "namespaces_read": "declared",
        "blind_spots": [
            ("only declared joins could be read; undeclared sharing is unknown")
        ],
        "outsiders": None,
        "objections": ["vpn is running: stop it first, or use --force"],
        "restoration": None,
        "outcome": None,
    }


def test_the_document_of_a_plan_that_harms_nobody() -> None:
    document = plan_document(plan(VPN, DEP, policy=Policy.WITH_DEPENDENTS))
    assert document["policy"] == "with-dependents"
    assert document["breaks"] is False
    assert document["effects"] == []
    assert document["steps"] == [
        {"verb": "rm", "container": cid("dep"), "name": "dep"},
        {"verb": "rm", "container": cid("vpn"), "name": "vpn"},
    ]


@pytest.mark.parametrize(
    ("manager", "words"),
    [
        (("systemctl", "stop", "stop.service"), "stopped by its manager qbit"),
        (("systemctl", "restart", "x.service"), "restarted by its manager qbit"),
        (
            ("docker", "service", "update", "--force", "stop"),
            "restarted by its manager qbit",
        ),
    ],
)
def test_what_a_manager_has_done(manager: tuple[str, ...], words: str) -> None:
    step = Step(verb=Verb.MANAGER, container=cid("qbit"), name="qbit", command=manager)

    assert outcome_line(replace(plan(VPN), steps=(step,))) == words
