"""What tells an engine from all others, at whatever address it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from tests.contract.host import ContractHost

LIMIT_S = 20.0


def test_an_engine_has_one_id(host: ContractHost) -> None:
    # It may be late to answer.
    wait_until(lambda: bool(host.engine.machine().engine_id), LIMIT_S)
    told = host.engine.machine().engine_id
    assert told.isprintable()
    assert host.engine.machine().engine_id == told
