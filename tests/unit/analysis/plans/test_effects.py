"""What an action does to others, against what real engines did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.effects import find_effects, worst_of_each
from nstui.model.step import Action, ShareKind
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot

TRUTH = json.loads(
    (Path(__file__).parents[3] / "data" / "engine-truth.json").read_text()
)
ACTIONS = {
    "stop": Action.STOP,
    "restart": Action.RESTART,
    "kill": Action.KILL,
    "rm -f": Action.RM,
    "stop+rm": Action.RM,
}
ROWS = [row for row in TRUTH["rows"] if row["action"] in ACTIONS]


def effects(
    one: Snapshot, action: Action, *names: str
) -> list[tuple[str, str, str, str]]:
    found = find_effects(one, Graph(one.containers), action, [cid(n) for n in names])
    return [(e.name, e.kind.value, e.now.value, e.later.value) for e in found]


def dependent(kind: ShareKind, name: str = "dep", state: str = "running") -> Container:
    own = cid("own")
    match kind:
        case ShareKind.NET:
            return container(name, joins=own, state=state)
        case ShareKind.PID:
            return container(name, joins_pid=own, state=state)
        case ShareKind.IPC:
            return container(name, joins_ipc=own, state=state)
        case ShareKind.LINK:
            return container(name, links=("own",), state=state)
        case _:
            return container(name, volumes_from=(own,), state=state)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['share']} {row['action']}")
def test_every_row_of_the_truth(row: dict[str, str]) -> None:
    kind = ShareKind(row["share"])
    one = snapshot(container("own"), dependent(kind))
    expected = ("dep", row["share"], row["effect_now"], row["effect_later"])
    found = effects(one, ACTIONS[row["action"]], "own")
    if expected[2:] == ("none", "none") and kind is not ShareKind.VOLUMES_FROM:
        assert found == []
    else:
        assert found == [expected]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Action.RM, [("dep", "net", "none", "must_be_recreated")]),
        (Action.STOP, [("dep", "net", "none", "cannot_restart_until_owner_runs")]),
        (Action.KILL, [("dep", "net", "none", "cannot_restart_until_owner_runs")]),
        (Action.RESTART, []),
    ],
)
def test_a_dependent_that_is_not_running(
    action: Action, expected: list[tuple[str, str, str, str]]
) -> None:
    one = snapshot(container("own"), dependent(ShareKind.NET, state="exited"))
    assert effects(one, action, "own") == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Action.RM, [("dep", "net", "none", "must_be_recreated")]),
        (Action.STOP, []),
        (Action.RESTART, [("dep", "net", "none", "restart_rejoins")]),
    ],
)
def test_an_owner_that_is_not_running_has_no_namespace_to_take_away(
    action: Action, expected: list[tuple[str, str, str, str]]
) -> None:
    one = snapshot(container("own", state="exited"), dependent(ShareKind.NET))
    assert effects(one, action, "own") == expected


def test_a_stale_dependent_has_already_lost_its_network() -> None:
    one = snapshot(container("own"), dependent(ShareKind.NET), net={"own": 8, "dep": 7})
    assert effects(one, Action.RM, "own") == [
        ("dep", "net", "none", "must_be_recreated")
    ]


def chain(reference: str | None = None) -> Snapshot:
    return snapshot(
        container("own"),
        container("dep", joins=cid("own")),
        container("dep2", joins=reference or cid("dep")),
    )


def test_a_chain_is_closed_over() -> None:
    assert effects(chain(), Action.RM, "own") == [
        ("dep", "net", "loses_network", "must_be_recreated"),
        ("dep2", "net", "loses_network", "must_be_recreated"),
    ]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Action.RM, [("dep2", "net", "none", "must_be_recreated")]),
        (Action.STOP, [("dep2", "net", "none", "cannot_restart_until_owner_runs")]),
        (Action.RESTART, []),
    ],
)
def test_the_middle_of_a_chain_owns_no_namespace(
    action: Action, expected: list[tuple[str, str, str, str]]
) -> None:
    assert effects(chain(), action, "dep") == expected


def test_a_join_by_name_waits_for_a_container_of_that_name() -> None:
    one = snapshot(container("own"), container("dep", joins="own"))
    assert effects(one, Action.RM, "own") == [
        ("dep", "net", "loses_network", "cannot_restart_until_owner_runs")
    ]


def test_a_name_behind_an_id_does_not_help() -> None:
    assert effects(chain(reference="dep"), Action.RM, "own")[1] == (
        "dep2",
        "net",
        "loses_network",
        "must_be_recreated",
    )


def test_an_id_behind_a_name_can_start_again_with_it() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins="own"),
        container("dep2", joins=cid("dep")),
    )
    assert effects(one, Action.RM, "own") == [
        ("dep", "net", "loses_network", "cannot_restart_until_owner_runs"),
        ("dep2", "net", "loses_network", "cannot_restart_until_owner_runs"),
    ]


@pytest.mark.parametrize("targets", [("own", "dep"), ("dep", "own")])
def test_the_worst_of_what_several_targets_do(targets: tuple[str, ...]) -> None:
    one = snapshot(
        container("own"),
        container("dep", joins="own"),
        container("dep2", joins=cid("dep")),
    )
    (effect,) = find_effects(
        one, Graph(one.containers), Action.RM, [cid(name) for name in targets]
    )
    assert (effect.now, effect.later) == ("loses_network", "must_be_recreated")
    assert (effect.harms, effect.is_indirect) == (True, False)


def test_stopping_a_chain_from_its_middle_harms_its_end() -> None:
    one = chain()
    (effect,) = find_effects(
        one, Graph(one.containers), Action.STOP, [cid("dep"), cid("own")]
    )
    assert (effect.name, effect.now, effect.harms) == ("dep2", "loses_network", True)


def test_a_dependent_that_is_killed_for_ever_takes_its_own_with_it() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins_pid=cid("own")),
        container("far", joins=cid("dep")),
        container("down", joins=cid("dep"), state="exited"),
    )
    found = find_effects(one, Graph(one.containers), Action.RM, [cid("own")])
    assert [(e.name, e.later, e.harms) for e in found] == [
        ("dep", "must_be_recreated", True),
        ("far", "must_be_recreated", True),
        ("down", "must_be_recreated", True),
    ]


def test_a_killed_dependent_harms_its_own() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins_pid=cid("own")),
        container("far", joins=cid("dep")),
    )
    assert effects(one, Action.STOP, "own") == [
        ("dep", "pid", "killed", "cannot_restart_until_owner_runs"),
        ("far", "net", "loses_network", "cannot_restart_until_owner_runs"),
    ]


def test_every_kind_and_every_target_the_worst_first() -> None:
    one = snapshot(
        container("a"),
        container("b"),
        container("dep", joins=cid("a"), joins_ipc=cid("b"), joins_pid=cid("b")),
    )
    assert effects(one, Action.RM, "a", "b") == [
        ("dep", "pid", "killed", "must_be_recreated"),
        ("dep", "net", "loses_network", "must_be_recreated"),
        ("dep", "ipc", "namespace_split", "must_be_recreated"),
    ]


def test_what_is_acted_on_itself_is_no_effect() -> None:
    assert effects(chain(), Action.RM, "own", "dep", "dep2") == []


def test_the_hosts_network_belongs_to_nobody() -> None:
    one = snapshot(container("a", mode="host"), container("b", mode="host"))
    assert effects(one, Action.RM, "a") == []


def test_a_join_to_what_is_gone_harms_nobody_further() -> None:
    one = snapshot(container("dep", joins=cid("gone")), container("own"))
    assert effects(one, Action.RM, "own") == []


@pytest.mark.parametrize(
    ("action", "state", "joins", "harms"),
    [
        pytest.param(Action.RM, "running", cid("own"), True, id="loses its network"),
        pytest.param(Action.RESTART, "running", cid("own"), True, id="restart too"),
        pytest.param(Action.RM, "exited", cid("own"), True, id="must be recreated"),
        pytest.param(Action.RM, "exited", "own", True, id="nothing has that name"),
        pytest.param(Action.STOP, "exited", cid("own"), False, id="merely waits"),
    ],
)
def test_what_counts_as_harm(
    action: Action, state: str, joins: str, *, harms: bool
) -> None:
    one = snapshot(container("own"), container("dep", joins=joins, state=state))
    (effect,) = find_effects(one, Graph(one.containers), action, [cid("own")])
    assert effect.harms is harms


def test_of_several_effects_on_one_container_the_worst_of_each_half_is_told() -> None:
    one = snapshot(
        container("a"),
        container("b"),
        container("dep", joins=cid("a"), joins_ipc=cid("a")),
        container("far", joins="a", joins_ipc=cid("a")),
    )
    found = find_effects(one, Graph(one.containers), Action.RM, [cid("a")])
    assert [(e.name, e.sentence) for e in worst_of_each(found)] == [
        # The network would only wait for another container of that name.
        (
            "dep",
            "loses its network at once; can never start again, must be recreated",
        ),
        (
            "far",
            "loses its network at once; can never start again, must be recreated",
        ),
    ]
    assert [(e.name, e.kind.value, e.later.value) for e in found] == [
        ("dep", "net", "must_be_recreated"),
        ("far", "net", "cannot_restart_until_owner_runs"),
        ("dep", "ipc", "must_be_recreated"),
        ("far", "ipc", "must_be_recreated"),
    ]
