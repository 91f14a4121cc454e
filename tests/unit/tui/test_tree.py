"""The tree shows the host, and keeps its place while the host changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from nstui.demo.containers import Spec
from nstui.demo.faults import set_health
from nstui.demo.world import World
from nstui.model.container import Health
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    import pytest

VPN_LINES = (
    "vpn",
    "  a",
    "  b",
    "    b-sidecar",
    "1 container that shares no network",
)


async def test_groups_nest_and_the_rest_is_folded(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until_lines(*VPN_LINES)
        assert vpn.cursor() == "vpn"
        await vpn.press("G", "enter")
        await vpn.until_lines(*VPN_LINES, "  loner")
        await vpn.press("enter")
        await vpn.until_lines(*VPN_LINES)


async def test_the_demo_has_one_of_everything(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        lines = demo.lines()
        assert lines[0].endswith("(no longer exists)")
        assert lines[1:4] == ["  soulseek", "wg-home", "  pihole"]
        assert "      qbit-exporter" not in lines
        assert "    qbit-exporter" in lines
        assert "host network (2 containers)" in lines
        bar = demo.bar()
        assert "Docker 28.5.2 at" in bar
        assert "verified by the kernel" in bar
        assert "21 containers, 5 groups" in bar
        assert "✗ 3 incidents" in bar
        assert "✗ wg-home was restarted 6 h ago: 1 has no network" in bar


async def test_it_follows_the_engines_events(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until_lines(*VPN_LINES)
        vpn.world.run(Spec("c", network="container:vpn"))
        await vpn.until_lines(
            "vpn", "  a", "  b", "    b-sidecar", "  c", VPN_LINES[-1]
        )
        vpn.world.remove("c", force=True)
        await vpn.until_lines(*VPN_LINES)
        vpn.world.restart("vpn")
        await vpn.until(lambda: "3 have no network" in vpn.bar())
        await vpn.goto("b-sidecar")
        await vpn.until(lambda: "stale join" in vpn.details())
        assert "docker restart b b-sidecar" in vpn.details()


async def test_cursor_folds_and_scroll_survive_an_update() -> None:
    world = World(lambda: NOON)
    for number in range(30):
        world.run(Spec(f"own{number:02}"))
        world.run(Spec(f"dep{number:02}", network=f"container:own{number:02}"))
    stage = Stage(world)
    async with stage.open(height=24):
        await stage.until(lambda: len(stage.lines()) == 60)
        await stage.goto("own03")
        await stage.press("enter")
        await stage.goto("dep20")
        line_on_screen = stage.tree.cursor_line - stage.tree.scroll_offset.y
        lines = stage.lines()
        assert stage.tree.scroll_offset.y > 0
        world.run(Spec("a-first"))
        world.run(Spec("a-first-dep", network="container:a-first"))
        await stage.until(lambda: stage.lines() == ["a-first", "  a-first-dep", *lines])
        assert stage.cursor() == "dep20"
        assert stage.tree.cursor_line - stage.tree.scroll_offset.y == line_on_screen
        assert "  dep03" not in stage.lines()


async def test_the_cursor_goes_up_when_its_line_goes_away(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until_lines(*VPN_LINES)
        await vpn.goto("b-sidecar")
        vpn.world.remove("b-sidecar", force=True)
        await vpn.until_lines("vpn", "  a", "  b", VPN_LINES[-1])
        assert vpn.cursor() == "b"


async def test_a_group_that_falls_ill_moves_to_the_top_with_the_cursor(
    demo: Stage,
) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        await demo.goto("sonarr")
        set_health(demo.world, "vpn", Health.UNHEALTHY)
        await demo.until(lambda: demo.lines().index("vpn") < 6)
        assert demo.cursor() == "sonarr"


REDIS = (
    *("1 container that shares no network", "  project web (1 container)"),
    "    redis",
)


async def test_filter(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        everything = demo.lines()
        await demo.press("slash", *"redis")
        await demo.until_lines(*REDIS)
        await demo.press("enter", "j")
        assert demo.cursor() == "redis"
        await demo.press("escape")
        await demo.until(lambda: demo.lines() == everything)


async def test_what_is_typed_at_once_goes_into_the_filter(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        for key in ("slash", *"redis"):
            character = "/" if key == "slash" else key
            demo.app.post_message(events.Key(key, character))
        await demo.until_lines(*REDIS)
        assert len(demo.app.screen_stack) == 1
        await demo.press("escape", "g")
        assert demo.tree.cursor_line == 0


async def test_names_are_shown_and_not_obeyed(vpn: Stage) -> None:
    vpn.world.run(Spec("evil", image="[red]x[/red]\x1b[31m\u202ey:1"))
    async with vpn.open(width=200):
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("evil")
        await vpn.until(lambda: r"[red]x[/red]\x1b[31m\u202ey:1" in vpn.details())
        await vpn.press("d")
        await vpn.until(lambda: len(vpn.app.screen_stack) == 2)
        assert r"[red]x[/red]\x1b[31m" in vpn.text("#effects-text")


async def test_details_of_a_dependent(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        await demo.goto("qbit-exporter")
        await demo.until(lambda: "qbit-exporter" in demo.details())
        text = demo.details()
        for words in ("→ qbittorrent", "net:[", "*:8080->8080/tcp", "of vpn"):
            assert words in text
        await demo.goto("vpn")
        await demo.until(lambda: "(through qbittorrent)" in demo.details())


async def test_details_of_a_container_that_could_not_be_inspected(vpn: Stage) -> None:
    vpn.engine.hide("a", "the engine answered: EOF")
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("a")
        await vpn.until(lambda: "failed: the engine answered: EOF" in vpn.details())


async def test_an_empty_host() -> None:
    stage = Stage(World(lambda: NOON))
    async with stage.open():
        await stage.until(lambda: "0 containers, 0 groups" in stage.bar())
        assert stage.lines() == []
        await stage.press("d", "enter", "j", "G", "slash", "x", "escape")
        stage.world.run(Spec("first"))
        await stage.until(lambda: "1 container, 0 groups" in stage.bar())


async def test_a_narrow_terminal_puts_the_details_below(demo: Stage) -> None:
    async with demo.open(width=80, height=24):
        await demo.until(lambda: len(demo.lines()) > 10)
        details = demo.app.screen.query_one("#details").region
        tree = demo.tree.region
        assert details.y >= tree.bottom
        assert tree.width == 80
        assert not demo.tree.show_horizontal_scrollbar


async def test_no_color_means_none(
    demo: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = Stage(demo.world)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        colours = {
            segment.style.color.name
            for strip in stage.app.screen._compositor.render_strips()  # noqa: SLF001 - what is sent to the terminal
            for segment in strip
            if segment.style is not None and segment.style.color is not None
        }
        assert colours <= {"default"}
