"""The health glance as text."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import HostReading
from nstui.render.terminal import MIN_WRAP_WIDTH, print_check
from tests.support.builders import cid, container, report, snapshot
from tests.unit.render.paper import (
    HARMLESS,
    HOSTILE,
    STYLE,
    demo_report,
    on_pipe,
    on_terminal,
    widest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console


def check(of: Report) -> Callable[[Console], None]:
    return partial(print_check, report=of)


SICK = report(
    container("vpn", started=5),
    container("dep", joins=cid("vpn")),
    container("loops", state="restarting"),
    net={"vpn": 8, "dep": 7},
)

WHOLE_CHECK = (
    "✗ error stale-join  vpn was restarted a moment ago: 1 container still sits in its"
    " old network: dep\n"
    "    nstui heal vpn\n"
    "! warning restarting  loops: keeps exiting and being restarted\n"
    "    docker logs --tail 50 loops\n"
    "3 containers, 1 group · verified by the kernel · ✗ 1 incident · ! 1 warning\n"
)

NARROW_CHECK = """\
✗ error stale-join  vpn was
    restarted a moment ago: 1 container
    still sits in its old network: dep
    nstui heal vpn
! warning restarting  loops: keeps
    exiting and being restarted
    docker logs --tail 50 loops
3 containers, 1 group · verified by
    the kernel · ✗ 1 incident · ! 1
    warning
"""


def test_every_incident_with_its_remedy() -> None:
    assert on_pipe(check(SICK)) == WHOLE_CHECK


def test_six_findings_with_one_cause_are_told_once_with_all_names() -> None:
    names = "abcdef"
    of = Report(
        snapshot(
            container("vpn", started=5),
            *(container(n, joins=cid("vpn"), health="unhealthy") for n in names),
            net={"vpn": 8, **dict.fromkeys(names, 7)},
            interfaces=dict.fromkeys(names, ("lo",)),
            minutes=7,
        )
    )
    first, remedy, *_ = on_pipe(check(of)).splitlines()
    assert first == (
        "✗ error stale-join  vpn was restarted 2 min ago: 6 containers still sit in its"
        " old network and have no connection (only lo): a, b, c, d, e, f; unhealthy,"
        " perhaps for that reason: a, b, c, d, e, f"
    )
    assert remedy == "    nstui heal vpn"


def test_each_remedy_of_a_container_is_told() -> None:
    of = report(container("web", health="unhealthy", oom_killed=True))
    assert on_pipe(check(of)).splitlines()[1:3] == [
        "    docker inspect --format '{{json .State.Health}}' web",
        "    raise its limits, with docker update or where it is declared",
    ]


def test_what_one_command_would_heal_comes_last() -> None:
    shown = on_pipe(partial(print_check, report=SICK, hint="heal would do it"))
    assert shown.splitlines()[-1] == "heal would do it"


def test_all_is_well() -> None:
    of = report(container("vpn"), net={"vpn": 8})
    assert on_pipe(check(of)) == (
        "1 container, 0 groups · verified by the kernel · nothing wrong\n"
    )


def test_a_terminal_gets_sentences_with_a_hanging_indent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = STYLE.sub("", on_terminal(check(SICK), 40, monkeypatch))
    assert shown == NARROW_CHECK


@pytest.mark.parametrize("width", [1, 24, 40, 80, 120])
def test_a_remedy_can_be_copied_from_any_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal wraps it, not we: no line break gets into what is copied."""
    of = demo_report()
    shown = STYLE.sub("", on_terminal(check(of), width, monkeypatch))
    assert shown.split() == on_pipe(check(of)).split()
    remedies = {f"    {incident.remedy}" for incident in of.incidents}
    assert remedies <= set(shown.splitlines())
    if width > MIN_WRAP_WIDTH:
        assert widest(line for line in shown.splitlines() if line not in remedies) <= (
            width
        )


def test_what_could_not_be_looked_at_is_said_before_all_is_well() -> None:
    host = HostReading(NamespacesRead.DECLARED, note="it needs root")
    dark = container("dark", state="exited", is_inspected=False)
    of = Report(replace(snapshot(dark), host=host))
    assert on_pipe(check(of)).splitlines() == [
        "it needs root",
        "dark could not be inspected: the engine did not answer",
        "1 container, 0 groups · not verified (engine only) · nothing wrong",
    ]


def test_styles_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31m✗ error stale-join\x1b[0m" in on_terminal(
        check(SICK), 200, monkeypatch
    )
    assert "\x1b" not in on_pipe(check(SICK))
    monkeypatch.setenv("NO_COLOR", "1")
    assert on_terminal(check(SICK), 200, monkeypatch) == on_pipe(check(SICK))


def test_no_line_ends_in_spaces() -> None:
    for line in on_pipe(check(demo_report())).splitlines():
        assert line == line.rstrip()


def test_what_comes_from_outside_is_made_harmless() -> None:
    of = report(container(HOSTILE, state="restarting", joins=f"{HOSTILE}-gone"))
    shown = on_pipe(check(of))
    assert shown.replace("\n", "").isprintable()
    assert shown.count("\n") == 5
    assert shown.count(HARMLESS) >= 3
    # What a shell is told is the id, which cannot do anything there.
    hostile = cid(HOSTILE)[:12]
    assert f"    docker logs --tail 50 {hostile}\n" in shown
    assert f", then: docker restart {hostile}\n" in shown
