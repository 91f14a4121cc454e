"""Files that a new container is given of the old one are looked for in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.service.recreate import copy_files
from tests.support.builders import cid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.container import ContainerId

OLD, NEW = cid("old"), cid("new")


class Carrying(SimEngine):
    """An engine that carries what it is asked to, and then tells what is there."""

    def __init__(self, *, there: tuple[str, ...] | None) -> None:
        super().__init__(World())
        self.asked: list[tuple[str, ...]] = []
        self._there = there

    def carry_files(
        self,
        source: ContainerId,  # noqa: ARG002 - the port's
        target: ContainerId,  # noqa: ARG002 - as above
        paths: Iterable[str],
    ) -> tuple[str, ...]:
        self.asked.append(tuple(paths))
        return self.asked[-1]

    def changes(self, container: ContainerId) -> tuple[str, ...]:
        if self._there is None:
            raise EngineRefused(f"cannot compare {container}")
        return self._there


def test_without_files_nothing_is_asked() -> None:
    engine = Carrying(there=())
    copy_files(engine, OLD, NEW, ())
    assert engine.asked == []


@pytest.mark.parametrize("there", [("/a", "/b", "/other"), None])
def test_all_that_are_there_or_cannot_be_looked_for(
    there: tuple[str, ...] | None,
) -> None:
    engine = Carrying(there=there)
    copy_files(engine, OLD, NEW, ("/a", "/b"))
    assert engine.asked == [("/a", "/b")]


def test_what_has_not_come_to_be_there_is_named() -> None:
    with pytest.raises(EngineRefused, match="did not get /b, /c of the old one"):
        copy_files(Carrying(there=("/a",)), OLD, NEW, ("/a", "/b", "/c"))
