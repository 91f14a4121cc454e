"""The health glance as text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from nstui.render.check_text import print_check
from tests.builders import cid, container, report
from tests.render.paper import (
    HARMLESS,
    HOSTILE,
    STYLE,
    demo_report,
    on_pipe,
    on_terminal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from nstui.analysis.report import Report


def check(of: Report) -> Callable[[Console], None]:
    return partial(print_check, report=of)


SICK = report(
    container("vpn"),
    container("dep", joins=cid("vpn")),
    container("loops", state="restarting"),
    net={"vpn": 8, "dep": 7},
)


WHOLE_CHECK = (
    "✗ stale join  dep  runs in net:[7];"
    " vpn has been in net:[8] since its restart a moment ago\n"
    "    docker restart dep\n"
    "! restarting  loops  keeps exiting and being restarted\n"
    "    docker logs --tail 50 loops\n"
    "3 containers, 1 group · namespaces by inode · ✗ 1 error · ! 1 warning\n"
)


def test_every_finding_with_its_evidence_and_remedy() -> None:
    assert on_pipe(check(SICK)) == WHOLE_CHECK


def test_all_is_well() -> None:
    of = report(container("vpn"), net={"vpn": 8})
    assert on_pipe(check(of)) == (
        "1 container, 0 groups · namespaces by inode · nothing wrong\n"
    )


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_remedy_can_be_copied_from_any_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal wraps it, not we: no line break gets into what is copied."""
    of = demo_report()
    shown = STYLE.sub("", on_terminal(check(of), width, monkeypatch))
    assert shown == on_pipe(check(of))
    for finding in of.findings:
        assert f"    {finding.remedy}\n" in shown


def test_styles_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31m✗ stale join\x1b[0m" in on_terminal(check(SICK), 80, monkeypatch)
    assert "\x1b" not in on_pipe(check(SICK))
    monkeypatch.setenv("NO_COLOR", "1")
    assert on_terminal(check(SICK), 80, monkeypatch) == on_pipe(check(SICK))


def test_no_line_ends_in_spaces() -> None:
    for line in on_pipe(check(demo_report())).splitlines():
        assert line == line.rstrip()


def test_what_comes_from_outside_is_made_harmless() -> None:
    of = report(container(HOSTILE, state="restarting", joins=f"{HOSTILE}-gone"))
    shown = on_pipe(check(of))
    assert shown.replace("\n", "").isprintable()
    assert shown.count("\n") == 5
    assert shown.count(HARMLESS) >= 4
