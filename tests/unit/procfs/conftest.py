"""Each test of the readers is tried in every way by which they reach a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.procfs.ways import HERE, VARIABLE, WAYS, close_shells

if TYPE_CHECKING:
    from collections.abc import Iterator

_READERS = {"host_at", "machine_at", "scanned"}
"""What a module of tests has that reads a machine, itself or by a program."""


@pytest.fixture(scope="session", autouse=True)
def _shells() -> Iterator[None]:
    """End the shells after the last test."""
    yield
    close_shells()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take every way with each test of a module that reads a machine."""
    if _READERS.intersection(vars(metafunc.module)):
        metafunc.parametrize("_way", WAYS, indirect=True)


@pytest.fixture(autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take one way."""
    monkeypatch.setenv(VARIABLE, getattr(request, "param", HERE))
    # For programs that a test starts.
    monkeypatch.setenv("PYTHONPATH", f"{request.config.rootpath}")
