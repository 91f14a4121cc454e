"""The guard's own socket is for those that may use the engine's."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from nstui.guard.sharing import share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IS_ROOT = os.geteuid() == 0
GROUP = 54321 if IS_ROOT else os.getegid()


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the guard's own socket, which is root's, and the engine's."""
    control, engine = tmp_path / "guard" / "control", tmp_path / "engine"
    control.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as other:
        one.bind(str(control))
        other.bind(str(engine))
        control.chmod(0o600)
        os.chown(engine, -1, GROUP)
        yield control, engine


def access(path: Path) -> tuple[int, int]:
    """Return the mode and the group of a file."""
    found = path.stat()
    return found.st_mode & 0o777, found.st_gid


@pytest.mark.parametrize(
    ("engine_mode", "mode", "folder"),
    [(0o600, 0o600, 0o700), (0o660, 0o660, 0o711), (0o666, 0o666, 0o711)],
)
def test_it_gets_the_group_and_the_mode_of_the_engine(
    places: tuple[Path, Path], engine_mode: int, mode: int, folder: int
) -> None:
    control, engine = places
    engine.chmod(engine_mode)

    for _ in range(2):
        share(control, f"unix://{engine}")

        assert access(control) == (mode, GROUP)
        assert access(control.parent)[0] == folder


def test_it_follows_the_engine_back(places: tuple[Path, Path]) -> None:
    control, engine = places
    engine.chmod(0o666)
    share(control, f"unix://{engine}")
    engine.chmod(0o660)

    share(control, f"unix://{engine}")

    assert access(control) == (0o660, GROUP)


@pytest.mark.parametrize("missing", ["control", "engine"])
def test_nothing_is_done_while_one_is_missing(
    places: tuple[Path, Path], missing: str
) -> None:
    control, engine = places
    engine.chmod(0o666)
    before = access(control)
    (control if missing == "control" else engine).unlink()
    left = [path for path in (control, engine) if path.exists()]

    share(control, f"unix://{engine}")

    assert [path for path in (control, engine) if path.exists()] == left
    assert missing == "control" or access(control) == before


def test_a_file_in_the_place_of_the_engine_opens_nothing(
    places: tuple[Path, Path],
) -> None:
    control, engine = places
    engine.unlink()
    engine.write_text("")
    engine.chmod(0o666)
    before = access(control)

    share(control, f"unix://{engine}")

    assert access(control) == before
