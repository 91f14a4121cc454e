"""Keys at random on a real engine: nothing changes that nobody has confirmed."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.events import Key
from textual.widgets import Button, Input

from nstui.audit.log import FileAuditLog
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.container import ContainerId
from nstui.procfs.host import ProcHost
from nstui.service.host import open_host
from nstui.tui.app import NstuiApp
from nstui.tui.screens.prompts import ActionScreen, Choice
from nstui.tui.widgets.group_tree import GroupTree
from tests.support.seeds import seeds
from tests.unit.tui.stage import demo_connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

SEEDS = seeds(5)
KEYS = 200
"""From each beginning, for each seed: 3,000 in all, or 5,000."""

BEGINNINGS = {
    "FindingsScreen": "f",
    "LogsScreen": "l",
    "InspectScreen": "i",
    "ProcessesScreen": "p",
    "QuestionScreen": "y",
}
"""The screens that the keys start from, and what opens each. How often they lead there
by themselves depends on the speed of the machine."""

SCREENS = {*BEGINNINGS, "MainScreen", "ActionScreen", "HelpScreen", "Palette"}
"""Where keys are pressed."""

LONGEST_WAIT = 60.0
"""How many seconds a screen may take to open."""

LONGEST_SILENCE = 20.0
"""How many seconds are waited for one to hear that may have been closed meanwhile."""

LONGEST_SESSION = 240.0
"""How many seconds the keys from one beginning may take."""

ACTS = ("d", "delete", "s", "R", "K", "P", "H")
MOVES = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown")
GOES = ("enter", "escape", "tab", "shift+tab", "space", "backspace")
LOOKS = (
    *"ftalipyoOnNrDjkgGwx1234",
    *"lpi" * 3,
    "slash",
    "question_mark",
    "ctrl+p",
    "left_square_bracket",
)
TYPED = (*"own", *"dep", *"keep", "full_stop", "ctrl+a", "é")
WEIGHTS = {ACTS: 1, MOVES: 4, GOES: 6, LOOKS: 3, TYPED: 1}
"""Left out is ``q``, which ends the session."""

CHARACTERS = {
    "slash": "/",
    "question_mark": "?",
    "full_stop": ".",
    "space": " ",
    "left_square_bracket": "[",
}

CHANGES = {
    *("create", "start", "restart", "stop", "kill", "die", "destroy", "pause"),
    *("unpause", "rename", "update", "commit", "connect", "disconnect", "delete"),
}


class TirelessApp(NstuiApp):
    """One that stays when the palette's line to quit is chosen."""

    CSS_PATH = str(Path(inspect.getfile(NstuiApp)).with_name("nstui.tcss"))

    async def action_quit(self) -> None:
        """Stay: the keys are to be pressed."""


@pytest.fixture
def engine(engine_host: PrivateEngine) -> PrivateEngine:
    """Return the engine with groups, and with all that can be wrong with them."""
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.run("far", "--network=container:dep")
    engine_host.run("alone")
    engine_host.create("new")
    engine_host.run("over", command=("true",))
    engine_host.run("old")
    engine_host.run("stale", "--network=container:old")
    engine_host.docker("restart", "-t", "0", "old")
    engine_host.run("gone")
    engine_host.run("orphan", "--network=container:gone")
    engine_host.docker("rm", "-f", "gone")
    engine_host.run("asleep")
    engine_host.run("waiting", "--network=container:asleep")
    engine_host.docker("stop", "-t", "0", "asleep")
    engine_host.docker("wait", "over")
    # The engine writes down where a log is when it is first read.
    engine_host.docker("logs", "new")
    return engine_host


def keys(seed: str) -> Iterator[str]:
    """Yield keys at random, always the same for a seed."""
    source = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
    for _ in range(KEYS):
        (kind,) = source.choices(list(WEIGHTS), list(WEIGHTS.values()))
        yield source.choice(kind)


def would_confirm(app: NstuiApp, key: str) -> bool:
    """Tell whether a key would say yes to a prompt.

    One that is typed before the prompt is there never does.
    """
    screen, focused = app.screen, app.focused
    if not isinstance(screen, ActionScreen):
        return False
    if key == "y":
        return not isinstance(focused, Input)
    if isinstance(focused, Button):
        return focused.id != Choice.KEEP
    button = screen.query("#anyway")
    return isinstance(focused, Input) and not button.first(Button).disabled


def type_in(app: NstuiApp, key: str) -> None:
    """Press a key without waiting for what it does, as one who types ahead."""
    character = CHARACTERS.get(key, key if len(key) == 1 else None)
    app.post_message(Key(key, character))


