"""The evidence for what a container shares, in sections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.explain import make_explanation
from nstui.model.holders import Evidence, RuntimeJoin
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import MountedFile
from nstui.render.evidence_sections import evidence_sections
from nstui.render.text import words_of
from tests.support.builders import cid, container, report
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from nstui.analysis.report import Report

VPN = container("vpn")
DEP = container("dep", joins=cid("vpn"), restart="always")
TOGETHER = report(VPN, DEP, net={"vpn": 7, "dep": 7})
APART = report(VPN, DEP, net={"vpn": 8, "dep": 7})
AGREED = Evidence(
    config="/run/dep/config.json",
    joins=(
        RuntimeJoin(
            kind=NamespaceKind.NET,
            path="/proc/1003/ns/net",
            pid=1003,
            is_there=True,
            container=cid("vpn"),
        ),
    ),
    joins_problem=None,
    files=(MountedFile("hosts", "/c/hosts", is_deleted=False, belongs_to=cid("vpn")),),
    files_problem=None,
)


def shown(of: Report, evidence: Evidence | None, unread: str = "") -> dict[str, str]:
    """Return the sections on a dependent as text, by their titles."""
    told = make_explanation(of, cid("dep"), evidence)
    return {
        section.title: "\n".join(
            f"{entry.label}|{words_of(entry.value)}" for entry in section.rows
        )
        for section in evidence_sections(of, told, unread)
    }


def test_what_each_source_says() -> None:
    assert shown(TOGETHER, AGREED) == {
        "net": (
            f"engine|container:{cid('vpn')[:12]} → vpn, running\n"
            "kernel|net:[7], pid 1000, with vpn\n"
            "|vpn: net:[7], pid 1000\n"
            "runtime|/proc/1003/ns/net, the process of vpn"
        ),
        "Files": "hosts|of vpn",
        "Runtime's configuration": "|/run/dep/config.json",
    }


def test_where_sources_disagree_that_comes_first() -> None:
    assert AGREED.joins is not None
    (join,) = AGREED.joins
    ended = replace(join, is_there=False, container=None)
    found = shown(APART, replace(AGREED, joins=(ended,)))
    title, words = next(iter(found.items()))
    assert title == "Where the sources disagree"
    stale, remedy, told = words.splitlines()
    assert stale.startswith("|✗ stale join: runs in net:[7]; vpn has been in net:[8]")
    assert remedy == "|→ docker restart dep"
    assert told.startswith("|! the runtime was told to join the net namespace of")


def test_what_is_wrong_otherwise_is_not_its_subject() -> None:
    codes = {finding.code for finding in TOGETHER.findings}
    assert codes == {"restart-mismatch"}
    assert "Where the sources disagree" not in shown(TOGETHER, AGREED)


@pytest.mark.parametrize("unread", ["", "reading …", "not running"])
def test_what_was_not_read_yet_leaves_the_rest_in_its_place(unread: str) -> None:
    found = shown(TOGETHER, None, unread)
    assert list(found) == ["net", "Files"]
    assert found["net"].splitlines()[-1] == f"runtime|{unread}"
    assert found["Files"] == f"|{unread}"


def test_what_could_not_be_read_says_why() -> None:
    denied = "needs root: run nstui with sudo"
    unread = Evidence(
        config=None,
        joins=None,
        joins_problem=denied,
        files=None,
        files_problem=denied,
    )
    found = shown(TOGETHER, unread)
    assert found["net"].endswith(f"runtime|not read: {denied}")
    assert found["Files"] == f"|not read: {denied}"


def test_no_files_are_not_files_that_could_not_be_read() -> None:
    found = shown(TOGETHER, replace(AGREED, files=()))
    assert found["Files"] == "|none of the engine's are mounted"


def test_a_hostile_path_does_nothing_to_the_terminal() -> None:
    assert AGREED.joins is not None
    (join,) = AGREED.joins
    hostile = replace(join, path=HOSTILE)
    found = shown(TOGETHER, replace(AGREED, joins=(hostile,), config=HOSTILE))
    assert HARMLESS in found["net"]
    assert found["Runtime's configuration"] == f"|{HARMLESS}"
