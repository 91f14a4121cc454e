"""How far plans have come: kept while they go on, and read when they were cut off."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.audit.log import FileAuditLog
from nstui.demo.audit_log import MemoryAuditLog
from nstui.errors import AuditFailed
from nstui.model.audit import DamagedRecord
from nstui.model.container import Join
from nstui.model.namespace import NamespaceKind
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb
from tests.support.builders import NOON, cid
from tests.unit.audit.traces import HOSTILE, removed

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.ports import AuditLog

STEPS = (
    Step(verb=Verb.STOP, container=cid("own"), name=HOSTILE, timeout=0),
    Step(
        verb=Verb.RECREATE,
        container=cid("dep"),
        name="dep",
        joins=(Join(NamespaceKind.NET, cid("own")),),
        onto="own",
        starts=False,
        keeps_layer=True,
    ),
    Step(verb=Verb.COMPOSE, container=cid("far"), name="far", command=("up", HOSTILE)),
    Step(verb=Verb.COMPOSE, container=cid("c"), name="c", changes=("label a", HOSTILE)),
    Step(verb=Verb.RECREATE, container=cid("d"), name="d", files=("/c", HOSTILE)),
)


def record(number: int = 1) -> PlanRecord:
    """Return a plan that begins some minutes after noon."""
    return PlanRecord(
        id=f"{number:08x}",
        began_at=NOON + timedelta(minutes=number),
        endpoint="unix:///var/run/docker.sock",
        action=Action.HEAL,
        steps=STEPS,
        running=frozenset({cid("own"), cid("dep")}),
        paused=frozenset({cid("dep")}),
    )


@pytest.fixture(params=["memory", "file"])
def audit_log(request: pytest.FixtureRequest, tmp_path: Path) -> AuditLog:
    """Return an audit log with nothing in it."""
    if request.param == "memory":
        return MemoryAuditLog()
    return FileAuditLog(tmp_path / "nstui")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where files keep them."""
    return tmp_path / "nstui" / "unfinished"


def test_one_that_goes_on_was_not_cut_off(audit_log: AuditLog) -> None:
    journal = audit_log.begin(record())
    journal.begun(1)
    assert audit_log.unfinished() == ()
    with pytest.raises(AuditFailed):
        audit_log.resume(record().id)
    journal.close()


def test_one_that_was_cut_off_says_how_far_it_came(audit_log: AuditLog) -> None:
    journal = audit_log.begin(record())
    journal.begun(1)
    journal.done(1)
    journal.begun(2)
    journal.created(cid("new"))
    journal.close()
    expected = replace(record(), begun=2, done=1, new=cid("new"))
    assert audit_log.unfinished() == (expected,)
    assert expected.current == STEPS[1]


def test_it_can_be_gone_on_with(audit_log: AuditLog) -> None:
    audit_log.begin(record()).close()
    journal = audit_log.resume(record().id)
    assert audit_log.unfinished() == ()
    journal.begun(2)
    journal.close()
    assert audit_log.unfinished() == (replace(record(), begun=2),)
    journal = audit_log.resume(record().id)
    journal.end()
    journal.close()
    assert audit_log.unfinished() == ()
    with pytest.raises(AuditFailed):
        audit_log.resume(record().id)


def test_a_removal_that_was_confirmed_later_is_told_once(audit_log: AuditLog) -> None:
    audit_log.save(replace(removed(), is_confirmed=False))
    assert [one.is_confirmed for one in audit_log.removed()] == [False]
    later = replace(removed(minute=1), is_confirmed=True)
    audit_log.save(later)
    assert audit_log.removed() == (later,)


def test_a_line_that_is_torn_is_left_out(tmp_path: Path, folder: Path) -> None:
    audit_log = FileAuditLog(tmp_path / "nstui")
    journal = audit_log.begin(record())
    journal.begun(1)
    journal.close()
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes() + b'{"done": ')
    assert audit_log.unfinished() == (replace(record(), begun=1),)


def test_one_from_before_pauses_were_noted_can_be_read(
    tmp_path: Path, folder: Path
) -> None:
    audit_log = FileAuditLog(tmp_path / "nstui")
    audit_log.begin(record()).close()
    (file,) = folder.iterdir()
    whole = json.loads(file.read_bytes())
    del whole["paused"]
    file.write_text(json.dumps(whole) + "\n")
    assert audit_log.unfinished() == (replace(record(), paused=frozenset()),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"[]\n",
        b"{}\n",
        b"\0" * 100 + b"\n",
        b"[" * 100_000 + b"\n",
        b'{"steps": 1e999}\n',
        b'{"began_at": "9999-99-99", "action": "heal"}\n',
    ],
)
def test_what_is_damaged_is_one_line(
    tmp_path: Path, folder: Path, content: bytes
) -> None:
    audit_log = FileAuditLog(tmp_path / "nstui")
    audit_log.begin(record()).close()
    (file,) = folder.iterdir()
    file.write_bytes(content)
    (found,) = audit_log.unfinished()
    assert isinstance(found, DamagedRecord)
    assert found.place == str(file)


def test_any_damage_to_a_step_is_noticed(tmp_path: Path, folder: Path) -> None:
    audit_log = FileAuditLog(tmp_path / "nstui")
    audit_log.begin(record()).close()
    (file,) = folder.iterdir()
    whole = json.loads(file.read_bytes())
    for key in ("verb", "container", "name", "onto"):
        odd = json.loads(json.dumps(whole))
        odd["steps"][1][key] = 7
        file.write_text(json.dumps(odd) + "\n")
        (found,) = audit_log.unfinished()
        assert isinstance(found, DamagedRecord), key


def test_a_pipe_in_its_place_holds_nobody_up(tmp_path: Path, folder: Path) -> None:
    audit_log = FileAuditLog(tmp_path / "nstui")
    audit_log.begin(record()).close()
    (file,) = folder.iterdir()
    file.unlink()
    os.mkfifo(file)
    (found,) = audit_log.unfinished()
    assert isinstance(found, DamagedRecord)


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    audit_log = FileAuditLog(tmp_path / "nstui", 3)
    for number in range(1, 6):
        audit_log.begin(record(number)).close()
    kept = [one.id for one in audit_log.unfinished() if isinstance(one, PlanRecord)]
    assert kept[-1] == record(5).id
    assert len(kept) == 3
