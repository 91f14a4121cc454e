"""Whose published ports lead into a network."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.members import publisher
from tests.support.builders import cid, container, report

OWN = container("own", ports=(80,))
DEP = container("dep", joins=cid("own"))


@pytest.mark.parametrize(
    ("net", "whose"),
    [
        ({"own": 1, "dep": 1}, "own"),
        ({"own": 2, "dep": 1}, None),
        ({"own": 1}, None),
        (None, None),
    ],
)
def test_the_owners_if_it_is_there(
    net: dict[str, int] | None, whose: str | None
) -> None:
    told = report(OWN, DEP, net=net)
    assert publisher(told, cid("dep")) == (None if whose is None else cid(whose))
    assert publisher(told, cid("own")) == cid("own")


def test_nobodys_if_the_owner_is_gone() -> None:
    assert publisher(report(DEP), cid("dep")) is None
