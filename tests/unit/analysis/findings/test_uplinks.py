"""Who has lost the network that it was made for, and how it gets it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph, find_containers
from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.report import Report
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot
from tests.unit.analysis.healing.hosts import reasons, steps

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.plan import Plan
    from nstui.model.snapshot import Snapshot

WEB = container("web", networks=(), publishes=True)
DEP = container("dep", joins=cid("web"))


def seen(*containers: Container, version: str = "29.0.4") -> Snapshot:
    """Return a snapshot of containers that have no interface but ``lo``."""
    lo = {one.name: ("lo",) for one in containers}
    one = snapshot(*containers, interfaces=lo)
    return replace(one, engine=replace(one.engine, version=version))


def heal(one: Snapshot, targets: str = "") -> Plan:
    """Return the plan that heals a host."""
    graph = Graph(one.containers)
    names = find_containers(graph, targets.split())
    return make_heal_plan(one, graph, Request(action=Action.HEAL, targets=names), {})


def test_an_engine_that_forgets_networks_leaves_all_who_are_in_it_without() -> None:
    found = {f.container: f for f in Report(seen(WEB, DEP)).findings}
    assert {f.severity for f in found.values()} == {"error"}
    assert found[WEB.id].message == (
        "is attached to no network, though made for bridge: this engine forgets it"
        " after a failed start"
    )
    assert found[DEP.id].message.startswith(
        "web, whose network it is in, is attached to no network, though made for bridge"
    )
    assert {f.remedy for f in found.values()} == {"docker network connect bridge web"}
    assert all(f.is_command for f in found.values())


@pytest.mark.parametrize("version", ["20.10.24+dfsg1", "28.5.2", "", "dev"])
def test_before_that_somebody_did_it_to_all_who_are_in_it(version: str) -> None:
    found = Report(seen(WEB, DEP, version=version)).findings
    assert {(f.container, f.severity) for f in found} == {
        (WEB.id, "error"),
        (DEP.id, "error"),
    }
    for finding in found:
        assert finding.message.endswith("though made for bridge: taken off it")
        assert finding.remedy == "docker network connect bridge web"
    plan = heal(seen(WEB, DEP, version=version))
    assert plan.steps == ()
    assert [one.needs_decision for one in plan.unhealed] == [True]
    # Whoever names one that is in the network means the network.
    for name in ("web", "dep"):
        named = heal(seen(WEB, DEP, version=version), name)
        assert (steps(named), named.unhealed) == (["connect web"], ())


@pytest.mark.parametrize(
    ("mode", "network"), [("bridge", "bridge"), ("default", "bridge"), ("lan", "lan")]
)
def test_it_is_connected_to_what_it_was_made_for(mode: str, network: str) -> None:
    web = container("web", mode=mode, networks=(), publishes=True)
    (finding,) = Report(seen(web)).findings
    assert finding.remedy == f"docker network connect {network} web"
    (step,) = heal(seen(web)).steps
    assert (step.verb, step.network, step.aliases) == ("connect", network, ())


@pytest.mark.parametrize("mode", ["none", "host", ""])
def test_what_was_made_for_no_network_lacks_none(mode: str) -> None:
    assert Report(seen(container("web", mode=mode, networks=()))).findings == ()


def test_a_service_has_its_name_again() -> None:
    web = container("web", mode="lan", networks=(), compose="shop/www", publishes=True)
    (finding,) = Report(seen(web)).findings
    assert finding.remedy == "docker network connect --alias www lan web"
    (step,) = heal(seen(web)).steps
    assert step.aliases == ("www",)


def test_the_default_network_knows_no_names() -> None:
    web = container("web", networks=(), compose="shop/www", publishes=True)
    (step,) = heal(seen(web)).steps
    assert step.aliases == ()


def test_what_may_be_on_purpose_is_left_to_who_names_it() -> None:
    web = container("web", networks=())
    plan = heal(seen(web))
    assert plan.steps == ()
    assert reasons(plan) == {
        "web": "it is attached to no network, perhaps on purpose: name it to attach it"
        " to bridge"
    }
    assert all(one.needs_decision for one in plan.unhealed)
    for version in ("29.0.4", "20.10.24"):
        named = heal(seen(web, version=version), "web")
        assert steps(named) == ["connect web"]
        assert [target.name for target in named.targets] == ["web"]
        assert named.unhealed == ()


@pytest.mark.parametrize(
    ("networks", "is_gone"),
    [
        (None, False),
        ({"bridge"}, True),
        ({"bridge", "lan"}, False),
        # It was named by the beginning of its id.
        ({"bridge", "office", "lan".ljust(64, "0")}, True),
    ],
)
def test_a_network_that_is_gone_has_to_be_created_first(
    networks: set[str] | None, *, is_gone: bool
) -> None:
    web = container("web", mode="lan", networks=(), publishes=True)
    for version in ("20.10.24", "29.0.4"):
        one = seen(web, version=version)
        one = replace(one, networks=None if networks is None else frozenset(networks))

        (finding,) = Report(one).findings
        plan = heal(one, "web")

        again = "create the network lan again, then: " if is_gone else ""
        assert finding.remedy == f"{again}docker network connect lan web"
        assert finding.is_command is not is_gone
        assert ("lan, which no longer exists:" in finding.message) is is_gone
        assert steps(plan) == ([] if is_gone else ["connect web"])
        why = {"web": "the network lan no longer exists: create it again"}
        assert reasons(plan) == (why if is_gone else {})


def test_a_network_may_be_named_by_its_id() -> None:
    web = container("web", mode="0123abcd", networks=())
    known = frozenset({"lan", "0123abcd".ljust(64, "0")})
    (finding,) = Report(replace(seen(web), networks=known)).findings
    assert finding.remedy == "docker network connect 0123abcd web"


@pytest.mark.parametrize("name", ["", "own", "dep"])
def test_an_interface_that_is_gone_comes_back_with_its_owner(name: str) -> None:
    own = container("own")
    dep, far = (container(n, joins=cid("own")) for n in ("dep", "far"))
    one = seen(own, dep, far)
    assert {f.remedy for f in Report(one).findings} == {"docker restart own dep far"}
    plan = heal(one, name)
    assert steps(plan)[0] == "restart own"
    assert sorted(steps(plan)[1:]) == ["restart dep", "restart far"]
    assert plan.unhealed == ()


def test_nobody_is_restarted_for_a_network() -> None:
    assert steps(heal(seen(WEB, DEP))) == ["connect web"]
