"""Bringing back what was removed, by a key of the text UI."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList

from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.errors import AuditFailed
from nstui.model.audit import DamagedRecord
from nstui.tui.screens.prompts import ActionScreen, QuestionScreen
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from nstui.model.audit import RemovedContainer

LOST = "not restored: changes outside volumes"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.0)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.0)


@pytest.fixture
def vpn() -> Stage:
    """An owner with two dependents, one of them with its own, and a loner."""
    ticks = itertools.count()
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("a", network="container:vpn"))
    world.run(Spec("b", network="container:vpn"))
    world.run(Spec("b-sidecar", network="container:b"))
    world.run(Spec("loner"))
    return Stage(world, clock=lambda: NOON + timedelta(seconds=next(ticks)))


def names(stage: Stage) -> list[str]:
    return sorted(record.name for record in stage.world.records)


def answers(stage: Stage) -> list[str]:
    """Return the lines of the question that is open."""
    options = stage.app.screen.query_one(OptionList).options
    return [str(option.prompt) for option in options]


async def remove(stage: Stage, name: str, *, too: bool = False) -> None:
    """Remove a container, with its dependents if `too` is set."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.goto(name)
    await stage.press("d")
    await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
    choice = stage.app.screen.query_one("#with-dependents" if too else "#act")
    if too:
        await stage.press("y", *name)
        await stage.until(lambda: not choice.disabled)
    choice.focus()
    await stage.press("enter")
    await stage.until(lambda: any("brings" in one for one in stage.notices()))
    await stage.until(lambda: len(stage.app.screen_stack) == 1)


async def until_asked(stage: Stage, kind: type[ActionScreen | QuestionScreen]) -> None:
    await stage.until(lambda: isinstance(stage.app.screen, kind))


async def until_told(stage: Stage, said: str) -> None:
    await stage.until(lambda: any(said in one for one in stage.notices()))


async def test_a_removal_says_the_way_back_and_u_takes_it(vpn: Stage) -> None:
    async with vpn.open():
        await remove(vpn, "loner")
        assert "removed loner; U brings it back" in " ".join(vpn.notices())
        await vpn.press("U")
        await until_asked(vpn, ActionScreen)
        assert vpn.text("#prompt-title") == "Restore loner?"
        text = vpn.text("#effects Static")
        assert "is started, as it was running before" in text
        assert LOST in text
        vpn.app.screen.query_one("#act").focus()
        await vpn.press("enter")
        await vpn.until(lambda: "loner" in names(vpn))
        await vpn.until(lambda: any("restored loner" in n for n in vpn.notices()))
        assert vpn.world.records.get("loner").pid is not None
        await vpn.until(lambda: len(vpn.app.screen_stack) == 1)
        await vpn.press("U")
        nothing = "no removed containers to restore"
        await vpn.until(lambda: any(nothing in one for one in vpn.notices()))


async def test_of_several_the_last_is_under_the_cursor(vpn: Stage) -> None:
    async with vpn.open():
        await remove(vpn, "vpn", too=True)
        for owner in ("vpn", "b"):
            await vpn.press("U")
            await until_asked(vpn, QuestionScreen)
            assert vpn.text("#prompt-title") == "Restore which container?"
            assert answers(vpn)[0].split()[0] == owner
            await vpn.press("enter")
            await until_asked(vpn, ActionScreen)
            vpn.app.screen.query_one("#act").focus()
            await vpn.press("enter")
            await until_told(vpn, f"restored {owner}")
            await vpn.until(lambda: len(vpn.app.screen_stack) == 1)
        (join,) = vpn.world.records.get("b").joins
        assert join.reference == vpn.world.records.get("vpn").id


async def test_nothing_is_restored_unless_it_is_chosen_and_confirmed(
    vpn: Stage,
) -> None:
    async with vpn.open():
        await remove(vpn, "vpn", too=True)
        await vpn.press("U")
        await until_asked(vpn, QuestionScreen)
        await vpn.press("escape")
        await vpn.until(lambda: len(vpn.app.screen_stack) == 1)
        await vpn.press("U")
        await until_asked(vpn, QuestionScreen)
        await vpn.press("enter")
        await until_asked(vpn, ActionScreen)
        await vpn.press("escape")
        await vpn.until(lambda: len(vpn.app.screen_stack) == 1)
        assert names(vpn) == ["loner"]


async def test_an_owner_that_is_gone_is_asked_for(vpn: Stage) -> None:
    async with vpn.open():
        await remove(vpn, "vpn", too=True)
        for keys in ((), ("down",)):
            # First no owner is chosen, then the only one that there is.
            await vpn.press("U")
            await until_asked(vpn, QuestionScreen)
            a = next(i for i, one in enumerate(answers(vpn)) if one.startswith("a "))
            await vpn.press(*["down"] * a, "enter")
            await vpn.until(lambda: "vpn is gone" in vpn.text("#prompt-title"))
            assert answers(vpn)[0].startswith("Leave a")
            assert answers(vpn)[1].startswith("loner")
            await vpn.press(*keys, "enter")
            if not keys:
                await until_told(vpn, "its owner vpn is gone")
                await vpn.until(lambda: len(vpn.app.screen_stack) == 1)
        await until_asked(vpn, ActionScreen)
        assert "joins loner: you named it" in vpn.text("#effects Static")


async def test_an_image_that_is_another_one_now_is_asked_for(vpn: Stage) -> None:
    async with vpn.open():
        await remove(vpn, "loner")
        image = vpn.audit_log.removed()[0].image
        vpn.world.lost_images[image] = "sha256:other"
        for answer in ("home", "down"):
            await vpn.press("U")
            await until_asked(vpn, QuestionScreen)
            assert "is another image now" in vpn.text("#prompt-title")
            await vpn.press(answer, "enter")
            if answer == "home":
                await vpn.until(lambda: len(vpn.app.screen_stack) == 1)
        await until_asked(vpn, ActionScreen)
        assert vpn.text("#prompt-title") == "Restore loner?"


async def test_what_stands_in_the_way_is_said_without_a_question(vpn: Stage) -> None:
    async with vpn.open():
        await remove(vpn, "loner")
        vpn.world.run(Spec("loner"))
        await vpn.press("U")
        said = "there is another container called loner"
        await vpn.until(lambda: any(said in one for one in vpn.notices()))
        assert len(vpn.app.screen_stack) == 1


class Unreadable:
    """Replaces the methods of an audit log that read what was removed."""

    def __init__(self, *damaged: DamagedRecord) -> None:
        self._damaged = damaged

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Refuse to read, unless single records are damaged."""
        if not self._damaged:
            raise AuditFailed("cannot read /there: Permission denied")
        return ()

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return the damaged records."""
        return self._damaged


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        pytest.param(
            Unreadable(), "cannot read /there: Permission denied", id="the folder"
        ),
        pytest.param(
            Unreadable(DamagedRecord("/there/a.json", "it is no valid JSON")),
            "1 record could not be read: see nstui removed",
            id="a record",
        ),
    ],
)
async def test_what_cannot_be_read_is_not_none(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch, problem: Unreadable, says: str
) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        monkeypatch.setattr(vpn.audit_log, "removed", problem.removed)
        monkeypatch.setattr(vpn.audit_log, "damaged", problem.damaged)
        await vpn.press("U")
        await vpn.until(lambda: any(says in one for one in vpn.notices()))


async def test_a_read_only_screen_restores_nothing() -> None:
    world = World()
    world.run(Spec("one"))
    stage = Stage(world, is_read_only=True)
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        await stage.press("U")
        await stage.until(lambda: any("--read-only" in n for n in stage.notices()))
