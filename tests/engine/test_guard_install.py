"""The guard is installed into a real engine and taken out again, whatever happens."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.installation import StepKind, Wanted
from nstui.analysis.guarding.places import places_below
from nstui.analysis.guarding.units import unit_paths
from nstui.errors import GuardFailed
from nstui.guard.machine import Machine
from nstui.service.guard_install import (
    install,
    plan_install,
    plan_uninstall,
    uninstall,
)
from tests.engine.program import NSTUI, run_nstui
from tests.support.guard_front import StandInFront
from tests.support.small_disk import SmallDisk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.analysis.guarding.installation import InstallStep
    from nstui.analysis.guarding.places import Places
    from tests.support.guarded_engine import GuardedEngine

pytestmark = pytest.mark.docker

BEFORE = b'{\n  "debug": false,\n  "max-concurrent-downloads": 2\n}'


class Scene:
    """An engine, something in the place of the guard, and the folder of its files."""

    def __init__(self, engine: GuardedEngine) -> None:
        self.engine = engine
        root = Path(mkdtemp(dir=engine.folder, prefix="g"))
        plugins = root / "run" / "docker" / "plugins"
        plugins.parent.mkdir(parents=True)
        plugins.symlink_to(engine.plugins)
        self.root = root
        self.places: Places = places_below(str(root))
        self.front = StandInFront(
            engine.plugins / "nstui.sock",
            root / "run/nstui/guard.sock",
            root / "etc/nstui/guard.json",
        )
        self.begin()

    def begin(self) -> None:
        """Write the engine's file as it is before an installation."""
        self.engine.config_file.write_bytes(BEFORE)
        self.engine.config_file.chmod(0o640)

    def machine(self) -> Machine:
        """Return the machine as the commands see it."""
        return Machine(self.places, str(self.engine.socket), unit_paths(self.places))

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
        folder = self.engine.config_file.parent
        left = [*folder.glob("daemon.json?*"), *(self.root / "etc").glob("*/*")]
        mode = self.engine.config_file.stat().st_mode & 0o777
        return (self.config, mode, left) == (BEFORE, 0o640, [])

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``nstui guard``."""
        return run_nstui("-H", self.engine.url, "guard", *words)


WANTED = Wanted(settings=b"{}\n", files={}, has_units=False)


@pytest.fixture
def scene(
    guarded_host: GuardedEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    scene = Scene(guarded_host)
    monkeypatch.setenv("NSTUI_GUARD_ROOT", str(scene.root))
    yield scene
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
    assert (done.returncode, done.stderr) == (
        0,
        "nstui: the guard itself still runs, and nobody asks it: end it\n",
    )
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


STEPS_IN, STEPS_OUT = 7, 5


@pytest.mark.one_engine
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


@pytest.mark.one_engine
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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(
            b'{"debug', "is not valid JSON: line 1, column 2", id="half a file"
        ),
        pytest.param(b"[]", "is not a JSON object", id="a list"),
        pytest.param(
            b'{"hosts": ["unix:///x"]}',
            "hosts is there and on its command line",
            id="what the command line says, too",
        ),
    ],
)
def test_a_file_that_the_engine_would_not_read(
    scene: Scene, content: bytes, words: str
) -> None:
    scene.engine.config_file.write_bytes(content)

    done = scene.run("install", "--no-units")

    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.endswith("; nothing was changed\n")
    assert done.stderr.count("\n") == 1
    assert scene.config == content
    assert not (scene.root / "etc/nstui/guard.json").exists()


@pytest.mark.one_engine
def test_the_guard_goes_though_the_file_cannot_be_read(scene: Scene) -> None:
    scene.install()
    settings = Path(scene.places.settings)
    half = b'{"debug'

    # The engine still asks it.
    scene.engine.config_file.write_bytes(half)
    refused = scene.run("uninstall")
    assert refused.returncode == 1
    first, *rest = refused.stderr.splitlines()
    assert "is not valid JSON: line 1, column 2, and the engine asks" in first
    assert first.endswith(": mend the file, then run this again; nothing was changed")
    assert f"    kill -HUP {scene.engine.pid}" in "\n".join(rest)
    assert settings.exists()
    assert scene.is_asked()

    # It asks nobody, as after a rescue; the file may bring the guard back, or cannot.
    scene.engine.use_plugins()
    scene.engine.config_file.write_bytes(half + b'": "nstui"')
    refused = scene.run("uninstall")
    assert refused.returncode == 1
    assert ", and may name the guard: mend the file" in refused.stderr
    assert settings.exists()
    scene.engine.config_file.write_bytes(half)
    done = scene.run("uninstall")

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "the guard is uninstalled"
    file = scene.engine.config_file
    assert done.stderr.splitlines()[0] == (
        f"nstui: {file} is not valid JSON: line 1, column 2; it does not name the"
        f" guard, and is left alone; {file}.before-nstui is the file from before the"
        " guard"
    )
    assert not settings.exists()
    assert scene.config == half
    assert not scene.is_asked()

    scene.engine.config_file.write_bytes(BEFORE)
    assert scene.run("uninstall").returncode == 0
    assert scene.is_clean()


def test_a_file_behind_a_link_is_left_alone(scene: Scene) -> None:
    real = scene.engine.folder / "real.json"
    real.write_bytes(BEFORE)
    scene.engine.config_file.unlink()
    scene.engine.config_file.symlink_to(real)

    done = scene.run("install", "--no-units")

    assert done.returncode == 1
    assert f"is a symbolic link to {real}" in done.stderr
    assert scene.engine.config_file.is_symlink()
    scene.engine.config_file.unlink()


def test_a_file_that_nobody_may_change_is_left_alone(scene: Scene) -> None:
    file = str(scene.engine.config_file)
    if subprocess.run(["chattr", "+i", file], check=False).returncode:
        pytest.skip("the file system has no such flag")
    try:
        done = scene.run("install", "--no-units")
    finally:
        subprocess.run(["chattr", "-i", file], check=True)

    assert done.returncode == 1
    assert done.stderr == (
        f"nstui: {file} cannot be replaced: chattr +i forbids it; nothing was changed\n"
    )
    assert scene.is_clean()


def test_a_file_system_that_is_read_only_is_told(scene: Scene) -> None:
    folder = scene.engine.folder
    bound = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
    alone = ("unshare", "--mount", "sh", "-c", f'{bound} && exec "$@"', "sh")

    done = run_nstui(
        *("-H", scene.engine.url, "guard", "install", "--no-units"),
        program=(*alone, *NSTUI),
    )

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    file = scene.engine.config_file
    problem = f"{file} cannot be written: {folder}: read-only file system"
    assert done.stderr.startswith(f"nstui: {problem}")
    assert done.stderr.endswith("; nothing was changed\n")
    assert scene.is_clean()
    assert not scene.is_asked()


@pytest.fixture
def small_disk(scene: Scene) -> Iterator[SmallDisk]:
    """Have the engine's file on a disk of its own, which can be filled."""
    engine = scene.engine
    usual = engine.config_file
    # What is mounted while the engine runs, it does not see.
    engine.end_daemon()
    engine.config_file = engine.folder / "etc" / "daemon.json"
    try:
        with SmallDisk(engine.config_file.parent) as disk:
            engine.ensure_runs()
            scene.begin()
            yield disk
            engine.end_daemon()
    finally:
        engine.config_file = usual
        engine.ensure_runs()


