"""Healing in the text UI: what is asked, and what comes of it."""

from __future__ import annotations

import pytest
from textual.widgets import Button, OptionList

from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from nstui.tui.screens.prompts import ActionScreen, QuestionScreen
from tests.support.builders import NOON
from tests.support.sim_faults import Fault, FaultyEngine, Killed
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_haste import in_turns


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what nothing can end in a simulation count as steady at once."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


@pytest.fixture
def orphan() -> Stage:
    """A dependent whose owner is gone, and two who could take its place."""
    world = World(lambda: NOON)
    world.run(Spec("old"))
    world.run(Spec("dep", network="container:old"))
    world.remove("old", force=True)
    world.run(Spec("new"))
    world.run(Spec("other"))
    return Stage(world)


async def shown(stage: Stage, kind: type[ActionScreen | QuestionScreen]) -> None:
    """Wait until a screen of some kind is on top."""
    await stage.until(lambda: isinstance(stage.app.screen, kind))


def answers(stage: Stage) -> list[str]:
    """Return what can be answered to the question that is shown."""
    options = stage.app.screen.query_one("#answers", OptionList)
    return [str(option.prompt) for option in options.options]


def joined(stage: Stage) -> str | None:
    """Return the name of whom the dependent joined; None if that is gone."""
    (join,) = stage.world.records.get("dep").joins
    found = stage.world.records.find(join.reference)
    return None if found is None else found.name


