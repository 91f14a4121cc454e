"""What is kept of a look at one of several hosts, and the order of the hosts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.certainty import Certainty, certainty
from nstui.analysis.host_summary import (
    HostState,
    HostSummary,
    arranged,
    state_of,
    summarize,
    with_problem,
)
from nstui.analysis.report import Report
from nstui.model.finding import Incident, IncidentCause, Severity
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading, ReadProblem
from tests.support.builders import NOON, cid, container, report, snapshot

SICK = container("sick", health="unhealthy")
OFF = container("off", state="exited")
PAUSED = container("paused", state="paused")


def incident(severity: Severity) -> Incident:
    """Return the worst incident of a report, with another severity."""
    (found,) = report(SICK).incidents
    assert found.cause is IncidentCause.OWN
    return replace(found, severity=severity)


def summary(
    name: str = "nas",
    severity: Severity | None = None,
    *,
    is_seen: bool = True,
    is_sure: bool = True,
    problem: str = "",
) -> HostSummary:
    return HostSummary(
        name=name,
        taken_at=NOON if is_seen else None,
        worst=None if severity is None else incident(severity),
        is_sure=is_sure,
        problem=problem,
    )


def test_a_look_is_summed_up() -> None:
    looked = report(SICK, OFF, PAUSED, container("well"))
    seen = summarize("nas", looked)
    assert seen == HostSummary(
        name="nas",
        taken_at=looked.snapshot.taken_at,
        engine="Docker 28.5.2",
        running=3,
        containers=4,
        counts=((looked.incidents[0].severity, 1),),
        worst=looked.incidents[0],
        certainty=certainty(looked),
        is_sure=True,
    )


def test_a_look_that_did_not_see_all_is_not_sure() -> None:
    now = snapshot(container("dark", state="exited", is_inspected=False))
    assert not summarize("nas", Report(now)).is_sure


def test_what_was_seen_stays_when_the_host_is_not_reached() -> None:
    seen = summarize("nas", report(OFF))
    failed = with_problem(seen, "nobody answers")
    assert failed == replace(seen, problem="nobody answers")


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (summary(severity=Severity.ERROR), HostState.INCIDENTS),
        (summary(severity=Severity.ERROR, problem="gone"), HostState.INCIDENTS),
        (summary(problem="gone"), HostState.NOT_REACHED),
        (summary(is_seen=False, problem="gone"), HostState.NOT_REACHED),
        (summary(severity=Severity.WARNING, problem="gone"), HostState.NOT_REACHED),
        (summary(severity=Severity.WARNING), HostState.WARNINGS),
        (summary(severity=Severity.NOTICE, is_sure=False), HostState.NOTICES),
        (summary(is_sure=False), HostState.UNSURE),
        (summary(), HostState.WELL),
        (summary(is_seen=False, is_sure=False), HostState.ASKING),
    ],
)
def test_the_state_is_the_worst_that_is_known(
    seen: HostSummary, state: HostState
) -> None:
    assert state_of(seen) is state


WELL_A, WELL_B, WELL_C = summary("a"), summary("b"), summary("c")
BAD_B, BAD_C = summary("b", Severity.ERROR), summary("c", Severity.ERROR)


@pytest.mark.parametrize(
    ("hosts", "before", "held", "after"),
    [
        # The worst first, and the others as they are.
        ((WELL_A, WELL_B, BAD_C), "abc", None, "cab"),
        ((WELL_A, WELL_B, WELL_C), "cab", None, "cab"),
        ((WELL_A, BAD_B, BAD_C), "acb", None, "cba"),
        # A host that is new is the last of its kind.
        ((WELL_A, WELL_B, BAD_C), "b", None, "cba"),
        # The host under the cursor stays in its place, whatever becomes of any.
        ((WELL_A, WELL_B, BAD_C), "abc", "b", "cba"),
        ((WELL_A, WELL_B, BAD_C), "abc", "a", "acb"),
        ((WELL_A, WELL_B, BAD_C), "abc", "c", "abc"),
        ((WELL_A, WELL_B, WELL_C), "cab", "c", "cab"),
        # One that is gone, or that was not shown yet, holds nothing.
        ((WELL_A, BAD_B), "ac", "c", "ba"),
        ((WELL_A, BAD_B), "a", "b", "ba"),
        ((), "", None, ""),
    ],
)
def test_the_order(
    hosts: tuple[HostSummary, ...], before: str, held: str | None, after: str
) -> None:
    assert "".join(one.name for one in arranged(hosts, before, held)) == after


PROCESS = {cid("off"): ProcessReading(7, {}, None, ReadProblem.DENIED)}


@pytest.mark.parametrize(
    ("host", "known"),
    [
        (HostReading(NamespacesRead.INODE), Certainty.VERIFIED),
        (HostReading(NamespacesRead.FINGERPRINT), Certainty.PARTLY),
        (HostReading(NamespacesRead.DECLARED), Certainty.DECLARED),
        (
            HostReading(NamespacesRead.FINGERPRINT, is_denied_to_root=True),
            Certainty.UNUSED,
        ),
        (
            HostReading(
                NamespacesRead.FINGERPRINT, processes=PROCESS, is_denied_to_root=True
            ),
            Certainty.DENIED_TO_ROOT,
        ),
    ],
)
def test_how_namespaces_were_identified(host: HostReading, known: Certainty) -> None:
    assert certainty(Report(replace(snapshot(OFF), host=host))) is known


def test_before_they_are_read_nothing_is_certain() -> None:
    glimpse = replace(snapshot(OFF), is_glimpse=True)
    assert certainty(Report(glimpse)) is Certainty.NOT_YET
