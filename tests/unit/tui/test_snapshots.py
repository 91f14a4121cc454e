"""What the screens look like.

Draw them again with ``make test ARGS=--snapshot-update``, and look at them.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest
from textual import constants
from textual.widgets import OptionList

from nstui.analysis.preferences.choices import Choices, Preferences
from nstui.analysis.tree.tree import SortOrder
from nstui.demo.containers import Spec
from nstui.demo.faults import set_health
from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.demo.kernel import SimClock
from nstui.demo.world import World
from nstui.model.audit import LogSource, RemovedContainer
from nstui.model.container import Health
from nstui.tui.notices import NoEngine
from nstui.tui.session import Session
from tests.support.builders import NOON
from tests.unit.tui.stage import PATIENCE_S, Stage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from textual.app import App
    from textual.pilot import Pilot

WIDE, NARROW = (120, 36), (80, 24)
LARGE = (120, 40)
SMALL, TINY = (60, 20), (40, 20)


class SnapCompare(Protocol):
    """The fixture of pytest-textual-snapshot."""

    def __call__(
        self,
        app: App[None],
        *,
        terminal_size: tuple[int, int],
        run_before: Callable[[Pilot[None]], Awaitable[None]],
    ) -> bool: ...


def steps(
    stage: Stage, cursor: str, *keys: str, screens: int = 1, awaits: str = ""
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Return what to do before the picture is taken.

    Args:
        stage: Where.
        cursor: The container to go to.
        keys: What to press then.
        screens: How many screens there must be in the end.
        awaits: What some line of the tree must have by then.

    """

    async def run(pilot: Pilot[None]) -> None:
        stage.attach(pilot)
        await stage.until(lambda: len(stage.lines()) > 2)
        await stage.goto(cursor)
        await stage.until(lambda: cursor in stage.details())
        await stage.press(*keys)
        await stage.until(lambda: len(stage.app.screen_stack) == screens)
        await stage.until(lambda: any(awaits in line for line in stage.rows()))

    return run


@pytest.fixture
def stage() -> Stage:
    """The host of the demo."""
    world = demo_world(lambda: NOON)
    return Stage(world, evidence=SimHost(world))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_tree(snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]) -> None:
    assert snap_compare(stage.app, terminal_size=size, run_before=steps(stage, "vpn"))


@pytest.mark.parametrize(
    "size", [LARGE, NARROW, SMALL], ids=["wide", "narrow", "small"]
)
@pytest.mark.parametrize("cursor", ["vpn", "vaultwarden"])
def test_details_have_the_screen(
    snap_compare: SnapCompare, stage: Stage, cursor: str, size: tuple[int, int]
) -> None:
    run = steps(stage, cursor, "z")
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize(
    "size", [LARGE, NARROW, SMALL], ids=["wide", "narrow", "small"]
)
def test_details_have_the_focus(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    run = steps(stage, "vaultwarden", "tab", "ctrl+d")
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_findings(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    run = steps(stage, "vpn", "f", screens=2)
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


SIZES = [(120, 40), (80, 24), (60, 20)]
SIX = ("flaresolverr", "prowlarr", "qbittorrent", "radarr", "sonarr", "unpackerr")


def left_behind() -> Stage:
    """Return a host whose VPN was restarted behind the backs of six containers."""
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    for name in SIX:
        spec = Spec(name, network="container:vpn", has_health_check=name == "sonarr")
        world.run(spec)
    world.run(Spec("web", has_health_check=True))
    world.restart("vpn")
    for name in ("sonarr", "web"):
        set_health(world, name, Health.UNHEALTHY)
    return Stage(world, evidence=SimHost(world))


@pytest.mark.parametrize("size", SIZES, ids=["120", "80", "60"])
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="strip"),
        pytest.param(("f",), id="list"),
        pytest.param(("f", "space", "down"), id="unfolded"),
    ],
)
def test_incident(
    snap_compare: SnapCompare, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    stage = left_behind()
    run = steps(stage, "vpn", *keys, screens=2 if keys else 1)
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize(
    "size", [WIDE, NARROW, (60, 20)], ids=["wide", "narrow", "tiny"]
)
def test_mistakes_of_a_configuration(
    snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    file = f"{os.environ['HOME']}/.config/nstui/config.toml"
    problems = (
        f"{file}: theme: 'nrod' is not a theme; did you mean nord?",
        f"{file}: keymap.help: d is the key of remove, so help keeps ?",
    )
    choices = Choices(theme="nord", order=SortOrder.NAME, keymap={"stop": "x"})
    session = Session(Preferences(choices, problems=problems))
    stage = Stage(demo_world(lambda: NOON), session=session)
    run = steps(stage, "vpn")
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_whom_shall_it_join(snap_compare: SnapCompare, stage: Stage) -> None:
    run = steps(stage, "soulseek", "H", screens=2)
    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(("vpn", "2", " in", "/s"), id="network"),
        pytest.param(("vpn", "3", " MB", "%"), id="members"),
        pytest.param(("pihole", "4", "config.json", "config.json"), id="evidence"),
    ],
)
def test_tab(
    snap_compare: SnapCompare, size: tuple[int, int], shown: tuple[str, ...]
) -> None:
    """Draw what a key shows of a container, when it has been read twice."""
    cursor, key, once, twice = shown
    world = demo_world(lambda: NOON)
    stage = Stage(world, evidence=SimHost(world))

    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, cursor, key)(pilot)
        await stage.until(lambda: once in stage.details())
        assert isinstance(world.clock, SimClock)
        world.clock.advance(timedelta(seconds=2))
        await stage.press("r")
        await stage.until(lambda: twice in stage.details())

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_block(snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]) -> None:
    run = steps(stage, "vpn", "d", screens=2)
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_short_confirmation(snap_compare: SnapCompare, stage: Stage) -> None:
    run = steps(stage, "redis", "d", screens=2)
    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


