"""What every test gets: a clean environment, and a real engine where it asks."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

_LONGEST = (
    "tests/engine/test_monkey.py",
    "tests/engine/test_cases.py",
    "tests/engine/test_signals.py",
    "tests/unit/bench/test_quick.py",
    "tests/engine/test_compose_same.py",
    "tests/engine/test_heal_compose.py",
    "tests/e2e/interruption/test_killed.py",
    "tests/engine/test_proof.py",
    "tests/engine/test_compose_cut_off.py",
    "tests/engine/test_guard_install.py",
    "tests/engine/test_watch_beside_others.py",
    "tests/engine/test_recreating.py",
)
"""The files whose tests take minutes, the longest first."""

_FOREIGN = {
    "COLUMNS",
    "ESCDELAY",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "NSTUI_INTERVAL",
    "NSTUI_ORDER",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
}

for _name in list(os.environ):
    # What begins with the last is how the snapshots' plugin talks to its own processes.
    is_setting = _name.startswith(("DOCKER_", "TEXTUAL_"))
    is_setting = is_setting and not _name.startswith("TEXTUAL_SNAPSHOT_")
    if is_setting or _name in _FOREIGN:
        del os.environ[_name]
if "textual.constants" in sys.modules:
    # The snapshots' plugin is loaded before this and imports Textual, which reads its
    # settings when it is imported.
    importlib.reload(sys.modules["textual.constants"])

# What a shell starts in the background ignores ctrl+c, and hands that on to what the
# tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

_home = tempfile.mkdtemp(prefix="nstui-home-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["HOME"] = _home
os.environ["TZ"] = "UTC"
# Colours are those of most terminals, whichever the tests are started from.
os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
time.tzset()
os.environ["DOCKER_CONFIG"] = os.path.join(_home, ".docker")  # noqa: PTH118 - a string

# The environment comes first.
from tests.support.engine_daemon import EngineDidNotStart  # noqa: E402
from tests.support.guarded_engine import GuardedEngine  # noqa: E402
from tests.support.private_engine import PrivateEngine, missing_requirement  # noqa: E402
from tests.support.registry import Registry, missing_registry  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and then with the files that have most tests.

    Where several processes run the tests, each file is run by one: a long one that came
    last would keep it busy while the others have nothing left to do.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    counts = Counter(item.path for item in items)
    places = {item.path: item.nodeid.partition("::")[0] for item in items}

    def place(item: pytest.Item) -> tuple[int, int, str]:
        name = places[item.path]
        first = _LONGEST.index(name) if name in _LONGEST else len(_LONGEST)
        return (first, -counts[item.path], name)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Leave the thousands of tests out of each search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_second_look_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look whether owners run on, and what was done has lasted, without waiting.

    Hundreds of plans are carried out here; those tests that are about it wait.
    """
    monkeypatch.setattr("nstui.service.lasting.LASTING_S", 0.0)
    monkeypatch.setattr("nstui.analysis.startable.TRIAL_S", 0)
    monkeypatch.setattr("nstui.analysis.startable.DOUBTFUL_S", 0)


@pytest.fixture(autouse=True)
def _screen_as_at_first() -> Iterator[None]:
    """Leave no order, theme or folds behind, with which another test would begin."""
    yield
    state = Path(_home, ".local", "state", "nstui")
    (state / "last-left.json").unlink(missing_ok=True)


def _cannot(reason: str) -> None:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    message = f"no private engine: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def private_engine() -> Iterator[PrivateEngine]:
    """Yield a running engine of the session's own."""
    reason = missing_requirement()
    if reason is not None:
        _cannot(reason)
    engine = PrivateEngine()
    try:
        engine.start()
        yield engine
    except EngineDidNotStart as problem:
        _cannot(f"dockerd did not start: {problem}")
    finally:
        engine.stop()


@pytest.fixture
def engine_host(private_engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield the session's engine without containers, and leave it like that."""
    private_engine.ensure_runs()
    private_engine.remove_all()
    yield private_engine
    private_engine.ensure_runs()
    private_engine.remove_all()


@pytest.fixture(scope="session")
def plugin_engine() -> Iterator[GuardedEngine]:
    """Yield a running engine of the session's own that can have plugins."""
    reason = missing_requirement()
    if reason is not None:
        _cannot(reason)
    engine = GuardedEngine()
    try:
        engine.start()
        yield engine
    except EngineDidNotStart as problem:
        _cannot(f"dockerd did not start: {problem}")
    finally:
        engine.stop()


@pytest.fixture
def guarded_host(plugin_engine: GuardedEngine) -> Iterator[GuardedEngine]:
    """Yield that engine without containers and plugins, and leave it like that."""
    plugin_engine.clear()
    yield plugin_engine
    plugin_engine.clear()


def _registry_of(engine: PrivateEngine) -> Iterator[Registry]:
    reason = missing_registry()
    if reason is not None:
        _cannot(reason)
    engine.ensure_runs()
    registry = Registry(engine)
    try:
        registry.start()
        yield registry
    finally:
        registry.remove()


@pytest.fixture(scope="module")
def registry(private_engine: PrivateEngine) -> Iterator[Registry]:
    """Yield a registry in the network of the session's engine."""
    yield from _registry_of(private_engine)


@pytest.fixture
def guarded_registry(guarded_host: GuardedEngine) -> Iterator[Registry]:
    """Yield a registry in the network of the engine that can have plugins."""
    yield from _registry_of(guarded_host)
