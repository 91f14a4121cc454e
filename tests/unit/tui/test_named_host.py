"""The commands of the screen, where the host was named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.model.host_options import HostOptions
from nstui.tui.screens.questions import QuestionScreen
from tests.support.builders import NOON
from tests.support.watching import ScriptedWatch, circuit, status
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_actions import ask
from tests.unit.tui.test_inspect import opened as inspected
from tests.unit.tui.test_prompts import SIX, drawn
from tests.unit.tui.test_watch import opened as watched
from tests.unit.tui.test_watch import rows

if TYPE_CHECKING:
    from nstui.ports import WatchView

ADDRESS = "ssh://someone@a-long-host-name.example.org:2222"
FAR = HostOptions.of(("-H", ADDRESS), ADDRESS)
DOCKER = f"docker -H {ADDRESS}"


def far(*, is_stale: bool = False, watch: WatchView | None = None) -> Stage:
    """Return a host behind ssh: an owner that six have joined."""
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    for name in SIX:
        world.run(Spec(name, network="container:vpn"))
    if is_stale:
        world.restart("vpn")
    return Stage(world, options=FAR, watch=watch)


def words(stage: Stage) -> str:
    """Return the words on the screen, without frames and breaks of lines."""
    return " ".join(drawn(stage).replace("│", " ").split())


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_prompt_shows_the_whole_command(size: tuple[int, int]) -> None:
    stage = far()
    six = " ".join(SIX)
    commands = [
        f"only vpn: {DOCKER} stop vpn && {DOCKER} rm vpn",
        f"vpn and its dependents: {DOCKER} stop {six} vpn && {DOCKER} rm {six} vpn",
    ]
    async with stage.open(*size):
        await ask(stage, "d", "vpn")
        await stage.press()
        if commands[-1] not in words(stage):
            assert commands[0] in words(stage)
            await stage.press("pagedown")
            await stage.until(lambda: commands[-1] in words(stage))
        else:
            assert commands[0] in words(stage)


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_prompt_for_healing(size: tuple[int, int]) -> None:
    stage = far(is_stale=True)
    async with stage.open(*size):
        await ask(stage, "H", "vpn")
        await stage.press()
        assert f"{DOCKER} restart {' '.join(SIX)}" in words(stage)


async def test_what_brings_back_what_was_broken() -> None:
    stage = far()
    async with stage.open():
        prompt = await ask(stage, "s", "vpn")
        assert f"to bring them back: {DOCKER} start vpn" in words(stage)
        prompt.query_one("#name").focus()
        await stage.press(*"vpn", "enter")
        await stage.until(lambda: bool(stage.notices()))
        (notice,) = stage.notices()
        assert f"; to bring back what depends on it: {DOCKER} start vpn" in notice


async def test_what_failed_of_healing() -> None:
    stage = far(is_stale=True)
    stage.world.break_image("busybox:1.36", "exec format error")
    async with stage.open():
        await ask(stage, "H", "vpn")
        await stage.press("y")
        await stage.until(lambda: "Not everything was healed" in words(stage))
        again = f"to go on, fix that, then: {DOCKER} restart {' '.join(SIX)}"
        assert again in words(stage)


async def test_a_copied_command() -> None:
    stage = far()
    async with stage.open():
        await inspected(stage)
        await stage.press("j", "j", "y")
        await stage.until(lambda: isinstance(stage.app.screen, QuestionScreen))
        await stage.press("down", "down", "enter")
        await stage.until(lambda: bool(stage.notices()))
        copied = f"{DOCKER} inspect --format '{{{{json .Name}}}}' vpn"
        assert stage.app.clipboard == copied


async def test_a_watch() -> None:
    stage = far(watch=ScriptedWatch(status(circuits=(circuit("vpn"),))))
    async with stage.open():
        await stage.until(lambda: "watch" in stage.bar())
        await watched(stage)
        (row,) = rows(stage)
        assert f"→ nstui -H {ADDRESS} watch --reset vpn" in row
