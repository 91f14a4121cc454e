"""What every store of traces does, the files' and the demo's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.audit.log import FileStore
from nstui.demo.store import MemoryStore
from nstui.model.container import ContainerId
from tests.unit.audit.traces import HOSTILE, entry, removed

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.ports import AuditLog

KEEP = 3


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AuditLog:
    """Return a store with nothing in it."""
    if request.param == "memory":
        return MemoryStore(KEEP)
    return FileStore(tmp_path / "state" / "nstui", KEEP)


def names(store: AuditLog) -> list[str]:
    """Return the names of what is kept."""
    return [one.name for one in store.removed()]


def test_it_begins_empty(store: AuditLog) -> None:
    assert store.removed() == ()
    assert store.damaged() == ()


def test_what_is_saved_comes_back_as_it_was(store: AuditLog) -> None:
    store.save(removed())
    assert store.removed() == (removed(),)
    assert store.damaged() == ()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/", ".", "", "a\0b", HOSTILE])
@pytest.mark.parametrize("id_", [None, "", "../x", "/etc/passwd", HOSTILE])
def test_no_name_and_no_id_is_a_path(
    store: AuditLog, tmp_path: Path, name: str, id_: str | None
) -> None:
    odd = replace(removed(), name=name, id=ContainerId(id_ or removed().id))
    store.save(odd)
    assert store.removed() == (odd,)
    inside = tmp_path / "state" / "nstui" / "removed"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.parent == inside for path in files)
    store.discard(odd)
    assert store.removed() == ()


def test_the_newest_comes_first(store: AuditLog) -> None:
    for minute, name in ((1, "b"), (3, "d"), (2, "c")):
        store.save(removed(name, minute))
    assert names(store) == ["d", "c", "b"]


def test_only_the_last_are_kept(store: AuditLog) -> None:
    for minute in range(6):
        store.save(removed(f"c{minute}", minute))
    assert names(store) == ["c5", "c4", "c3"]


def test_what_was_just_saved_is_kept_whatever_the_clock_says(store: AuditLog) -> None:
    for minute in range(KEEP):
        store.save(removed(f"c{minute}", minute))
    store.save(removed("late", -1000))
    assert names(store) == ["c2", "c1", "late"]


def test_two_of_one_name_are_two(store: AuditLog) -> None:
    store.save(removed("web", 1))
    store.save(replace(removed("other", 2), name="web"))
    assert names(store) == ["web", "web"]


def test_two_of_one_moment_are_two(store: AuditLog) -> None:
    store.save(removed("a"))
    store.save(removed("b"))
    assert sorted(names(store)) == ["a", "b"]


def test_saving_the_same_again_changes_nothing(store: AuditLog) -> None:
    store.save(removed())
    store.save(removed())
    assert names(store) == ["web"]


def test_what_is_discarded_is_gone(store: AuditLog) -> None:
    store.save(removed("web", 1))
    store.save(removed("db", 2))
    store.discard(removed("db", 2))
    assert names(store) == ["web"]
    store.discard(removed("db", 2))
    assert names(store) == ["web"]


def test_one_that_was_never_saved_can_be_discarded(store: AuditLog) -> None:
    store.discard(removed())
    assert store.removed() == ()


def test_asking_whether_it_is_writable_leaves_nothing(
    store: AuditLog, tmp_path: Path
) -> None:
    store.require_writable()
    assert list(tmp_path.iterdir()) == []
    assert store.removed() == ()


def test_entries_are_no_records(store: AuditLog) -> None:
    store.append(entry())
    store.require_writable()
    assert store.removed() == ()
