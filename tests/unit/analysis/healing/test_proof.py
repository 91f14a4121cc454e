"""Who takes an owner's place: what proves it, and what is a question."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.healing.owners import find_unproven
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.report import Report
from nstui.model.container import ComposeService
from nstui.model.healing import ComposeJoin, Ground
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Request
from nstui.model.snapshot import FormerContainer, FormerContainerSource
from nstui.model.step import Action
from nstui.render.plan_document import plan_document
from tests.support.builders import NOON, cid, container, snapshot
from tests.unit.analysis.healing.hosts import (
    GONE,
    composed,
    heal,
    reasons,
    steps,
    undecided,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Plan

DEP = composed(container("dep", joins=GONE), "own", "aux")
TWO = composed(container("two", joins=GONE))
OWN = composed(container("own"))
AUX = composed(container("aux"))
PLAIN = container("plain")


def of(
    name: str, service: str, *, is_oneoff: bool = False, joins: str | None = None
) -> Container:
    """Return a container of the project ``p`` whose name is not its service's."""
    made = ComposeService("p", service, is_oneoff=is_oneoff)
    return replace(container(name, joins=joins), compose=made)


def joins_service(
    name: str, kind: NamespaceKind = NamespaceKind.NET
) -> tuple[ComposeJoin, ...]:
    """Return what compose says of one that joins a service of its project."""
    return (ComposeJoin(kind=kind, service=name),)


def joins_container(name: str) -> tuple[ComposeJoin, ...]:
    """Return what compose says of one that joins a container by its name."""
    return (ComposeJoin(kind=NamespaceKind.NET, container=name),)


def test_case_1_the_only_service_left_is_not_the_one_that_is_gone() -> None:
    plan = heal(DEP, AUX)
    assert plan.steps == ()
    assert "aux could be it (dep says that it depends on it)" in reasons(plan)["dep"]
    assert undecided(plan) == {"dep"}
    known = heal(DEP, AUX, names={GONE: "own"})
    assert known.steps == ()
    assert reasons(known) == {
        "dep": "it joined own, and nothing proves what replaced it: create own again,"
        " or choose its new owner with --onto; not proven: aux could be it (dep"
        " says that it depends on it)"
    }


def test_the_name_it_was_seen_with_is_proof() -> None:
    assert steps(heal(DEP, OWN, AUX, names={GONE: "own"})) == [
        "recreate dep on net:own"
    ]


def test_a_beginning_of_an_id_is_no_name() -> None:
    plan = heal(DEP, PLAIN, names={GONE: cid("plain")[:12]})
    assert plan.steps == ()


def test_the_service_it_was_seen_with_is_proof_under_another_name() -> None:
    other = of("renamed", "own")
    plan = heal(DEP, other, AUX, names={GONE: "own"}, services={GONE: "own"})
    assert [s.joins[0].reference for s in plan.steps] == [other.id]


def test_one_of_compose_run_is_not_the_service() -> None:
    once = of("p-own-run-1", "own", is_oneoff=True)
    plan = heal(DEP, once, names={GONE: "own"}, services={GONE: "own"})
    assert plan.steps == ()
    plan = heal(DEP, once, OWN, resolved={"dep": joins_service("own")})
    assert steps(plan) == ["recreate dep on net:own"]


def test_of_several_of_the_service_the_name_tells_which() -> None:
    one, two = of("p-own-1", "own"), of("p-own-2", "own")
    plan = heal(DEP, one, two, names={GONE: "p-own-2"}, services={GONE: "own"})
    assert [s.joins[0].reference for s in plan.steps] == [two.id]
    plan = heal(DEP, one, two, names={GONE: "p-own-3"}, services={GONE: "own"})
    assert plan.steps == ()
    assert [name for _, name in plan.choices[0].candidates] == ["p-own-1", "p-own-2"]


@pytest.mark.parametrize(
    ("answer", "owner"),
    [
        (joins_service("own"), "own"),
        (joins_container("plain"), "plain"),
        (joins_container(cid("plain")), "plain"),
    ],
)
def test_what_compose_resolves_is_proof(
    answer: tuple[ComposeJoin, ...], owner: str
) -> None:
    plan = heal(DEP, OWN, AUX, PLAIN, resolved={"dep": answer})
    assert [s.joins[0].reference for s in plan.steps] == [cid(owner)]


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        (joins_service("gone"), "the service gone of p"),
        (joins_container("far-vpn"), "far-vpn"),
    ],
)
def test_whom_compose_resolves_and_is_not_there_has_to_be_created(
    answer: tuple[ComposeJoin, ...], missing: str
) -> None:
    plan = heal(DEP, OWN, AUX, resolved={"dep": answer})
    assert plan.steps == ()
    assert f"create {missing} again" in reasons(plan)["dep"]


