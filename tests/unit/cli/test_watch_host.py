"""The standing watch as a command: its options, its lines, its signals and its end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import click
import pytest

from nstui.cli import watch_host
from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.model.watch import WatchEventKind
from tests.support.sinks import web_hook
from tests.unit.cli.answers import no_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from nstui.cli.watch_host import LogSink
    from nstui.model.watch import WatchEvent
    from tests.unit.cli.answers import Answer, Nstui, Stage

PATIENCE_S = 20.0
Kind = WatchEventKind
Act = tuple[WatchEventKind, "Callable[[], object]"]


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the configuration is looked for."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "nstui").mkdir()
    return tmp_path / "nstui" / "config.toml"


ENDED = threading.Event()
"""Whether the watch that ran last has ended."""


def too_late(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal that was sent to a watch and has come after its end."""


@pytest.fixture(autouse=True)
def _survive_signals() -> Iterator[None]:
    """Let no signal that comes too late end the tests; let none be ignored."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, too_late) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def world(stage: Stage) -> World:
    """Put an owner and its dependent behind ``--demo``."""
    world = stage(World())
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    return world


class Watching:
    """Runs the command, and does something at each kind of event."""

    def __init__(self, nstui: Nstui, monkeypatch: pytest.MonkeyPatch) -> None:
        self._nstui = nstui
        self._monkeypatch = monkeypatch
        self.kinds: list[WatchEventKind] = []

    def __call__(self, *arguments: str, acts: tuple[Act, ...] = ()) -> Answer:
        """Run it; end it after the last act.

        What an act does is over then as well: the next watch gets no signal of it.
        """
        left = list(acts)
        threads: list[threading.Thread] = []
        take = watch_host.LogSink.take

        def take_and_act(sink: LogSink, event: WatchEvent) -> None:
            take(sink, event)
            self.kinds.append(event.kind)
            if left and event.kind is left[0][0]:
                _, act = left.pop(0)
                threads.append(threading.Thread(target=act, daemon=True))
                threads[-1].start()

        self._monkeypatch.setattr(watch_host.LogSink, "take", take_and_act)
        ENDED.clear()
        try:
            return self._nstui("--demo", *arguments)
        finally:
            ENDED.set()
            for thread in threads:
                thread.join(PATIENCE_S)


@pytest.fixture
def watching(nstui: Nstui, monkeypatch: pytest.MonkeyPatch) -> Watching:
    return Watching(nstui, monkeypatch)


def send(number: signal.Signals) -> Callable[[], None]:
    """Return what sends a signal to this process once the watch handles it.

    One that has ended meanwhile is sent none.
    """

    def kill() -> None:
        while signal.getsignal(number) is too_late:
            if ENDED.wait(0.01):
                return
        os.kill(os.getpid(), number)

    return kill


TERM = send(signal.SIGTERM)


def test_it_heals_and_says_so_in_lines(watching: Watching, world: World) -> None:
    answer = watching(
        "watch",
        "--settle",
        "100ms",
        acts=((Kind.STARTED, lambda: world.restart("vpn")), (Kind.OVER, TERM)),
    )
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert re.fullmatch(r"\S+Z = watching Docker \S+ at demo://: 2 .*", lines[0])
    assert "0.1 s after its owner was started" in lines[0]
    assert any(re.fullmatch(r"\S+Z > healing dep → docker .*", each) for each in lines)
    assert any(re.match(r"\S+Z ✓ healed dep \(took ", each) for each in lines)
    assert re.fullmatch(r"\S+Z = the watch has ended", lines[-1])


@pytest.mark.parametrize("option", ["--json", "--log-format=json"])
def test_json_is_one_object_for_each_event(
    watching: Watching, world: World, option: str
) -> None:
    world.restart("vpn")
    answer = watching("watch", "--settle=0", option, acts=((Kind.OVER, TERM),))
    events = [json.loads(line) for line in answer.out.splitlines()]
    assert [each["event"] for each in events] == [each.value for each in watching.kinds]
    (healed,) = (each for each in events if each["event"] == "healed")
    assert healed["outcome"] == "healed"
    assert healed["incident"]["subject"] == "vpn"
    assert healed["plan"]["steps"] == ["docker restart dep"]
    assert healed["duration_s"] > 0


def test_a_dry_run_changes_nothing(watching: Watching, world: World) -> None:
    world.restart("vpn")
    answer = watching("watch", "--dry-run", "--settle=0", acts=((Kind.HEALED, TERM),))
    assert "--dry-run: says what it would heal" in answer.out
    assert "→ docker restart dep" in answer.out
    started = world.records.get("dep").started_at
    assert started is not None
    assert started < (world.records.get("vpn").started_at or started)


def test_read_only_changes_nothing(watching: Watching, world: World) -> None:
    world.restart("vpn")
    answer = watching("--read-only", "watch", "--settle=0", acts=((Kind.LEFT, TERM),))
    assert "--read-only: tells what is broken" in answer.out
    assert Kind.HEALING not in watching.kinds


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it_in_order(
    watching: Watching, number: signal.Signals, code: int
) -> None:
    before = signal.getsignal(number)
    answer = watching("watch", acts=((Kind.STARTED, send(number)),))
    assert answer.code == code
    assert answer.out.endswith(" = the watch has ended\n")
    assert signal.getsignal(number) is before


@pytest.mark.usefixtures("world")
def test_to_be_told_twice_to_end_is_no_haste(watching: Watching) -> None:
    def twice() -> None:
        TERM()
        TERM()

    answer = watching("watch", acts=((Kind.STARTED, twice),))
    assert answer.code == 0
    assert answer.out.endswith(" = the watch has ended\n")


def test_a_second_interrupt_ends_it_at_once(
    watching: Watching, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.restart("vpn")
    restart = world.restart
    interrupt = send(signal.SIGINT)

    def endless(name: str) -> None:
        restart(name)
        interrupt()
        time.sleep(0.2)
        interrupt()
        threading.Event().wait(PATIENCE_S)

    monkeypatch.setattr(world, "restart", endless)
    begun = time.monotonic()
    assert watching("watch", "--settle=0").code == 130
    assert time.monotonic() - begun < PATIENCE_S


@pytest.mark.usefixtures("world")
def test_an_ignored_signal_stays_ignored(watching: Watching) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        seen: list[object] = []

        def look() -> None:
            seen.append(signal.getsignal(signal.SIGHUP))
            TERM()

        answer = watching("watch", acts=((Kind.STARTED, look),))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert answer.code == 0
    assert seen == [signal.SIG_IGN]


def test_a_hangup_reads_the_configuration_again(
    watching: Watching, world: World, file: Path
) -> None:
    world.restart("vpn")
    file.write_text('[watch]\nmode = "notify"\nsettle = "0s"\n')

    def change() -> None:
        file.write_text('[watch]\nsettle = "0s"\nsetle = 1\n')
        send(signal.SIGHUP)()

    answer = watching("watch", acts=((Kind.LEFT, change), (Kind.OVER, TERM)))
    assert (answer.code, answer.err) == (0, "")
    assert "mode notify" in answer.out
    assert " = the configuration was read again\n" in answer.out
    assert "watch.setle is not a setting; did you mean settle?" in answer.out
    assert " ✓ healed dep " in answer.out


def test_a_mistake_in_the_configuration_is_a_line_and_the_default_counts(
    watching: Watching, world: World, file: Path
) -> None:
    world.restart("vpn")
    file.write_text('[watch]\nsettle = "soon"\nmetrics = "nowhere"\n')
    answer = watching("watch", acts=((Kind.OVER, TERM),))
    said = [line for line in answer.out.splitlines() if " ! " in line]
    assert len(said) == 2
    assert "watch.settle: 'soon' is not a duration" in said[0]
    assert (
        f"{file}: watch.metrics: 'nowhere' is neither ADDR:PORT nor a file" in said[1]
    )
    assert "heals what has proof, 3 s after" in answer.out
    assert " ✓ healed dep " in answer.out


@pytest.mark.usefixtures("world")
def test_an_option_counts_before_the_configuration(
    watching: Watching, file: Path
) -> None:
    file.write_text('[watch]\nsettle = "9s"\nlog-format = "json"\n')
    answer = watching(
        "watch",
        "--settle=7s",
        "--log-format=text",
        acts=((Kind.STARTED, TERM),),
    )
    assert "heals what has proof, 7 s after" in answer.out
    answer = watching("watch", acts=((Kind.STARTED, TERM),))
    assert "9 s after" in json.loads(answer.out.splitlines()[0])["message"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--settle=soon",), "--settle: 'soon' is not a duration: write it like 3s"),
        (("--json", "--log-format=text"), "--json is the same as --log-format json"),
        (("--only=",), "--only needs the name of a container, or a label"),
        (("--log-format=xml",), "Invalid value for '--log-format': 'xml' is not one"),
        (("--metrics=",), "--metrics needs an address, or a file that ends in .prom"),
        (("--metrics=nowhere",), "--metrics: 'nowhere' is neither ADDR:PORT nor a "),
        (("--notify=nowhere",), "--notify: "),
        (("x",), "Got unexpected extra argument (x)"),
        (("--status", "--dry-run"), "--status can be combined with --json only"),
        (("--reset=vpn", "--json"), "--reset cannot be combined with other options"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line(
    nstui: Nstui, arguments: tuple[str, ...], problem: str
) -> None:
    answer = nstui("--demo", "watch", *arguments)
    assert answer.code == 2
    assert answer.complaint.startswith(problem)


def test_an_engine_that_is_not_there_is_one_line(nstui: Nstui, tmp_path: Path) -> None:
    answer = nstui("-H", no_engine(tmp_path), "watch")
    assert answer.code == 3
    assert answer.out == ""


def test_metrics_are_served_and_notifications_are_sent(
    watching: Watching, world: World
) -> None:
    world.restart("vpn")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    pages: list[bytes] = []
    sent: list[dict[str, str]] = []

    with web_hook() as hook:

        def fetch() -> None:
            try:
                with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as asked:
                    asked.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                    page = b""
                    while chunk := asked.recv(65536):
                        page += chunk
                pages.append(page)
                sent.append(hook.next())
            finally:
                TERM()

        answer = watching(
            "watch",
            "--settle=0",
            f"--metrics=127.0.0.1:{port}",
            f"--notify=json://127.0.0.1:{hook.port}",
            acts=((Kind.OVER, fetch),),
        )
    assert answer.code == 0
    assert b'nstui_watch_heals_total{outcome="healed"} 1' in pages[0]
    (first,) = sent
    assert "vpn" in first["message"]


def test_the_status_and_a_reset_need_a_watch_that_runs(nstui: Nstui) -> None:
    assert nstui("--demo", "watch", "--status").code == 1
    assert nstui("--demo", "watch", "--reset", "vpn").code == 1


def test_a_log_that_cannot_be_written_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nstui.analysis.preferences.watching import LogFormat  # noqa: PLC0415
    from nstui.model.watch import WatchEvent  # noqa: PLC0415
    from tests.support.builders import NOON  # noqa: PLC0415

    sink = watch_host.LogSink(LogFormat.TEXT)
    event = WatchEvent(kind=Kind.STARTED, at=NOON, message="m")
    echo = click.echo

    def full(message: str, *, err: bool = False) -> None:
        if not err:
            raise OSError(28, "No space left on device")
        echo(message, err=True)

    monkeypatch.setattr(click, "echo", full)
    sink.take(event)
    sink.take(event)
    monkeypatch.undo()
    sink.take(event)
    sink.close()
    out, err = capsys.readouterr()
    (said,) = err.splitlines()
    assert said == f"nstui: {watch_host.LOG_LOST}: No space left on device"
    assert len(out.splitlines()) == 1
