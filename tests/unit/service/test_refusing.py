"""Why a plan is refused before anything is done, and what would let it be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.permission import refuse_unless_permitted
from nstui.analysis.plans.plans import make_plan
from nstui.errors import (
    ActionImpossible,
    ManagedElsewhere,
    NstuiError,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.healing import Recreation
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot

HOST = snapshot(container("vpn"), container("dep", joins=cid("vpn")))
STOP = Request(action=Action.STOP, targets=(cid("vpn"),))
BREAKS = make_plan(HOST, Graph(HOST.containers), STOP)
ALONE = replace(BREAKS, effects=())
TOO = replace(ALONE, request=replace(STOP, policy=Policy.WITH_DEPENDENTS))
REFUSED = "refused, nothing was changed: "
WITH = "--with-dependents acts on them too"
BREAK = "--break-dependents accepts the harm"
LOSES = Recreation(container=cid("dep"), name="dep", owner="vpn", loses_layer=True)


@pytest.mark.parametrize(
    ("plan", "error", "words"),
    [
        pytest.param(
            replace(ALONE, managed=("vpn is run by systemd", "dep too")),
            ManagedElsewhere,
            f"{REFUSED}vpn is run by systemd; dep too",
            id="something manages it",
        ),
        pytest.param(
            replace(ALONE, uncertain=("odd",)),
            WouldBreakDependents,
            f"{REFUSED}could not inspect odd; {BREAK}",
            id="who may depend on it",
        ),
        pytest.param(
            replace(ALONE, unplaced=("far",)),
            WouldBreakDependents,
            f"{REFUSED}the namespace of far is unknown; {BREAK}",
            id="who may be in its namespace",
        ),
        pytest.param(
            replace(BREAKS, uncertain=("odd",)),
            WouldBreakDependents,
            f"{REFUSED}others depend on vpn, and could not inspect odd;"
            f" {WITH}, {BREAK}",
            id="both",
        ),
        pytest.param(
            replace(ALONE, recreations=(LOSES,)),
            WouldLoseChanges,
            f"{REFUSED}dep would lose its changes outside volumes; --keep-changes"
            " commits them to an image first, --drop-changes discards them",
            id="it loses files",
        ),
        pytest.param(
            replace(ALONE, objections=("vpn is dead", "dep too")),
            ActionImpossible,
            "vpn is dead; dep too",
            id="the engine would refuse it",
        ),
    ],
)
def test_why_a_plan_is_refused(plan: Plan, error: type[NstuiError], words: str) -> None:
    with pytest.raises(error) as caught:
        refuse_unless_permitted(plan)
    assert (type(caught.value), str(caught.value)) == (error, words)


def test_a_plan_that_harms_nobody_is_not_refused() -> None:
    refuse_unless_permitted(ALONE)


PODMAN_RM = replace(BREAKS, program="podman", request=replace(STOP, action=Action.RM))
IMPOSSIBLE = replace(TOO, objections=("dep is paused",))


@pytest.mark.parametrize(
    ("plan", "too", "ways"),
    [
        pytest.param(BREAKS, TOO, f"{WITH}, {BREAK}", id="both are possible"),
        pytest.param(BREAKS, BREAKS, BREAK, id="it would harm others then"),
        pytest.param(BREAKS, IMPOSSIBLE, BREAK, id="the engine would refuse that"),
        pytest.param(
            replace(BREAKS, objections=("vpn is paused",)),
            IMPOSSIBLE,
            f"{WITH}, {BREAK}",
            id="the engine refuses either",
        ),
        pytest.param(
            replace(BREAKS, request=TOO.request), None, BREAK, id="they are included"
        ),
        pytest.param(PODMAN_RM, None, WITH, id="Podman removes none that is joined"),
        pytest.param(
            PODMAN_RM, PODMAN_RM, "nothing else would be accepted", id="nothing helps"
        ),
    ],
)
def test_what_would_let_it_be_done(plan: Plan, too: Plan | None, ways: str) -> None:
    with pytest.raises(WouldBreakDependents) as caught:
        refuse_unless_permitted(plan, too)
    assert str(caught.value) == f"{REFUSED}others depend on vpn; {ways}"


def test_where_no_target_is_to_blame_all_are_named() -> None:
    blameless = tuple(replace(e, because_of=()) for e in BREAKS.effects)
    with pytest.raises(WouldBreakDependents, match="others depend on vpn; "):
        refuse_unless_permitted(replace(BREAKS, effects=blameless))
