"""The inspect of a container as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.demo.engine import SimEngine
from nstui.errors import EngineRefused
from nstui.tui.screens.inspect import InspectScreen
from nstui.tui.screens.prompts import QuestionScreen
from nstui.tui.widgets.document_tree import DocumentTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from nstui.model.container import ContainerId
    from tests.unit.tui.stage import Stage


async def opened(stage: Stage, name: str = "vpn") -> DocumentTree:
    """Open the inspect of a container, and wait until it is there."""
    await stage.until(lambda: len(stage.lines()) > 2)
    await stage.goto(name)
    await stage.press("i")
    await stage.until(lambda: isinstance(stage.app.screen, InspectScreen))
    tree = stage.app.screen.query_one(DocumentTree)
    await stage.until(lambda: tree.last_line > 0)
    return tree


def lines(tree: DocumentTree) -> list[str]:
    """Return the lines that no fold hides."""
    found = (tree.get_node_at_line(number) for number in range(tree.last_line + 1))
    return [node.data.words for node in found if node is not None and node.data]


def at_cursor(stage: Stage) -> str:
    return stage.text("#container-title").partition("\n")[2]


async def test_small_parts_are_open_and_big_ones_folded(demo: Stage) -> None:
    async with demo.open():
        tree = await opened(demo)
        assert "inspect of vpn  ● running" in demo.text("#container-title")
        shown = lines(tree)
        assert shown[0].split()[0] == "Id"
        assert "Status      running" in shown
        assert not [line for line in shown if line.startswith("NetworkMode")]
        await demo.press("asterisk")
        await demo.until(lambda: "NetworkMode    media_default" in lines(tree))
        await demo.press("asterisk")
        await demo.until(lambda: "Status      running" not in lines(tree))


async def test_the_entry_under_the_cursor(demo: Stage) -> None:
    async with demo.open(80, 24):
        await opened(demo)
        await demo.until(lambda: at_cursor(demo) == ".Id")
        container = demo.world.records.get("vpn").id
        assert demo.text("#inspect-value") == container
        await demo.press(*"jjjj")
        await demo.until(lambda: at_cursor(demo) == ".State")
        assert demo.text("#inspect-value").startswith('{"Status": "running", ')
        await demo.press("right")
        await demo.until(lambda: at_cursor(demo) == ".State.Status")
        await demo.press("left")
        await demo.until(lambda: at_cursor(demo) == ".State")


async def test_searching_unfolds_what_is_found(demo: Stage) -> None:
    async with demo.open():
        tree = await opened(demo)
        await demo.press("slash", *"hostport", "enter")
        found = '.HostConfig.PortBindings["8080/tcp"][0].HostPort'
        await demo.until(lambda: at_cursor(demo) == found)
        assert demo.text("#search-count") == "1/8"
        await demo.press("n", "n")
        await demo.until(lambda: demo.text("#search-count") == "3/8")
        await demo.press("N", "N", "N")
        await demo.until(lambda: demo.text("#search-count") == "8/8")
        await demo.press("slash", *"xx")
        await demo.until(lambda: demo.text("#search-count") == "nothing found")
        await demo.press("escape")
        await demo.until(lambda: tree.has_focus)
        await demo.press("escape")
        await demo.until(lambda: demo.app.screen is demo.main)


async def test_copying_what_is_under_the_cursor(demo: Stage) -> None:
    async with demo.open():
        await opened(demo)
        await demo.press("j", "j", "y")
        await demo.until(lambda: isinstance(demo.app.screen, QuestionScreen))
        await demo.press("enter")
        await demo.until(lambda: demo.notices() == ["copied the value: /vpn"])
        assert demo.app.clipboard == "/vpn"
        await demo.press("y")
        await demo.until(lambda: isinstance(demo.app.screen, QuestionScreen))
        await demo.press("down", "down", "enter")
        await demo.until(lambda: len(demo.notices()) == 2)
        assert demo.app.clipboard == "docker inspect --format '{{json .Name}}' vpn"


async def test_it_is_read_again_when_the_container_is_another(demo: Stage) -> None:
    async with demo.open():
        tree = await opened(demo, "redis")
        await demo.press(*"jjjjj")
        await demo.until(lambda: at_cursor(demo) == ".State.Status")
        demo.world.stop("redis")
        await demo.until(lambda: "Status      exited" in lines(tree))
        assert at_cursor(demo) == ".State.Status"
        assert "○ exited" in demo.text("#container-title")
        demo.world.remove("redis")
        await demo.until(lambda: "✗ no longer exists" in demo.text("#container-title"))
        assert "Status      exited" in lines(tree)
        await demo.press("r")
        gone = "No such container"
        await demo.until(lambda: gone in demo.text("#inspect-problem"))


async def test_what_the_engine_refuses_is_said(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: SimEngine, container: ContainerId) -> Mapping[str, object]:
        raise EngineRefused(f"no \x1b[31m{container[:3]}")

    monkeypatch.setattr(SimEngine, "inspect", refuse)
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("vpn")
        await vpn.press("i")
        await vpn.until(lambda: isinstance(vpn.app.screen, InspectScreen))
        words = f"no \\x1b[31m{vpn.world.records.get('vpn').id[:3]}"
        await vpn.until(lambda: vpn.text("#inspect-problem") == words)
