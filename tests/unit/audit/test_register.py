"""Which containers were seen: what is remembered, and what only costs the memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.audit.files import locked
from nstui.audit.folders import MAX_FILE_NAME
from nstui.audit.register import MAX_ENGINES, MAX_REGISTER_BYTES, FileRegister
from nstui.model.container import ComposeService, ContainerId
from nstui.model.snapshot import FormerContainer, FormerContainerSource
from tests.support.builders import cid
from tests.unit.audit.test_refusals import NOBODY
from tests.unit.audit.test_strange_files import SOON_S, each_kind

if TYPE_CHECKING:
    from collections.abc import Callable

VPN = FormerContainer(cid("vpn"), "vpn", ComposeService("media", "gluetun"))
WEB = FormerContainer(
    cid("web"), "web", None, FormerContainerSource.EVENTS, ("old", "older")
)
BOTH = {VPN.id: VPN, WEB.id: WEB}
ENDPOINT = "unix:///e"


def register(folder: Path, endpoint: str = ENDPOINT, keep: int = 1000) -> FileRegister:
    """Return a register as a program has it that has just begun."""
    return FileRegister(folder / "nstui", endpoint, keep)


def the_file(folder: Path) -> Path:
    """Return the only file of a register."""
    (path,) = folder.joinpath("nstui", "seen").glob("*.json")
    return path


def version(folder: Path) -> tuple[int, int]:
    """Return what changes whenever the file is written."""
    status = the_file(folder).stat()
    return status.st_ino, status.st_mtime_ns


def numbered(*numbers: int) -> list[FormerContainer]:
    return [FormerContainer(cid(f"c{n}"), f"c{n}", None) for n in numbers]


def test_what_was_noted_is_found_by_another_program(tmp_path: Path) -> None:
    register(tmp_path).note((VPN, WEB))
    assert register(tmp_path).find((*BOTH, cid("nobody"))) == BOTH


def test_nothing_is_made_before_there_is_something_to_note(tmp_path: Path) -> None:
    assert register(tmp_path).find(BOTH) == {}
    register(tmp_path).note(())
    assert list(tmp_path.iterdir()) == []


def test_what_is_known_is_not_written_again(tmp_path: Path) -> None:
    register(tmp_path).note((VPN, WEB))
    before = version(tmp_path)
    register(tmp_path).note((WEB, VPN))
    # The service was proven before, which still holds.
    register(tmp_path).note((FormerContainer(VPN.id, "vpn", None),))
    assert version(tmp_path) == before
    register(tmp_path).note((FormerContainer(VPN.id, "new", None),))
    assert version(tmp_path) != before
    assert register(tmp_path).find((VPN.id,)) == {
        VPN.id: FormerContainer(VPN.id, "new", VPN.compose, earlier=("vpn",))
    }


def test_what_one_engine_tells_is_not_believed_of_another(tmp_path: Path) -> None:
    register(tmp_path).note((VPN,))
    assert register(tmp_path, "tcp://far:2375").find((VPN.id,)) == {}
    # Nor where somebody puts one file in the place of another.
    other = register(tmp_path, "tcp://far:2375")
    mine = the_file(tmp_path)
    other.note((WEB,))
    (theirs,) = set(mine.parent.glob("*.json")) - {mine}
    mine.replace(theirs)
    assert other.find(BOTH) == {}


def test_the_file_of_the_first_version_is_still_read(tmp_path: Path) -> None:
    register(tmp_path).note((VPN,))
    new = the_file(tmp_path)
    new.replace(new.with_name("fdc02b3ff43b96d8.json"))
    assert register(tmp_path).find(BOTH) == {VPN.id: VPN}
    register(tmp_path).note((WEB,))
    assert new.exists()
    assert register(tmp_path).find(BOTH) == BOTH


@pytest.mark.parametrize(
    "endpoint",
    ["unix:///run/a b/docker.sock", "tcp://[::1]:2375", "unix:///\udce9", "x" * 9999],
)
def test_every_endpoint_has_a_file(tmp_path: Path, endpoint: str) -> None:
    register(tmp_path, endpoint).note((VPN,))
    assert register(tmp_path, endpoint).find(BOTH) == {VPN.id: VPN}
    assert len(the_file(tmp_path).name) < MAX_FILE_NAME + 10


def test_only_so_many_are_remembered_and_the_last_the_longest(tmp_path: Path) -> None:
    first = register(tmp_path, keep=3)
    first.note(numbered(1, 2, 3))
    first.note(numbered(1, 4))
    known = register(tmp_path).find([one.id for one in numbered(1, 2, 3, 4)])
    assert [one.name for one in known.values()] == ["c1", "c3", "c4"]
    first.note(numbered(*range(9)))
    known = register(tmp_path).find([one.id for one in numbered(*range(9))])
    assert [one.name for one in known.values()] == ["c6", "c7", "c8"]


def test_only_so_many_engines_are_remembered(tmp_path: Path) -> None:
    register(tmp_path, "e0").note((VPN,))
    old = the_file(tmp_path)
    os.utime(old, (1, 1))
    for number in range(1, MAX_ENGINES):
        register(tmp_path, f"e{number}").note((VPN,))
    assert old.exists()
    register(tmp_path, f"e{MAX_ENGINES}").note((VPN,))
    assert not old.exists()
    assert len(list(old.parent.glob("*.json"))) == MAX_ENGINES


def test_a_draft_that_nobody_will_finish_goes(tmp_path: Path) -> None:
    register(tmp_path).note((VPN,))
    draft = the_file(tmp_path).with_name(".draft-1-x.json")
    draft.touch()
    register(tmp_path).note((WEB,))
    assert draft.exists()
    os.utime(draft, (1, 1))
    register(tmp_path).note(numbered(1))
    assert not draft.exists()


@pytest.mark.parametrize(
    "one",
    [
        FormerContainer(ContainerId("short"), "a", None),
        FormerContainer(cid("a"), "", None),
        FormerContainer(cid("a"), "a" * 256, None),
        FormerContainer(cid("a"), "a", ComposeService("p" * 256, "s")),
        FormerContainer(cid("a"), "a", None, earlier=("b" * 256,)),
    ],
    ids=["id", "no name", "name", "project", "earlier"],
)
def test_what_is_no_container_or_too_long_is_not_noted(
    tmp_path: Path, one: FormerContainer
) -> None:
    register(tmp_path).note((one, VPN))
    assert register(tmp_path).find((one.id, VPN.id)) == {VPN.id: VPN}
    entries = json.loads(the_file(tmp_path).read_bytes())["containers"]
    assert len(entries) == 1


def test_odd_words_come_back_as_they_were(tmp_path: Path) -> None:
    odd = FormerContainer(cid("a"), "a'\"\n\x1b[2J\u202e\udcff", None)
    register(tmp_path).note((odd,))
    assert register(tmp_path).find((odd.id,)) == {odd.id: odd}


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        register(tmp_path).note((VPN,))
    finally:
        os.umask(before)
    path = the_file(tmp_path)
    modes = [p.stat().st_mode & 0o777 for p in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b"\xff",
        b'{"schema": "nstui/2", "endpoint": "unix:///e", "containers": []}',
        b'{"schema": "nstui/1", "endpoint": "unix:///e", "containers": 3}',
        b'{"schema": "nstui/1", "endpoint": "unix:///e", "containers": [3, {}]}',
        b'{"schema": "nstui/1", "endpoint": "unix:///e", "containers":'
        b' [{"id": "%s", "name": "vpn", "from": "a letter"}]}' % VPN.id.encode(),
        b" " * (MAX_REGISTER_BYTES + 1),
    ],
    ids=lambda content: content[:70].decode(errors="replace").strip()[:12],
)
def test_a_damaged_file_is_forgotten(tmp_path: Path, content: bytes) -> None:
    register(tmp_path).note((WEB,))
    the_file(tmp_path).write_bytes(content)
    assert register(tmp_path).find(BOTH) == {}
    register(tmp_path).note((VPN,))
    assert register(tmp_path).find(BOTH) == {VPN.id: VPN}


@each_kind
@pytest.mark.parametrize("place", ["file", "lock", "seen", "nstui"])
def test_whatever_stands_in_its_place_costs_the_memory_alone(
    tmp_path: Path, make: Callable[[Path], None], why: str, place: str
) -> None:
    del why
    register(tmp_path).note((VPN,))
    file = the_file(tmp_path)
    paths = {"file": file, "lock": file.with_name("lock")}
    paths |= {"seen": file.parent, "nstui": file.parent.parent}
    paths[place].rename(tmp_path / "away")
    make(paths[place])
    began = time.monotonic()
    register(tmp_path).note((WEB,))
    known = register(tmp_path).find(BOTH)
    assert time.monotonic() - began < SOON_S
    assert set(known) <= set(BOTH)
    assert Path("/etc/passwd").read_bytes().startswith(b"root:")


def test_one_who_does_not_let_go_costs_the_memory_alone(tmp_path: Path) -> None:
    register(tmp_path).note((VPN,))
    began = time.monotonic()
    with locked(the_file(tmp_path).with_name("lock"), 1.0):
        register(tmp_path).note((WEB,))
    assert time.monotonic() - began < SOON_S
    assert register(tmp_path).find(BOTH) == {VPN.id: VPN}
    register(tmp_path).note((WEB,))
    assert register(tmp_path).find(BOTH) == BOTH


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    register(tmp_path).note((VPN,))
    os.chown(the_file(tmp_path).parent, NOBODY, NOBODY)
    register(tmp_path).note((WEB,))
    assert register(tmp_path).find(BOTH) == {}


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    program = f"""
import resource, signal, sys
from pathlib import Path
from nstui.audit.register import FileRegister
from tests.unit.audit.test_register import numbered
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
FileRegister(Path(sys.argv[1]), {ENDPOINT!r}).note(numbered(*range(50)))
"""
    register(tmp_path).note((VPN,))
    subprocess.run(
        (sys.executable, "-W", "error", "-c", program, str(tmp_path / "nstui")),
        cwd=Path(__file__).parents[3],
        check=True,
    )
    assert register(tmp_path).find((VPN.id, *(o.id for o in numbered(1)))) == {
        VPN.id: VPN
    }
    names = {path.name for path in the_file(tmp_path).parent.iterdir()}
    assert names == {the_file(tmp_path).name, "lock"}


PROGRAMS = 4
TIMES = 25
PROGRAM = f"""
import sys
from pathlib import Path
from nstui.audit.register import FileRegister
from tests.unit.audit.test_register import numbered
register = FileRegister(Path(sys.argv[1]), {ENDPOINT!r})
for number in range({TIMES}):
    (one,) = numbered(int(sys.argv[2]) * {TIMES} + number)
    while not register.find((one.id,)):
        register.note((one,))
"""


def test_several_programs_forget_nothing_of_each_other(tmp_path: Path) -> None:
    programs = [
        subprocess.Popen(
            (sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path / "nstui"), n),
            cwd=Path(__file__).parents[3],
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in map(str, range(PROGRAMS))
    ]
    for program in programs:
        _, err = program.communicate(timeout=60)
        assert (program.returncode, err) == (0, "")
    every = [one.id for one in numbered(*range(PROGRAMS * TIMES))]
    assert len(register(tmp_path).find(every)) == PROGRAMS * TIMES
