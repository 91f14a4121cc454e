"""``nstui removed restore``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.model.audit import DamagedRecord
from tests.support.builders import cid
from tests.unit.audit.traces import removed
from tests.unit.cli.answers import names
from tests.unit.render.paper import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.audit.log import FileAuditLog
    from nstui.model.audit import RemovedContainer
    from tests.unit.cli.answers import Answer, Nstui, Stage

DEMO = ("--demo", "removed")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryAuditLog:
    """Put one audit log behind ``--demo``, for every run of the test."""
    audit_log = MemoryAuditLog()
    monkeypatch.setattr("nstui.demo.audit_log.MemoryAuditLog", lambda: audit_log)
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.0)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.0)
    return audit_log


@pytest.fixture
def world(stage: Stage, memory: MemoryAuditLog) -> World:
    """Put a host behind ``--demo``: ``own`` with ``dep`` on it, and ``apart``."""
    assert memory.removed() == ()
    world = stage(World())
    for spec in (Spec("own"), Spec("dep", network="container:own"), Spec("apart")):
        world.run(spec)
    return world


def rm(nstui: Nstui, *names: str) -> None:
    """Remove containers, whatever that breaks."""
    assert nstui("--demo", "rm", "-f", "--break-dependents", *names).code == 0


def restore(nstui: Nstui, *arguments: str) -> Answer:
    """Restore a container."""
    return nstui(*DEMO, "restore", *arguments)


def kept(memory: MemoryAuditLog, name: str) -> RemovedContainer:
    """Return the newest record of a name."""
    return next(one for one in memory.removed() if one.name == name)


def test_what_was_removed_comes_back(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    rm(nstui, "apart")
    first = kept(memory, "apart").id
    answer = restore(nstui, "apart")
    assert (answer.code, answer.out, answer.err) == (0, "apart\n", "")
    assert names(world) == {"own", "dep", "apart"}
    new = world.records.get("apart").id
    listed = nstui(*DEMO).out
    assert f"{first[:12]}  restored as apart ({new[:12]}), demo://" in listed
    (entry,) = json.loads(nstui(*DEMO, "--json").out)["removed"]
    assert entry["restored"]["id"] == new
    again = restore(nstui, "--yes", "apart")
    assert again.code == 1
    assert again.complaint == f"apart was restored already: as apart ({new[:12]})"


def test_a_dry_run_says_everything_and_changes_nothing(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    rm(nstui, "own", "dep")
    first = kept(memory, "own").id
    answer = restore(nstui, "--dry-run", "own")
    assert (answer.code, answer.err) == (0, "")
    title, target, *lines = answer.out.splitlines()
    assert title == "Restore own?"
    assert target.startswith("  own: busybox:1.36, removed 20")
    assert lines == [
        "  is started, as it was running before",
        "  not restored: changes outside volumes",
        f"nstui removed restore {first[:12]}",
    ]
    assert names(world) == {"apart"}


def test_what_joined_it_and_what_it_joins_is_said(nstui: Nstui, world: World) -> None:
    rm(nstui, "own")
    said = "joined it, to be healed afterwards: dep"
    assert said in restore(nstui, "--dry-run", "own").out
    world.stop("dep")
    rm(nstui, "dep")
    open_ = restore(nstui, "--dry-run", "dep")
    assert open_.code == 4
    assert "  undecided: its owner own is gone, and nothing proves" in open_.out
    refused = restore(nstui, "dep")
    assert refused.code == 4
    assert refused.complaint.startswith("refused, nothing was changed: its owner own")
    assert restore(nstui, "own").code == 0
    lines = restore(nstui, "--dry-run", "dep").out
    assert "  joins own: it has the name of the one that is gone" in lines
    assert "  is not started: it was not running before" in lines


def test_a_plan_is_printed_as_json_too(nstui: Nstui, world: World) -> None:
    rm(nstui, "own")
    answer = restore(nstui, "--json", "--dry-run", "own")
    document = json.loads(answer.out)
    assert document["action"] == "restore"
    assert [step["verb"] for step in document["steps"]] == ["restore"]
    assert document["restoration"] == {
        "container": document["targets"][0],
        "name": "own",
        "image": "busybox:1.36",
        "removed_at": document["restoration"]["removed_at"],
        "starts": True,
        "owners": [],
        "emptied": [],
        "left_out": [],
        "undecided": [],
        "compose": None,
        "command": None,
        "left_behind": ["dep"],
    }
    done = restore(nstui, "--json", "own")
    assert done.code == 0
    assert json.loads(done.out)["restoration"]["name"] == "own"
    assert "own" in names(world)


def test_an_owner_and_an_image_can_be_named(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    rm(nstui, "own", "dep")
    world.lost_images["busybox:1.36"] = "sha256:other"
    assert restore(nstui, "--dry-run", "apart").code == 1
    refused = restore(nstui, "--onto", "apart", "dep")
    assert refused.code == 4
    assert "--image busybox:1.36 uses that" in refused.complaint
    chosen = restore(nstui, "--onto", "apart", "--image", "busybox:1.37", "dep")
    assert (chosen.code, chosen.err) == (0, "")
    (join,) = world.records.get("dep").joins
    assert join.reference == world.records.get("apart").id
    assert world.records.get("dep").spec.image == "busybox:1.37"
    assert kept(memory, "dep").restored is not None


def test_what_the_engine_would_refuse_is_the_answer_of_a_dry_run(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    rm(nstui, "apart")
    world.lost_images["busybox:1.36"] = ""
    answer = restore(nstui, "--dry-run", "apart")
    assert answer.code == 1
    said = "not possible: its image busybox:1.36 no longer exists"
    assert said in answer.out
    swarm = {
        "com.docker.swarm.service.name": "web",
        "com.docker.swarm.service.id": "s",
        "com.docker.swarm.task.id": "t",
        "com.docker.swarm.task.name": "web.1.t",
        "com.docker.swarm.node.id": "n",
    }
    of_swarm = {**kept(memory, "apart").inspect, "Config": {"Labels": swarm}}
    memory.save(replace(kept(memory, "apart"), inspect=of_swarm))
    managed = restore(nstui, "--dry-run", "apart")
    assert managed.code == 4
    assert "use docker service update --force web" in managed.out


def test_of_several_with_one_name_the_newest_is_meant(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    assert "apart" in names(world)
    rm(nstui, "apart")
    old = kept(memory, "apart")
    earlier = replace(old, id=cid("old"), removed_at=old.removed_at - timedelta(days=2))
    memory.save(earlier)
    answer = restore(nstui, "--dry-run", "apart")
    assert f"nstui removed restore {old.id[:12]}" in answer.out
    when = earlier.removed_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    assert f"for others give their id: {cid('old')[:12]} of {when}\n" in answer.err
    by_id = restore(nstui, "--dry-run", old.id[:12])
    assert (by_id.code, by_id.err) == (0, "")
    for moment in (when, when[:10], earlier.removed_at.isoformat()[:16]):
        then = restore(nstui, "--dry-run", "--at", moment, "apart")
        # The simulated engine knows nothing of that one.
        assert f"nstui removed restore {cid('old')[:12]}" in then.out
    never = restore(nstui, "--at", "2001", "apart")
    assert never.code == 1
    assert never.complaint == "nothing was removed at '2001': see nstui removed"


def test_one_that_is_unknown_or_of_another_engine(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    assert restore(nstui, "apart").complaint == (
        "no removed container is called 'apart'"
    )
    rm(nstui, "apart")
    mine = kept(memory, "apart")
    memory.save(replace(mine, engine_id="of nas", endpoint="tcp://nas:2375"))
    assert restore(nstui, "apart").complaint == (
        "'apart' was removed on tcp://nas:2375: name that with --host"
    )
    assert names(world) == {"own", "dep"}


def test_one_that_was_removed_at_another_time(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    rm(nstui, "apart", "dep")
    other = kept(memory, "dep")
    earlier = other.removed_at - timedelta(days=800)
    memory.save(replace(other, id=cid("old"), removed_at=earlier))
    year = f"{earlier:%Y}"
    assert restore(nstui, "--at", year, "apart").complaint == (
        f"'apart' was not removed at '{year}': see nstui removed"
    )
    assert names(world) == {"own"}


def test_one_of_an_engine_that_was_here_before(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    rm(nstui, "apart")
    memory.save(replace(kept(memory, "apart"), engine_id="of the one before"))
    refused = restore(nstui, "apart")
    assert refused.code == 1
    assert refused.complaint == (
        "'apart' was removed on another engine, which was at demo:// before this one:"
        " nstui removed show --as-run apart prints what makes it again"
    )
    assert names(world) == {"own", "dep"}
    assert "docker run" in nstui(*DEMO, "show", "--as-run", "apart").out


def test_one_that_was_removed_at_another_address(
    nstui: Nstui, world: World, memory: MemoryAuditLog
) -> None:
    rm(nstui, "apart")
    memory.save(replace(kept(memory, "apart"), endpoint="ssh://me@nas"))
    assert restore(nstui, "-y", "apart").code == 0
    assert names(world) == {"own", "dep", "apart"}


def test_nothing_is_restored_read_only(nstui: Nstui, world: World) -> None:
    rm(nstui, "apart")
    answer = nstui("--read-only", *DEMO, "restore", "apart")
    assert answer.code == 1
    assert answer.complaint == "refused: nstui was started with --read-only"
    assert "apart" not in names(world)


def test_a_failure_leaves_nothing_and_says_so(nstui: Nstui, world: World) -> None:
    rm(nstui, "apart")
    world.break_image("busybox:1.36", "no such file or directory")
    answer = restore(nstui, "apart")
    assert answer.code == 1
    assert answer.complaint == (
        "could not restore apart: no such file or directory; the new apart was removed"
        " again, and its inspect is still kept"
    )
    assert names(world) == {"own", "dep"}


def test_records_that_cannot_be_read_are_not_none(
    nstui: Nstui, world: World, memory: MemoryAuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "apart" in names(world)
    damaged = (DamagedRecord("/there/a.json", "it is no valid JSON"),)
    monkeypatch.setattr(memory, "damaged", lambda: damaged)
    answer = restore(nstui, "apart")
    assert answer.code == 1
    assert answer.err == (
        "nstui: skipped /there/a.json: it is no valid JSON\n"
        "nstui: no removed container is called 'apart'\n"
    )


def test_a_folder_that_cannot_be_read_is_one_sentence(
    nstui: Nstui, folder: Path, audit_log: FileAuditLog
) -> None:
    audit_log.save(removed())
    folder.joinpath("removed").chmod(0o777)
    answer = nstui("removed", "restore", "web")
    assert answer.code == 1
    assert str(folder / "removed") in answer.complaint


@pytest.mark.parametrize(
    ("answers", "code", "is_there", "says"),
    [
        pytest.param("y\n", 0, True, "Restore? [y/N]", id="yes"),
        pytest.param("\n", 1, False, "nothing was changed", id="enter keeps"),
    ],
)
def test_it_is_asked_first(  # noqa: PLR0913, PLR0917 - a table
    nstui: Nstui,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    answers: str,
    code: int,
    is_there: bool,  # noqa: FBT001 - a column of the table
    says: str,
) -> None:
    rm(nstui, "apart")
    said = ask(monkeypatch, "apart", answers=answers)
    assert said[0] == code
    assert says in said[1]
    assert ("apart" in names(world)) == is_there


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        pytest.param("1\ny\ny\n", 0, id="the first, that image, yes"),
        pytest.param("apart\ny\ny\n", 0, id="by its name"),
        pytest.param("1\n\n", 4, id="not that image"),
        pytest.param("\ny\n", 4, id="no owner"),
    ],
)
def test_what_is_open_is_asked(
    nstui: Nstui,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    answers: str,
    code: int,
) -> None:
    rm(nstui, "own", "dep")
    world.lost_images["busybox:1.36"] = "sha256:other"
    got, said = ask(monkeypatch, "dep", answers=answers)
    assert got == code
    assert "busybox:1.36 is another image now. Use that? [y/N]" in said
    assert ("dep" in names(world)) == (code == 0)


def ask(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, answers: str
) -> tuple[int, str]:
    """Restore for somebody at a terminal; return the exit code and what was said."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answers))
    monkeypatch.setattr(sys, "stderr", screen)
    code = run((*DEMO, "restore", *arguments))
    return code, screen.getvalue()