def test_stale_join(snap_compare: SnapCompare, stage: Stage) -> None:
    run = steps(stage, "pihole")
    assert snap_compare(stage.app, terminal_size=WIDE, run_before=run)


def test_log(snap_compare: SnapCompare, stage: Stage) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "nginx", "l", screens=2)(pilot)
        await stage.until(lambda: "1,000 lines ·" in stage.text("#container-title"))
        await stage.press("slash", *"favicon", "enter", "N")
        await stage.until(lambda: stage.text("#search-count") == "50/51")

    assert snap_compare(stage.app, terminal_size=WIDE, run_before=run)


@pytest.mark.parametrize(
    "size", [(120, 40), NARROW, (60, 20)], ids=["wide", "narrow", "tiny"]
)
def test_group_log(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn", "L", screens=2)(pilot)
        await stage.until(lambda: "5,000 lines" in stage.text("#container-title"))
        stage.world.restart("sonarr")
        stage.world.say("sonarr", "request failed", LogSource.STDERR)
        await stage.until(lambda: "5,003 lines" in stage.text("#container-title"))
        await stage.press("t")

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_filtered_log(snap_compare: SnapCompare, stage: Stage) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn", "L", screens=2)(pilot)
        await stage.until(lambda: "5,000 lines" in stage.text("#container-title"))
        await stage.press("ampersand", *"late", "enter", "slash", *"192", "enter")
        await stage.until(lambda: "/" in stage.text("#search-count"))

    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


def test_log_help(snap_compare: SnapCompare, stage: Stage) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn", "l", "question_mark", screens=3)(pilot)

    assert snap_compare(stage.app, terminal_size=(120, 40), run_before=run)


def test_inspect(snap_compare: SnapCompare, stage: Stage) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn", "i", screens=2)(pilot)
        await stage.until(lambda: ".Id" in stage.text("#container-title"))
        await stage.press("slash", *"tcp", "enter", "n")
        await stage.until(lambda: stage.text("#search-count") == "2/4")

    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


def test_copy(snap_compare: SnapCompare, stage: Stage) -> None:
    run = steps(stage, "pihole", "y", screens=2)
    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=["120", "80", "60"])
