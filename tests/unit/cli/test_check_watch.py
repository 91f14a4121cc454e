"""The health glance that goes on, on a simulated host."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import timedelta
from typing import TYPE_CHECKING, Never

import pytest

from nstui.cli.main import run
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.namespace import NamespacesRead
from tests.support.lines import PATIENCE_S, Lines
from tests.unit.cli.answers import no_engine
from tests.unit.cli.keyboard import CTRL_C, STYLE, Keyboard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.model.container import Container
    from tests.unit.cli.answers import Nstui, Stage

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


class AskedEngine(SimEngine):
    """Counts how often it was asked for its containers."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked = 0

    def containers(self) -> tuple[Container, ...]:
        """Count, then answer."""
        self.asked += 1
        return super().containers()

    def await_questions(self, count: int) -> None:
        """Return once it was asked some times more."""
        wanted, deadline = self.asked + count, time.monotonic() + PATIENCE_S
        while self.asked < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.01)


class Scene:
    """A world with an owner and its dependent, and a run of nstui that watches it."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = stage(World())
        self.world.run(Spec("own"))
        self.world.run(Spec("dep", network="container:own"))
        self.engine = AskedEngine(self.world)
        self.host = SimHost(self.world)
        monkeypatch.setattr("nstui.demo.engine.SimEngine", lambda _: self.engine)
        monkeypatch.setattr("nstui.demo.host.SimHost", lambda _: self.host)
        # Nothing takes time here, so that what is seen lasts.
        monkeypatch.setattr("nstui.cli.check_watch.SETTLING", timedelta(0))
        (self._out, out), (self._err, err) = os.pipe(), os.pipe()
        self.out, self.err = Lines(self._out), Lines(self._err)
        self._writers = out, err
        self.code: int | None = None

    @contextmanager
    def watched(self, *options: str, interval: str = "0.1") -> Iterator[Scene]:
        """Watch it, until nobody reads what is written."""
        arguments = ("--demo", "--interval", interval, "check", "--watch", *options)
        # Within the test: pytest has streams of its own before and after it.
        out, err = (os.fdopen(each, "w", encoding="utf-8") for each in self._writers)
        with out, err, redirect_stdout(out), redirect_stderr(err):
            thread = threading.Thread(target=self._run, args=arguments, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                os.close(self._out)
                thread.join(PATIENCE_S)
                os.close(self._err)

    def _run(self, *arguments: str) -> None:
        self.code = run(arguments)


@pytest.fixture
def scene(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Return what can be watched."""
    return Scene(stage, monkeypatch)


def test_a_line_for_what_appears_and_one_for_what_goes(scene: Scene) -> None:
    with scene.watched():
        assert re.fullmatch(
            rf"{STAMP} = nothing wrong: 2 containers, 1 group · verified by the kernel",
            scene.out.next(),
        )
        scene.world.restart("own")
        assert re.fullmatch(
            rf"{STAMP} \+ error stale-join own was restarted a moment ago: 1 container"
            r" still sits in its old network and .*: dep → nstui heal own",
            scene.out.next(),
        )
        scene.world.restart("dep")
        assert re.fullmatch(
            rf"{STAMP} - error stale-join dep: gone after a moment", scene.out.next()
        )
        assert scene.err.is_silent()


def test_what_is_wrong_from_the_first_appears_at_once(scene: Scene) -> None:
    scene.world.restart("own")
    with scene.watched():
        assert re.match(rf"{STAMP} \+ error stale-join own ", scene.out.next())
        scene.world.remove("dep", force=True)
        assert re.fullmatch(rf"{STAMP} - error stale-join dep: gone", scene.out.next())


def test_what_lasts_is_told_though_nobody_looks_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.cli.check_watch.SETTLING", timedelta(seconds=1))
    monkeypatch.setattr("nstui.cli.check_watch.LISTENING_S", 0.05)
    with scene.watched(interval="60"):
        assert " = nothing wrong: " in scene.out.next()
        scene.world.stop("own")
        scene.engine.await_questions(1)
        scene.world.start("own")
        scene.engine.await_questions(1)
        scene.world.restart("dep")
        scene.engine.await_questions(1)
        scene.world.stop("own")
        assert " + error owner-stopped own " in scene.out.next()
        scene.world.remove("dep", force=True)
        assert " - error owner-stopped dep: " in scene.out.next()
        assert scene.out.is_silent()


def test_a_renamed_container_says_nothing(scene: Scene) -> None:
    scene.world.restart("own")
    with scene.watched():
        assert " stale-join own " in scene.out.next()
        scene.world.rename("dep", "other")
        scene.world.run(Spec("late", network="container:other"))
        assert " + error stale-join own " in scene.out.next()
        scene.world.restart("other")
        assert scene.out.next().endswith(" - error stale-join other: gone")


def test_each_change_is_an_object_on_a_line_of_its_own(scene: Scene) -> None:
    with scene.watched("--json"):
        scene.world.restart("own")
        appeared = json.loads(scene.out.next())
        scene.world.restart("dep")
        gone = json.loads(scene.out.next())
        assert appeared["schema"] == gone["schema"] == "nstui/1"
        assert (appeared["change"], gone["change"]) == ("appeared", "gone")
        assert appeared["finding"] == gone["finding"]
        assert appeared["finding"]["code"] == "stale-join"
        assert appeared["finding"]["name"] == "dep"