async def settle(app: NstuiApp) -> None:
    """Wait until all keys have been heard, by the app, its screen and what has focus.

    Textual's own pause waits for a quiet machine, which takes a hundred times as long.
    """
    for _ in range(2):
        for node in (app, app.screen, app.focused or app.screen):
            heard = asyncio.Event()
            # One that is closed meanwhile hears nothing any more.
            if node.call_later(heard.set):
                with suppress(TimeoutError):
                    await asyncio.wait_for(heard.wait(), LONGEST_SILENCE)


def shown(app: NstuiApp) -> str:
    """Return what is on the screen."""
    strips = app.screen._compositor.render_strips()  # noqa: SLF001 - as it is drawn
    return "\n".join(strip.text for strip in strips)


async def begin_at(
    app: NstuiApp, screen: str, pilot: Pilot[None], own: ContainerId
) -> None:
    """Open a screen for a container that runs."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not any(tree.move_to(own) for tree in app.screen.query(GroupTree)):
        assert time.monotonic() < deadline, shown(app)
        await pilot.pause(0.05)
    await pilot.press(BEGINNINGS[screen])
    while type(app.screen).__name__ != screen:
        assert time.monotonic() < deadline, f"no {screen}: {app.screen}"
        await pilot.pause(0.05)


async def play(app: NstuiApp, seed: str) -> Counter[str]:
    """Press keys, but never the one that confirms; return where they were pressed."""
    screens: Counter[str] = Counter()
    for key in keys(seed):
        screens[type(app.screen).__name__] += 1
        if key in {"enter", "y"}:
            await settle(app)
            if would_confirm(app, key):
                screens["confirmations left out"] += 1
                continue
        type_in(app, key)
        if key in ACTS:
            await settle(app)
        await asyncio.sleep(0)
    await settle(app)
    assert app.is_running
    return screens


async def session(
    connection: Host, seed: int, beginning: str, own: ContainerId
) -> Counter[str]:
    """Open the screen, let the keys be pressed, and see that it works still."""
    app = TirelessApp(connection, connect_demo=demo_connection, interval=60)
    async with app.run_test(size=(80, 24)) as pilot:
        await begin_at(app, beginning, pilot, own)
        # An app that has ended with an error hears no key; the error is raised below.
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_SESSION):
                screens = await play(app, f"{seed} {beginning}")
                for _ in range(len(app.screen_stack) + 3):
                    await pilot.press("escape")
                assert app.is_running
                return screens
    raise AssertionError(f"the keys of {seed} {beginning} were not heard in time")


def moment() -> str:
    """Return the time as the engine takes it; it has this machine's clock."""
    return f"{time.time():.9f}"


def state(engine: PrivateEngine) -> dict[str, object]:
    """Return everything that the engine says of its containers, images and networks."""
    containers = engine.docker("ps", "-aq", "--no-trunc").stdout.split()
    inspects = (engine.client.inspect_container(one) for one in containers)
    return {
        **{one["Name"]: one for one in inspects},
        # Of images that were made in the same second the order is not fixed.
        "images": sorted(engine.docker("images", "-aq").stdout.split()),
        "volumes": sorted(engine.docker("volume", "ls", "-q").stdout.split()),
        "networks": sorted(engine.docker("network", "ls", "-q").stdout.split()),
    }


async def test_keys_at_random_change_nothing_unconfirmed(
    engine: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The palette of every app of Textual can save a screenshot.
    monkeypatch.chdir(tmp_path)
    before, since = state(engine), moment()
    screens: Counter[str] = Counter()
    own = ContainerId(str(engine.inspect("own", "Id")))
    for seed in SEEDS:
        for beginning in BEGINNINGS:
            host, traces = ProcHost(), FileAuditLog(tmp_path / "nstui")
            asks = DockerEngine(Endpoint(engine.url, None))
            # As the program is put together, but for shells: those are the user's own.
            connection = open_host(
                asks, host, traces, endpoint=engine.url, evidence=host
            )
            screens += await session(connection, seed, beginning, own)
            asks.close()
    during = ("--since", since, "--until", moment(), "--format", "{{.Action}}")
    seen = engine.docker("events", *during).stdout.splitlines()
    assert [action for action in seen if action in CHANGES] == []
    after = state(engine)
    assert after.keys() == before.keys()
    for one, found in after.items():
        assert found == before[one], one
    assert not tmp_path.joinpath("nstui", "actions.jsonl").exists()
    # The keys have been everywhere, and often at the brink.
    assert screens["confirmations left out"] > 0
    assert screens["ActionScreen"] > 20

    assert set(screens) >= SCREENS
