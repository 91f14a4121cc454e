"""A private engine, and nstui connected to it as the program connects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.container import ContainerId
from tests.engine.attach import attached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine


@pytest.fixture
def connection(engine_host: PrivateEngine) -> Iterator[Host]:
    """Yield the session's engine, empty, as the commands see it."""
    with attached(engine_host.url) as connection:
        yield connection


@pytest.fixture
def target(engine_host: PrivateEngine) -> ContainerId:
    """Start a chain of three, and one that stands apart; return the owner's id."""
    owner = engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.run("far", "--network=container:dep")
    engine_host.run("other")
    return ContainerId(owner)
