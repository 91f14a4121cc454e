"""The two hosts that every test of the contract runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from tests.contract.host import RealHost, SimulatedHost
from tests.support.busy import PATIENT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.host import ContractHost
    from tests.support.private_engine import PrivateEngine


@pytest.fixture(params=["sim", pytest.param("real", marks=pytest.mark.docker)])
def host(request: pytest.FixtureRequest) -> Iterator[ContractHost]:
    """Yield an empty host."""
    if request.param == "sim":
        simulated = SimulatedHost()
        yield simulated
        simulated.engine.close()
        return
    private: PrivateEngine = request.getfixturevalue("engine_host")
    engine = DockerEngine(
        Endpoint(private.url, None), timeout=PATIENT_S, patience=PATIENT_S
    )
    yield RealHost(private, engine)
    engine.close()
