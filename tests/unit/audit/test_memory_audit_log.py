"""What only the audit log of the demo can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.errors import AuditFailed
from tests.unit.audit.traces import entry, removed

if TYPE_CHECKING:
    from collections.abc import Callable


def test_its_entries_can_be_read() -> None:
    audit_log = MemoryAuditLog()
    for number in (1, 2):
        audit_log.append(entry(number))
    assert audit_log.entries == (entry(1), entry(2))


@pytest.mark.parametrize(
    "write",
    [
        lambda audit_log: audit_log.require_writable(),
        lambda audit_log: audit_log.save(removed()),
        lambda audit_log: audit_log.discard(removed()),
        lambda audit_log: audit_log.append(entry()),
    ],
)
def test_it_refuses_until_it_is_allowed_again(
    write: Callable[[MemoryAuditLog], None],
) -> None:
    audit_log = MemoryAuditLog()
    audit_log.refuse("no room")
    with pytest.raises(AuditFailed, match="no room"):
        write(audit_log)
    assert (audit_log.removed(), audit_log.entries) == ((), ())
    audit_log.allow()
    write(audit_log)
