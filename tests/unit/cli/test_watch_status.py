"""`nstui watch --status` and `--reset`, on what a watch has left on disk."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from nstui.audit.watch_state import WatchStateFile
from nstui.cli import watch_status
from nstui.cli.settings import Settings
from nstui.cli.watch_status import print_status, reset_circuit
from nstui.service.observer import now_utc
from tests.support.watching import circuit, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.model.watch import Circuit

URL = "unix:///run/nstui-test.sock"
HOST = Settings(host=URL)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WatchStateFile]:
    """What a watch keeps, in a folder of the test."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    kept = WatchStateFile(tmp_path / "nstui", URL)
    yield kept
    kept.release()


def run(state: WatchStateFile, *circuits: Circuit) -> None:
    """Let a watch run that has these circuits."""
    assert state.acquire()
    state.write(status(circuits=circuits, written_at=now_utc()))


Out = pytest.CaptureFixture[str]


def test_none_runs(state: WatchStateFile, capsys: Out) -> None:
    assert print_status(HOST, as_json=False) == 1
    first, _ = capsys.readouterr().out.splitlines()
    assert first == f"○ no watch runs, and none has written to {state.path.parent}"


def test_one_runs_and_all_is_well(state: WatchStateFile, capsys: Out) -> None:
    run(state)
    assert print_status(HOST, as_json=False) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("✓ a watch runs since ")
    assert second == "✓ nothing to heal"


def test_a_circuit_is_open(state: WatchStateFile, capsys: Out) -> None:
    run(state, circuit("web"))
    assert print_status(HOST, as_json=False) == 1
    said = capsys.readouterr().out
    assert "circuit open  web" in said
    assert f"    nstui -H {URL} watch --reset web" in said.splitlines()


def test_one_has_ended(state: WatchStateFile, capsys: Out) -> None:
    run(state)
    state.release()
    assert print_status(HOST, as_json=False) == 1
    assert "the last one (pid 4242) has ended" in capsys.readouterr().out


def test_json(state: WatchStateFile, capsys: Out) -> None:
    assert print_status(HOST, as_json=True) == 1
    none = json.loads(capsys.readouterr().out)
    assert (none["state"], none["ok"], none["status"]) == ("none", False, None)
    run(state, circuit("web"))
    assert print_status(HOST, as_json=True) == 1
    written = json.loads(capsys.readouterr().out)
    assert written["schema"] == "nstui/1"
    assert written["state"] == "running"
    assert written["status"]["pid"] == 4242
    assert [one["name"] for one in written["status"]["circuits"]] == ["web"]


def test_a_damaged_file_is_not_taken_for_none(
    state: WatchStateFile, capsys: Out
) -> None:
    run(state)
    state.path.write_text("{")
    assert print_status(HOST, as_json=False) == 1
    assert "is not known: " in capsys.readouterr().out


def test_the_demo_has_no_watch(capsys: Out) -> None:
    assert print_status(Settings(demo=True), as_json=False) == 1
    assert reset_circuit(Settings(demo=True), "web") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert (
        said.err.splitlines()
        == ["nstui: the demo has no watch: nothing runs there"] * 2
    )


def test_a_circuit_is_closed_by_the_watch(state: WatchStateFile, capsys: Out) -> None:
    run(state, circuit("web"), circuit("db"))
    taken: list[str] = []

    def take() -> None:
        deadline = time.monotonic() + watch_status.ANSWER_S
        while not taken and time.monotonic() < deadline:
            taken.extend(state.take_resets())
            time.sleep(0.01)
        state.write(status(circuits=(circuit("db"),), written_at=now_utc()))

    watch = threading.Thread(target=take)
    watch.start()
    assert reset_circuit(HOST, "web") == 0
    watch.join()
    assert taken == ["web"]
    assert capsys.readouterr().out == "the circuit of web is closed\n"


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_watch_that_does_not_answer_is_not_waited_for_endlessly(
    state: WatchStateFile,
    capsys: Out,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_taken: bool,
) -> None:
    monkeypatch.setattr(watch_status, "ANSWER_S", 0.2)
    run(state, circuit("web"))
    stop = threading.Event()

    def take() -> None:
        while not stop.wait(0.01):
            state.take_resets()

    watch = threading.Thread(target=take)
    if is_taken:
        watch.start()
    assert reset_circuit(HOST, "web") == 1
    stop.set()
    said = "has taken the request, but" if is_taken else "has not taken the request"
    assert said in capsys.readouterr().err


def test_a_circuit_that_is_not_open_is_not_closed(
    state: WatchStateFile, capsys: Out
) -> None:
    run(state, circuit("web"))
    assert reset_circuit(HOST, "vpn") == 1
    assert capsys.readouterr().err == (
        "nstui: the watch has no open circuit of 'vpn'; open are those of web\n"
    )
    state.write(status(written_at=now_utc()))
    assert reset_circuit(HOST, "vpn") == 1
    assert "; none is open" in capsys.readouterr().err
    assert state.take_resets() == frozenset()


def test_without_a_watch_nothing_is_asked(state: WatchStateFile, capsys: Out) -> None:
    assert reset_circuit(HOST, "web") == 1
    assert "no watch runs, and none has written" in capsys.readouterr().err
    assert not state.path.parent.exists()