@pytest.mark.parametrize(
    "answer", [(), joins_service("own", NamespaceKind.PID)], ids=["none", "other kind"]
)
def test_another_answer_of_compose_is_no_proof(answer: tuple[ComposeJoin, ...]) -> None:
    assert heal(DEP, OWN, AUX, resolved={"dep": answer}).steps == ()


def test_a_sibling_with_proof_is_proof_for_all() -> None:
    plan = heal(DEP, TWO, PLAIN, OWN, resolved={"two": joins_service("own")})
    assert steps(plan) == ["recreate dep on net:own", "recreate two on net:own"]
    # Who joined another one that is gone is no sibling.
    other = composed(container("two", joins=cid("another")))
    plan = heal(DEP, other, OWN, resolved={"two": joins_service("own")})
    assert [step.name for step in plan.steps] == ["two"]


@dataclass(frozen=True)
class Known:
    """What is known of the one that is gone."""

    name: str = ""
    service: str = ""
    resolved: Mapping[str, tuple[ComposeJoin, ...]] = field(default_factory=dict)

    def heal(self, *containers: Container, chosen: str = "") -> Plan:
        """Return the plan that heals a host of which this is known."""
        return heal(
            *containers,
            names={GONE: self.name} if self.name else None,
            services={GONE: self.service} if self.service else None,
            resolved=self.resolved,
            chosen={GONE: chosen} if chosen else None,
        )


@pytest.mark.parametrize(
    "known",
    [
        Known("plain", "own"),
        Known("plain", resolved={"dep": joins_service("own")}),
        Known(resolved={"dep": joins_service("own"), "two": joins_container("plain")}),
    ],
    ids=["name and service", "name and compose", "two siblings"],
)
def test_proofs_that_contradict_each_other_are_a_question(known: Known) -> None:
    host = (DEP, TWO, OWN, PLAIN)
    plan = known.heal(*host)
    assert plan.steps == ()
    assert undecided(plan) == {"dep", "two"}
    (choice,) = plan.choices
    assert {name for _, name in choice.candidates} == {"own", "plain"}
    assert all(choice.why)
    assert "one proof contradicts another" in reasons(plan)["dep"]
    chosen = known.heal(*host, chosen="own")
    assert steps(chosen) == ["recreate dep on net:own", "recreate two on net:own"]


@pytest.mark.parametrize("answer", [joins_service("aux"), joins_container("plain")])
def test_whom_compose_resolves_today_is_not_whom_it_was_seen_to_join(
    answer: tuple[ComposeJoin, ...],
) -> None:
    """The file was edited since, and the owner of then is not there."""
    known = Known("own", "own", resolved={"dep": answer})
    plan = known.heal(DEP, AUX, PLAIN)
    assert plan.steps == ()
    assert undecided(plan) == {"dep"}
    assert reasons(plan)["dep"].startswith(
        "one proof contradicts another, it joined own and the service own of p, which"
        " is gone; "
    )
    (choice,) = plan.choices
    assert choice.why == ("compose resolves dep to join it",)


@pytest.mark.parametrize(
    ("source", "is_healed"),
    [
        (FormerContainerSource.SEEN, False),
        (FormerContainerSource.REMOVED, True),
        (FormerContainerSource.EVENTS, True),
    ],
)
def test_one_whose_service_is_unknown_may_be_back_under_another_name(
    source: FormerContainerSource, *, is_healed: bool
) -> None:
    own = of("renamed", "own")
    seen = replace(
        snapshot(DEP, own),
        former_containers={GONE: FormerContainer(GONE, "own", None, source)},
        compose_joins={DEP.id: joins_service("own")},
    )
    request = Request(action=Action.HEAL, targets=())
    (succession,) = find_scope(seen, Report(seen).graph, request).successions
    assert succession.successor == (own.id if is_healed else None)


