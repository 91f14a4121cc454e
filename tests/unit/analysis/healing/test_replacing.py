"""What compose has made of a container that it was to replace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.ancestry import service_containers
from nstui.analysis.healing.recomposing import why_not_replaced
from nstui.model.container import ComposeService
from tests.support.builders import cid, container

if TYPE_CHECKING:
    from nstui.model.container import Container

OLD = container("web", compose="p/web", joins=cid("gone"))
OWN = container("own", compose="p/own")
NEW = container("web", compose="p/web", joins=cid("own"), id_="f" * 64)
ONEOFF = replace(NEW, compose=ComposeService("p", "web", is_oneoff=True))
ELSE = container("else", compose="q/web", joins=cid("own"))
SECOND = container("web-2", compose="p/web", joins=cid("own"))
BARE = container("web", compose="p/web", id_="f" * 64)


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        ((OWN, NEW), ""),
        # Somebody else may make containers at the same time.
        ((OWN, NEW, ELSE), ""),
        ((OWN, OLD), "compose did not replace web, which is there as before"),
        (
            (OWN, OLD, ELSE),
            "compose did not replace web, which is there as before; it made else",
        ),
        (
            (OWN, OLD, NEW),
            "compose did not replace web, which is there as before; it made web",
        ),
        ((OWN,), "compose removed web and made no new one"),
        ((OWN, ELSE), "compose removed web and made no new one; it made else"),
        ((OWN, ONEOFF), "compose removed web and made no new one; it made web"),
        (
            (OWN, NEW, SECOND),
            "web is gone, and web, web-2 stands in its place; it made web, web-2",
        ),
        (
            (OWN, replace(NEW, name="p-web-1")),
            "compose recreated web under the name p-web-1",
        ),
        (
            (OWN, BARE),
            (
                "compose recreated web without what it joined: it is on bridge now;"
                " stop it"
            ),
        ),
    ],
)
def test_what_came_of_it(after: tuple[Container, ...], problem: str) -> None:
    assert why_not_replaced(OLD, (OLD, OWN), after) == problem


def test_one_that_was_there_before_is_no_new_one() -> None:
    before = (OLD, OWN, SECOND)
    assert why_not_replaced(OLD, before, (OWN, SECOND)) == (
        "web is gone, and web-2 stands in its place"
    )


def test_who_is_of_a_service() -> None:
    assert OLD.compose is not None
    plain = container("plain")
    all_of_them = (OLD, OWN, ONEOFF, ELSE, SECOND, plain)
    assert service_containers(all_of_them, OLD.compose) == (OLD, SECOND)
