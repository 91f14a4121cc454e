"""A simulated compose, which behaves as the real one was seen to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import EngineRefused
from nstui.model.container import ComposeService
from nstui.model.namespace import NamespaceKind
from tests.support.builders import container
from tests.support.sim_compose import SimCompose

if TYPE_CHECKING:
    from nstui.demo.world import World

NET = NamespaceKind.NET
VPN = ComposeService("media", "vpn")
WEB = ComposeService("media", "web", ("vpn",))
FAR = ComposeService("media", "far", ("web",))


@pytest.fixture
def compose(world: World) -> SimCompose:
    """Return the compose of a project whose owner was recreated alone."""
    world.run(Spec("vpn-1", compose=VPN))
    world.run(Spec("web-1", network="container:vpn-1", compose=WEB))
    world.run(Spec("far-1", network="container:web-1", compose=FAR))
    world.run(Spec("other"))
    compose = SimCompose(world)
    recreate(compose, VPN)
    return compose


def recreate(compose: SimCompose, service: ComposeService) -> None:
    """Run the command for a service."""
    subject = replace(container("web-1"), compose=service)
    command = compose.recreation(subject).command
    assert command is not None
    compose.recreate(subject, command)


def test_it_joins_a_dependent_to_the_present_container_of_its_service(
    world: World, compose: SimCompose
) -> None:
    vpn, other = world.records.get("vpn-1"), world.records.get("other")
    web = world.records.get("web-1")
    assert web.namespaces[NET] != vpn.namespaces[NET]

    recreate(compose, WEB)
    recreate(compose, FAR)

    again = world.records.get("web-1")
    assert again.id != web.id
    assert again.modes[NET] == f"container:{vpn.id}"
    assert world.records.get("far-1").modes[NET] == f"container:{again.id}"
    assert world.records.get("far-1").namespaces[NET] == vpn.namespaces[NET]
    assert world.records.get("vpn-1") is vpn
    assert world.records.get("other") is other
    assert len(tuple(world.records)) == 4


def test_without_an_owner_it_refuses_and_changes_nothing(
    world: World, compose: SimCompose
) -> None:
    world.remove("vpn-1", force=True)
    web = world.records.get("web-1")

    with pytest.raises(EngineRefused, match="service vpn: container missing"):
        recreate(compose, WEB)

    assert world.records.get("web-1") is web


def test_with_a_stopped_owner_the_new_one_is_there_and_does_not_run(
    world: World, compose: SimCompose
) -> None:
    world.stop("vpn-1")
    web = world.records.get("web-1")

    with pytest.raises(EngineRefused, match="non running container"):
        recreate(compose, WEB)

    again = world.records.get("web-1")
    assert again.id != web.id
    assert not again.state.has_process


def test_a_service_that_nobody_has_is_refused(compose: SimCompose) -> None:
    with pytest.raises(EngineRefused, match="no such service: nobody"):
        recreate(compose, ComposeService("media", "nobody"))
