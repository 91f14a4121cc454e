"""``nstui heal`` on a simulated host, with and without somebody to ask."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from tests.support.sim_faults import Fault, FaultyEngine, Killed
from tests.unit.cli.answers import names
from tests.unit.render.paper import HARMLESS, HOSTILE, Terminal

if TYPE_CHECKING:
    from tests.unit.cli.answers import Nstui, Stage


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what nothing can end in a simulation count as steady at once."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


@pytest.fixture
def orphan(stage: Stage) -> World:
    """Put a host on the stage whose dependent has lost an owner nobody knows."""
    world = stage(World())
    world.run(Spec("old"))
    world.run(Spec("dep", network="container:old"))
    world.remove("old", force=True)
    world.run(Spec("new"))
    world.run(Spec("other"))
    return world


def ask(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str
) -> tuple[int, str]:
    """Run nstui for somebody who types; return the exit code and what was said."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", screen)
    code = run(("--demo", "heal", *arguments))
    assert screen.getvalue().replace("\n", "").isprintable()
    return code, screen.getvalue()


def joined(world: World, name: str = "dep") -> str:
    """Return the name of whom a container joined."""
    (join,) = world.records.get(name).joins
    target = world.records.find(join.reference)
    return "nobody" if target is None else target.name


def test_a_host_that_is_well(nstui: Nstui, stage: Stage) -> None:
    stage(World()).run(Spec("own"))
    answer = nstui("--demo", "heal")
    assert (answer.code, answer.out, answer.err) == (0, "nothing to heal\n", "")


def test_what_is_stale_is_restarted(nstui: Nstui, stage: Stage) -> None:
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.restart("own")
    answer = nstui("--demo", "heal", "--yes")
    assert (answer.code, answer.out) == (0, "dep\n")
    assert nstui("--demo", "check").code == 0


def test_one_that_cannot_be_healed_does_not_keep_the_others_from_it(
    nstui: Nstui, orphan: World
) -> None:
    orphan.run(Spec("stale", network="container:new"))
    orphan.restart("new")
    answer = nstui("--demo", "heal")
    assert (answer.code, answer.out) == (4, "stale\n")
    assert answer.err == (
        "healed: stale\n"
        "not healed: dep: it joined old, and nothing proves what replaced it: create"
        " old again, or choose its new owner with --onto; not proven: new could be it"
        " (stale has joined it too), other could be it (it runs in a network of its"
        " own)\n"
    )


def test_the_plan_says_what_would_be_done(nstui: Nstui, orphan: World) -> None:
    assert joined(orphan) == "nobody"
    answer = nstui("--demo", "heal", "--onto", "new", "--dry-run")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "Heal dep?\n  recreates dep on new\nnstui heal --onto new dep\n"
    )
    document = json.loads(nstui("--demo", "heal", "--onto", "new", "--dry-run",
                                "--json").out)  # fmt: skip
    assert document["action"] == "heal"
    assert document["recreations"][0]["owner"] == "new"
    assert document["steps"][0]["verb"] == "recreate"
    assert joined(orphan) == "nobody"


def test_json_prints_the_plan_and_does_it(nstui: Nstui, orphan: World) -> None:
    answer = nstui("--demo", "heal", "--onto", "new", "--json")
    assert answer.code == 0
    document = json.loads(answer.out)
    assert document["unhealed"] == []
    assert document["outcome"]["done"] == document["steps"]
    assert document["outcome"]["failed"] == document["outcome"]["left"] == []
    assert joined(orphan) == "new"


@pytest.mark.parametrize(
    ("typed", "owner", "code"),
    [("1\ny\n", "new", 0), ("other\ny\n", "other", 0), ("\n", "nobody", 4),
     ("1\n\n", "nobody", 1), ("7\n", "nobody", 4)],
)  # fmt: skip
def test_somebody_is_asked_who_takes_the_place_of_one_that_is_gone(
    orphan: World, monkeypatch: pytest.MonkeyPatch, typed: str, owner: str, code: int
) -> None:
    answer, said = ask(monkeypatch, typed=typed)
    assert (answer, joined(orphan)) == (code, owner)
    assert (
        "dep's owner old is gone. Which container should it join?\n"
        "  1  new: it runs in a network of its own\n"
        "  2  other: it runs in a network of its own\n"
    ) in said


def test_of_whom_nobody_knows_anything_the_user_is_told_so(
    nstui: Nstui, orphan: World
) -> None:
    orphan.journal.forget()
    answer = nstui("--demo", "heal", "--yes")
    assert (answer.code, answer.out) == (4, "nothing can be healed\n")
    assert answer.err.startswith("not healed: dep: its owner ")
    assert "new could be it (it runs in a network of its own)" in answer.err
    assert joined(orphan) == "nobody"


