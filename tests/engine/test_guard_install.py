"""The guard is installed into a real engine and taken out again, whatever happens."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.installing import Wanted
from nstui.analysis.guarding.places import places_below
from nstui.guard.machine import Machine
from nstui.service.guard_install import (
    install,
    plan_install,
    plan_uninstall,
    uninstall,
)
from tests.engine.program import run_nstui
from tests.support.guard_front import StandInFront

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from nstui.analysis.guarding.installing import InstallStep
    from nstui.analysis.guarding.places import Places
    from tests.support.guarded_engine import GuardedEngine

pytestmark = pytest.mark.docker

BEFORE = b'{\n  "debug": false,\n  "max-concurrent-downloads": 2\n}'


class Scene:
    """An engine, something in the place of the guard, and the folder of its files."""

    def __init__(self, engine: GuardedEngine) -> None:
        self.engine = engine
        root = engine.folder / "root"
        plugins = root / "run" / "docker" / "plugins"
        if not plugins.is_symlink():
            plugins.parent.mkdir(parents=True)
            plugins.symlink_to(engine.plugins)
        self.root = root
        self.places: Places = places_below(str(root))
        self.front = StandInFront(
            engine.plugins / "nstui.sock", root / "run/nstui/guard.sock"
        )
        engine.config_file.write_bytes(BEFORE)
        engine.config_file.chmod(0o640)

    def machine(self) -> Machine:
        """Return the machine as the commands see it."""
        return Machine(self.places, str(self.engine.socket), ())

    def install(self) -> None:
        """Install the guard."""
        machine = self.machine()
        facts = machine.look()
        install(machine, facts, plan_install(facts, WANTED), bool)

    def uninstall(self) -> None:
        """Take it out."""
        machine = self.machine()
        facts = machine.look()
        uninstall(machine, facts, plan_uninstall(facts), bool)

    @property
    def config(self) -> bytes:
        """The engine's configuration file."""
        return self.engine.config_file.read_bytes()

    def is_asked(self) -> bool:
        """Tell whether the engine asks the guard about a call."""
        before = len(self.front.uris)
        self.engine.docker("version")
        return len(self.front.uris) > before

    def is_clean(self) -> bool:
        """Tell whether everything is as it was."""
        folder = self.engine.folder
        left = [*folder.glob("daemon.json?*"), *(self.root / "etc").glob("*/*")]
        mode = self.engine.config_file.stat().st_mode & 0o777
        return (self.config, mode, left) == (BEFORE, 0o640, [])

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``nstui guard``."""
        return run_nstui("-H", self.engine.url, "guard", *words)


WANTED = Wanted(settings=b"{}\n", files={})


@pytest.fixture
def scene(
    guarded_host: GuardedEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    scene = Scene(guarded_host)
    monkeypatch.setenv("NSTUI_GUARD_ROOT", str(scene.root))
    yield scene
    with suppress(FileNotFoundError):
        (scene.root / "etc/nstui/guard.json").unlink()
    for kept in scene.engine.folder.glob("daemon.json?*"):
        kept.unlink()
    guarded_host.clear()
    scene.front.end()


def test_the_commands_install_it_and_take_it_out(scene: Scene) -> None:
    done = scene.run("install", "--no-units", "--mode=warn")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "the guard is installed; mode warn"
    assert scene.is_asked()
    assert json.loads(scene.config) == {
        **json.loads(BEFORE),
        "authorization-plugins": ["nstui"],
    }
    assert (
        json.loads((scene.root / "etc/nstui/guard.json").read_text())["mode"] == "warn"
    )
    assert scene.run("status").returncode == 0

    again = scene.run("install", "--no-units", "--mode=warn")
    assert (again.returncode, again.stdout) == (
        0,
        "the guard is installed already, nothing was changed; mode warn\n",
    )

    done = scene.run("uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "the guard is uninstalled"
    assert not scene.is_asked()
    assert scene.is_clean()
    assert scene.run("status").returncode == 1


def test_a_dry_run_prints_all_and_does_nothing(scene: Scene) -> None:
    done = scene.run("install", "--no-units", "--dry-run")

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert f"write {scene.engine.config_file}" in lines
    assert '        "nstui"' in lines
    assert f"kill -HUP {scene.engine.pid}: the engine reads its file again" in lines
    assert scene.is_clean()
    assert not scene.is_asked()


def cut_off(scene: Scene, steps: tuple[InstallStep, ...], count: int) -> None:
    """Carry out some steps, and then no more, as after SIGKILL."""

    class Killed(BaseException):
        pass

    machine = scene.machine()
    left = iter(range(count))

    def leave(_: InstallStep) -> None:
        if next(left, None) is None:
            raise Killed

    with suppress(Killed):
        uninstall(machine, machine.look(), steps, leave)


STEPS_IN, STEPS_OUT = 6, 5


@pytest.mark.parametrize("then", [Scene.install, Scene.uninstall])
@pytest.mark.parametrize("count", range(STEPS_IN))
def test_killed_after_a_step_of_an_installation(
    scene: Scene, count: int, then: Callable[[Scene], None]
) -> None:
    steps = plan_install(scene.machine().look(), WANTED)
    assert len(steps) == STEPS_IN
    cut_off(scene, steps, count)
    assert scene.engine.docker("ps").returncode == 0

    then(scene)

    if then is Scene.install:
        assert scene.is_asked()
        scene.uninstall()
    assert not scene.is_asked()
    assert scene.is_clean()


@pytest.mark.parametrize("then", [Scene.install, Scene.uninstall])
@pytest.mark.parametrize("count", range(STEPS_OUT))
def test_killed_after_a_step_of_an_uninstall(
    scene: Scene, count: int, then: Callable[[Scene], None]
) -> None:
    scene.install()
    steps = plan_uninstall(scene.machine().look())
    assert len(steps) == STEPS_OUT
    cut_off(scene, steps, count)
    assert scene.engine.docker("ps").returncode == 0

    then(scene)

    if then is Scene.install:
        assert scene.is_asked()
        scene.uninstall()
    assert not scene.is_asked()
    assert scene.is_clean()
