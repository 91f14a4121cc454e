"""What commands note of the containers that they see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.program import run_nstui
from tests.support.captured import CAPTURED, id_of, inspect_of, row_of
from tests.support.servers import ScriptedEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui

COMMANDS = (("tree",), ("check",), ("explain", "prowlarr"), ("heal", "--dry-run"))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for state, in which there is nothing yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "nstui"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_the_demo_writes_nothing(
    nstui: Nstui, state: Path, command: tuple[str, ...]
) -> None:
    nstui("--demo", *command)
    assert not state.parent.exists()


@pytest.mark.parametrize("command", ["tree", "check"])
def test_every_command_notes_what_it_sees(
    state: Path, tmp_path: Path, command: str
) -> None:
    script = ScriptedEngine(
        {
            "/version": http_answer(CAPTURED["version"]),
            "/containers/json": http_answer([row_of("exited")]),
            f"/{id_of('exited')}/json": http_answer(inspect_of("exited")),
            "/json": http_answer({"Config": {}}),
        }
    )
    with UnixServer(tmp_path / "d.sock", script) as server:
        run_nstui("-H", server.url, command)
    (kept,) = state.joinpath("seen").glob("*.json")
    assert f'"id": "{id_of("exited")}", "name": "exited"' in kept.read_text()
