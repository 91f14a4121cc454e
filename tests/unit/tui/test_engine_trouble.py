"""An engine that is not there, goes away, hangs, or comes back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Never

from nstui.errors import EngineRefused
from nstui.tui.notices import Banner, NoEngine
from nstui.tui.screens.help import HelpScreen
from tests.unit.tui.asked_host import AskedHost
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    import pytest


def no_engine(stage: Stage) -> str:
    notice = stage.main.query_one(NoEngine)
    return str(notice.content) if notice.display else ""


def banner(stage: Stage) -> str:
    notice = stage.main.query_one(Banner)
    return str(notice.content) if notice.display else ""


async def test_no_engine_says_why_and_offers_the_demo(vpn: Stage) -> None:
    vpn.engine.go_away()
    async with vpn.open():
        await vpn.until(lambda: "refuses connections" in no_engine(vpn))
        assert "ctrl+p shows a simulated host" in no_engine(vpn)
        assert "asking unix:///run/test.sock" in vpn.bar()
        await vpn.command("demo: show")
        await vpn.until(lambda: len(vpn.lines()) > 10)
        assert "DEMO" in vpn.bar()


async def test_it_recovers_when_the_engine_comes(vpn: Stage) -> None:
    vpn.engine.go_away()
    async with vpn.open():
        await vpn.until(lambda: bool(no_engine(vpn)))
        vpn.engine.come_back()
        await vpn.until(lambda: "vpn" in vpn.lines())
        assert no_engine(vpn) == ""


async def test_an_engine_that_goes_away_leaves_what_was_seen(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: "vpn" in vpn.lines())
        vpn.engine.go_away()
        await vpn.press("r")
        await vpn.until(lambda: "refuses connections" in banner(vpn))
        assert "shown is what was seen at" in banner(vpn)
        assert "vpn" in vpn.lines()
        assert "? nothing was wrong when last seen" in vpn.bar()
        vpn.engine.come_back()
        await vpn.until(lambda: banner(vpn) == "")
        assert "✓ nothing wrong" in vpn.bar()


async def test_an_engine_that_hangs_is_named_and_the_keys_still_work(
    vpn: Stage,
) -> None:
    async with vpn.open():
        await vpn.until(lambda: "vpn" in vpn.lines())
        vpn.engine.hang()
        await vpn.press("r")
        await vpn.until(lambda: "the engine has not answered for" in banner(vpn))
        await vpn.press("j")
        assert vpn.cursor() == "a"
        await vpn.press("question_mark")
        await vpn.until(lambda: isinstance(vpn.app.screen, HelpScreen))
        await vpn.press("escape", "d")
        await vpn.until(lambda: bool(vpn.notices()))
        assert "does not answer in time" in vpn.notices()[0]


async def test_a_mistake_of_nstuis_own_is_not_the_engines(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with vpn.open():
        await vpn.until(lambda: "vpn" in vpn.lines())
        with monkeypatch.context() as broken:
            broken.setattr(vpn.engine, "containers", _stumble)
            await vpn.press("r")
            await vpn.until(lambda: "nstui failed here: KeyError" in banner(vpn))
            assert "please report it" in banner(vpn)
            assert "engine" not in banner(vpn).replace("test_engine_trouble.py", "")
        await vpn.until(lambda: banner(vpn) == "")


async def test_events_that_are_not_heard_are_said_not_to_be(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(since_ns: int | None = None) -> None:
        del since_ns
        raise EngineRefused("refused: 403 Forbidden")

    monkeypatch.setattr(vpn.engine, "events", refuse)
    monkeypatch.setattr("nstui.service.watcher.RETRY_S", 0.01)
    stage = Stage(vpn.world, engine=lambda _: vpn.engine, interval=0.1)
    async with stage.open():
        await stage.until(lambda: "no events from the engine" in banner(stage))
        assert "reading it every 0.1 s instead (refused: 403 Forbidden)" in banner(
            stage
        )
        assert "! no events" in stage.bar()


async def test_a_reading_that_fails_is_told_and_the_screen_goes_on(
    vpn: Stage,
) -> None:
    class Broken(AskedHost):
        def usage(self, pids: object) -> Never:
            raise KeyError(str(type(pids)))

    stage = Stage(vpn.world, evidence=Broken(vpn.world))
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.lines())
        await stage.press("3")
        await stage.until(lambda: bool(stage.notices()))
        assert "nstui failed here: KeyError" in stage.notices()[0]
        await stage.press("j")
        assert stage.cursor() == "a"


async def test_quitting_waits_for_nobody(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: "vpn" in vpn.lines())
        vpn.engine.hang()
        await vpn.press("r")
        began = time.monotonic()
        await vpn.press("q")
    assert vpn.app.return_code == 0
    assert time.monotonic() - began < 5


def _stumble() -> Never:
    raise KeyError("Id")
