"""Whether compose replaces a container or nstui copies it, and what is said of it."""

from __future__ import annotations

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.healing.recomposing import (
    KEEPS_LAYER,
    STAYS_STOPPED,
    RecreationMethod,
    choose_method,
    find_compose_files,
    find_unwanted_joins,
    method_text,
)
from nstui.model.container import Join
from nstui.model.healing import ComposeJoin, Cost
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.support.builders import cid, container
from tests.unit.analysis.healing.hosts import composed

NET, PID, IPC = NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC
COMMAND = ("docker", "compose", "up")
SAME = Cost(compose=COMMAND)
OTHER = Cost(compose=COMMAND, compose_changes=("environment KEY",))
REFUSED = Cost(compose_refused="its folder is not there")

HEAL = Request(action=Action.HEAL, targets=())
ASKED = Request(action=Action.HEAL, targets=(), compose=True)
ONTO = Request(action=Action.HEAL, targets=(), onto=cid("own"))
CHOSEN = Request(action=Action.HEAL, targets=(), chosen=((cid("a"), cid("b")),))


@pytest.mark.parametrize(
    ("cost", "request_", "expected"),
    [
        (SAME, HEAL, RecreationMethod(by_compose=True)),
        (SAME, ASKED, RecreationMethod(by_compose=True)),
        (OTHER, HEAL, RecreationMethod(by_compose=False, changes=("environment KEY",))),
        (OTHER, ASKED, RecreationMethod(by_compose=True, changes=("environment KEY",))),
        (
            REFUSED,
            HEAL,
            RecreationMethod(by_compose=False, refused="its folder is not there"),
        ),
        (
            REFUSED,
            ASKED,
            RecreationMethod(by_compose=False, refused="its folder is not there"),
        ),
        (Cost(), ASKED, RecreationMethod(by_compose=False)),
        (SAME, ONTO, RecreationMethod(by_compose=False)),
        (SAME, CHOSEN, RecreationMethod(by_compose=False)),
        (REFUSED, ONTO, RecreationMethod(by_compose=False)),
    ],
)
def test_compose_does_what_stays_the_same_or_what_the_user_wants(
    cost: Cost, request_: Request, expected: RecreationMethod
) -> None:
    assert choose_method(cost, request_, starts=True, keeps_layer=False) == expected


@pytest.mark.parametrize("request_", [HEAL, ASKED])
def test_what_it_cannot_do_it_is_not_asked_for(request_: Request) -> None:
    stopped = choose_method(SAME, request_, starts=False, keeps_layer=False)
    assert stopped == RecreationMethod(by_compose=False, refused=STAYS_STOPPED)
    kept = choose_method(SAME, request_, starts=True, keeps_layer=True)
    assert kept == RecreationMethod(by_compose=False, refused=KEEPS_LAYER)


DEP = composed(container("dep"))
OWN = composed(container("own"))
ELSEWHERE = container("else")
GRAPH = Graph((DEP, OWN, ELSEWHERE))


@pytest.mark.parametrize(
    ("planned", "by_compose", "expected"),
    [
        ({NET: cid("own")}, {NET: "service:own"}, ()),
        ({NET: "own"}, {NET: "service:own"}, ()),
        ({NET: cid("own")}, {NET: "own"}, ()),
        ({NET: cid("own")}, {NET: cid("own")}, ()),
        ({NET: cid("else")}, {NET: "else"}, ()),
        ({NET: cid("own")}, {NET: "else"}, ("network_mode (it would join else)",)),
        (
            {NET: cid("else")},
            {NET: "service:else"},
            ("network_mode (it would join else)",),
        ),
        (
            {NET: cid("own")},
            {NET: "service:oth"},
            ("network_mode (it would join oth)",),
        ),
        ({NET: cid("own")}, {}, ("network_mode (it would join no container)",)),
        ({}, {IPC: "service:own"}, ("ipc (it would join own)",)),
        (
            {NET: cid("own"), PID: cid("own")},
            {NET: "service:own"},
            ("pid (it would join no container)",),
        ),
        (
            {NET: cid("gone")},
            {NET: "service:own"},
            ("network_mode (it would join own)",),
        ),
    ],
)
def test_it_has_to_join_what_healing_wants(
    planned: dict[NamespaceKind, str],
    by_compose: dict[NamespaceKind, str],
    expected: tuple[str, ...],
) -> None:
    joins = [Join(kind, reference) for kind, reference in planned.items()]
    found = [
        ComposeJoin(kind=kind, service=name.removeprefix("service:"))
        if name.startswith("service:")
        else ComposeJoin(kind=kind, container=name)
        for kind, name in by_compose.items()
    ]
    assert find_unwanted_joins(GRAPH, DEP, joins, found) == expected


def test_what_is_not_known_is_no_change() -> None:
    assert find_unwanted_joins(GRAPH, DEP, [Join(NET, cid("own"))], None) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (("a", "b"), "would change a, b"),
        (("perhaps a",), "may change a"),
        (("perhaps a", "b", "perhaps c"), "would change b, and may change a, c"),
    ],
)
def test_what_is_certain_is_told_from_what_is_not(
    changes: tuple[str, ...], words: str
) -> None:
    assert method_text(changes) == words


@pytest.mark.parametrize(
    ("written", "known", "expected"),
    [
        (("/a", "/etc/c"), ("/etc/c", "/d"), ("/etc/c",)),
        (("/run/secrets/s", "/run/x"), (), ("/run/secrets/s",)),
        ((), ("/etc/c",), ()),
        (None, ("/etc/c",), ("/etc/c",)),
    ],
)
def test_which_files_are_composes(
    written: tuple[str, ...] | None, known: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert find_compose_files(DEP, written, known) == expected


def test_one_that_compose_did_not_make_has_none_of_its_files() -> None:
    assert find_compose_files(ELSEWHERE, ("/run/secrets/s",), ()) == ()
