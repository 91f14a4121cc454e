"""The guard is light: it is quick to import, and there is little that can break."""

from __future__ import annotations

import subprocess
import sys

import pytest

_SHOW = (
    "import sys, {}\n"
    "print(*(name.partition('.')[0] for name in sys.modules), sep='\\n')\n"
    "print(*(name for name in sys.modules if name.startswith('nstui.')), sep='\\n')"
)
_HEAVY = ("asyncio", "dataclasses", "inspect", "logging", "http", "email", "ssl")


@pytest.mark.parametrize("module", ["nstui.guard.__main__", "nstui.guard.announcing"])
def test_it_imports_the_standard_library_alone(module: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", _SHOW.format(module)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    # What an environment has imported at its start is not the guard's doing.
    found = {*shown} - {name.partition(".")[0] for name in bare} - {"nstui"}
    own = {name for name in found if name.startswith("nstui.")}
    assert found - own <= sys.stdlib_module_names
    assert found.isdisjoint(_HEAVY)
    rooms = {".".join(name.split(".")[:2]) for name in own}
    assert rooms <= {"nstui.guard", "nstui.analysis"}
