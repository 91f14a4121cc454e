"""The two lines at the top of the screen at any width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.report import Report
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import EngineInfo, HostReading
from nstui.render.host_bar import asking_line, identity_line, state_line
from nstui.render.text import Piece, Tone
from tests.support.builders import cid, container, report, snapshot

ENGINE = EngineInfo(
    endpoint="unix:///run/user/1000/docker.sock",
    context=None,
    name="Docker",
    version="26.1.5",
)
SURE, UNSURE = NamespacesRead.INODE, NamespacesRead.DECLARED
KNOWN, UNKNOWN = "verified by the kernel", "not verified (engine only)"
WHERE = "Docker 26.1.5 at unix:///run/user/1000/docker.sock"


def of(level: NamespacesRead) -> Report:
    return Report(replace(snapshot(), engine=ENGINE, host=HostReading(level)))


@pytest.mark.parametrize(
    ("level", "width", "shown"),
    [
        (SURE, 120, ("nstui", WHERE, KNOWN)),
        (SURE, 81, ("nstui", WHERE, KNOWN)),
        (
            SURE,
            80,
            ("nstui", f"{WHERE[:48]}…", KNOWN),
        ),
        (SURE, 43, ("nstui", "Docker 26.1…", KNOWN)),
        # Less of an address says nothing.
        (SURE, 42, ("nstui", KNOWN)),
        (SURE, 20, ("nstui",)),
        (UNSURE, 120, ("nstui", UNKNOWN, WHERE)),
        (UNSURE, 60, ("nstui", UNKNOWN, "Docker 26.1.5 at unix://…")),
    ],
)
def test_how_it_was_read_is_shown_before_the_whole_address(
    level: NamespacesRead, width: int, shown: tuple[str, ...]
) -> None:
    line = identity_line(of(level), (), width)
    assert tuple(piece.text for piece in line) == shown


def test_badges_come_first() -> None:
    badge = Piece(" DEMO ", Tone.WARNING)
    assert identity_line(of(SURE), (badge,), 120)[1] == badge


SICK = container("sick", health="unhealthy")
OFF = container("off", state="exited")
WAITS = container("waits", joins=cid("off"), state="exited")
SICK_TEXT, COUNTS = "✗ unhealthy: sick", "3 containers, 1 group"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (90, (SICK_TEXT, "✗ 1 incident", "· 1 notice", COUNTS)),
        (66, (SICK_TEXT, "✗ 1 incident", "· 1 notice", COUNTS)),
        (65, (SICK_TEXT, "✗ 1 incident", "· 1 notice")),
        (43, (SICK_TEXT, "✗ 1 incident", "· 1 notice")),
        (42, (SICK_TEXT, "✗ 1 incident")),
        (30, (SICK_TEXT,)),
        (12, ("✗ unhealthy…",)),
    ],
)
def test_a_count_is_shown_whole_or_not_at_all(
    width: int, shown: tuple[str, ...]
) -> None:
    line = state_line(report(SICK, OFF, WAITS), (), width)
    assert tuple(piece.text for piece in line) == shown


def test_the_worst_is_cut_so_that_the_count_has_room() -> None:
    sick = container("a-name-that-is-quite-long", health="unhealthy")
    line = state_line(report(sick), (), 42)
    texts = tuple(piece.text for piece in line)
    assert texts == ("✗ unhealthy: a-name-that-is…", "✗ 1 incident")


def test_notes_come_first() -> None:
    note = Piece("✓ 2 selected", Tone.NOTICE)
    assert state_line(report(SICK), (note,), 80)[0] == note


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (120, ("nstui", f"{WHERE} (nas)", KNOWN)),
        (80, ("nstui", "nas: Docker 26.1.5", KNOWN)),
        (43, ("nstui", "nas: Docker…", KNOWN)),
        (42, ("nstui", "nas", KNOWN)),
    ],
)
def test_the_context_stays_longer_than_the_address(
    width: int, shown: tuple[str, ...]
) -> None:
    engine = replace(ENGINE, context="nas")
    seen = Report(replace(snapshot(), engine=engine, host=HostReading(SURE)))
    line = identity_line(seen, (), width)
    assert tuple(piece.text for piece in line) == shown


LONG = "storage-in-the-attic"
READ_ONLY = Piece(" READ-ONLY ", Tone.WARNING)


@pytest.mark.parametrize(
    ("context", "badges", "width", "shown"),
    [
        ("nas", (), 80, ("nstui", UNKNOWN, "nas: Docker 26.1.5")),
        ("nas", (), 49, ("nstui", UNKNOWN, "nas: Docker 2…")),
        ("nas", (), 45, ("nstui", UNKNOWN, "nas")),
        ("nas", (), 38, ("nstui", UNKNOWN, "nas")),
        ("nas", (), 37, ("nstui", "not verified", "nas")),
        (LONG, (), 45, ("nstui", UNKNOWN, "stora…ttic")),
        (LONG, (), 42, ("nstui", "not verified", LONG)),
        (LONG, (), 40, ("nstui", "not verified", "storage-i…the-attic")),
        (LONG, (READ_ONLY,), 40, (READ_ONLY.text, "not verified", "storag…-attic")),
        (LONG, (READ_ONLY,), 35, (READ_ONLY.text, "not verified", "stor…tic")),
        (LONG, (), 22, ("not verified", "stor…tic")),
        # The list of hosts has it already.
        ("nas", (Piece("nas", Tone.STRONG),), 40, ("nstui", "nas", UNKNOWN)),
    ],
)
def test_the_context_stays_where_what_is_known_is_doubtful(
    context: str, badges: tuple[Piece, ...], width: int, shown: tuple[str, ...]
) -> None:
    engine = replace(ENGINE, context=context)
    seen = Report(replace(snapshot(), engine=engine, host=HostReading(UNSURE)))
    line = identity_line(seen, badges, width)
    assert tuple(piece.text for piece in line) == shown


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (34, ("nstui", LONG)),
        (24, ("nstui", "storage-…he-attic")),
        (12, ("storag…attic",)),
    ],
)
def test_a_long_context_is_cut_where_the_kernel_is_sure(
    width: int, shown: tuple[str, ...]
) -> None:
    engine = replace(ENGINE, context=LONG)
    seen = Report(replace(snapshot(), engine=engine, host=HostReading(SURE)))
    line = identity_line(seen, (), width)
    assert tuple(piece.text for piece in line) == shown


SOCKET = ENGINE.endpoint


@pytest.mark.parametrize(
    ("context", "badges", "width", "shown"),
    [
        (None, (), 80, ("nstui", f"asking {SOCKET}")),
        ("nas", (), 80, ("nstui", "nas", f"asking {SOCKET}")),
        ("nas", (), 40, ("nstui", "nas", "asking unix:///run/user/100…")),
        ("nas", (), 24, ("nstui", "nas", "asking unix…")),
        ("nas", (), 23, ("nstui", "nas")),
        (LONG, (READ_ONLY,), 40, ("nstui", READ_ONLY.text, LONG)),
        (LONG, (READ_ONLY,), 30, ("nstui", READ_ONLY.text, "stora…ttic")),
        (LONG, (READ_ONLY,), 27, (READ_ONLY.text, "storage…-attic")),
        ("nas", (Piece("nas", Tone.STRONG),), 20, ("nstui", "nas")),
        ("nstui", (), 80, ("nstui", "nstui", f"asking {SOCKET}")),
    ],
)
def test_the_context_is_there_before_the_first_answer(
    context: str | None,
    badges: tuple[Piece, ...],
    width: int,
    shown: tuple[str, ...],
) -> None:
    line = asking_line(SOCKET, context, badges, width)
    assert tuple(piece.text for piece in line) == shown


@pytest.mark.parametrize("width", [60, 72, 80])
@pytest.mark.parametrize("level", [SURE, NamespacesRead.DECLARED])
def test_a_long_name_of_a_host_hides_nothing_that_matters(
    width: int, level: NamespacesRead
) -> None:
    host = "ssh://ada@storage-01.example.internal:2222/run/user/1000/docker.sock"
    badges = (Piece(host, Tone.STRONG), Piece("READ-ONLY", Tone.NOTICE))
    texts = tuple(piece.text for piece in identity_line(of(level), badges, width))
    assert texts[0] == "nstui"
    assert texts[1].startswith("ssh://")
    assert texts[2] == "READ-ONLY"
    if level is not SURE:
        assert texts[3].startswith("not verified")
    assert sum(map(len, texts)) + 2 * (len(texts) - 1) <= width
