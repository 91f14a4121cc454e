"""How a namespace without a container looks in the tree and in the details."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.tree.namespaces import NO_PAST, record_namespaces
from nstui.analysis.tree.tree import build_held_rows, held_row
from nstui.model.holders import FEW, HolderKind, Holders, HoldingProcess, ProcessHolder
from nstui.render.overview_sections import details_of
from nstui.render.rows import row_of
from nstui.render.text import Piece, Tone, words_of
from tests.support.builders import NOON, cid, container, report
from tests.support.machine import (
    NET,
    SANDBOX,
    holders,
    mount,
    net,
    process,
    sandbox,
    scan,
)
from tests.unit.render.paper import HARMLESS, HOSTILE

REPORT = report(container("own"), net={"own": 7})
KEPT = "What is named below keeps it alive."
VPN = report(container("vpn"), net={"vpn": 8})


def rows(of: Holders) -> list[tuple[str, str]]:
    """Return the sign and the words of each line."""
    top = build_held_rows(REPORT, NET, scan(REPORT, of))
    found = [row_of(row, REPORT) for row in top.walk()]
    assert all(row.state.text == row.problem.text == "" for row in found)
    return [(row.glyph.text, row.name.text) for row in found]


def details(of: Holders, number: int = 0) -> dict[str, list[str]]:
    """Return what is told of one of the namespaces."""
    top = build_held_rows(
        REPORT, NET, scan(REPORT, of), record_namespaces(NO_PAST, VPN, REPORT)
    )
    return {
        section.title: [f"{e.label}: {words_of(e.value)}" for e in section.rows]
        for section in details_of(top.children[number], REPORT)
    }


def test_the_lines() -> None:
    assert rows(
        holders(process(8, 80), process(5, 1, 9, "init"), sandbox(9), leftovers=("o",))
    ) == [
        ("◇", "net namespaces without a container (3)"),
        (
            "!",
            f"net:[9]  no container is left in it; kept by an engine's {SANDBOX}",
        ),
        ("□", "net:[5]  the host's own; 9 processes, the first 1 init"),
        ("□", "net:[8]  1 process, the first 80 sh"),
        ("?", "/run/netns/o is a name without a namespace"),
    ]


def test_none() -> None:
    assert rows(holders()) == [("◇", "net namespaces without a container (none)")]


def test_a_line_that_says_why() -> None:
    row = row_of(held_row(NET, "reading"), REPORT)
    assert row.name == Piece("reading", Tone.MUTED)


def test_nobody_knows_whether_a_container_is_in_them() -> None:
    top = build_held_rows(REPORT, NET, scan(REPORT, holders(process(8, 80))))
    (line,) = top.children
    assert line.held is not None
    unknown = replace(line, held=replace(line.held, containers=None))
    row = row_of(replace(top, children=(unknown,)), REPORT)
    assert row.name.text == "net namespaces with or without a container (1)"
    (section, *_) = details_of(unknown, REPORT)
    assert words_of(section.rows[0].value) == (
        "Whether a container is in it could not be read."
    )


def test_the_details_of_one_that_nobody_is_in() -> None:
    told = details(holders(process(8, 80, started=-5), mount(8, "/run/netns/lab")))
    assert told == {
        "net:[8]": [f": No container is left in it (vpn was). {KEPT}"],
        "Processes": ["80: sh  for 5 min"],
        "Mounts": [": the name lab"],
    }


@pytest.mark.parametrize(
    ("of", "sentence", "processes"),
    [
        (
            holders(sandbox(9)),
            f"No container is left in it. {KEPT}",
            [": none"],
        ),
        (
            holders(mount(9, "/run/netns/lab")),
            f"No container is in it. {KEPT}",
            [": none"],
        ),
        (
            holders(process(5, 1, 9, "init")),
            "This is the host's own namespace, and no container uses it.",
            ["1: init", ": and 8 more"],
        ),
    ],
)
def test_what_is_said_of_one(of: Holders, sentence: str, processes: list[str]) -> None:
    told = details(of)
    assert next(iter(told.values())) == [f": {sentence}"]
    assert told["Processes"] == processes


def test_where_processes_refused_to_tell_nobody_knows_whether_any_is_in_it() -> None:
    of = holders(mount(9, "/run/netns/lab"), refused=1)
    assert rows(of)[1] == ("□", "net:[9]  named lab; no process that could be read")
    assert details(of)["Processes"] == [": no process that could be read"]


def test_a_few_processes_and_how_many_more() -> None:
    first = tuple(
        HoldingProcess(pid, None if pid == 80 else "sh", NOON - timedelta(hours=2))
        for pid in range(80, 80 + FEW)
    )
    many = ProcessHolder(namespace=net(8), count=FEW + 4, first=first)
    told = details(holders(many))["Processes"]
    assert told[:2] == ["80: name unknown  for 2 h", "81: sh  for 2 h"]
    assert told[-1] == ": and 4 more"


def test_whose_a_process_is() -> None:
    for whose, words in (
        (cid("own"), ["80: sh  of own"]),
        (cid("x"), [f"80: sh  of {cid('x')[:12]}"]),
    ):
        told = details(holders(process(8, 80, container=whose)))
        assert told["Processes"] == words
    assert told["net:[8]"] == [
        f": Its processes are of {cid('x')[:12]}, unknown to this engine."
    ]


def test_what_comes_from_outside_is_made_harmless() -> None:
    of = holders(
        process(8, 80, command=HOSTILE),
        mount(8, f"/srv/{HOSTILE}", HolderKind.MOUNT),
        leftovers=(HOSTILE,),
    )
    seen = " ".join(words for _, words in rows(of))
    assert seen.isprintable()
    assert seen.count(HARMLESS) == 3
    told = " ".join(line for lines in details(of).values() for line in lines)
    assert told.isprintable()
    assert told.count(HARMLESS) == 2