@pytest.mark.one_engine
def test_a_folder_of_the_file_that_is_full_is_told(
    scene: Scene, small_disk: SmallDisk
) -> None:
    small_disk.fill()
    done = scene.run("install", "--no-units")

    assert done.returncode == 1
    kept = f"{scene.engine.config_file}.before-nstui"
    reason = "could not be written: No space left on device"
    assert done.stderr == f"nstui: {kept} {reason}; everything is as it was\n"
    assert scene.is_clean()
    assert not scene.is_asked()

    small_disk.free()
    scene.install()
    installed = scene.config
    small_disk.fill()
    # What goes back writes it again.
    file = scene.engine.config_file
    machine = Machine(places_below(str(scene.root)), str(scene.engine.socket), ())
    machine.write(str(file), file.read_bytes())
    with pytest.raises(GuardFailed, match=reason):
        machine.write(str(file), b"{}")
    done = scene.run("uninstall")

    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    assert first == f"nstui: {scene.engine.config_file} {reason}"
    assert f"    kill -HUP {scene.engine.pid}" in "\n".join(rest)
    assert scene.config == installed
    assert scene.is_asked()

    small_disk.free()
    scene.uninstall()
    assert scene.is_clean()
    assert not scene.is_asked()


def test_without_root_nothing_is_tried(scene: Scene) -> None:
    program = ("setpriv", "--reuid=65534", "--clear-groups", *NSTUI)

    done = run_nstui("-H", scene.engine.url, "guard", "install", program=program)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "run this as root; nothing was changed" in done.stderr
    assert scene.is_clean()


