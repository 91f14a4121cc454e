"""A line of the tree, cell by cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.analysis.tree.tree import build_tree
from nstui.model.container import ContainerState
from nstui.model.finding import Severity
from nstui.model.namespace import NamespaceKind
from nstui.render.incidents import SEVERITY_GLYPHS, SEVERITY_TONES
from nstui.render.rows import STATE_GLYPHS, RowText, row_of, state_glyph, state_text
from nstui.render.text import Piece, Tone
from tests.support.builders import cid, container, report, snapshot
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from nstui.model.container import Container, Inspection


def rows(of: Report, kind: NamespaceKind = NamespaceKind.NET) -> dict[str, RowText]:
    """Return the line of each container and heading by its name."""
    found = [row_of(b, of) for top in build_tree(of, kind) for b in top.walk()]
    return {row.name.text: row for row in found}


def inspected(one: Container, *, host_kinds: tuple[NamespaceKind, ...]) -> Inspection:
    """Return the inspection of a container, with other kinds of the host's own."""
    assert one.inspection is not None
    return replace(one.inspection, host_kinds=host_kinds)


def row(one: Container) -> RowText:
    return rows(report(one, container("dep", joins=one.id)))[one.name]


def test_a_container() -> None:
    one = container("vpn", image="gluetun:3", compose="media/vpn", health="healthy")
    assert row(one) == RowText(
        glyph=Piece("●", Tone.GOOD),
        name=Piece("vpn", Tone.STRONG),
        state=Piece("running", Tone.GOOD),
        measure=Piece(""),
        problem=Piece(""),
        shares=Piece(""),
        image=Piece("gluetun:3", Tone.MUTED),
        compose=Piece("media/vpn", Tone.MUTED),
    )


@pytest.mark.parametrize("state", ContainerState)
def test_a_state_is_a_sign_and_a_word(state: ContainerState) -> None:
    one = container("vpn", state=state)
    assert state_glyph(one).text == STATE_GLYPHS[state]
    assert state_text(one).text == state.value
    assert state_glyph(one).tone is state_text(one).tone


LO = ("lo",)


@pytest.mark.parametrize(
    ("interfaces", "glyph", "state", "tone"),
    [
        (LO, "⊘", "no network", Tone.ERROR),
        (("lo", "eth0"), "●", "running", Tone.WARNING),
        (None, "●", "running", Tone.WARNING),
    ],
    ids=["only lo", "another interface", "not read"],
)
def test_one_whose_network_may_be_dead_is_not_shown_as_well(
    interfaces: tuple[str, ...] | None, glyph: str, state: str, tone: Tone
) -> None:
    vpn, dep = container("vpn", started=5), container("dep", joins=cid("vpn"))
    seen = {} if interfaces is None else {"dep": interfaces}
    of = Report(snapshot(vpn, dep, net={"vpn": 8, "dep": 7}, interfaces=seen))
    (top,) = build_tree(of)
    row = row_of(top.children[0], of)
    assert (row.glyph, row.state) == (Piece(glyph, tone), Piece(state, tone))
    assert row_of(top, of).state == Piece("running", Tone.GOOD)


def test_one_that_wants_no_network_is_well() -> None:
    of = Report(snapshot(container("web", mode="none"), interfaces={"web": LO}))
    (fold,) = build_tree(of)
    assert row_of(fold.children[0], of).state == Piece("running", Tone.GOOD)


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_its_sign_and_tone(severity: Severity) -> None:
    assert len(set(SEVERITY_GLYPHS.values())) == len(Severity)
    assert len(set(SEVERITY_TONES.values())) == len(Severity)
    assert SEVERITY_GLYPHS[severity]


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (container("vpn"), Piece("")),
        (container("vpn", health="starting"), Piece("… starting", Tone.MUTED)),
        (container("vpn", health="unhealthy"), Piece("✗ unhealthy", Tone.ERROR)),
        (container("vpn", state="restarting"), Piece("! restarting", Tone.WARNING)),
        (
            container("vpn", health="starting", joins="gone"),
            Piece("✗ owner gone", Tone.ERROR),
        ),
        (
            container("vpn", state="exited", joins="dep"),
            Piece("· owner stopped", Tone.NOTICE),
        ),
    ],
)
def test_what_is_wrong_is_a_sign_and_a_word(one: Container, problem: Piece) -> None:
    dep = container("dep", state="exited", oom_killed=False)
    assert rows(report(one, dep))["vpn"].problem == problem


