"""What is kept of one engine is found under each of its addresses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.audit.claims import FileClaims
from nstui.audit.files import MAX_ENGINE_ID
from nstui.audit.journal import decode_plan, encode_plan
from nstui.audit.log import decode_removed, encode_entry, encode_removed
from nstui.audit.register import FileRegister
from nstui.errors import AuditFailed, GroupInUse
from nstui.model.container import ComposeService
from nstui.model.outcome import PlanRecord
from nstui.model.snapshot import FormerContainer
from nstui.model.step import Action, Step, Verb
from tests.support.builders import NOON, cid
from tests.unit.audit.traces import entry, removed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HERE, THERE = "unix:///var/run/docker.sock", "ssh://me@nas"
A, B = "0c6f2a5e-1111", "7TRN:IPZB:QYBB"
PLAN = PlanRecord(
    id="00000001",
    began_at=NOON,
    endpoint=HERE,
    engine_id=A,
    action=Action.RM,
    steps=(Step(verb=Verb.RM, container=cid("vpn"), name="vpn"),),
    running=frozenset(),
)
VPN = FormerContainer(cid("vpn"), "vpn", ComposeService("media", "gluetun"))
WEB = FormerContainer(cid("web"), "web", None)

hostile = pytest.mark.parametrize(
    "value",
    [None, 7, True, [], {}, [A], "", "a\nb", "\x1b[2J", "\u202e", "\udcff",
     "x" * (MAX_ENGINE_ID + 1)],
)  # fmt: skip


class Engine:
    """An engine that counts how often it was asked for its id."""

    def __init__(self, engine_id: str) -> None:
        self.engine_id = engine_id
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        return self.engine_id


def seen(
    folder: Path, endpoint: str = HERE, engine: Callable[[], str] | None = None
) -> FileRegister:
    """Return the register as a program has it that has just begun."""
    return FileRegister(folder / "nstui", endpoint, find_engine_id=engine)


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.joinpath("nstui", "seen").glob("*.json"))


def kept_ids(folder: Path) -> list[object]:
    return [json.loads(path.read_bytes())["engine_id"] for path in files_of(folder)]


def test_records_keep_the_id() -> None:
    record = replace(removed(), engine_id=A)
    assert decode_removed(encode_removed(record)) == record
    assert decode_plan(encode_plan(PLAN)) == PLAN
    assert json.loads(encode_entry(replace(entry(), engine_id=A)))["engine_id"] == A


def test_records_without_an_id_are_as_those_of_older_versions() -> None:
    assert json.loads(encode_entry(entry()))["engine_id"] is None
    for content in (
        encode_removed(removed()),
        encode_plan(replace(PLAN, engine_id="")),
    ):
        document = json.loads(content)
        assert document["schema"] == "nstui/1"
        assert document.pop("engine_id") is None
    old = json.loads(encode_removed(removed()))
    del old["engine_id"]
    assert decode_removed(json.dumps(old).encode()) == removed()
    plan = json.loads(encode_plan(PLAN))
    del plan["engine_id"]
    found = decode_plan(json.dumps(plan).encode() + b"\n")
    assert found == replace(PLAN, engine_id="")


@hostile
def test_what_cannot_be_an_id_is_none(value: object) -> None:
    record = {**json.loads(encode_removed(removed())), "engine_id": value}
    assert decode_removed(json.dumps(record).encode()).engine_id == ""
    plan = {**json.loads(encode_plan(PLAN)), "engine_id": value}
    assert decode_plan(json.dumps(plan).encode() + b"\n").engine_id == ""


def test_what_was_seen_at_one_address_is_found_at_another(tmp_path: Path) -> None:
    seen(tmp_path, HERE, Engine(A)).note((VPN, WEB))
    there = seen(tmp_path, THERE, Engine(A))
    assert there.find((VPN.id,)) == {}
    assert there.find_elsewhere((VPN.id, cid("nobody"))) == {VPN.id: VPN}
    assert there.find_elsewhere(()) == {}


@pytest.mark.parametrize(("theirs", "mine"), [(A, B), ("", A), (A, ""), ("", "")])
def test_what_another_engine_told_is_not_believed(
    tmp_path: Path, theirs: str, mine: str
) -> None:
    seen(tmp_path, HERE, Engine(theirs)).note((VPN,))
    assert seen(tmp_path, THERE, Engine(mine)).find_elsewhere((VPN.id,)) == {}
    assert seen(tmp_path, THERE).find_elsewhere((VPN.id,)) == {}


def test_what_an_older_version_wrote_counts_by_its_address(tmp_path: Path) -> None:
    seen(tmp_path, HERE, Engine(A)).note((VPN,))
    (file,) = files_of(tmp_path)
    document = json.loads(file.read_bytes())
    del document["engine_id"]
    file.write_text(json.dumps(document))
    assert seen(tmp_path, THERE, Engine(A)).find_elsewhere((VPN.id,)) == {}
    assert seen(tmp_path, HERE, Engine(A)).find((VPN.id,)) == {VPN.id: VPN}
    # It learns the id with the next change.
    engine = Engine(A)
    seen(tmp_path, HERE, engine).note((VPN,))
    assert engine.asked == 0
    seen(tmp_path, HERE, engine).note((VPN, WEB))
    assert kept_ids(tmp_path) == [A]


@hostile
def test_a_file_with_an_odd_id_is_nobodys_elsewhere(
    tmp_path: Path, value: object
) -> None:
    seen(tmp_path, HERE, Engine(A)).note((VPN,))
    (file,) = files_of(tmp_path)
    document = {**json.loads(file.read_bytes()), "engine_id": value}
    file.write_text(json.dumps(document))
    there = seen(tmp_path, THERE, Engine(str(value)))
    assert seen(tmp_path, THERE, Engine(A)).find_elsewhere((VPN.id,)) == {}
    assert there.find_elsewhere((VPN.id,)) == {}
    assert seen(tmp_path, HERE, Engine(A)).find((VPN.id,)) == {VPN.id: VPN}


def test_a_file_that_is_half_written_costs_only_itself(tmp_path: Path) -> None:
    seen(tmp_path, HERE, Engine(A)).note((VPN,))
    seen(tmp_path, "tcp://nas:2375", Engine(A)).note((WEB,))
    broken, whole = files_of(tmp_path)[1], files_of(tmp_path)[0]
    broken.write_bytes(broken.read_bytes()[:-9])
    broken.with_name("dangling.json").symlink_to("nowhere")
    found = seen(tmp_path, THERE, Engine(A)).find_elsewhere((VPN.id, WEB.id))
    assert [one.name for one in found.values()] == ["web"]
    assert "tcp" in whole.name


def test_the_last_name_that_was_seen_anywhere_counts(tmp_path: Path) -> None:
    for number, name in enumerate(("old", "new")):
        told = seen(tmp_path, f"tcp://nas:{number}", Engine(A))
        told.note((FormerContainer(VPN.id, name, None),))
    found = seen(tmp_path, THERE, Engine(A)).find_elsewhere((VPN.id,))
    assert found[VPN.id] == FormerContainer(VPN.id, "new", None, earlier=("old",))


def test_a_file_is_read_again_only_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(tmp_path, HERE, Engine(A)).note((VPN,))
    seen(tmp_path, "tcp://other:2375", Engine(B)).note((VPN,))
    there = seen(tmp_path, THERE, Engine(A))
    read: list[str] = []

    def counted(path: Path, limit: int) -> bytes:
        assert path.stat().st_size <= limit
        read.append(path.name)
        return path.read_bytes()

    monkeypatch.setattr("nstui.audit.register.read_regular", counted)
    for _ in range(3):
        assert there.find_elsewhere((VPN.id, WEB.id)) == {VPN.id: VPN}
    assert len(read) == 2
    seen(tmp_path, HERE, Engine(A)).note((VPN, WEB))
    read.clear()
    assert there.find_elsewhere((VPN.id, WEB.id)) == {VPN.id: VPN, WEB.id: WEB}
    assert len(read) == 1
    for path in files_of(tmp_path):
        path.unlink()
    assert there.find_elsewhere((VPN.id,)) == {}


def test_the_engine_is_asked_only_where_its_id_is_needed(tmp_path: Path) -> None:
    engine = Engine(A)
    seen(tmp_path, HERE, engine).note((VPN,))
    assert engine.asked == 1
    # Neither where nothing is new, nor where the id is written already.
    seen(tmp_path, HERE, engine).note((VPN,))
    seen(tmp_path, HERE, engine).note((VPN, WEB))
    seen(tmp_path, HERE, engine).find((VPN.id, cid("nobody")))
    assert engine.asked == 1
    assert kept_ids(tmp_path) == [A]


def test_one_that_tells_it_late_is_asked_again(tmp_path: Path) -> None:
    engine = Engine("")
    seen(tmp_path, HERE, engine).note((VPN,))
    assert kept_ids(tmp_path) == [None]
    engine.engine_id = A
    seen(tmp_path, HERE, engine).note((VPN,))
    assert engine.asked == 1
    seen(tmp_path, HERE, engine).note((VPN, WEB))
    assert engine.asked == 2
    assert kept_ids(tmp_path) == [A]


def test_a_folder_that_cannot_be_looked_at_has_no_other_address(tmp_path: Path) -> None:
    # A user without rights gets another error, which root never does.
    unusable = tmp_path / ("x" * 300)
    assert seen(unusable, HERE, Engine(A)).find_elsewhere((VPN.id,)) == {}


def test_none_is_asked_where_there_is_no_other_address(tmp_path: Path) -> None:
    engine = Engine(A)
    assert seen(tmp_path, HERE, engine).find_elsewhere((VPN.id,)) == {}
    seen(tmp_path, HERE, engine).note((VPN,))
    assert seen(tmp_path, HERE, engine).find_elsewhere((WEB.id,)) == {}
    assert engine.asked == 1


def test_an_engine_with_none_of_its_containers_is_asked_again(tmp_path: Path) -> None:
    """It was reset, or all were made anew."""
    seen(tmp_path, HERE, Engine(A)).note((VPN,))
    seen(tmp_path, HERE, Engine("")).note((WEB,))
    assert kept_ids(tmp_path) == [A]
    seen(tmp_path, HERE, Engine(B)).note((replace(WEB, id=cid("new")),))
    assert kept_ids(tmp_path) == [B]
    assert seen(tmp_path, THERE, Engine(A)).find_elsewhere((VPN.id,)) == {}


def test_two_programs_meet_by_the_id(tmp_path: Path) -> None:
    folder, held = tmp_path / "nstui", {VPN.id: "vpn"}
    first = FileClaims(folder, HERE, Engine(A))
    second = FileClaims(folder, THERE, Engine(A))
    for one, other in ((first, second), (second, first)):
        with (
            one.hold(held),
            pytest.raises(GroupInUse, match="another nstui is at work on vpn"),
            other.hold(held),
        ):
            pytest.fail("both hold it")
        with other.hold(held):
            pass


def test_one_that_was_refused_by_the_id_holds_nothing(tmp_path: Path) -> None:
    folder, held = tmp_path / "nstui", {VPN.id: "vpn"}
    second = FileClaims(folder, THERE, Engine(A))
    with FileClaims(folder, HERE, Engine(A)).hold(held):
        with pytest.raises(GroupInUse), second.hold({WEB.id: "web", **held}):
            pass
        with FileClaims(folder, THERE).hold({WEB.id: "web", **held}):
            pass
        with FileClaims(folder, HERE, Engine(A)).hold({WEB.id: "web"}):
            pass


@pytest.mark.parametrize(("theirs", "mine"), [(A, B), ("", A), (A, ""), ("", "")])
def test_without_the_same_id_the_address_decides(
    tmp_path: Path, theirs: str, mine: str
) -> None:
    folder, held = tmp_path / "nstui", {VPN.id: "vpn"}
    with FileClaims(folder, HERE, Engine(theirs)).hold(held):
        with FileClaims(folder, THERE, Engine(mine)).hold(held):
            pass
        with (
            pytest.raises(GroupInUse),
            FileClaims(folder, HERE, Engine(mine)).hold(held),
        ):
            pass


def test_nothing_is_done_where_the_id_cannot_be_locked(tmp_path: Path) -> None:
    folder, held = tmp_path / "nstui", {VPN.id: "vpn"}
    claims = FileClaims(folder, HERE, Engine(A))
    with claims.hold(held):
        (by_id,) = set(claims.path.parent.iterdir()) - {claims.path}
    by_id.unlink()
    by_id.mkdir()
    with pytest.raises(AuditFailed, match=f"cannot lock {by_id}"), claims.hold(held):
        pytest.fail("it acts")
    with FileClaims(folder, HERE).hold(held):
        pass
