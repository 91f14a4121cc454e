"""A private engine, and nstui connected to it as the program connects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from _pytest.runner import runtestprotocol

from nstui.model.container import ContainerId
from tests.engine.attach import attached
from tests.support.guarded_engine import TooLate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

ATTEMPTS = 3
_WAS_LATE = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> pytest.TestReport | None:
    """Note what was late, and leave the report to others."""
    if call.excinfo is not None and call.excinfo.errisinstance(TooLate):
        item.stash[_WAS_LATE] = True
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> bool | None:
    """Repeat a test that was late, with all that it sets up; the last attempt counts.

    What is late each time is not due to what else the machine does.
    """
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for _ in range(ATTEMPTS):
        item.stash[_WAS_LATE] = False
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if not item.stash[_WAS_LATE]:
            break
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


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