@pytest.mark.parametrize(
    ("containers", "heading", "glyph", "problem"),
    [
        pytest.param(
            (container("dep", joins="old"),),
            "old (no longer exists)",
            "✗",
            "",
            id="gone, whose finding its members carry",
        ),
        pytest.param(
            (container("dep", joins=cid("old")),),
            f"{cid('old')[:12]} (no longer exists)",
            "✗",
            "",
            id="gone, of which only the id is known",
        ),
        pytest.param(
            (container("a", mode="host"), container("b", mode="host")),
            "host network (2 containers)",
            "◆",
            "",
            id="host",
        ),
        pytest.param(
            (container("a"), container("b", health="unhealthy")),
            "2 containers that share no network",
            "◇",
            "✗ unhealthy",
            id="unshared",
        ),
        pytest.param(
            (container("a"),),
            "1 container that shares no network",
            "◇",
            "",
            id="only one unshared",
        ),
        pytest.param(
            (
                container("a", joins="b", state="created"),
                container("b", joins="a", state="created"),
            ),
            "2 containers that joined each other",
            "↺",
            "· owner stopped",
            id="loop",
        ),
    ],
)
def test_a_heading(
    containers: tuple[Container, ...], heading: str, glyph: str, problem: str
) -> None:
    found = rows(report(*containers))[heading]
    assert (found.glyph.text, found.problem.text) == (glyph, problem)
    assert (found.state, found.image, found.compose) == (Piece(""),) * 3


def test_the_kernel_alone_shows_them_together() -> None:
    of = report(container("a"), container("b"), net={"a": 7, "b": 7})
    assert list(rows(of)) == ["2 containers in one namespace, undeclared", "a", "b"]


def test_what_comes_from_outside_is_made_harmless() -> None:
    one = container(HOSTILE, image=HOSTILE, compose=f"{HOSTILE}/{HOSTILE}")
    found = rows(report(one))[HARMLESS]
    assert found.image.text == HARMLESS
    assert found.compose.text == f"{HARMLESS}/{HARMLESS}"
    gone = report(container("dep", joins=HOSTILE))
    assert f"{HARMLESS} (no longer exists)" in rows(gone)


POD = (
    container("infra"),
    container("app", joins="infra", joins_pid="infra", joins_ipc="infra"),
    container("shm", joins_ipc="infra"),
    container("alone"),
)


@pytest.mark.parametrize(
    ("kind", "shares"),
    [
        (NamespaceKind.NET, {"infra": "+pid +ipc", "app": "+pid +ipc", "shm": "+ipc"}),
        (NamespaceKind.PID, {"infra": "+net +ipc", "app": "+net +ipc", "shm": "+ipc"}),
        (NamespaceKind.IPC, {"infra": "+net +pid", "app": "+net +pid", "shm": ""}),
    ],
)
def test_the_kinds_that_are_shared_besides(
    kind: NamespaceKind, shares: dict[str, str]
) -> None:
    found = rows(report(*POD), kind)
    assert {name: found[name].shares.text for name in shares} == shares
    assert found["infra"].shares.tone is Tone.MUTED
    assert found["alone"].shares == Piece("")


@pytest.mark.parametrize(
    ("kind", "host", "unshared"),
    [
        (NamespaceKind.NET, "host network", "network"),
        (NamespaceKind.PID, "host's pid namespace", "pid namespace"),
        (NamespaceKind.IPC, "host's ipc namespace", "ipc namespace"),
    ],
)
def test_a_heading_names_the_kind(
    kind: NamespaceKind, host: str, unshared: str
) -> None:
    is_net = kind is NamespaceKind.NET
    top = container("top", mode="host" if is_net else "bridge")
    top = replace(top, inspection=inspected(top, host_kinds=(kind,)))
    found = rows(report(top, container("b"), container("c")), kind)
    assert list(found) == [
        f"{host} (1 container)",
        "top",
        f"2 containers that share no {unshared}",
        "b",
        "c",
    ]
