"""Stop, restart, kill and prune in the text UI, on one container or on several."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.widgets import Button

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.model.container import ContainerState
from nstui.tui.screens.closing import ProgressScreen
from nstui.tui.screens.prompts import ActionScreen
from tests.support.builders import NOON
from tests.unit.tui.stage import PATIENCE_S, Stage

if TYPE_CHECKING:
    import pytest

    from nstui.model.container import ContainerId


def states(stage: Stage) -> dict[str, str]:
    return {record.name: record.state.value for record in stage.world.records}


async def ask(stage: Stage, key: str, *names: str) -> ActionScreen:
    """Select containers, or go to the only one, and press a key."""
    await stage.until(lambda: bool(stage.lines()))
    for name in names:
        await stage.goto(name)
        if len(names) > 1:
            await stage.press("space")
    await stage.press(key)
    await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
    screen = stage.app.screen
    assert isinstance(screen, ActionScreen)
    return screen


async def test_stop_says_what_brings_them_back(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "s", "vpn")
        assert vpn.text("#prompt-title") == "Stopping vpn breaks 3 containers"
        text = vpn.text("#effects-text")
        effect = "lose their network at once and cannot start again until vpn runs"
        assert f"3 {effect}: a, b, b-sidecar (through b)" in text
        back = "docker start vpn && docker restart a b b-sidecar"
        assert f"to bring them back: {back}" in text
        prompt.query_one("#name").focus()
        await vpn.press(*"vpn", "enter")
        await vpn.until(lambda: states(vpn)["vpn"] == "exited")
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices() == [
            f"stopped vpn; to bring back what depends on it: {back}"
        ]


async def test_restart_with_dependents_leaves_nothing_wrong(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "R", "vpn")
        button = prompt.query_one("#with-dependents", Button)
        assert str(button.label) == "Restart vpn and its 3 dependents"
        button.press()
        offer = "l shows its log, L that of its group"
        text = f"restarted vpn, a, b, b-sidecar; {offer}"
        await vpn.until(lambda: vpn.notices() == [text])
        await vpn.until(lambda: "nothing wrong" in vpn.bar())


async def test_kill(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "K", "loner")
        assert vpn.text("#prompt-title") == "Kill loner?"
        assert vpn.text("#commands") == "docker kill loner"
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: states(vpn)["loner"] == "exited")


async def test_prune_shows_what_it_keeps(vpn: Stage) -> None:
    vpn.world.stop("loner")
    vpn.world.stop("vpn")
    async with vpn.open():
        prompt = await ask(vpn, "P")
        assert vpn.text("#prompt-title") == "Prune loner?"
        assert "keeps vpn for a, b" in vpn.text("#effects-text")
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: sorted(states(vpn)) == ["a", "b", "b-sidecar", "vpn"])


async def test_prune_of_nothing(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.press("P")
        await vpn.until(lambda: vpn.notices() == ["nothing to prune"])


async def test_several_are_one_plan(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "d", "b", "b-sidecar", "loner")
        assert "✓ 3 selected" in vpn.bar()
        assert vpn.text("#prompt-title") == "Remove b, b-sidecar, loner?"
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: sorted(states(vpn)) == ["a", "vpn"])
        await vpn.until(lambda: "selected" not in vpn.bar())


async def test_a_harmful_selection_is_confirmed_by_its_count(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "s", "vpn", "loner")
        prompt.query_one("#name").focus()
        await vpn.press(*"2", "space", *"containers", "enter")
        await vpn.until(lambda: states(vpn)["vpn"] == "exited")
        assert states(vpn)["loner"] == "exited"
        assert states(vpn)["a"] == "running"


async def test_space_selects_and_escape_selects_nothing(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.press("g", "space")
        assert vpn.cursor() == "a"
        await vpn.press("space")
        await vpn.until(lambda: "✓ 2 selected" in vpn.bar())
        await vpn.goto("vpn")
        await vpn.press("space")
        await vpn.until(lambda: "✓ 1 selected" in vpn.bar())
        await vpn.press("G", "space")
        await vpn.until(lambda: "✓ 1 selected" in vpn.bar())
        await vpn.press("escape")
        await vpn.until(lambda: "selected" not in vpn.bar())


async def test_what_vanishes_is_selected_no_more(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("a")
        await vpn.press("space")
        await vpn.until(lambda: "✓ 1 selected" in vpn.bar())
        vpn.world.remove("a", force=True)
        await vpn.until(lambda: "selected" not in vpn.bar())
        assert vpn.tree.selected() == ()


async def test_a_restart_that_cannot_work_is_not_offered(vpn: Stage) -> None:
    vpn.world.stop("vpn")
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("a")
        await vpn.press("R")
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices() == [
            "a could not start: vpn is not running; start it first"
        ]
        assert states(vpn)["a"] == ContainerState.RUNNING


async def test_a_long_plan_shows_its_steps(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    stop = SimEngine.stop

    def slow_stop(
        engine: SimEngine,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        assert may_go_on.wait(PATIENCE_S)
        stop(engine, container, timeout, signal)

    monkeypatch.setattr(SimEngine, "stop", slow_stop)
    async with vpn.open():
        prompt = await ask(vpn, "s", "vpn")
        prompt.query_one("#with-dependents", Button).press()
        await vpn.until(lambda: isinstance(vpn.app.screen, ProgressScreen))
        await vpn.until(
            lambda: (
                vpn.text("#progress-steps")
                == "… stop a\n  stop b-sidecar\n  stop b\n  stop vpn"
            )
        )
        may_go_on.set()
        await vpn.until(lambda: not isinstance(vpn.app.screen, ProgressScreen))
        await vpn.until(lambda: vpn.notices() == ["stopped a, b-sidecar, b, vpn"])


async def test_the_steps_are_closed_beneath_a_palette(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    stop = SimEngine.stop

    def slow_stop(
        engine: SimEngine,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        assert may_go_on.wait(PATIENCE_S)
        stop(engine, container, timeout, signal)

    monkeypatch.setattr(SimEngine, "stop", slow_stop)
    async with vpn.open():
        prompt = await ask(vpn, "s", "vpn")
        prompt.query_one("#with-dependents", Button).press()
        await vpn.until(lambda: isinstance(vpn.app.screen, ProgressScreen))
        await vpn.press("ctrl+p")
        may_go_on.set()
        await vpn.until(lambda: vpn.notices() == ["stopped a, b-sidecar, b, vpn"])
        assert vpn.app.screen is vpn.main


async def test_one_action_at_a_time(vpn: Stage) -> None:
    vpn.world.run(Spec("other"))
    async with vpn.open():
        await ask(vpn, "s", "vpn")
        vpn.main.action_act("stop")
        await vpn.press("escape")
        await vpn.until(lambda: not isinstance(vpn.app.screen, ActionScreen))
        assert "exited" not in states(vpn).values()


async def test_the_palette_offers_the_actions_and_the_containers(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.press("ctrl+p")
        await vpn.press(*"go to loner")
        await vpn.until(lambda: vpn.app.screen.query("OptionList").first() is not None)
        await vpn.app.workers.wait_for_complete()
        await vpn.press("down", "enter")
        await vpn.until(lambda: vpn.cursor() == "loner")
        offered = {c.title for c in vpn.app.get_system_commands(vpn.app.screen)}
        acts = ("Remove", "Stop", "Restart", "Kill", "Prune")
        assert {f"Act: {name}" for name in acts} <= offered
        commands = vpn.app.get_system_commands(vpn.app.screen)
        (kill,) = (c for c in commands if c.title == "Act: Kill")
        vpn.app.call_later(kill.callback)
        await vpn.until(lambda: isinstance(vpn.app.screen, ActionScreen))
        assert vpn.text("#prompt-title") == "Kill loner?"


async def test_a_restart_that_saves_nobody_is_not_offered_for_the_dependents() -> None:
    world = World(lambda: NOON)
    world.create(Spec("dep", network="container:own"))
    world.run(Spec("own"))
    world.start("dep")
    world.rename("own", "own-old")
    stage = Stage(world)
    async with stage.open():
        prompt = await ask(stage, "R", "own-old")
        text = stage.text("#effects-text")
        assert "dep: loses its network at once; cannot start again until a" in text
        assert [b.id for b in prompt.query(Button)] == ["keep", "anyway"]
        assert stage.text("#commands") == "only own-old: docker restart own-old"