def test_help(snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]) -> None:
    run = steps(stage, "vpn", "question_mark", screens=2)
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=["120", "80", "60"])
def test_palette(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn", "ctrl+p", screens=2)(pilot)
        listed = stage.app.screen.query_one(OptionList)
        await stage.until(lambda: listed.option_count > 10)

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [NARROW, SMALL], ids=["narrow", "small"])
@pytest.mark.parametrize("screen", ["which", "prompt"])
def test_restore(
    snap_compare: SnapCompare,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    screen: str,
) -> None:
    """Times are shown as they are on the machine."""
    removed_at = NOON
    for name in ("prowlarr", "sonarr"):
        removed_at += timedelta(minutes=1)
        remove_as_nstui(stage, name, removed_at)
    keys = {"which": ("U",), "prompt": ("U", "enter")}[screen]

    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn", *keys, screens=2)(pilot)
        last = "#answers" if screen == "which" else "#choices"
        await stage.until(lambda: bool(stage.app.screen.query(last)))

    with monkeypatch.context() as there:
        there.setenv("TZ", "UTC")
        time.tzset()
        assert snap_compare(stage.app, terminal_size=size, run_before=run)
    time.tzset()


def remove_as_nstui(stage: Stage, name: str, at: datetime) -> None:
    """Remove a container and keep its inspect, as nstui does."""
    record = stage.world.records.get(name)
    stage.audit_log.save(
        RemovedContainer(
            removed_at=at,
            endpoint="unix:///run/test.sock",
            id=record.id,
            name=name,
            image=record.spec.image,
            inspect=stage.engine.inspect(record.id),
            compose=record.spec.compose,
            ran=True,
        )
    )
    stage.world.remove(name, force=True)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pid(snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]) -> None:
    run = steps(stage, "app", "t")
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_all_namespaces(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    run = steps(stage, "caddy", "a", awaits="dnsmasq")

    async def go_there(pilot: Pilot[None]) -> None:
        await run(pilot)
        await stage.press("G", "k")

    assert snap_compare(stage.app, terminal_size=size, run_before=go_there)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_memory(snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]) -> None:
    run = steps(stage, "vpn", "O", awaits=" MB")
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_filter(snap_compare: SnapCompare, stage: Stage) -> None:
    run = steps(stage, "vpn", "slash", *"media")
    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


@pytest.mark.parametrize(
    "size", [WIDE, NARROW, SMALL, TINY], ids=["wide", "narrow", "small", "tiny"]
)
def test_filter_by_name(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    run = steps(stage, "vpn", "slash", *"qbit", "enter")
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [SMALL, TINY], ids=["small", "tiny"])
def test_nothing_matches(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn")(pilot)
        await stage.press("slash", *"jellyfin", "enter")
        await stage.until(lambda: not stage.rows())

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [SMALL, TINY], ids=["small", "tiny"])
def test_findings_in_little_room(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    run = steps(stage, "pihole")
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_no_colour(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = Stage(demo_world(lambda: NOON))
    run = steps(stage, "pihole")
    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


@pytest.mark.parametrize("cursor", ["pihole", "vpn"])
@pytest.mark.parametrize("size", [NARROW, TINY], ids=["narrow", "tiny"])
def test_few_colours(
    snap_compare: SnapCompare,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    cursor: str,
) -> None:
    """Draw the tree, or a block, with the 16 colours of a terminal."""
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "standard")
    stage = Stage(demo_world(lambda: NOON))
    keys = ("d",) if cursor == "vpn" else ()
    run = steps(stage, cursor, *keys, screens=1 + len(keys))
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_no_engine(snap_compare: SnapCompare) -> None:
    stage = Stage(World(lambda: NOON))
    stage.engine.go_away()

    async def run(pilot: Pilot[None]) -> None:
        stage.attach(pilot)
        async with asyncio.timeout(PATIENCE_S):
            await stage.until(lambda: stage.main.query_one(NoEngine).display)

    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)


@pytest.mark.parametrize(
    "size", [WIDE, NARROW, (60, 20)], ids=["wide", "narrow", "small"]
)
def test_a_selected_project(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await steps(stage, "vpn", "G", "enter", "down", "v")(pilot)
        await stage.until(lambda: "selected" in stage.bar())

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize(
    "size", [WIDE, NARROW, (60, 20)], ids=["wide", "narrow", "small"]
)
def test_a_pause_of_an_owner(
    snap_compare: SnapCompare, stage: Stage, size: tuple[int, int]
) -> None:
    run = steps(stage, "vpn", "u", screens=2)
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_a_start_of_a_dependent(snap_compare: SnapCompare, stage: Stage) -> None:
    for name in ("sonarr", "qbit-exporter", "qbittorrent", "vpn"):
        stage.world.stop(name)
    run = steps(stage, "sonarr", "S", screens=2)
    assert snap_compare(stage.app, terminal_size=NARROW, run_before=run)
