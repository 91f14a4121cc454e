"""What the prompts look like, at the sizes that people have.

Draw them again with ``make test ARGS=--snapshot-update``, and look at them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.home import demo_world
from nstui.demo.world import World
from nstui.model.container import PublishedPort
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_prompts import FORTY, SIX
from tests.unit.tui.test_snapshots import steps

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.unit.tui.test_snapshots import SnapCompare

SIZES = {"wide": (120, 40), "narrow": (80, 24), "small": (60, 20), "tiny": (40, 20)}
PORTS = (8080, 8989, 9696)


def with_dependents(*names: str) -> Stage:
    """Return a host with an owner that publishes the ports of its dependents."""
    world = World(lambda: NOON)
    ports = tuple(PublishedPort(port, "tcp", "0.0.0.0", port) for port in PORTS)
    world.run(Spec("vpn", "qmcgaw/gluetun:v3.40", ports=ports))
    for name in names:
        world.run(Spec(name, network="container:vpn"))
    return Stage(world)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("names", [SIX, FORTY], ids=["6", "40"])
def test_the_block(
    snap_compare: SnapCompare, names: tuple[str, ...], size: tuple[int, int]
) -> None:
    stage = with_dependents(*names)
    run = steps(stage, "vpn", "d", screens=2)
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize(
    ("key", "cursor"),
    [
        pytest.param("s", "vpn", id="stop"),
        pytest.param("R", "vpn", id="restart"),
        pytest.param("K", "vpn", id="kill"),
        pytest.param("P", "vpn", id="prune"),
        pytest.param("H", "pihole", id="owner"),
    ],
)
def test_a_prompt(snap_compare: SnapCompare, key: str, cursor: str) -> None:
    stage = Stage(demo_world(lambda: NOON))
    if key == "P":
        stage.world.stop("redis")
    run = steps(stage, cursor, key, screens=2)
    assert snap_compare(stage.app, terminal_size=SIZES["small"], run_before=run)


@pytest.mark.parametrize("is_answered", [False, True], ids=["layer", "heal"])
def test_healing(snap_compare: SnapCompare, *, is_answered: bool) -> None:
    world = World(lambda: NOON)
    world.run(Spec("old"))
    world.run(Spec("dep", network="container:old"))
    world.remove("old", force=True)
    world.run(Spec("new"))
    world.write("dep", "/etc/mine")
    stage = Stage(world)

    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "dep", "H", screens=2)(pilot)
        await stage.press("down", "enter")
        await stage.until(lambda: bool(stage.app.screen.query("#question-lines")))
        await stage.until(lambda: "/etc/mine" in stage.text("#question-lines"))
        if is_answered:
            await stage.press("enter")
            await stage.until(lambda: bool(stage.app.screen.query("#commands")))
        await stage.press()

    assert snap_compare(stage.app, terminal_size=SIZES["small"], run_before=run)
