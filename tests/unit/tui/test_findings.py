"""What is wrong, in the text UI: jumping, the list, and what is said of news."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from textual.widgets import OptionList

from nstui.demo.faults import set_health
from nstui.model.container import Health
from nstui.tui.screens.findings import CURSOR, FindingsScreen

if TYPE_CHECKING:
    import pytest

    from tests.unit.tui.stage import Stage


async def opened(stage: Stage) -> OptionList:
    """Open the list of findings."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.press("f")
    await stage.until(lambda: isinstance(stage.app.screen, FindingsScreen))
    return stage.app.screen.query_one("#findings", OptionList)


def listed(stage: Stage) -> list[str]:
    """Return the first line of each finding that is listed."""
    options = stage.app.screen.query_one("#findings", OptionList).options
    return [str(option.prompt).partition("\n")[0][len(CURSOR) :] for option in options]


async def test_n_goes_from_finding_to_finding_and_around(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.press("g")
        seen = []
        for _ in range(5):
            await demo.press("n")
            seen.append(demo.cursor())
        assert seen == ["soulseek", "pihole", "vaultwarden", "alloy", "soulseek"]
        await demo.press("N", "N")
        assert demo.cursor() == "vaultwarden"
        assert "its health check fails" in demo.details()


async def test_n_finds_only_what_a_filter_shows(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.press("slash", *"pihole", "enter")
        await demo.until(lambda: "soulseek" not in demo.lines())
        for _ in range(2):
            await demo.press("n")
            assert demo.cursor() == "pihole"


async def test_n_where_nothing_is_wrong(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.press("n")
        await vpn.until(lambda: vpn.notices() == ["nothing is wrong"])


async def test_all_findings_the_worst_first(demo: Stage) -> None:
    async with demo.open(80, 24):
        await opened(demo)
        assert [line.split("  ")[:2] for line in listed(demo)] == [
            ["✗ stale join", "pihole"],
            ["✗ owner gone", "soulseek"],
            ["✗ unhealthy", "vaultwarden"],
            ["! restarting", "alloy"],
        ]
        assert demo.text("#findings-title") == (
            "findings  ✗ 3 errors  ! 1 warning  verified by the kernel"
        )


async def test_enter_goes_to_the_container(demo: Stage) -> None:
    async with demo.open():
        await opened(demo)
        await demo.press("j", "j", "enter")
        await demo.until(lambda: demo.cursor() == "vaultwarden")
        assert demo.app.screen is demo.main


async def test_escape_goes_nowhere(demo: Stage) -> None:
    async with demo.open():
        await opened(demo)
        before = demo.cursor()
        await demo.press("escape")
        await demo.until(lambda: demo.app.screen is demo.main)
        assert demo.cursor() == before


async def test_the_list_follows_and_the_cursor_stays(demo: Stage) -> None:
    async with demo.open():
        options = await opened(demo)
        await demo.press("j")
        demo.world.restart("pihole")
        await demo.until(lambda: len(listed(demo)) == 3)
        assert options.highlighted == 0
        assert "soulseek" in listed(demo)[0]


async def test_a_list_without_findings(vpn: Stage) -> None:
    async with vpn.open():
        await opened(vpn)
        assert listed(vpn) == []
        assert "nothing wrong" in vpn.text("#findings-title")


async def test_a_new_error_is_told(vpn: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.tui.notices.SETTLING", timedelta(0))
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        set_health(vpn.world, "loner", Health.UNHEALTHY)
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices() == ["new error: loner: its health check fails"]


async def test_several_new_errors_that_last_are_one_notice(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.tui.notices.SETTLING", timedelta(seconds=0.5))
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        vpn.world.stop("vpn")
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices() == ["3 new errors: a, b, b-sidecar; f shows them"]


async def test_what_was_wrong_before_is_no_news(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        demo.world.stop("redis")
        await demo.until(lambda: "exited" in demo.world.records.get("redis").state)
        await demo.press("r")
        assert demo.notices() == []
