"""What every audit log does, the files' and the demo's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.audit.log import FileAuditLog
from nstui.demo.audit_log import MemoryAuditLog
from nstui.model.container import ContainerId
from tests.unit.audit.traces import HOSTILE, entry, removed

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.ports import AuditLog

KEEP = 3


@pytest.fixture(params=["memory", "file"])
def audit_log(request: pytest.FixtureRequest, tmp_path: Path) -> AuditLog:
    """Return an audit log with nothing in it."""
    if request.param == "memory":
        return MemoryAuditLog(KEEP)
    return FileAuditLog(tmp_path / "state" / "nstui", KEEP)


def names(audit_log: AuditLog) -> list[str]:
    """Return the names of what is kept."""
    return [one.name for one in audit_log.removed()]


def test_it_begins_empty(audit_log: AuditLog) -> None:
    assert audit_log.removed() == ()
    assert audit_log.damaged() == ()


def test_what_is_saved_comes_back_as_it_was(audit_log: AuditLog) -> None:
    audit_log.save(removed())
    assert audit_log.removed() == (removed(),)
    assert audit_log.damaged() == ()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/", ".", "", "a\0b", HOSTILE])
@pytest.mark.parametrize("id_", [None, "", "../x", "/etc/passwd", HOSTILE])
def test_no_name_and_no_id_is_a_path(
    audit_log: AuditLog, tmp_path: Path, name: str, id_: str | None
) -> None:
    odd = replace(removed(), name=name, id=ContainerId(id_ or removed().id))
    audit_log.save(odd)
    assert audit_log.removed() == (odd,)
    inside = tmp_path / "state" / "nstui" / "removed"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.parent == inside for path in files)
    audit_log.discard(odd)
    assert audit_log.removed() == ()


def test_the_newest_comes_first(audit_log: AuditLog) -> None:
    for minute, name in ((1, "b"), (3, "d"), (2, "c")):
        audit_log.save(removed(name, minute))
    assert names(audit_log) == ["d", "c", "b"]


def test_only_the_last_are_kept(audit_log: AuditLog) -> None:
    for minute in range(6):
        audit_log.save(removed(f"c{minute}", minute))
    assert names(audit_log) == ["c5", "c4", "c3"]


def test_what_was_just_saved_is_kept_whatever_the_clock_says(
    audit_log: AuditLog,
) -> None:
    for minute in range(KEEP):
        audit_log.save(removed(f"c{minute}", minute))
    audit_log.save(removed("late", -1000))
    assert names(audit_log) == ["c2", "c1", "late"]


def test_two_of_one_name_are_two(audit_log: AuditLog) -> None:
    audit_log.save(removed("web", 1))
    audit_log.save(replace(removed("other", 2), name="web"))
    assert names(audit_log) == ["web", "web"]


def test_two_of_one_moment_are_two(audit_log: AuditLog) -> None:
    audit_log.save(removed("a"))
    audit_log.save(removed("b"))
    assert sorted(names(audit_log)) == ["a", "b"]


def test_saving_the_same_again_changes_nothing(audit_log: AuditLog) -> None:
    audit_log.save(removed())
    audit_log.save(removed())
    assert names(audit_log) == ["web"]


def test_what_is_discarded_is_gone(audit_log: AuditLog) -> None:
    audit_log.save(removed("web", 1))
    audit_log.save(removed("db", 2))
    audit_log.discard(removed("db", 2))
    assert names(audit_log) == ["web"]
    audit_log.discard(removed("db", 2))
    assert names(audit_log) == ["web"]


def test_one_that_was_never_saved_can_be_discarded(audit_log: AuditLog) -> None:
    audit_log.discard(removed())
    assert audit_log.removed() == ()


def test_asking_whether_it_is_writable_leaves_nothing(
    audit_log: AuditLog, tmp_path: Path
) -> None:
    audit_log.require_writable()
    assert list(tmp_path.iterdir()) == []
    assert audit_log.removed() == ()


def test_entries_are_no_records(audit_log: AuditLog) -> None:
    audit_log.append(entry())
    audit_log.require_writable()
    assert audit_log.removed() == ()