def test_what_only_fails_and_what_only_lacks_a_decision_have_codes_of_their_own(
    nstui: Nstui, orphan: World
) -> None:
    orphan.run(Spec("name"))
    orphan.run(Spec("lost", network="container:name"))
    orphan.records.get("lost").modes[NamespaceKind.NET] = "container:name"
    orphan.remove("name", force=True)
    answer = nstui("--demo", "heal", "--yes")
    assert answer.code == 4
    assert "not healed: lost: it joins name by name: create name again" in answer.err
    assert "or choose its new owner with --onto" in answer.err

    orphan.run(Spec("sick"))
    orphan.run(Spec("held", network="container:sick"))
    orphan.records.get("sick").state = ContainerState.RESTARTING
    answer = nstui("--demo", "heal", "--yes")
    assert answer.code == 1
    assert "not healed: held: sick keeps exiting" in answer.err
    assert "not healed: lost: it joins name by name" in answer.err
    assert "not healed: dep: it joined old" in answer.err


def test_one_is_moved_onto_another_owner_and_back(nstui: Nstui, orphan: World) -> None:
    assert nstui("--demo", "heal", "--onto", "new", "dep").code == 0
    assert joined(orphan) == "new"
    answer = nstui("--demo", "heal", "--onto", "other", "dep")
    assert (answer.code, answer.out) == (0, "dep\n")
    assert joined(orphan) == "other"
    answer = nstui("--demo", "heal", "--onto", "other", "dep")
    assert (answer.code, answer.out) == (
        0,
        "nothing to heal; dep has joined other already, and is running\n",
    )


@pytest.mark.parametrize("onto", ["dep", "host"])
def test_onto_whom_nobody_is_moved(nstui: Nstui, orphan: World, onto: str) -> None:
    orphan.run(Spec("host", network="host"))
    answer = nstui("--demo", "heal", "--onto", onto, "dep")
    assert (answer.code, answer.out) == (1, "nothing can be healed\n")
    assert "cannot be its own owner" in answer.err or "of the host itself" in answer.err
    assert joined(orphan) == "nobody"


@pytest.mark.parametrize(
    ("typed", "owner", "images"),
    [("keep\ny\n", "new", 1), ("drop\ny\n", "new", 0), ("\n", "nobody", 0)],
)
def test_somebody_is_asked_what_becomes_of_what_was_written(
    orphan: World,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    owner: str,
    images: int,
) -> None:
    orphan.write("dep", "/etc/mine")
    code, said = ask(monkeypatch, "--onto", "new", typed=typed)
    assert (joined(orphan), len(orphan.images)) == (owner, images)
    assert code == (0 if owner == "new" else 4)
    assert "dep wrote 1 path outside its volumes: /etc/mine" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody",), "no container is called 'nobody'"),
        (("--onto", "nobody"), "no container is called 'nobody'"),
    ],
)
def test_unknown_names(
    nstui: Nstui, orphan: World, arguments: tuple[str, ...], complaint: str
) -> None:
    answer = nstui("--demo", "heal", *arguments)
    assert (answer.code, answer.complaint) == (1, complaint)
    assert names(orphan) == {"dep", "new", "other"}


def test_options_that_contradict_each_other(nstui: Nstui) -> None:
    answer = nstui("--demo", "heal", "--keep-changes", "--drop-changes")
    assert answer.code == 2
    assert "not both" in answer.complaint


@pytest.mark.parametrize("words", [("--onto", "x"), ("--keep-changes",)])
def test_what_compose_cannot_be_told(nstui: Nstui, words: tuple[str, ...]) -> None:
    answer = nstui("--demo", "heal", "--compose", *words)
    assert answer.code == 2
    assert f"compose cannot be told what {words[0]} says" in answer.complaint


def test_one_that_cannot_be_started_is_put_back(nstui: Nstui, orphan: World) -> None:
    before = orphan.records.get("dep").id
    orphan.stop("dep")
    with pytest.raises(EngineRefused):
        # It is meant to run: its last start failed.
        orphan.start("dep")
    orphan.break_image("busybox:1.36", "OCI runtime create failed: exec: not found")
    answer = nstui("--demo", "heal", "--onto", "new")
    assert answer.code == 1
    assert "OCI runtime create failed: exec: not found" in answer.err
    assert "dep was put back" in answer.err
    assert names(orphan) == {"dep", "new", "other"}
    assert orphan.records.get("dep").id == before


def test_a_hostile_name_does_nothing_to_the_terminal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage(World())
    world.run(Spec("old"))
    world.run(Spec(HOSTILE, network="container:old"))
    world.remove("old", force=True)
    world.run(Spec("new"))
    _, said = ask(monkeypatch, typed="1\ny\n")
    assert HARMLESS in said
    assert isinstance(sys.stdin, io.StringIO)


@pytest.fixture
def whole(stage: Stage) -> World:
    """Put two groups on the stage."""
    world = stage(World())
    for spec in (
        Spec("vpn"),
        Spec("a", "bad:1", network="container:vpn"),
        Spec("a-far", network="container:a"),
        Spec("b", network="container:vpn"),
        Spec("own"),
        Spec("dep", network="container:own"),
    ):
        world.run(spec)
    return world


