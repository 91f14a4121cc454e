"""What the prompt offers where something else manages a container, and on Podman."""

from __future__ import annotations

from textual.widgets import Button, Input

from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.tui.screens.prompts import ActionScreen
from tests.support.builders import NOON
from tests.support.managers import USER_UNIT
from tests.support.sim_podman import PodmanWorld
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_removal import ask


async def test_what_podman_refuses_is_not_offered() -> None:
    world = PodmanWorld(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    stage = Stage(world)
    async with stage.open():
        prompt = await ask(stage, "vpn")
        offered = {b.id: not b.disabled for b in prompt.query(Button)}
        assert offered == {"keep": True, "with-dependents": False, "anyway": False}
        await stage.press("y", *"vpn")
        await stage.until(lambda: not prompt.query_one("#with-dependents").disabled)
        assert prompt.query_one("#anyway").disabled
        assert "Podman removes vpn only after what joined it" in stage.text("#commands")


async def test_dependents_that_are_managed_are_not_removed_too() -> None:
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("qbit", network="container:vpn", runs_in=USER_UNIT))
    stage = Stage(world)
    async with stage.open():
        prompt = await ask(stage, "vpn")
        assert prompt.query_one("#with-dependents", Button).disabled
        assert "qbit is run by systemd unit qbit.service" in stage.text("#commands")
        assert prompt.query(Input)


async def test_what_is_managed_names_the_command() -> None:
    world = World(lambda: NOON)
    world.run(Spec("qbit", runs_in=USER_UNIT))
    stage = Stage(world)
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        await stage.goto("qbit")
        await stage.press("d")
        await stage.until(lambda: bool(stage.notices()))
        assert "use systemctl --user stop qbit.service" in stage.notices()[0]
        assert not isinstance(stage.app.screen, ActionScreen)
    assert world.records.get("qbit").state.has_process