async def test_nothing_to_heal(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.press("H")
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices() == ["nothing to heal"]


async def test_all_that_is_stale_is_restarted(vpn: Stage) -> None:
    vpn.world.restart("vpn")
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.press("H")
        await shown(vpn, ActionScreen)
        assert vpn.text("#prompt-title") == "Heal a, b, b-sidecar?"
        assert vpn.text("#commands") == "docker restart a b b-sidecar"
        await vpn.press("right", "enter")
        await vpn.until(lambda: "nothing wrong" in vpn.bar())
        assert vpn.notices() == ["restarted a, b, b-sidecar"]


@pytest.fixture
def two() -> Stage:
    """Two owners that were restarted, each with a dependent, and one that is well."""
    world = World(lambda: NOON)
    for owner, dependent in (("vpn", "dep"), ("ts", "app"), ("well", "fine")):
        world.run(Spec(owner))
        world.run(Spec(dependent, network=f"container:{owner}"))
    world.restart("vpn")
    world.restart("ts")
    return Stage(world)


@pytest.mark.parametrize("cursor", ["vpn", "dep"])
async def test_the_group_under_the_cursor_is_healed(two: Stage, cursor: str) -> None:
    async with two.open():
        await two.until(lambda: bool(two.lines()))
        await two.goto(cursor)
        await two.press("H")
        await shown(two, ActionScreen)
        assert two.text("#prompt-title") == "Heal dep?"
        await two.press("right", "enter")
        await two.until(lambda: two.notices() == ["restarted dep"])
        await two.until(lambda: "1 incident" in two.bar())


async def test_the_same_key_in_the_prompt_heals_everything(two: Stage) -> None:
    async with two.open():
        await two.until(lambda: bool(two.lines()))
        await two.goto("vpn")
        await two.press("H")
        await shown(two, ActionScreen)
        assert "H heal everything" in two.text("#hints")
        await two.press("H")
        await two.until(lambda: prompted(two) == "Heal app, dep?")
        assert "heal everything" not in two.text("#hints")
        await two.press("H", "right", "enter")
        await two.until(lambda: "nothing wrong" in two.bar())


async def test_where_nothing_is_wrong_the_same_key_offers_everything(
    two: Stage,
) -> None:
    async with two.open():
        await two.until(lambda: bool(two.lines()))
        await two.goto("fine")
        await two.press("H")
        offer = "nothing to heal in this group; H again heals everything"
        await two.until(lambda: two.notices() == [offer])
        # The offer is for this place only.
        await two.goto("well")
        await two.press("H")
        await two.until(lambda: two.notices() == [offer, offer])
        await two.press("H")
        await two.until(lambda: prompted(two) == "Heal app, dep?")
        await two.press("escape", "H")
        await two.until(lambda: two.notices()[1:] == [offer, offer])


async def test_those_below_a_heading_are_a_group(orphan: Stage) -> None:
    async with orphan.open():
        await orphan.until(lambda: bool(orphan.lines()))
        await orphan.press("g")
        assert orphan.main.container_at_cursor() is None
        await orphan.press("H")
        await shown(orphan, QuestionScreen)


async def test_only_what_is_selected_is_healed(vpn: Stage) -> None:
    vpn.world.restart("vpn")
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("a")
        await vpn.press("space", "H")
        await shown(vpn, ActionScreen)
        assert vpn.text("#prompt-title") == "Heal a?"


async def test_the_user_says_who_takes_the_place_of_one_that_is_gone(
    orphan: Stage,
) -> None:
    async with orphan.open(80, 24):
        await orphan.until(lambda: bool(orphan.lines()))
        await orphan.press("H")
        await shown(orphan, QuestionScreen)
        assert answers(orphan) == [
            "Leave dep as it is",
            "new: it runs in a network of its own",
            "other: it runs in a network of its own",
        ]
        await orphan.press("down", "down", "enter")
        await shown(orphan, ActionScreen)
        assert "recreates dep on other" in orphan.text("#effects-text")
        await orphan.press("right", "enter")
        await orphan.until(lambda: joined(orphan) == "other")
        await orphan.until(lambda: bool(orphan.notices()))
        assert orphan.notices() == ["recreated dep"]


@pytest.mark.parametrize("turns", range(6))
async def test_who_takes_the_place_is_who_was_under_the_cursor(
    orphan: Stage, turns: int
) -> None:
    """However close enter comes to the keys that move it."""
    async with orphan.open(80, 24):
        await orphan.until(lambda: bool(orphan.lines()))
        await orphan.press("H")
        await shown(orphan, QuestionScreen)
        await orphan.react()
        await in_turns(orphan, turns, "down", "down", "enter")
        await shown(orphan, ActionScreen)
        assert "recreates dep on other" in orphan.text("#effects-text")


async def test_leaving_it_leaves_it(orphan: Stage) -> None:
    async with orphan.open():
        await orphan.until(lambda: bool(orphan.lines()))
        await orphan.press("H")
        await shown(orphan, QuestionScreen)
        # The cursor starts on the answer that changes nothing.
        await orphan.press("enter")
        await orphan.until(lambda: orphan.app.screen is orphan.main)
        assert joined(orphan) is None
        assert orphan.notices() == []


@pytest.mark.parametrize(("keys", "images"), [(("enter",), 1), (("down", "enter"), 0)])
async def test_the_user_says_what_becomes_of_what_was_written(
    orphan: Stage, keys: tuple[str, ...], images: int
) -> None:
    orphan.world.write("dep", "/etc/[b]mine")
    async with orphan.open():
        await orphan.until(lambda: bool(orphan.lines()))
        await orphan.press("H")
        await shown(orphan, QuestionScreen)
        await orphan.press("down", "enter")
        await orphan.until(lambda: len(answers_or_none(orphan)) == 2)
        assert orphan.text("#question-lines") == (
            "dep wrote 1 path outside its volumes: /etc/[b]mine"
        )
        await orphan.press(*keys)
        await shown(orphan, ActionScreen)
        said = "committed to an image first" in orphan.text("#effects-text")
        assert said is bool(images)
        await orphan.press("right", "enter")
        await orphan.until(lambda: joined(orphan) == "new")
        assert len(orphan.world.images) == images


def answers_or_none(stage: Stage) -> list[str]:
    """Return what can be answered, if anything is asked."""
    is_asked = isinstance(stage.app.screen, QuestionScreen)
    return answers(stage) if is_asked else []


async def test_read_only_heals_nothing() -> None:
    world = World(lambda: NOON)
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.restart("own")
    stage = Stage(world, is_read_only=True)
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        await stage.press("H")
        await stage.until(lambda: bool(stage.notices()))
        assert "--read-only" in stage.notices()[0]


@pytest.fixture
def cut_off() -> Stage:
    """A chain on an owner that was made anew, whose healing was cut off half way."""
    world = World(lambda: NOON)
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.run(Spec("far", network="container:dep"))
    world.remove("own", force=True)
    own = world.run(Spec("own"))
    stage = Stage(world)
    engine = FaultyEngine(stage.engine)
    executor = open_host(engine, stage.host, stage.audit_log, endpoint="sim").executor
    request = Request(action=Action.HEAL, targets=(), onto=own)
    plan = executor.plan(request)
    engine.fail(4, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        executor.carry_out(plan)
    stage.audit_log.release_all()
    return stage


async def test_what_was_cut_off_is_finished_first_and_then_the_rest(
    cut_off: Stage,
) -> None:
    async with cut_off.open():
        await cut_off.until(lambda: "interrupted" in cut_off.bar())
        await cut_off.press("H")
        await shown(cut_off, ActionScreen)
        lines = cut_off.text("#effects-text")
        assert "nstui was cut off while it recreated dep" in lines
        cut_off.app.screen.query_one("#act", Button).press()
        # The name that the old container had before is what its dependent is healed by.
        await cut_off.until(lambda: "far" in prompted(cut_off))
        cut_off.app.screen.query_one("#act", Button).press()
        await cut_off.until(lambda: cut_off.notices() == ["recreated far"])
        await cut_off.until(lambda: "nothing wrong" in cut_off.bar())
        names = [record.name for record in cut_off.world.records]
        assert names == ["dep", "far", "own"]


async def shown_whole(stage: Stage) -> None:
    """Wait for the prompt that is about everything."""

    def is_whole() -> bool:
        effects = "#effects Static"
        return bool(prompted(stage)) and "H: heal" not in stage.text(effects)

    await stage.until(is_whole)


def prompted(stage: Stage) -> str:
    """Return the title of the prompt that is shown; nothing if there is none."""
    screen = stage.app.screen
    if not isinstance(screen, ActionScreen) or not screen.query("#prompt-title"):
        return ""
    return stage.text("#prompt-title")


async def test_what_failed_and_what_was_left_alone_is_listed() -> None:
    """The rest is healed all the same."""
    world = World(lambda: NOON)
    for spec in (
        Spec("vpn"),
        Spec("a", "bad:1", network="container:vpn"),
        Spec("a-far", network="container:a"),
        Spec("b", network="container:vpn"),
    ):
        world.run(spec)
    world.restart("vpn")
    world.break_image("bad:1", "exec format error")
    stage = Stage(world)
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        await stage.press("H")
        await shown(stage, ActionScreen)
        await stage.press("right", "enter")
        await shown(stage, QuestionScreen)
        assert stage.text("#prompt-title") == "Not everything was healed"
        healed, failed, left, more = stage.text("#question-lines").splitlines()
        assert healed == "healed: b"
        assert failed.startswith("failed: could not restart a: ")
        assert failed.endswith("a was running before and is exited now")
        assert left == "left alone: a-far: it needs a"
        assert more == "to go on, fix that, then: docker restart a a-far"
        await stage.press("enter")
        await stage.until(lambda: bool(stage.notices()))
        assert "exec format error" in stage.notices()[0]


async def test_what_cannot_be_finished_keeps_no_other_from_being_healed() -> None:
    world = World(lambda: NOON)
    for spec in (
        Spec("vpn"),
        Spec("a", "bad:1", network="container:vpn"),
        Spec("a-far", network="container:a"),
        Spec("own"),
        Spec("dep", network="container:own"),
    ):
        world.run(spec)
    stage = Stage(world)
    engine = FaultyEngine(stage.engine)
    executor = open_host(engine, stage.host, stage.audit_log, endpoint="sim").executor
    request = Request(
        action=Action.STOP,
        targets=(world.records.get("vpn").id,),
        policy=Policy.WITH_DEPENDENTS,
    )
    engine.fail(2, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        executor.carry_out(executor.plan(request))
    stage.audit_log.release_all()
    world.restart("own")
    world.break_image("bad:1", "exec format error")
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        await stage.press("H")
        await shown(stage, ActionScreen)
        await stage.press("H")
        await shown_whole(stage)
        await stage.press("right", "enter")
        await shown(stage, QuestionScreen)
        assert "failed: could not start a: " in stage.text("#question-lines")
        await stage.press("enter")
        await shown(stage, ActionScreen)
        assert stage.text("#prompt-title") == "Heal dep?"
        await stage.press("right", "enter")
        await stage.until(lambda: "restarted dep" in stage.notices())