@pytest.fixture
def torn(whole: World) -> World:
    """Put two groups on the stage that a restart has torn apart."""
    whole.restart("vpn")
    whole.restart("own")
    return whole


def test_what_fails_keeps_no_other_from_being_healed(nstui: Nstui, torn: World) -> None:
    torn.break_image("bad:1", "exec format error")
    answer = nstui("--demo", "heal", "--yes")
    assert (answer.code, answer.out) == (1, "b\ndep\n")
    healed, failed, left, more = answer.err.splitlines()
    assert healed == "healed: b, dep"
    assert failed.startswith("failed: could not restart a: ")
    assert left == "left alone: a-far: it needs a"
    assert more == "to go on, fix that, then: docker restart a a-far"


def test_a_decision_that_is_missing_keeps_no_other_from_being_healed(
    nstui: Nstui, torn: World, orphan: World
) -> None:
    """The order of the fixtures puts the orphan's host on the stage."""
    del torn
    orphan.write("dep", "/etc/mine")
    orphan.run(Spec("stale", network="container:other"))
    orphan.restart("other")
    planned = nstui("--demo", "heal", "--onto", "new", "--dry-run")
    assert planned.code == 4
    assert "not healed: dep: it would lose its changes" in planned.out
    answer = nstui("--demo", "heal", "--onto", "new", "--yes")
    assert (answer.code, answer.out) == (4, "stale\n")
    assert "not healed: dep: it would lose its changes" in answer.err
    assert joined(orphan) == "nobody"


@pytest.mark.parametrize(
    ("harm", "options", "code"),
    [
        pytest.param("", (), 4, id="nobody knows the owner"),
        pytest.param("", ("--onto", "new"), 0, id="all can be healed"),
        pytest.param("layer", ("--onto", "new"), 4, id="something would be lost"),
        pytest.param("rider", ("--onto", "new"), 4, id="another would be harmed"),
        pytest.param(
            "rider", ("--onto", "new", "--with-dependents"), 0, id="taken along"
        ),
    ],
)
def test_a_dry_run_ends_as_the_real_one_does(
    nstui: Nstui, orphan: World, harm: str, options: tuple[str, ...], code: int
) -> None:
    if harm == "layer":
        orphan.write("dep", "/etc/mine")
    elif harm == "rider":
        orphan.run(Spec("rider", pid="container:dep"))
    assert nstui("--demo", "heal", *options, "--dry-run").code == code
    assert nstui("--demo", "heal", *options, "--yes").code == code


def test_what_cannot_be_finished_keeps_no_other_from_being_healed(
    nstui: Nstui, whole: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that was cut off comes first, and fails here again and again."""
    audit_log = MemoryAuditLog()
    monkeypatch.setattr("nstui.demo.audit_log.MemoryAuditLog", lambda: audit_log)
    engine = FaultyEngine(SimEngine(whole))
    executor = open_host(engine, SimHost(whole), audit_log, endpoint="demo://").executor
    owner = whole.records.get("vpn").id
    request = Request(
        action=Action.STOP, targets=(owner,), policy=Policy.WITH_DEPENDENTS
    )
    engine.fail(2, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        executor.carry_out(executor.plan(request))
    audit_log.release_all()
    whole.restart("own")
    whole.break_image("bad:1", "exec format error")
    answer = nstui("--demo", "heal", "--yes")
    assert answer.code == 1
    assert "exec format error" in answer.err
    assert answer.out == "dep\n"
    assert answer.err.startswith("healed: dep\nfailed: could not start a: ")


@pytest.mark.parametrize(
    ("is_orphan", "code"), [(False, 0), (True, 4)], ids=["alone", "beside an orphan"]
)
def test_a_dry_run_tells_what_follows_what_was_cut_off(
    nstui: Nstui,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_orphan: bool,
    code: int,
) -> None:
    world, audit_log = stage(World()), MemoryAuditLog()
    monkeypatch.setattr("nstui.demo.audit_log.MemoryAuditLog", lambda: audit_log)
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.run(Spec("far", network="container:dep"))
    world.remove("own", force=True)
    onto = world.run(Spec("own"))
    engine = FaultyEngine(SimEngine(world))
    executor = open_host(engine, SimHost(world), audit_log, endpoint="demo://").executor
    engine.fail(3, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        executor.carry_out(
            executor.plan(Request(action=Action.HEAL, targets=(), onto=onto))
        )
    audit_log.release_all()
    if is_orphan:
        world.run(Spec("old"))
        world.run(Spec("lost", network="container:old"))
        world.remove("old", force=True)
    planned = nstui("--demo", "heal", "--dry-run")
    assert planned.code == code
    assert ("not healed: lost" in planned.out + planned.err) == is_orphan
    assert "far" not in planned.out
    assert nstui("--demo", "heal", "--yes").code == code
