"""`nstui guard install`, `status` and `uninstall`, with a stand-in for the engine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.places import places_below
from nstui.cli.main import run
from nstui.errors import GuardFailed
from nstui.guard import machine
from nstui.guard.machine import Machine
from tests.support.guard_front import StandInFront
from tests.support.stand_in_engine import StandInEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

Out = pytest.CaptureFixture[str]
TAKE_OUT = '    take "nstui" out of "authorization-plugins" in'
BEFORE = b'{"debug": false}'


class Scene:
    """An engine, something in the place of the guard, and where its files are."""

    def __init__(self, folder: Path) -> None:
        self.engine = StandInEngine(folder)
        self.engine.config_file.write_bytes(BEFORE)
        self.root = folder
        self.places = places_below(str(folder))
        plugins = Path(self.places.plugin_socket).parent
        plugins.parent.mkdir(parents=True)
        plugins.symlink_to(self.engine.plugins)
        self.front = StandInFront(
            *map(
                Path,
                (
                    self.places.plugin_socket,
                    self.places.control_socket,
                    self.places.settings,
                ),
            )
        )

    def guard(self, *words: str) -> int:
        """Run ``nstui guard``; return its exit code."""
        return run(["-H", self.engine.url, "guard", *words])

    def is_clean(self) -> bool:
        """Tell whether nothing of the guard is there."""
        left = [*self.root.glob("etc/**/*.*"), *self.root.glob("daemon.json?*")]
        return (self.engine.config_file.read_bytes(), left) == (BEFORE, [])


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    if os.geteuid() != 0:
        pytest.skip("needs root, for a mount namespace")
    monkeypatch.setenv("NSTUI_GUARD_ROOT", str(tmp_path))
    monkeypatch.setattr("nstui.guard.probe.PROOF_S", 0.5)
    scene = Scene(tmp_path)
    with scene.engine:
        yield scene
    scene.front.end()


def test_it_is_installed_and_taken_out(scene: Scene, capsys: Out) -> None:
    assert scene.guard("install", "--no-units", "--mode=warn", "--heal-instead") == 0

    assert capsys.readouterr().out.splitlines()[-4:] == [
        f"write {scene.engine.config_file}",
        f"kill -HUP {scene.engine.pid}: the engine reads its file again",
        "see that the engine answers, and asks the guard",
        "the guard is installed; mode warn",
    ]
    found = json.loads(Path(scene.places.settings).read_text())
    assert (found["mode"], found["heal_instead"]) == ("warn", True)
    assert found["engine_config"] == str(scene.engine.config_file)

    assert scene.guard("status") == 0
    assert "✓ the engine asks it" in capsys.readouterr().out
    assert scene.guard("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["guard"]["mode"] == "warn"

    config = scene.engine.config_file.read_bytes()
    scene.engine.config_file.write_bytes(config[:-2])
    assert scene.guard("status") == 1
    assert "it is not known whether it names the guard" in capsys.readouterr().out
    scene.engine.config_file.write_bytes(config)

    # What was not said again stays.
    assert scene.guard("install", "--no-units") == 0
    assert "is installed already, nothing was changed; mode warn" in (
        capsys.readouterr().out
    )

    assert scene.guard("uninstall", "--dry-run") == 0
    assert f"write {scene.engine.config_file}" in capsys.readouterr().out
    assert scene.guard("uninstall") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "the guard is uninstalled"
    assert scene.is_clean()
    assert scene.guard("uninstall") == 0
    assert "is not installed, nothing was changed" in capsys.readouterr().out


def test_a_dry_run_prints_the_files(scene: Scene, capsys: Out) -> None:
    assert scene.guard("install", "--dry-run", "--no-units") == 0

    out = capsys.readouterr().out
    assert f"write {scene.engine.config_file}\n    {{\n" in out
    assert '        "authorization-plugins": [' in out
    assert scene.is_clean()
    scene.guard("install", "--no-units")
    capsys.readouterr()
    assert scene.guard("install", "--dry-run", "--no-units") == 0
    assert capsys.readouterr().out == "nothing would be done\n"


def test_what_cannot_look_is_not_installed(scene: Scene, capsys: Out) -> None:
    scene.front.blind = True

    assert scene.guard("install", "--no-units") == 1

    assert capsys.readouterr().err == (
        "nstui: the guard cannot look: could not look; everything is as it was\n"
    )
    assert scene.is_clean()


def test_a_guard_elsewhere_is_not_installed(scene: Scene, capsys: Out) -> None:
    link = Path(scene.places.plugin_socket).parent
    link.unlink()
    link.mkdir()
    front = StandInFront(
        link / "nstui.sock",
        Path(scene.places.control_socket),
        Path(scene.places.settings),
    )

    assert scene.guard("install", "--no-units") == 1

    front.end()
    assert "the engine does not see" in capsys.readouterr().err
    assert scene.is_clean()


def test_an_engine_that_has_ended_is_left_as_it_was(scene: Scene, capsys: Out) -> None:
    assert scene.guard("install", "--no-units") == 0
    scene.engine.end()

    assert scene.guard("status") == 1
    assert "nobody listens at its socket" in capsys.readouterr().out
    assert scene.guard("install", "--no-units") == 3
    assert "nothing was changed" in capsys.readouterr().err
    assert scene.guard("uninstall") == 0
    assert "the engine does not run, or runs elsewhere" in capsys.readouterr().err
    assert scene.is_clean()


def test_what_cannot_be_done_is_printed_to_be_done_by_hand(
    scene: Scene, capsys: Out
) -> None:
    assert scene.guard("install", "--no-units") == 0
    scene.engine.config_file.write_bytes(b"{")
    capsys.readouterr()

    assert scene.guard("uninstall") == 1

    first, *rest = capsys.readouterr().err.splitlines()
    assert "is not valid JSON" in first
    assert rest[:3] == [
        "by hand, as root:",
        f"{TAKE_OUT} {scene.engine.config_file}",
        f"    kill -HUP {scene.engine.pid}, or start the engine if it does not run",
    ]


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of systemctl."""
    program = tmp_path / "systemctl"
    program.write_text(
        '#!/bin/sh\n[ "$1" = wait ] && exec sleep 5\necho no >&2\nexit $1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def test_systemctl_is_run_and_its_error_told(
    systemctl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Machine(places_below("/nowhere"), "/nowhere.sock", ())

    here.systemctl(("0",))
    with pytest.raises(GuardFailed, match="systemctl 3 failed: no"):
        here.systemctl(("3",))
    monkeypatch.setattr(machine, "SYSTEMCTL_S", 0.1)
    with pytest.raises(GuardFailed, match=r"systemctl wait took longer than 0\.1 s"):
        here.systemctl(("wait",))
    systemctl.unlink()
    monkeypatch.setenv("PATH", str(systemctl.parent))
    with pytest.raises(GuardFailed, match="systemctl could not be run: No such file"):
        here.systemctl(("0",))


def test_what_cannot_be_written_or_told_is_told(tmp_path: Path) -> None:
    here = Machine(places_below(str(tmp_path)), str(tmp_path / "none.sock"), ())
    (tmp_path / "file").touch()

    with pytest.raises(GuardFailed, match="could not be written: Not a directory"):
        here.write(str(tmp_path / "file" / "below"), b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(GuardFailed, match="could not be removed: Is a directory"):
        here.remove(str(tmp_path / "folder"))
    with pytest.raises(GuardFailed, match="the engine has ended: start it again"):
        here.reload(1)
