"""Whoever has only the source distribution can run the tests."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def imported() -> Iterator[str]:
    """Yield the packages that the tests and the benchmark import."""
    for folder in ("tests", "bench"):
        for path in ROOT.joinpath(folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (each.name.partition(".")[0] for each in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module is not None:
                    yield node.module.partition(".")[0]


def test_it_has_all_that_the_tests_import() -> None:
    settings = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())
    included = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    ours = {name for name in imported() if ROOT.joinpath(name).is_dir()}
    assert {"tests", "bench"} <= ours
    assert {f"/{name}" for name in ours} <= {*included}
