"""The tree as text, on pipes and on terminals of several widths."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import NamespaceKind
from nstui.render.tree_text import print_tree
from tests.support.builders import cid, container, report
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

    from nstui.analysis.report import Report

NET = NamespaceKind.NET
WIDTHS = (20, 40, 60, 80, 120)

SMALL = report(
    container("vpn", image="reg.lan/a/gluetun:3", compose="media/vpn"),
    container("dep", joins=cid("vpn"), compose="media/dep"),
    container("far", joins=cid("dep"), health="unhealthy"),
    container("lost", joins="old"),
    container("exporter", mode="host"),
    container("alone"),
    container("sick", state="restarting"),
    net={"vpn": 7, "dep": 7, "far": 7, "lost": 8, "exporter": 1, "alone": 9},
)
DEMO = demo_report()


def tree(
    of: Report, kind: NamespaceKind = NET, *, unfold: bool = False
) -> Callable[[Console], None]:
    return partial(print_tree, report=of, kind=kind, unfold=unfold)


def lines(of: Report, *, unfold: bool = False) -> list[str]:
    return on_pipe(tree(of, unfold=unfold)).splitlines()


WHOLE_TREE = """\
✗ old (no longer exists)
└─ ● lost      running     ✗ owner gone  busybox:1
● vpn          running                   reg.lan/a/gluetun:3  media/vpn
└─ ● dep       running                   busybox:1            media/dep
   └─ ● far    running     ✗ unhealthy   busybox:1
◆ host network (1 container)
└─ ● exporter  running                   busybox:1
◇ 2 containers that share no network (--all lists them)
└─ ↻ sick      restarting  ! restarting  busybox:1

Docker 28.5.2 at unix:///var/run/docker.sock (default) · 7 containers, 2 groups · \
verified by the kernel · ✗ 2 incidents · ! 1 warning
"""


def test_the_whole_tree() -> None:
    assert on_pipe(tree(SMALL)) == WHOLE_TREE


def test_those_that_share_with_nobody_unfold() -> None:
    folded, unfolded = lines(SMALL), lines(SMALL, unfold=True)
    assert [line for line in unfolded if line not in folded] == [
        "├─ ↻ sick      restarting  ! restarting  busybox:1",
        "└─ ● alone     running                   busybox:1",
    ]


def test_guides_lead_past_what_is_nested() -> None:
    of = report(
        container("vpn"),
        container("a", joins=cid("vpn")),
        container("b", joins=cid("a")),
        container("c", joins=cid("b")),
        container("d", joins=cid("vpn")),
    )
    assert [line[:11] for line in lines(of)[:5]] == [
        "● vpn      ",
        "├─ ● a     ",
        "│  └─ ● b  ",
        "│     └─ ● ",
        "└─ ● d     ",
    ]


def test_each_kind_has_its_own_tree_and_count() -> None:
    shown = on_pipe(tree(DEMO, NamespaceKind.IPC))
    assert shown.startswith("● pod-infra ")
    assert "21 containers, 1 group " in shown


def test_a_host_without_containers() -> None:
    (line,) = lines(report())
    assert line == (
        "Docker 28.5.2 at unix:///var/run/docker.sock (default)"
        " · 0 containers, 0 groups · not verified (engine only) · nothing wrong"
    )


def test_a_pipe_gets_plain_text_and_everything() -> None:
    shown = on_pipe(tree(DEMO, unfold=True))
    assert "\x1b" not in shown
    assert "…" not in shown
    for one in DEMO.snapshot.containers:
        (line,) = (line for line in shown.splitlines() if f" {one.name} " in line)
        assert one.image in line
        lost = one.id in DEMO.without_network
        assert ("no network" if lost else one.state) in line
        assert str(one.compose or "") in line


@pytest.mark.parametrize("of", [SMALL, DEMO], ids=["small", "demo"])
def test_no_line_ends_in_spaces(of: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [on_pipe(tree(of, unfold=True))]
    shown += [on_terminal(tree(of, unfold=True), w, monkeypatch) for w in WIDTHS]
    for line in (line for text in shown for line in STYLE.sub("", text).splitlines()):
        assert line == line.rstrip()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_adapts_to_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = on_terminal(tree(DEMO, unfold=True), width, monkeypatch)
    *rows, empty, _summary = STYLE.sub("", shown).splitlines()
    assert empty == ""
    assert len(rows) == len(lines(DEMO, unfold=True)) - 2
    assert widest(rows) <= width


@pytest.mark.parametrize(
    ("width", "line"),
    [
        pytest.param(
            120,
            "└─ ⊘ soulseek          no network  ✗ owner gone  slskd/slskd:0.22.5",
            id="everything fits",
        ),
        pytest.param(
            100,
            "└─ ⊘ soulseek          no network  ✗ owner gone  slskd/slskd:0.22.5",
            id="an image that still fits",
        ),
        pytest.param(
            80, "└─ ⊘ soulseek          no network  ✗ owner gone", id="then no image"
        ),
        pytest.param(40, "└─ ⊘ soulseek          ✗ owner gone", id="then no state"),
        pytest.param(26, "└─ ⊘ soulseek  ✗ owner go…", id="the finding is last"),
    ],
)
def test_what_matters_least_goes_first(
    width: int, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = STYLE.sub("", on_terminal(tree(DEMO), width, monkeypatch))
    assert line in shown.splitlines()


def test_the_cells_stand_below_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = STYLE.sub("", on_terminal(tree(DEMO, unfold=True), 80, monkeypatch))
    rows = [line for line in shown.splitlines() if " running " in line]
    assert len({line.index(" running ") for line in rows}) == 1
    assert len(rows) > 10


def test_wide_characters_keep_the_columns() -> None:
    of = report(container("日本語"), container("dep", joins=cid("日本語")))
    assert lines(of)[:2] == [
        "● 日本語  running  busybox:1",
        "└─ ● dep  running  busybox:1",
    ]


def test_a_terminal_sees_bold_names_and_dim_guides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = on_terminal(tree(SMALL), 80, monkeypatch).splitlines()
    (line,) = (line for line in shown if "dep" in line and "media" in line)
    assert line.startswith("\x1b[2m└─ \x1b[0m\x1b[32m●\x1b[0m \x1b[1mdep")


def test_no_color_gives_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = on_terminal(tree(SMALL), 120, monkeypatch)
    assert shown == on_pipe(tree(SMALL))


def test_what_comes_from_outside_is_made_harmless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = report(
        container(HOSTILE, image=HOSTILE, compose=f"{HOSTILE}/x"),
        container("dep", joins=cid(HOSTILE)),
        container("lost", joins=HOSTILE * 2),
    )
    shown = on_terminal(tree(of), 400, monkeypatch)
    text = STYLE.sub("", shown)
    assert text.replace("\n", "").isprintable()
    assert text.count("\n") == on_pipe(tree(of)).count("\n") == 6
    assert text.count(HARMLESS) == 5


def test_a_very_deep_chain_is_still_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = [container("c0")]
    deep += [container(f"c{n}", joins=cid(f"c{n - 1}")) for n in range(1, 30)]
    shown = on_terminal(tree(report(*deep)), 80, monkeypatch)
    rows = STYLE.sub("", shown).splitlines()[:30]
    assert len(rows) == 30
    assert widest(rows) <= 80
