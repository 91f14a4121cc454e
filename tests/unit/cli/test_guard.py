"""`nstui guard`: which engine is meant, and what is refused before anything is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.cli.guard_wiring import engine_socket
from nstui.cli.main import run
from nstui.cli.settings import Settings
from nstui.errors import UsageProblem
from tests.support.servers import ScriptedEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from pathlib import Path

Out = pytest.CaptureFixture[str]
HERE = "/run/nstui-test/docker.sock"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the guard's files below a folder of the test."""
    monkeypatch.setenv("NSTUI_GUARD_ROOT", str(tmp_path))
    return tmp_path


def note(root: Path, **found: object) -> None:
    settings = root / "etc" / "nstui" / "guard.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(found))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ("-H", "tcp://127.0.0.1:1", "guard", "install"),
            "the guard is installed on the engine's own machine",
            id="another machine",
        ),
        pytest.param(
            ("--demo", "guard", "status"), "the demo has no guard", id="the demo"
        ),
        pytest.param(
            ("-H", f"unix://{HERE}", "guard", "allow", "x", "--for", "soon"),
            "--for: 'soon' is not a duration",
            id="no duration",
        ),
        pytest.param(
            ("-H", f"unix://{HERE}", "guard", "allow", "x", "--for", "0s"),
            "--for: a ticket that is over at once allows nothing",
            id="no time",
        ),
        pytest.param(
            ("guard", "install", "--mode", "strict"),
            "Invalid value for '--mode'",
            id="no mode",
        ),
    ],
)
def test_what_makes_no_sense(
    arguments: tuple[str, ...], words: str, capsys: Out
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"nstui: {words}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["install", "uninstall", "allow x"])
def test_reading_only_changes_no_guard(command: str, capsys: Out) -> None:
    assert run(["--read-only", "guard", *command.split()]) == 1
    told = capsys.readouterr().err
    assert told == "nstui: refused: nstui was started with --read-only\n"


def test_the_engine_is_that_of_the_installation(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{HERE}")
    assert engine_socket(Settings()) == HERE

    note(root, engine="unix:///run/mine.sock", engine_config="/etc/mine.json")

    # sudo takes DOCKER_HOST away.
    assert engine_socket(Settings()) == "/run/mine.sock"
    assert engine_socket(Settings(host="unix:///run/mine.sock")) == "/run/mine.sock"
    with pytest.raises(UsageProblem, match="installed for the engine at unix:///run/m"):
        engine_socket(Settings(host=f"unix://{HERE}"))
    with pytest.raises(UsageProblem, match="wants exactly one host, not 2"):
        engine_socket(
            Settings.for_hosts((f"unix://{HERE}", "unix:///run/mine.sock"), ())
        )


@pytest.mark.parametrize(
    "found",
    [
        {"engine": "unix:///run/mine.sock"},
        {"engine": "tcp://host:1", "engine_config": "/x"},
        {"engine": 1, "engine_config": "/x"},
        {},
    ],
)
def test_settings_of_nobodys_installation_name_no_engine(
    root: Path, found: dict[str, object]
) -> None:
    note(root, **found)

    assert engine_socket(Settings(host=f"unix://{HERE}")) == HERE


def test_no_engine_answers(tmp_path: Path, capsys: Out) -> None:
    address = f"unix://{tmp_path / 'none.sock'}"

    assert run(["-H", address, "guard", "install"]) in {1, 3}
    assert "nothing was changed" in capsys.readouterr().err
    assert run(["-H", address, "guard", "status"]) == 1
    assert capsys.readouterr().out == (
        "○ the guard is not installed: sudo nstui guard install\n"
    )


def test_podman_asks_no_plugin(tmp_path: Path, capsys: Out) -> None:
    version = {"Version": "5.4", "Components": [{"Name": "Podman Engine"}]}
    server = ScriptedEngine({"/version": http_answer(version)})

    with UnixServer(tmp_path / "podman.sock", server) as podman:
        assert run(["-H", podman.url, "guard", "install"]) == 1

    err = capsys.readouterr().err
    assert "only Docker asks a plugin" in err or "as root" in err
    assert err.endswith("nothing was changed\n")


def test_nobody_takes_the_place_of_a_guard(capsys: Out) -> None:
    assert run(["guard", "check"]) == 1

    told = capsys.readouterr().err
    assert (
        told == "nstui: the guard does not answer, and has no unit: it has no socket\n"
    )
