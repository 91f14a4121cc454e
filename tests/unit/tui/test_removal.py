"""A removal in the text UI: what is asked, and what then happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Button

from nstui.demo.containers import Spec
from nstui.errors import EngineRefused
from nstui.model.snapshot import ReadProblem
from nstui.tui.screens.prompts import ActionScreen
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    import pytest

EVERYTHING = ["a", "b", "b-sidecar", "loner", "vpn"]


def left(stage: Stage) -> list[str]:
    return sorted(record.name for record in stage.world.records)


async def ask(stage: Stage, name: str) -> ActionScreen:
    """Open the prompt for a container."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.goto(name)
    await stage.press("d")
    await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
    screen = stage.app.screen
    assert isinstance(screen, ActionScreen)
    return screen


async def until_closed(stage: Stage) -> None:
    await stage.until(lambda: len(stage.app.screen_stack) == 1 or not prompts(stage))


def prompts(stage: Stage) -> list[ActionScreen]:
    return [s for s in stage.app.screen_stack if isinstance(s, ActionScreen)]


async def test_nobody_depends_on_it(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "loner")
        assert vpn.text("#prompt-title") == "Remove loner?"
        assert vpn.text("#commands") == "docker stop loner && docker rm loner"
        assert [b.id for b in prompt.query(Button)] == ["keep", "act"]
        await vpn.press("tab", "enter")
        await vpn.until(lambda: left(vpn) == ["a", "b", "b-sidecar", "vpn"])
        await vpn.until(lambda: "removed loner; U brings it back" in vpn.notices())


async def test_every_way_to_keep_it(vpn: Stage) -> None:
    async with vpn.open():
        for key in ("escape", "enter", "n"):
            prompt = await ask(vpn, "vpn")
            assert prompt.focused is not None
            assert prompt.focused.id == "keep"
            await vpn.press(key)
            await until_closed(vpn)
            assert left(vpn) == EVERYTHING
        assert vpn.notices() == []


async def test_the_block_names_every_dependent_and_its_fate(vpn: Stage) -> None:
    async with vpn.open():
        await ask(vpn, "vpn")
        assert vpn.text("#prompt-title") == "Removing vpn breaks 3 containers"
        assert vpn.text("#effects-text").splitlines()[0] == (
            "3 lose their network at once and can never start again:"
            " a, b, b-sidecar (through b)"
        )
        assert vpn.text("#commands") == (
            "only vpn: docker stop vpn && docker rm vpn\n"
            "vpn and its dependents: docker stop a b-sidecar b vpn"
            " && docker rm a b-sidecar b vpn"
        )


async def test_ports_that_are_no_longer_reachable_are_named(
    demo: Stage,
) -> None:
    async with demo.open():
        await ask(demo, "vpn")
        ports = "ports no longer reachable: *:8080->8080/tcp"
        assert ports in demo.text("#effects-text")


async def test_the_dependents_too(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "vpn")
        together = prompt.query_one("#with-dependents", Button)
        assert str(together.label) == "Remove vpn and its 3 dependents"
        assert together.disabled
        # As much is asked as for the removal of vpn alone.
        await vpn.press("y", *"vpn")
        await vpn.until(lambda: not together.disabled)
        await vpn.press("enter")
        assert prompt.focused is not None
        assert prompt.focused.id == "anyway"
        await vpn.press("left", "enter")
        await vpn.until(lambda: left(vpn) == ["loner"])
        await vpn.until(lambda: bool(vpn.notices()))
        (notice,) = vpn.notices()
        assert "; U brings them back" in notice


async def test_anyway_only_after_its_name_was_typed(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "vpn")
        anyway = prompt.query_one("#anyway", Button)
        assert anyway.disabled
        prompt.query_one("#name").focus()
        await vpn.press(*"vpm", "enter")
        assert anyway.disabled
        assert prompts(vpn)
        await vpn.press("backspace", "n")
        await vpn.until(lambda: not anyway.disabled)
        await vpn.press("enter", "enter")
        await vpn.until(lambda: left(vpn) == ["a", "b", "b-sidecar", "loner"])
        await vpn.until(lambda: vpn.lines()[0].endswith("(no longer exists)"))
        assert vpn.lines()[1:4] == ["  a", "  b", "    b-sidecar"]


async def test_a_dependent_that_came_meanwhile_brings_a_new_prompt(
    vpn: Stage,
) -> None:
    async with vpn.open():
        first = await ask(vpn, "vpn")
        vpn.world.run(Spec("late", network="container:vpn"))
        await vpn.press("y", *"vpn", "enter", "left", "enter")
        await vpn.until(lambda: bool(prompts(vpn)) and prompts(vpn)[-1] is not first)
        assert left(vpn) == [*EVERYTHING[:3], "late", "loner", "vpn"]
        await vpn.until(lambda: "late" in vpn.text("#effects-text"))
        assert "nothing was done" in vpn.text("#notice")
        await vpn.press("escape")
        await until_closed(vpn)
        assert "late" in left(vpn)


async def test_a_container_that_vanished_meanwhile(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "loner")
        vpn.world.remove("loner", force=True)
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: vpn.notices() == ["the container is no longer there"])
        assert left(vpn) == ["a", "b", "b-sidecar", "vpn"]


async def test_one_recreated_under_the_same_name_is_another(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "loner")
        vpn.world.remove("loner", force=True)
        vpn.world.run(Spec("loner"))
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: vpn.notices() == ["the container is no longer there"])
        assert left(vpn) == EVERYTHING


async def test_what_the_engine_refuses_is_said(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise EngineRefused("device or resource busy")

    async with vpn.open():
        prompt = await ask(vpn, "loner")
        monkeypatch.setattr(vpn.engine, "remove", refuse)
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: bool(vpn.notices()))
        (notice,) = vpn.notices()
        assert notice == (
            "could not remove loner: device or resource busy;"
            " done: stop loner; not done: remove loner;"
            " to go on, fix that, then: docker rm loner"
        )


async def test_who_could_not_be_inspected_blocks_too(vpn: Stage) -> None:
    vpn.engine.hide("a")
    async with vpn.open():
        await ask(vpn, "loner")
        text = vpn.text("#effects-text")
        assert "could not inspect a: it may depend on this too" in text
        assert vpn.app.screen.query_one("#anyway", Button).disabled


async def test_read_only_refuses(vpn: Stage) -> None:
    stage = Stage(vpn.world, is_read_only=True)
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        assert "READ-ONLY" in stage.bar()
        await stage.goto("loner")
        await stage.press("d")
        await stage.until(lambda: bool(stage.notices()))
        assert "read-only" in stage.notices()[0]
        assert not prompts(stage)


async def test_a_line_that_is_no_container_cannot_be_removed(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.press("G", "d", "delete")
        assert not prompts(vpn)
        assert left(vpn) == EVERYTHING


async def test_a_pid_that_is_not_the_containers_changes_no_plan(vpn: Stage) -> None:
    vpn.host.inject_problem("a", ReadProblem.NOT_THE_CONTAINER)
    async with vpn.open():
        await ask(vpn, "vpn")
        assert vpn.text("#prompt-title") == "Removing vpn breaks 3 containers"