def test_an_engine_that_has_gone_takes_no_finding_with_it(scene: Scene) -> None:
    scene.world.restart("own")
    with scene.watched():
        assert " + error stale-join own " in scene.out.next()
        scene.engine.go_away()
        assert scene.err.next() == (
            "nstui: could not read the engine: the engine at demo:// refuses"
            " connections:"
            " is it running?"
        )
        # It fails again before the engine is back.
        scene.engine.await_questions(1)
        scene.world.run(Spec("alone", network="container:dep"))
        scene.world.stop("dep")
        scene.engine.come_back()
        assert scene.err.next() == "nstui: the engine answers again"
        assert scene.out.next().endswith(" - error stale-join dep: gone")
        assert " + error owner-stopped dep " in scene.out.next()
        assert scene.err.is_silent()


def test_what_can_no_longer_be_read_is_said_and_not_taken_for_gone(
    scene: Scene,
) -> None:
    scene.world.restart("own")
    with scene.watched():
        assert " + error stale-join own " in scene.out.next()
        scene.engine.hide("own")
        assert scene.out.next().endswith(
            " + warning unreadable own: runs, and could not be inspected:"
            " the engine answered: EOF → docker inspect own"
        )
        scene.world.remove("dep", force=True)
        assert " - error stale-join dep: gone" in scene.out.next()
        assert scene.err.is_silent()


def test_why_namespaces_cannot_be_read_is_said_once(scene: Scene) -> None:
    scene.host.level = NamespacesRead.FINGERPRINT
    with scene.watched():
        assert scene.out.next().endswith("· partly verified (no root)")
        assert scene.err.next() == (
            "nstui: reading namespace inodes needs root: run nstui with sudo"
        )
        scene.world.stop("own")
        assert " + error owner-stopped own " in scene.out.next()
        assert scene.err.is_silent()


def test_a_mistake_of_nstuis_own_is_told_as_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.watched():
        assert "nothing wrong" in scene.out.next()
        with monkeypatch.context() as broken:
            broken.setattr(scene.engine, "containers", _stumble)
            assert scene.err.next().startswith(
                "nstui: nstui failed here: KeyError: 'Id' (test_check_watch.py, line "
            )
        assert scene.err.next() == "nstui: nstui works again"
        scene.world.stop("own")
        assert " + error owner-stopped own " in scene.out.next()


def test_events_that_are_not_heard_are_said_not_to_be_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(since_ns: int | None = None) -> None:
        del since_ns
        raise EngineRefused("refused: 403 Forbidden")

    monkeypatch.setattr(scene.engine, "events", refuse)
    monkeypatch.setattr("nstui.service.watcher.RETRY_S", 0.01)
    with scene.watched():
        assert scene.err.next() == (
            "nstui: no events from the engine: reading it every 0.1 s instead"
            " (refused: 403 Forbidden)"
        )
        scene.world.stop("own")
        assert "nothing wrong" in scene.out.next()
        assert " + error owner-stopped own " in scene.out.next()
        assert scene.err.is_silent()


def test_nobody_reads_it_any_more(scene: Scene) -> None:
    with scene.watched():
        scene.out.next()
    assert scene.code == 1


def test_the_first_line_is_enough() -> None:
    shown = subprocess.run(
        ("sh", "-c", '"$0" -m nstui --demo check --watch | head -1', sys.executable),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert re.match(rf"{STAMP} \+ error stale-join wg-home ", shown.stdout)
    assert shown.stdout.count("\n") == 1
    assert shown.stderr == ""


def test_ctrl_c_ends_it() -> None:
    with Keyboard("--demo", "check", "--watch", width=400) as user:
        user.wait_for("warning restarting alloy")
        user.type(CTRL_C)
        assert user.end() == 130
    *lines, last = user.shown.splitlines()
    assert len(lines) == 4
    assert last == "^C"
    assert STYLE.search(user.shown) is None


def test_without_an_engine_there_is_nothing_to_watch(
    nstui: Nstui, tmp_path: Path
) -> None:
    answer = nstui("-H", no_engine(tmp_path), "check", "--watch")
    assert (answer.code, answer.out) == (3, "")


def _stumble() -> Never:
    raise KeyError("Id")


def test_what_is_ignored_or_less_severe_is_not_told(scene: Scene) -> None:
    scene.world.run(Spec("known", network="container:own"))
    scene.world.restart("own")
    options = ("--ignore", "known:stale-join", "--severity", "error")
    with scene.watched(*options):
        (_, dependents) = scene.out.next().split(
            " + error stale-join own was restarted "
        )
        assert "1 container still sits" in dependents
        assert "known" not in dependents
        scene.world.restart("dep")
        assert " - error stale-join dep: " in scene.out.next()
        # A notice: the dependent waits for its owner.
        scene.world.stop("dep")
        scene.world.stop("known")
        scene.world.stop("own")
        scene.world.start("own")
        scene.world.start("dep")
        scene.world.restart("own")
        assert " + error stale-join own was restarted " in scene.out.next()
