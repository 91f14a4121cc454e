"""The namespaces that no container is in, at the press of a key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.faults import add_foreign_process
from nstui.demo.home import name_network, unshare
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.model.namespace import NamespaceKind, NamespacesRead
from tests.support.builders import NOON
from tests.unit.tui.asked_host import AskedHost
from tests.unit.tui.stage import NEVER, Stage
from tests.unit.tui.test_kinds import view

if TYPE_CHECKING:
    from datetime import datetime

NET = NamespaceKind.NET
TITLE = "net namespaces without a container"


class Clock:
    """Tells the world a time that tests can put back."""

    def __init__(self) -> None:
        self.behind = timedelta()

    def __call__(self) -> datetime:
        return NOON - self.behind


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    """A container, somebody from outside who visits it, and a stranger."""
    world = World(clock)
    clock.behind = timedelta(hours=1)
    world.run(Spec("vpn"))
    add_foreign_process(world, "vpn", "tcpdump -n")
    unshare(world, NET, "python3 -m http.server")
    clock.behind = timedelta()
    return world


def held(stage: Stage) -> list[str]:
    """Return the lines of the section, without the numbers of namespaces."""
    lines = stage.lines()
    first = next((n for n, line in enumerate(lines) if TITLE in line), len(lines))
    return [line.strip().partition("]  ")[2] or line for line in lines[first:]]


async def test_the_key_shows_and_hides_them(world: World) -> None:
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        before = stage.lines()
        await stage.press("a")
        await stage.until(lambda: f"{TITLE} (2)" in stage.lines())
        assert view(stage) == "all net namespaces"
        assert [line.partition(";")[0] for line in held(stage)] == [
            f"{TITLE} (2)",
            "the host's own",
            "1 process, the first 2118 python3",
        ]
        await stage.press("a")
        assert stage.lines() == before
        assert view(stage) == ""


async def test_the_details_name_what_keeps_one_alive(world: World) -> None:
    name_network(world, "lab", "dnsmasq")
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        await stage.until(lambda: f"{TITLE} (3)" in stage.lines())
        await stage.press("G")
        await stage.until(lambda: "dnsmasq  for a moment" in stage.details())
        assert "the name lab" in stage.details()
        assert "No container is in it. What is named below keeps" in stage.details()
        # Nothing can be done to it here.
        await stage.press("space", "d")
        assert len(stage.app.screen_stack) == 1


async def test_what_its_containers_have_left_is_told_with_their_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The change itself must lead to another look, not that some time has passed.
    monkeypatch.setattr("nstui.tui.view_model.SCAN_S", NEVER)
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        await stage.until(lambda: f"{TITLE} (2)" in stage.lines())
        world.remove("vpn", force=True)
        words = "no container is left in it (vpn was); 1 process, the first"
        await stage.until(lambda: any(words in line for line in stage.lines()))
        assert held(stage)[1].startswith(words)


async def test_a_stray_process_is_found_even_if_nobody_looked_before(
    world: World,
) -> None:
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("enter", "j")
        world.stop("vpn")
        await stage.until(lambda: "exited" in stage.details())
        await stage.press("a")
        await stage.until(lambda: any("(vpn was)" in line for line in stage.lines()))


async def test_each_kind_has_its_own(world: World) -> None:
    unshare(world, NamespaceKind.IPC, "gimp")
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("t", "t", "a")
        await stage.until(lambda: any("gimp" in line for line in stage.lines()))
        assert "ipc namespaces without a container (2)" in stage.lines()
        await stage.press("t")
        await stage.until(lambda: f"{TITLE} (2)" in stage.lines())
        assert not any("gimp" in line for line in stage.lines())


async def test_the_filter_applies_to_them(world: World) -> None:
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        await stage.until(lambda: f"{TITLE} (2)" in stage.lines())
        await stage.press("slash", *"python")
        await stage.until(lambda: stage.lines()[0] == f"{TITLE} (1)")
        assert len(stage.lines()) == 2


async def test_what_needs_root_is_said(world: World) -> None:
    host = SimHost(world, NamespacesRead.FINGERPRINT)
    stage = Stage(world, evidence=host)
    stage.host.level = NamespacesRead.FINGERPRINT
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        title = "net namespaces with or without a container (1)"
        await stage.until(lambda: title in stage.lines())
        lines = " ".join(stage.lines())
        assert "could not read which are in use" in lines
        assert "4 processes could not be read: needs root (" in lines
        assert "any more" not in lines


async def test_of_an_engine_elsewhere_nothing_is_listed(world: World) -> None:
    stage = Stage(world, evidence=SimHost(world))
    stage.host.level = NamespacesRead.DECLARED
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        await stage.until(lambda: f"{TITLE} (none)" in stage.lines())
        assert "not this machine's" in stage.lines()[-1]


async def test_where_nobody_can_look_that_is_said(world: World) -> None:
    stage = Stage(world)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        assert stage.lines()[-1] == (
            "namespaces without a container can only be read where the engine runs"
        )


async def test_reading_holds_nothing_up(world: World) -> None:
    host = AskedHost(world)
    host.hold_back()
    stage = Stage(world, evidence=host)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        await stage.until(lambda: host.asked_for_holders == 1)
        assert stage.lines()[-1] == "reading all net namespaces …"
        await stage.press("a", "a")
        assert stage.lines()[-1] == "reading all net namespaces …"
        assert host.asked_for_holders == 1
        host.answer()
        await stage.until(lambda: f"{TITLE} (2)" in stage.lines())


async def test_refresh_reads_them_again(world: World) -> None:
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("a")
        await stage.until(lambda: f"{TITLE} (2)" in stage.lines())
        name_network(world, "lab")
        await stage.press("r")
        await stage.until(lambda: f"{TITLE} (3)" in stage.lines())
