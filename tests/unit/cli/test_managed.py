"""Actions on hosts that something else manages, and on Podman."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.model.container import Pod
from tests.support.managers import UNIT_LABELS, USER_UNIT, swarm_labels
from tests.support.sim_podman import PodmanWorld
from tests.unit.cli.test_agreement import Person, nothing
from tests.unit.render.paper import Terminal

if TYPE_CHECKING:
    from tests.unit.cli.answers import Nstui, Stage


@pytest.fixture
def podman(stage: Stage) -> World:
    """Return a Podman with an owner, one that joined it, and a pod."""
    world = stage(PodmanWorld())
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    world.run(Spec("media-infra", pod=Pod("media", is_infra=True)))
    return world


def ask(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, answer: str
) -> tuple[int, str]:
    """Run nstui for a person; return the exit code and all that was said."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Person(answer, nothing))
    monkeypatch.setattr(sys, "stderr", screen)
    return run(("--demo", *arguments)), screen.getvalue()


@pytest.mark.parametrize("answer", ["", "vpn"])
def test_what_podman_refuses_is_not_offered(
    podman: World, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    code, said = ask(monkeypatch, "rm", "-f", "vpn", answer=answer)

    assert code == 4
    assert "anyway" not in said
    assert (
        "type 'dependents' to remove vpn and its dependents: nothing was changed"
        in said
    )
    assert podman.records.find("vpn") is not None


def test_what_podman_does_is_offered(
    podman: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = ask(monkeypatch, "rm", "-f", "vpn", answer="dependents")

    assert code == 0
    assert "remove vpn and its dependents: podman rm -f dep vpn" in said
    assert [record.name for record in podman.records] == ["media-infra"]


def test_what_holds_a_pod_together_names_the_pods_command(
    podman: World, nstui: Nstui
) -> None:
    answer = nstui("--demo", "rm", "-f", "-y", "media-infra")

    assert (answer.code, answer.complaint) == (
        1,
        "media-infra holds the pod media together: use podman pod rm media",
    )
    assert podman.records.find("media-infra") is not None


@pytest.fixture
def managed(stage: Stage) -> World:
    """Return a host with a quadlet, a task of a swarm, and an owner of the former."""
    world = stage(World())
    world.run(Spec("vpn"))
    world.run(Spec("qbit", network="container:vpn", runs_in=USER_UNIT))
    world.run(Spec("web.1.t1", labels=tuple(swarm_labels().items())))
    return world


@pytest.mark.parametrize("action", [("rm", "-f"), ("stop",), ("restart",), ("kill",)])
def test_what_a_manager_has_to_do_is_refused_with_its_command(
    managed: World, nstui: Nstui, action: tuple[str, ...]
) -> None:
    pid = managed.records.get("qbit").pid
    dry = nstui("--demo", *action, "--dry-run", "qbit")
    told = json.loads(nstui("--demo", *action, "--dry-run", "--json", "qbit").out)

    answer = nstui("--demo", *action, "-y", "qbit")

    sentence = "qbit is run by systemd unit qbit.service of the user with id 1000: use"
    assert answer.code == 4
    assert answer.complaint.startswith(f"refused, nothing was changed: {sentence}")
    assert f"managed elsewhere: {sentence} systemctl --user" in dry.out
    assert "the engine would refuse" not in dry.out
    assert [words.startswith(sentence) for words in told["managed"]] == [True]
    assert told["steps"] == []
    assert managed.records.get("qbit").pid == pid


def test_an_owner_can_still_be_harmful_to_what_is_managed(
    managed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its dependents cannot be removed with it, so that is no choice."""
    code, said = ask(monkeypatch, "rm", "-f", "vpn", answer="dependents")

    assert code == 4
    assert "the dependents too" not in said
    assert "or type 'vpn' to remove only vpn: nothing was changed" in said
    assert managed.records.find("vpn") is not None


def test_a_prune_says_what_it_leaves_and_why(managed: World, nstui: Nstui) -> None:
    managed.stop("web.1.t1")

    answer = nstui("--demo", "prune", "--dry-run")

    assert "keeps web.1.t1, which is managed by swarm service web" in answer.out


def test_heal_leaves_what_only_a_label_says_for_a_decision(
    stage: Stage, nstui: Nstui
) -> None:
    world = stage(PodmanWorld())
    world.run(Spec("vpn"))
    labels = tuple(UNIT_LABELS.items())
    world.run(Spec("qbit", network="container:vpn", labels=labels))
    world.restart("vpn")
    pid = world.records.get("qbit").pid

    answer = nstui("--demo", "heal", "-y")

    assert answer.code != 0
    assert "not healed: qbit: it may be run by systemd unit qbit.service" in answer.err
    assert world.records.get("qbit").pid == pid
