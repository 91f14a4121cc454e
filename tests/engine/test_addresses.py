"""One engine that is used at two addresses has one memory."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.audit.claims import FileClaims
from nstui.audit.log import FileAuditLog
from nstui.cli.settings import Settings
from nstui.cli.wiring import wire
from nstui.errors import GroupInUse
from nstui.model.container import ContainerId
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.engine.acting import present
from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

LIMIT_S = 60.0


@pytest.fixture
def other_address(engine_host: PrivateEngine) -> Iterator[str]:
    """Yield another address of the engine, which no link leads from."""
    socket = Path(engine_host.url.removeprefix("unix://"))
    other = socket.with_name("other.sock")
    os.link(socket, other)
    yield f"unix://{other}"
    other.unlink()


@contextmanager
def connected(url: str) -> Iterator[Host]:
    """Yield what the program wires, once the engine has said its id."""
    host = wire(Settings(host=url))
    try:
        wait_until(lambda: bool(host.engine.machine().engine_id), LIMIT_S)
        yield host
    finally:
        host.engine.close()


def test_what_is_removed_at_one_address_comes_back_at_the_other(
    engine_host: PrivateEngine,
    other_address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for limit in ("recompose.STEADY_S", "recompose.MIN_STEADY_S", "lasting.LASTING_S"):
        monkeypatch.setattr(f"nstui.service.{limit}", 0.5)
    web = ContainerId(engine_host.run("web", "--env=A=b"))
    state = tmp_path / "nstui"
    with connected(engine_host.url) as one:
        request = Request(action=Action.RM, targets=(web,), force=True, timeout=0)
        executor = one.executor
        executor.carry_out(executor.plan(request))
        assert "web" not in present(one)
    with connected(other_address) as other:
        executor = other.executor
        (kept,) = executor.removed()
        assert (kept.id, kept.endpoint) == (web, engine_host.url)
        plan = executor.plan(Request(action=Action.RESTORE, targets=(web,)))
        here = FileClaims(state, engine_host.url, lambda: kept.engine_id)
        with here.hold({web: "web"}), pytest.raises(GroupInUse):
            executor.carry_out(plan)
        executor.carry_out(plan)
        assert "web" in present(other)
    assert engine_host.inspect("web", "Config", "Env")
    lines = state.joinpath("actions.jsonl").read_text().splitlines()
    written = [json.loads(line) for line in lines]
    assert {one["engine_id"] for one in written} == {kept.engine_id}
    assert {one["endpoint"] for one in written} == {engine_host.url, other_address}
    # An engine that was reset has the same address and another id.
    audit_log = FileAuditLog(state)
    with connected(engine_host.url) as one:
        for removed in audit_log.removed():
            audit_log.save(replace(removed, engine_id="of the one before"))
        assert one.executor.removed() == ()