def test_without_a_guard_that_answers_nothing_is_changed(scene: Scene) -> None:
    scene.front.end()

    done = scene.run("install", "--no-units")

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "nstui guard serve --socket" in done.stderr
    assert scene.is_clean()


def test_a_guard_that_cannot_look_is_not_installed(scene: Scene) -> None:
    scene.front.blind = True

    done = scene.run("install", "--no-units")

    assert done.returncode == 1
    assert done.stderr == (
        "nstui: the guard cannot look: could not look; everything is as it was\n"
    )
    assert scene.is_clean()
    assert not scene.is_asked()


def test_a_guard_that_the_engine_does_not_see_is_not_installed(scene: Scene) -> None:
    scene.front.end()
    elsewhere = scene.root / "run" / "docker" / "plugins"
    elsewhere.unlink()
    front = StandInFront(
        elsewhere / "nstui.sock",
        Path(scene.places.control_socket),
        Path(scene.places.settings),
    )
    try:
        done = scene.run("install", "--no-units")
    finally:
        front.end()

    assert done.returncode == 1
    assert "the engine does not see" in done.stderr
    assert done.stderr.endswith("; everything is as it was\n")
    assert scene.is_clean()


def test_a_guard_that_ends_at_the_worst_moment_leaves_no_trace_in_the_file(
    scene: Scene,
) -> None:
    machine = scene.machine()
    facts = machine.look()

    def end_it(step: InstallStep) -> None:
        if step.kind is StepKind.RELOAD:
            scene.front.end()

    with pytest.raises(GuardFailed, match="the engine did not answer"):
        install(machine, facts, plan_install(facts, WANTED), end_it)

    # One that had not asked it before ends; it starts as before.
    assert scene.is_clean()
    scene.engine.ensure_runs()
    assert not scene.is_asked()


@pytest.fixture
def other(scene: Scene) -> Iterator[StandInFront]:
    """Another plugin, which the engine asks already."""
    other = StandInFront(
        scene.engine.plugins / "opa.sock",
        scene.engine.folder / "opa-control.sock",
        scene.engine.folder / "opa.json",
    )
    scene.engine.use_plugins("opa")
    yield other
    scene.engine.use_plugins()
    other.end()


def test_another_plugin_is_asked_before_and_after(
    scene: Scene, other: StandInFront
) -> None:
    before = scene.config
    done = scene.run("install", "--no-units")
    assert done.returncode == 0, done.stderr
    plugins = json.loads(scene.config)["authorization-plugins"]

    assert plugins == ["opa", "nstui"]
    seen = len(other.uris)
    assert scene.is_asked()
    assert len(other.uris) > seen

    assert scene.run("uninstall").returncode == 0
    assert scene.config == before
    seen = len(other.uris)
    assert not scene.is_asked()
    assert len(other.uris) > seen


def test_a_guard_that_has_died_is_taken_out(scene: Scene) -> None:
    scene.install()
    scene.front.end()

    done = scene.run("uninstall")

    assert done.returncode == 0, done.stderr
    assert scene.engine.docker("ps").returncode == 0
    assert scene.is_clean()


def test_a_guard_that_hangs_is_taken_out(scene: Scene) -> None:
    scene.install()
    scene.front.end()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(scene.engine.plugins / "nstui.sock"))
        silent.listen()
        status = scene.run("status")
        done = scene.run("uninstall")

        assert status.returncode == 1
        assert "✗ it does not answer: it did not answer within 5 s" in status.stdout
        assert done.returncode == 0, done.stderr
        assert scene.engine.docker("ps").returncode == 0
    assert scene.is_clean()


@pytest.mark.one_engine
def test_an_engine_that_hangs_is_told_and_the_rest_is_said(scene: Scene) -> None:
    scene.install()
    scene.engine.pause_daemon()
    try:
        done = scene.run("uninstall")
    finally:
        scene.engine.resume_daemon()

    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    assert "the engine did not answer within" in first
    assert f"    kill -HUP {scene.engine.pid}" in "\n".join(rest)
    assert scene.config == BEFORE
    scene.uninstall()
    assert scene.is_clean()
    assert not scene.is_asked()


def test_an_engine_that_has_ended_has_its_file_put_back(scene: Scene) -> None:
    assert scene.run("install", "--no-units").returncode == 0
    scene.engine.end_daemon()

    done = scene.run("uninstall")

    assert done.returncode == 0
    assert "the engine does not run" in done.stderr
    assert scene.is_clean()