@pytest.mark.parametrize(
    ("last", "earlier", "renamed", "successor"),
    [
        ("random", ("plain",), 1, PLAIN.id),
        ("random", ("plain", "own"), 1, PLAIN.id),
        ("random", ("other", "plain"), 1, None),
        ("plain", ("own",), 1, PLAIN.id),
        ("own", ("plain",), 1, OWN.id),
        ("random", ("plain",), -1, None),
        ("random", ("plain",), None, None),
    ],
)
def test_the_name_that_it_had_when_it_was_joined_counts_if_nobody_has_the_last(
    last: str,
    earlier: tuple[str, ...],
    renamed: int | None,
    successor: ContainerId | None,
) -> None:
    seen = snapshot(DEP, PLAIN, OWN)
    moment = None if renamed is None else NOON + timedelta(minutes=renamed)
    ancestor = FormerContainer(
        GONE, last, None, FormerContainerSource.EVENTS, earlier, moment
    )
    seen = replace(seen, former_containers={GONE: ancestor})
    request = Request(action=Action.HEAL, targets=())
    scope = find_scope(seen, Report(seen).graph, request)
    (succession,) = scope.successions
    assert succession.successor == successor
    if successor is None:
        hints = {one.container: one.why for one in succession.hinted}
        assert hints.keys() == {PLAIN.id, OWN.id}
        assert "former name of the one that is gone" in hints[PLAIN.id]


def test_compose_is_asked_only_about_whom_nothing_else_proves() -> None:
    known = cid("another gone one")
    one = composed(container("one", joins=known))
    plain = container("by-hand", joins=GONE)
    once = of("once", "x", is_oneoff=True, joins=GONE)
    seen = snapshot(DEP, TWO, one, plain, once, OWN)
    seen = replace(seen, former_containers={known: FormerContainer(known, "own", None)})
    graph = Report(seen).graph

    def asked(request: Request) -> set[str]:
        scope = find_scope(seen, graph, request)
        return {graph.name(c) for c in find_unproven(scope.successions, graph)}

    everybody = Request(action=Action.HEAL, targets=())
    assert asked(everybody) == {"dep", "two"}
    assert asked(replace(everybody, targets=(one.id,))) == set()
    assert asked(replace(everybody, onto=OWN.id)) == set()
    assert asked(replace(everybody, chosen=((GONE, OWN.id),))) == set()


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        (
            container("own", mode="host"),
            "own uses the network of the host itself, and dep would too",
        ),
        (
            container("own", joins=cid("dep")),
            "own depends on it, so it cannot be its new owner",
        ),
    ],
)
def test_a_proven_one_that_it_must_not_join_is_not_joined(
    owner: Container, why: str
) -> None:
    plan = heal(DEP, owner, AUX, names={GONE: "own"})
    assert [step.name for step in plan.steps] == []
    assert reasons(plan)["dep"] == why
    assert "dep" in undecided(plan)


def test_one_behind_another_in_the_hosts_network_is_not_joined() -> None:
    far = container("own", joins=cid("plain"))
    plan = heal(DEP, far, container("plain", mode="host"), names={GONE: "own"})
    assert plan.steps == ()
    assert "of the host itself" in reasons(plan)["dep"]


def test_only_what_is_joined_matters_of_the_hosts_namespaces() -> None:
    dep = container("dep", joins_ipc=GONE)
    plan = heal(dep, container("own", mode="host"), names={GONE: "own"})
    assert steps(plan) == ["recreate dep on ipc:own"]


def test_a_proven_one_that_has_joined_another_is_joined_in_turn() -> None:
    own = container("own", joins=cid("plain"))
    plan = heal(DEP, own, PLAIN, names={GONE: "own"})
    assert steps(plan) == ["recreate dep on net:own"]


def test_one_that_was_left_behind_as_well_is_healed_first() -> None:
    """The new owner of one has lost its own owner."""
    other = cid("another gone one")
    own = container("own", joins=other)
    names = {GONE: "own", other: "plain"}
    plan = heal(DEP, own, PLAIN, names=names, targets="dep")
    assert [step.name for step in plan.steps] == ["own", "dep"]


def test_one_that_took_the_name_and_was_left_behind_too_is_not_its_owner() -> None:
    """Somebody gave a dependent the name of the owner that it had lost."""
    own = container("own", joins=GONE)
    plan = heal(DEP, own, names={GONE: "own"})
    assert plan.steps == ()
    assert reasons(plan) == {
        "dep": "it joined own, which stays broken",
        "own": "own cannot be its own owner",
    }


