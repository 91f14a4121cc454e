"""What is wrong, in the text UI: jumping, the list, and what is said of news."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from textual.widgets import Button, OptionList

from nstui.demo.faults import set_health
from nstui.model.container import Health
from nstui.tui.screens.findings import FindingsScreen
from nstui.tui.screens.prompts import ActionScreen
from nstui.tui.widgets.row_list import CURSOR

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
            ["✗ ▸ stale join", "wg-home"],
            ["✗ ▸ owner gone", "85073aacebaf"],
            ["✗ unhealthy", "vaultwarden"],
            ["! restarting", "alloy"],
        ]
        assert demo.text("#findings-title") == (
            "findings  ✗ 3 incidents  ! 1 warning  verified by the kernel"
        )


async def test_enter_goes_to_the_container(demo: Stage) -> None:
    async with demo.open():
        await opened(demo)
        await demo.press("j", "j", "enter")
        await demo.until(lambda: demo.cursor() == "vaultwarden")
        assert demo.app.screen is demo.main


async def test_enter_on_an_incident_goes_to_its_owner(demo: Stage) -> None:
    async with demo.open():
        await opened(demo)
        await demo.press("enter")
        await demo.until(lambda: demo.cursor() == "wg-home")


async def test_an_incident_unfolds_and_folds_again(vpn: Stage) -> None:
    vpn.world.restart("vpn")
    async with vpn.open(80, 24):
        options = await opened(vpn)
        assert listed(vpn) == ["✗ ▸ stale join  vpn"]
        await vpn.press("space")
        assert [line.strip() for line in listed(vpn)] == [
            "✗ ▾ stale join  vpn",
            "✗ stale join  a",
            "✗ stale join  b",
            "✗ stale join  b-sidecar",
        ]
        assert options.highlighted == 0
        await vpn.press("right", "down", "down", "left")
        assert listed(vpn) == ["✗ ▸ stale join  vpn"]
        assert options.highlighted == 0
        await vpn.press("left", "right", "down", "enter")
        await vpn.until(lambda: vpn.cursor() == "a")


async def test_what_one_container_has_of_its_own_does_not_unfold(demo: Stage) -> None:
    async with demo.open():
        await opened(demo)
        await demo.press("j", "j", "space")
        assert len(listed(demo)) == 4


async def test_what_is_unfolded_stays_so_while_the_list_follows(vpn: Stage) -> None:
    vpn.world.restart("vpn")
    async with vpn.open():
        await opened(vpn)
        await vpn.press("space")
        vpn.world.restart("a")
        await vpn.until(lambda: len(listed(vpn)) == 3)
        assert "b" in listed(vpn)[1]


async def test_an_incident_is_healed_from_the_list(vpn: Stage) -> None:
    vpn.world.restart("vpn")
    set_health(vpn.world, "loner", Health.UNHEALTHY)
    async with vpn.open():
        await opened(vpn)
        await vpn.press("H")
        await vpn.until(lambda: isinstance(vpn.app.screen, ActionScreen))
        assert vpn.text("#commands") == "docker restart a b b-sidecar"
        # Escape changes nothing, and leads back to the list.
        await vpn.press("escape")
        await vpn.until(lambda: isinstance(vpn.app.screen, FindingsScreen))
        assert len(listed(vpn)) == 2
        await vpn.press("H")
        await vpn.until(lambda: isinstance(vpn.app.screen, ActionScreen))
        vpn.app.screen.query_one("#act", Button).press()
        await vpn.until(lambda: isinstance(vpn.app.screen, FindingsScreen))
        await vpn.until(lambda: len(listed(vpn)) == 1)
        assert "restarted a, b, b-sidecar" in vpn.notices()


async def test_the_remedy_under_the_cursor_is_copied(vpn: Stage) -> None:
    vpn.world.restart("vpn")
    async with vpn.open():
        await opened(vpn)
        await vpn.press("y")
        assert vpn.app.clipboard == "nstui heal vpn"
        await vpn.press("space", "down", "y")
        assert vpn.app.clipboard == "docker restart a"
        assert vpn.notices() == ["copied: nstui heal vpn", "copied: docker restart a"]


async def test_no_key_does_anything_in_an_empty_list(vpn: Stage) -> None:
    async with vpn.open():
        await opened(vpn)
        await vpn.press("space", "H", "y")
        assert vpn.notices() == []
        assert isinstance(vpn.app.screen, FindingsScreen)


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
        assert "owner gone" in listed(demo)[0]


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
        assert vpn.notices() == ["loner: its health check fails"]


async def test_an_incident_that_lasts_is_one_notice(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.tui.notices.SETTLING", timedelta(seconds=0.5))
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        vpn.world.stop("vpn")
        await vpn.until(lambda: bool(vpn.notices()))
        (notice,) = vpn.notices()
        assert notice.startswith("vpn stopped ")
        assert notice.endswith(
            "ago: 3 containers that joined it have no connection (only lo): a, b,"
            " b-sidecar"
        )


async def test_what_was_wrong_before_is_no_news(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        demo.world.stop("redis")
        await demo.until(lambda: "exited" in demo.world.records.get("redis").state)
        await demo.press("r")
        assert demo.notices() == []
