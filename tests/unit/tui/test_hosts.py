"""A list of several hosts, of which one is opened at a time."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from textual.events import Key

from nstui.errors import EngineUnreachable
from nstui.service import hosts, watcher
from nstui.tui.notices import NoEngine
from nstui.tui.screens.help import HelpScreen
from nstui.tui.screens.prompts import ActionScreen
from tests.support.builders import NOON
from tests.support.sim_faults import SilentEngine
from tests.unit.tui.hosts_stage import HostsStage, SimulatedHost, pair

END_S = 30.0
"""Who is silent here would be waited for without an end."""


async def test_the_worst_host_comes_first_with_what_is_wrong() -> None:
    stage = HostsStage(pair("attic"), pair("nas", is_broken=True))
    async with stage.open():
        await stage.until_row("nas", "✗ 1 incident", "2/2 running", "Docker 28.5.2")
        await stage.until_row("attic", "✓ nothing wrong", "verified by the kernel")
        assert stage.names() == ["nas", "attic"]
        assert "vpn was restarted a moment ago: 1 has no network" in stage.row("nas")
        title = "nstui  2 hosts  ✗ 1 with incidents  ✓ 1 well"
        assert stage.text("#hosts-title") == title
        assert stage.at_cursor() == "nas"


async def test_enter_opens_a_host_and_a_key_goes_back() -> None:
    stage = HostsStage(pair("attic"), pair("nas", is_broken=True))
    async with stage.open():
        await stage.until_row("nas", "1 incident")
        await stage.press("down", "enter")
        await stage.until_open("attic")
        assert stage.bar().startswith("nstui  attic  ")
        await stage.press("backspace")
        await stage.until(lambda: stage.is_listing)
        assert stage.at_cursor() == "attic"


async def test_a_key_goes_to_the_next_host_of_the_list_and_around_its_end() -> None:
    stage = HostsStage(pair("a"), pair("b"), pair("c", is_broken=True))
    async with stage.open():
        for name in "abc":
            await stage.until_row(name, "just now")
        await stage.until(lambda: stage.names() == ["c", "a", "b"])
        await stage.enter("c")
        for key, name in (
            ("greater_than_sign", "a"),
            ("greater_than_sign", "b"),
            ("greater_than_sign", "c"),
            ("less_than_sign", "b"),
        ):
            await stage.press(key)
            await stage.until_open(name)
            assert stage.bar().startswith(f"nstui  {name}  ")
        assert len(stage.app.screen_stack) == 2
        await stage.press("backspace")
        assert stage.at_cursor() == "b"


async def test_a_host_that_is_not_connected_is_passed_over() -> None:
    dead = pair("b")
    dead.error = EngineUnreachable("the docker context 'b' does not exist")
    stage = HostsStage(pair("a"), dead, pair("c"))
    async with stage.open():
        for name in "ac":
            await stage.until_row(name, "just now")
        await stage.until_row("b", "? not reached", "context 'b' does not exist")
        await stage.enter("a")
        await stage.press("greater_than_sign")
        await stage.until_open("c")


async def test_the_cursor_stays_on_its_host_and_the_host_in_its_place() -> None:
    attic, nas = pair("attic"), pair("nas")
    stage = HostsStage(attic, pair("barn"), nas)
    async with stage.open():
        for name in stage.hosts:
            await stage.until_row(name, "just now")
        await stage.press("down")
        assert stage.at_cursor() == "barn"
        nas.world.restart("vpn")
        await stage.press("r")
        await stage.until_row("nas", "1 incident")
        assert stage.names() == ["nas", "barn", "attic"]
        assert stage.at_cursor() == "barn"


async def test_until_it_is_used_the_cursor_is_on_the_worst() -> None:
    stage = HostsStage(pair("attic"), pair("nas"))
    async with stage.open():
        for name in stage.hosts:
            await stage.until_row(name, "just now")
        assert stage.at_cursor() == "attic"
        stage.hosts["nas"].world.restart("vpn")
        stage.app.screen.action_refresh()  # type: ignore[attr-defined]
        await stage.until_row("nas", "1 incident")
        assert stage.at_cursor() == "nas"


async def test_a_dead_host_says_why_and_when_it_was_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [NOON]
    dead = SimulatedHost("attic", clock=lambda: now[0])
    stage = HostsStage(dead, pair("nas"), clock=lambda: now[0])
    monkeypatch.setattr("nstui.tui.screens.hosts.TICK_S", 0.01)
    async with stage.open():
        await stage.until_row("attic", "just now")
        dead.engine.go_away()
        now[0] = NOON + timedelta(minutes=12)
        await stage.press("r")
        await stage.until_row(
            "attic", "? not reached", "12 min ago", "refuses connections"
        )
        assert stage.names() == ["attic", "nas"]
        assert "0/0 running" in stage.row("attic")


async def test_a_host_that_comes_back_is_seen_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watcher, "ASIDE_LONGEST_RETRY_S", 0.02)
    back = pair("attic")
    back.engine.go_away()
    stage = HostsStage(back, pair("nas"))
    async with stage.open():
        await stage.until_row("attic", "? not reached", "refuses connections")
        back.engine.come_back()
        await stage.until_row("attic", "✓ nothing wrong")


async def test_connecting_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "ASIDE_LONGEST_RETRY_S", 0.02)
    late = pair("attic")
    late.error = EngineUnreachable("the name attic is not known")
    stage = HostsStage(late, pair("nas"))
    async with stage.open():
        await stage.until_row("attic", "the name attic is not known")
        await stage.until(lambda: late.connected > 3)
        late.error = None
        await stage.until_row("attic", "✓ nothing wrong")


async def test_a_fault_of_a_connection_is_only_its_hosts() -> None:
    broken = pair("attic")
    broken.error = KeyError("Endpoints")  # type: ignore[assignment]
    stage = HostsStage(broken, pair("nas"))
    async with stage.open():
        await stage.until_row("attic", "nstui failed here: KeyError")
        await stage.until_row("nas", "✓ nothing wrong")


async def test_a_host_that_does_not_answer_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hosts, "PATIENCE_S", 0.05)
    monkeypatch.setattr("nstui.tui.screens.hosts.TICK_S", 0.01)
    slow, connecting = pair("attic", engine=SilentEngine), pair("barn")
    connecting.may_connect.clear()
    stage = HostsStage(slow, connecting, pair("nas"))
    try:
        async with stage.open():
            await stage.until_row("attic", "? not reached", hosts.LATE)
            await stage.until_row("nas", "✓ nothing wrong")
            assert "… asking" in stage.row("barn")
            stage.listed.go_to("barn")
            await stage.press("enter")
            assert stage.notices() == [
                "barn cannot be opened: it is still being connected"
            ]
            await stage.enter("nas")
            await stage.press("greater_than_sign")
            await stage.until(lambda: stage.bar().startswith("nstui  attic"))
            assert "asking ssh://attic" in stage.bar()
            began = time.monotonic()
            stage.app.exit()
        assert time.monotonic() - began < END_S
    finally:
        connecting.may_connect.set()


async def test_a_host_that_is_dead_when_opened_says_so_at_once() -> None:
    dead = pair("attic")
    dead.engine.go_away()
    stage = HostsStage(dead, pair("nas"))
    async with stage.open():
        await stage.until_row("attic", "refuses connections")
        stage.listed.go_to("attic")
        await stage.press("enter")
        await stage.until(
            lambda: "refuses connections" in str(stage.main.query_one(NoEngine).content)
        )
        dead.engine.come_back()
        await stage.until_open("attic")


async def test_what_happens_on_an_open_host_is_seen_at_once_and_in_the_list() -> None:
    nas = pair("nas")
    stage = HostsStage(pair("attic"), nas)
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.enter("nas")
        nas.world.restart("vpn")
        await stage.until(lambda: "1 incident" in stage.bar())
        await stage.press("backspace")
        await stage.until_row("nas", "✗ 1 incident")


async def test_an_action_is_done_on_the_open_host_alone() -> None:
    nas, attic = pair("nas"), pair("attic")
    stage = HostsStage(attic, nas)
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.enter("nas")
        stage.world = nas.world
        await stage.goto("on-nas")
        await stage.press("s")
        await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
        await stage.press("y")
        await stage.until(lambda: bool(stage.notices()))
        assert stage.notices() == ["stopped on-nas"]
        states = {r.name: r.state.value for r in nas.world.records}
        assert states == {"vpn": "running", "on-nas": "exited"}
        assert {r.state.value for r in attic.world.records} == {"running"}


async def test_an_open_host_is_not_left_while_an_action_is_under_way() -> None:
    stage = HostsStage(pair("attic"), pair("nas"))
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.until_row("attic", "just now")
        await stage.enter("nas")
        stage.main._is_acting = True  # noqa: SLF001 - as while a plan is carried out
        await stage.press("backspace", "greater_than_sign")
        assert stage.is_open("nas")
        assert set(stage.notices()) == {
            "an action is under way: try again when it has ended"
        }


async def test_read_only_is_said_in_the_list_and_refuses_in_a_host() -> None:
    stage = HostsStage(pair("attic"), pair("nas"), is_read_only=True)
    async with stage.open():
        await stage.until_row("nas", "just now")
        assert "READ-ONLY" in stage.text("#hosts-title")
        await stage.enter("nas")
        assert "READ-ONLY" in stage.bar()
        await stage.press("s")
        await stage.until(lambda: bool(stage.notices()))
        assert "--read-only" in stage.notices()[0]


async def test_the_help_of_the_list_has_its_keys_and_signs() -> None:
    stage = HostsStage(pair("attic"), pair("nas"), contexts=())
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen))
        shown = stage.text("#help-text")
        for words in (
            "Open the host",
            "Open another docker context",
            "not reached",
            "Quit",
        ):
            assert words in shown


async def test_the_demo_can_be_entered_and_left_from_one_of_several() -> None:
    stage = HostsStage(pair("attic"), pair("nas"))
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.enter("nas")
        await stage.command("demo: show")
        await stage.until(lambda: "DEMO" in stage.bar() and len(stage.lines()) > 10)
        await stage.press("backspace")
        assert "DEMO" in stage.bar()
        await stage.command("leave the demo")
        await stage.until_open("nas")
        await stage.press("backspace")
        await stage.until(lambda: stage.is_listing)


async def test_folds_of_a_host_are_kept_while_another_one_is_open() -> None:
    stage = HostsStage(pair("attic"), pair("nas"))
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.until_row("attic", "just now")
        await stage.enter("nas")
        stage.world = stage.hosts["nas"].world
        await stage.goto("vpn")
        await stage.press("enter")
        await stage.until_lines("vpn")
        await stage.press("greater_than_sign")
        await stage.until_open("attic")
        await stage.press("greater_than_sign")
        await stage.until(lambda: stage.bar().startswith("nstui  nas"))
        await stage.until_lines("vpn")


@pytest.mark.parametrize("key", ["d", "u", "s", "y"])
@pytest.mark.parametrize("leaves", ["backspace", "greater_than_sign"])
async def test_keys_in_one_burst_do_not_leave_a_host_with_what_they_open(
    key: str, leaves: str
) -> None:
    stage = HostsStage(pair("attic"), pair("nas"))
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.until_row("attic", "just now")
        await stage.enter("nas")
        await stage.until(lambda: stage.cursor() == "vpn")
        for one in (key, leaves):
            stage.app.post_message(Key(one, one if len(one) == 1 else None))
        await stage.until(lambda: len(stage.app.screen_stack) == 3)
        await stage.press("escape")
        await stage.until(lambda: stage.is_open("nas"))
        assert stage.app.is_running