def test_the_plan_as_json_says_why() -> None:
    document = plan_document(heal(DEP, AUX))
    assert document["choices"] == [
        {
            "gone": GONE,
            "name": GONE[:12],
            "needed_by": ["dep"],
            "fits": True,
            "candidates": [
                {
                    "container": AUX.id,
                    "name": "aux",
                    "why": "dep says that it depends on it",
                }
            ],
        }
    ]
    assert isinstance(document["unhealed"], list)
    assert [one["needs_decision"] for one in document["unhealed"]] == [True]


def resolved_by(
    ground: Ground, *, owner: int, aux: int | None = None, called: str | None = None
) -> Plan:
    """Return the plan for what compose says of a dependent made at minute 5.

    Args:
        ground: What compose's answer, the service ``own``, says of the past.
        owner: When the only container of that service was made.
        aux: The same of another service that it depended on.
        called: What the owner of then was called, by the project.

    """
    dep = composed(container("dep", joins=GONE, created=5), "own", "aux")
    others = [composed(container("own", created=owner))]
    if aux is not None:
        others.append(composed(container("aux", created=aux)))
    answer = ComposeJoin(
        kind=NamespaceKind.NET, service="own", ground=ground, called=called
    )
    return heal(dep, *others, resolved={"dep": (answer,)})


@pytest.mark.parametrize(
    ("ground", "owner", "aux", "is_healed"),
    [
        (Ground.AS_MADE, 6, None, True),
        (Ground.AS_MADE, 4, None, False),
        (Ground.NEEDED, 6, 4, True),
        (Ground.NEEDED, 6, 6, False),
        (Ground.NEEDED, 6, None, False),
        (Ground.NEEDED, 4, 4, False),
        (Ground.TODAY, 6, 4, False),
    ],
)
def test_what_compose_says_is_proof_only_if_it_always_said_so(
    ground: Ground, owner: int, aux: int | None, *, is_healed: bool
) -> None:
    plan = resolved_by(ground, owner=owner, aux=aux)
    if is_healed:
        assert steps(plan) == ["recreate dep on net:own"]
    else:
        assert plan.steps == ()
        assert undecided(plan) == {"dep"}
        assert (
            "own could be it (compose resolves dep to join it now"
            in (reasons(plan)["dep"])
        )


@pytest.mark.parametrize(
    ("called", "earlier", "is_healed"),
    [
        (None, (), True),
        ("before", (), True),
        ("first", ("first",), True),
        ("", ("p-own-1",), True),
        ("", ("p_own_12",), True),
        ("", (), False),
        ("own", (), False),
    ],
)
def test_a_service_that_was_never_called_so_is_not_the_one_that_is_gone(
    called: str | None, earlier: tuple[str, ...], *, is_healed: bool
) -> None:
    ancestor = FormerContainer(
        GONE, "before", None, FormerContainerSource.EVENTS, earlier
    )
    answer = ComposeJoin(kind=NamespaceKind.NET, service="own", called=called)
    seen = replace(
        snapshot(DEP, OWN),
        former_containers={GONE: ancestor},
        compose_joins={DEP.id: (answer,)},
    )
    request = Request(action=Action.HEAL, targets=())
    (succession,) = find_scope(seen, Report(seen).graph, request).successions
    assert succession.successor == (OWN.id if is_healed else None)


def test_a_name_that_another_container_took_is_no_proof() -> None:
    """The one that is gone was of a service, and whoever has its name is not."""
    plan = heal(DEP, PLAIN, names={GONE: "plain"}, services={GONE: "own"})
    assert plan.steps == ()
    assert undecided(plan) == {"dep"}
    assert reasons(plan)["dep"].startswith(
        "one proof contradicts another, it joined the service own of p, which is gone;"
        " plain could be it (it has the name"
    )


@pytest.mark.parametrize(
    ("source", "is_asked"),
    [(FormerContainerSource.SEEN, False), (FormerContainerSource.EVENTS, True)],
)
def test_compose_may_deny_a_name_that_only_the_engine_remembers(
    source: FormerContainerSource, *, is_asked: bool
) -> None:
    seen = snapshot(DEP, PLAIN)
    seen = replace(
        seen, former_containers={GONE: FormerContainer(GONE, "plain", None, source)}
    )
    graph = Report(seen).graph
    request = Request(action=Action.HEAL, targets=())
    successions = find_scope(seen, graph, request).successions
    assert find_unproven(successions, graph) == ((DEP.id,) if is_asked else ())
    asked = replace(seen, compose_joins={DEP.id: joins_service("own")})
    (denied,) = find_scope(asked, graph, request).successions
    assert denied.successor is None
