"""A host in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.certainty import blind_spots
from nstui.analysis.report import Report
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import EngineInfo, HostReading, ProcessReading
from nstui.render.findings import (
    count_text,
    engine_text,
    namespaces_text,
)
from nstui.render.incidents import incident_counts, worst_text
from nstui.render.text import Piece, Tone
from tests.support.builders import cid, container, report, snapshot
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from nstui.model.container import ContainerId

SICK = container("sick", health="unhealthy")
LOST = container("lost", joins="gone")
LOOPS = container("loops", state="restarting")
WAITS = container("waits", joins=cid("off"), state="exited")
OFF = container("off", state="exited")


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (None, "Podman 4.3.1 at tcp://h:1"),
        ("nas", "Podman 4.3.1 at tcp://h:1 (nas)"),
        (HOSTILE, f"Podman 4.3.1 at tcp://h:1 ({HARMLESS})"),
    ],
)
def test_who_answers_and_where(context: str | None, words: str) -> None:
    info = EngineInfo(
        endpoint="tcp://h:1", context=context, name="Podman", version="4.3.1"
    )
    assert engine_text(info) == Piece(words)


@pytest.mark.parametrize(
    ("level", "words", "tone"),
    [
        (NamespacesRead.INODE, "verified by the kernel", Tone.GOOD),
        (NamespacesRead.FINGERPRINT, "partly verified (no root)", Tone.WARNING),
        (NamespacesRead.DECLARED, "not verified (engine only)", Tone.WARNING),
    ],
)
def test_how_namespaces_were_read(
    level: NamespacesRead, words: str, tone: Tone
) -> None:
    of = Report(replace(snapshot(), host=HostReading(level)))
    assert namespaces_text(of) == Piece(words, tone)


@pytest.mark.parametrize(
    ("processes", "words", "tone"),
    [
        (
            {cid("c"): ProcessReading(7, {}, None)},
            "partly verified (denied to root)",
            Tone.WARNING,
        ),
        ({}, "no namespace in use", Tone.MUTED),
    ],
)
def test_root_that_is_denied_is_not_told_to_be_root(
    processes: dict[ContainerId, ProcessReading], words: str, tone: Tone
) -> None:
    host = HostReading(
        NamespacesRead.FINGERPRINT, processes=processes, is_denied_to_root=True
    )
    of = Report(replace(snapshot(), host=host))
    assert namespaces_text(of) == Piece(words, tone)


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (NamespacesRead.DECLARED, "not verified (no --pid=host)"),
        (NamespacesRead.FINGERPRINT, "partly verified (no --pid=host)"),
    ],
)
def test_what_keeps_the_level_down_is_beside_it(
    level: NamespacesRead, words: str
) -> None:
    host = HostReading(level, obstacle="no --pid=host", is_denied_to_root=True)
    host = replace(host, processes={cid("c"): ProcessReading(7, {}, None)})
    of = Report(replace(snapshot(), host=host))
    assert namespaces_text(of) == Piece(words, Tone.WARNING)


def test_the_hosts_namespace_is_no_group() -> None:
    of = report(SICK, OFF, WAITS, container("exporter", mode="host"))
    assert count_text(of).text == "4 containers, 1 group"
    assert count_text(of, NamespaceKind.IPC).text == "4 containers, 0 groups"
    assert count_text(report(SICK)).text == "1 container, 0 groups"


def test_incidents_are_counted_by_severity_the_worst_first() -> None:
    of = report(SICK, LOST, LOOPS, WAITS, OFF)
    assert incident_counts(of) == (
        Piece("✗ 2 incidents", Tone.ERROR),
        Piece("! 1 warning", Tone.WARNING),
        Piece("· 1 notice", Tone.NOTICE),
    )


def test_nothing_wrong() -> None:
    fine = Piece("nothing wrong", Tone.GOOD)
    assert incident_counts(report(OFF)) == (fine,)
    assert worst_text(report(OFF)) == fine


def test_the_worst_incident_names_its_container() -> None:
    assert worst_text(report(SICK, LOOPS)) == Piece("✗ unhealthy: sick", Tone.ERROR)
    hostile = report(container(HOSTILE, state="restarting"))
    assert worst_text(hostile).text == f"! restarting: {HARMLESS}"


def test_what_could_not_be_looked_at() -> None:
    assert blind_spots(report(OFF, SICK)) == ()
    dark = container(HOSTILE, state="exited", is_inspected=False)
    host = HostReading(NamespacesRead.FINGERPRINT, note="it needs root\x07")
    assert blind_spots(Report(replace(snapshot(OFF, dark), host=host))) == (
        r"it needs root\x07",
        f"{HARMLESS} could not be inspected: the engine did not answer",
    )
