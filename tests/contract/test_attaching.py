"""Taking a container off its network and attaching it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId
from tests.contract.look import look_at

if TYPE_CHECKING:
    from tests.contract.host import ContractHost

ETH, LO = ("lo", "eth0"), ("lo",)


@pytest.fixture
def own(host: ContractHost) -> ContainerId:
    """Return an owner that runs, with a dependent."""
    own = host.create(Spec("own"))
    host.start("own")
    host.create(Spec("dep", network="container:own"))
    host.start("dep")
    return own


def test_the_network_of_all_goes_and_comes_back(
    host: ContractHost, own: ContainerId
) -> None:
    host.disconnect("own")
    seen = look_at(host)
    assert seen.containers["own"].networks == ()
    assert seen.containers["own"].network_mode in {"bridge", "default"}
    assert seen.interfaces("own") == seen.interfaces("dep") == LO

    host.engine.connect(own, "bridge")

    host.engine.forget()
    seen = look_at(host)
    assert seen.containers["own"].networks == ("bridge",)
    assert seen.interfaces("own") == seen.interfaces("dep")
    # A real engine counts on: the second card in a namespace is not the first again.
    assert len(seen.interfaces("own") or ()) == len(ETH)


def test_a_restart_brings_no_network_back(host: ContractHost, own: ContainerId) -> None:
    host.disconnect("own")
    host.engine.restart(own, 0)
    seen = look_at(host)
    assert seen.containers["own"].networks == ()
    assert seen.interfaces("own") == LO


def test_a_connection_lasts(host: ContractHost, own: ContainerId) -> None:
    host.disconnect("own")
    host.engine.connect(own, "bridge")
    host.engine.restart(own, 0)
    host.engine.forget()
    assert look_at(host).interfaces("own") == ETH


def test_the_engine_tells_which_networks_there_are(
    host: ContractHost, own: ContainerId
) -> None:
    assert own
    found = host.engine.networks()
    assert {"bridge", "host", "none"} <= found
    assert "nowhere" not in found


def test_what_cannot_be_connected_is_refused(
    host: ContractHost, own: ContainerId
) -> None:
    with pytest.raises(EngineRefused, match="already exists in network bridge"):
        host.engine.connect(own, "bridge")
    host.disconnect("own")
    with pytest.raises(EngineRefused, match="nowhere not found"):
        host.engine.connect(own, "nowhere")
    with pytest.raises(ContainerVanished):
        host.engine.connect(ContainerId("0" * 64), "bridge")
