"""The tree of one kind of namespace after the other."""

from __future__ import annotations

import pytest

from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.tui.notices import ViewLine
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage


@pytest.fixture
def pod() -> Stage:
    """A pod that shares all it can, one that shares memory only, and a loner."""
    world = World(lambda: NOON)
    mode = "container:infra"
    world.run(Spec("infra", ipc="shareable"))
    world.run(Spec("app", network=mode, pid=mode, ipc=mode))
    world.run(Spec("shm", ipc=mode))
    world.run(Spec("node", pid="host"))
    return Stage(world)


NET_LINES = ("infra", "  app", "2 containers that share no network")
PID_LINES = (
    "infra",
    "  app",
    "host's pid namespace (1 container)",
    "  node",
    "1 container that shares no pid namespace",
)
IPC_LINES = ("infra", "  app", "  shm", "1 container that shares no ipc namespace")


def view(stage: Stage) -> str:
    line = stage.main.query_one(ViewLine)
    return str(line.content) if line.display else ""


def badges(stage: Stage) -> dict[str, str]:
    """Return what each visible container is said to share besides."""
    nodes = [stage.tree.get_node_at_line(n) for n in range(stage.tree.last_line + 1)]
    lines = [node.data for node in nodes if node is not None and node.data is not None]
    return {
        line.row.label: line.text.shares.text for line in lines if line.text.state.text
    }


async def test_one_kind_after_the_other(pod: Stage) -> None:
    async with pod.open():
        await pod.until_lines(*NET_LINES)
        assert view(pod) == ""
        assert badges(pod) == {"infra": "+pid +ipc", "app": "+pid +ipc"}
        assert "4 containers, 1 group" in pod.bar()
        await pod.press("t")
        assert pod.lines() == [*PID_LINES]
        assert view(pod) == "pid namespaces"
        assert badges(pod) == {"infra": "+net +ipc", "app": "+net +ipc", "node": ""}
        await pod.press("t")
        assert pod.lines() == [*IPC_LINES]
        assert view(pod) == "ipc namespaces"
        assert badges(pod)["shm"] == ""
        pod.world.remove("app", force=True)
        await pod.until_lines("infra", "  shm", IPC_LINES[-1])
        await pod.press("t")
        assert pod.lines() == ["3 containers that share no network"]
        assert view(pod) == ""
        assert "3 containers, 0 groups" in pod.bar()


async def test_the_groups_are_counted_by_the_kind_that_is_shown(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: "21 containers, 5 groups" in demo.bar())
        await demo.press("t")
        assert "21 containers, 1 group" in demo.bar()


async def test_the_cursor_stays_on_its_container(pod: Stage) -> None:
    async with pod.open():
        await pod.until_lines(*NET_LINES)
        await pod.goto("app")
        for _ in range(3):
            await pod.press("t")
            assert pod.cursor() == "app"


async def test_the_cursor_comes_back_from_a_fold_that_hid_its_container(
    pod: Stage,
) -> None:
    async with pod.open():
        await pod.until_lines(*NET_LINES)
        await pod.press("t", "t")
        await pod.goto("shm")
        await pod.press("t")
        assert pod.tree.cursor_line == len(NET_LINES) - 1
        await pod.press("t")
        assert pod.tree.cursor_line == len(PID_LINES) - 1
        assert pod.lines() == [*PID_LINES]
        await pod.press("t")
        assert pod.cursor() == "shm"
        await pod.goto("infra")
        await pod.press("t")
        assert pod.cursor() == "infra"


async def test_a_kind_that_nobody_shares_is_passed_over(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 3)
        kinds = []
        for _ in range(4):
            await vpn.press("t")
            kinds.append(view(vpn))
        assert kinds == ["pid namespaces", "ipc namespaces", "", "pid namespaces"]


async def test_findings_are_found_in_every_kind(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        for _ in range(3):
            await demo.press("t", "g")
            seen = set()
            for _ in range(4):
                await demo.press("n")
                seen.add(demo.cursor())
            assert seen == {"soulseek", "pihole", "vaultwarden", "alloy"}


async def test_a_filter_stays_while_the_kind_changes(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        await demo.press("slash", *"pod-infra", "enter", "t")
        await demo.until_lines("pod-infra", "  app", "  log-shipper")
        await demo.press("escape")
        await demo.until(lambda: len(demo.lines()) > 5)
        assert view(demo) == "pid namespaces"


async def test_the_key_does_nothing_before_the_first_look(pod: Stage) -> None:
    pod.engine.go_away()
    async with pod.open():
        await pod.press("t")
        assert view(pod) == ""
        # What is not of what there is can be chosen before there is anything.
        await pod.press("a", "o")
        assert view(pod) == "all net namespaces · by name"
        pod.engine.come_back()
        await pod.until(lambda: "share no network" in " ".join(pod.lines()))
