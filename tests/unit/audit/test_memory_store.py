"""What only the store of the demo can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.store import MemoryStore
from nstui.errors import AuditFailed
from tests.unit.audit.traces import entry, removed

if TYPE_CHECKING:
    from collections.abc import Callable


def test_its_entries_can_be_read() -> None:
    store = MemoryStore()
    for number in (1, 2):
        store.append(entry(number))
    assert store.entries == (entry(1), entry(2))


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.require_writable(),
        lambda store: store.save(removed()),
        lambda store: store.discard(removed()),
        lambda store: store.append(entry()),
    ],
)
def test_it_refuses_until_it_is_allowed_again(
    write: Callable[[MemoryStore], None],
) -> None:
    store = MemoryStore()
    store.refuse("no room")
    with pytest.raises(AuditFailed, match="no room"):
        write(store)
    assert (store.removed(), store.entries) == ((), ())
    store.allow()
    write(store)
