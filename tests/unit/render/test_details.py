"""What is known of one line of the tree."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.analysis.tree.tree import RowKind, build_tree
from nstui.model.container import ContainerId, Pod, SharedFile
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading
from nstui.render.overview_sections import UNREAD, details_of
from nstui.render.text import Piece, Tone
from tests.support.builders import cid, container, report, snapshot
from tests.support.managers import USER_UNIT
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import Container

VPN = container(
    "vpn", image="gluetun:3", compose="media/vpn", health="healthy", ports=(8080,)
)
DEP = container("dep", joins=cid("vpn"))
FAR = container("far", joins=cid("dep"))
HOST = (VPN, DEP, FAR)
INODES = {"vpn": 7, "dep": 7, "far": 7}


def line_of(of: Report, name: str) -> TreeRow:
    """Return the line of a container."""
    lines = (row for top in build_tree(of) for row in top.walk())
    return next(line for line in lines if line.container and line.label == name)


def told(of: Report, name: str) -> dict[str, list[str]]:
    """Return the sections on a container as text, by their titles."""
    return written(of, line_of(of, name))


def written(of: Report, line: TreeRow) -> dict[str, list[str]]:
    return {
        section.title: [
            f"{entry.label}: {''.join(piece.text for piece in entry.value)}"
            for entry in section.rows
        ]
        for section in details_of(line, of)
    }


def test_an_owner() -> None:
    assert told(report(*HOST, net=INODES), "vpn") == {
        "Container": [
            "name: vpn",
            f"id: {cid('vpn')[:12]}",
            "image: gluetun:3",
            "compose: media/vpn",
            "state: ● running  up since 12:00",
            "health: healthy",
            "restart: no",
            "pid: 1003",
            "created: 2026-11-23 12:00",
        ],
        "Networks": [": bridge"],
        "Dependents": ["net: ● dep", "net: ● far (through dep)"],
        "Namespaces": [
            "net: net:[7]  with 2 more",
            "pid: could not be read",
            "ipc: could not be read",
        ],
        "Published ports": [": 0.0.0.0:8080->8080/tcp"],
    }


def test_a_dependent_of_a_dependent() -> None:
    sections = told(report(*HOST, net=INODES), "far")
    assert sections["Joins"] == [f"net: container:{cid('dep')[:12]} → dep"]
    assert sections["Published ports"] == ["vpn: 0.0.0.0:8080->8080/tcp"]
    assert "Dependents" not in sections


def test_joins_are_shown_as_declared_and_as_resolved() -> None:
    one = container(
        "one",
        joins="vpn",
        joins_pid="no-more",
        links=("vpn",),
        volumes_from=(cid("old"),),
    )
    assert told(report(VPN, one), "one")["Joins"] == [
        "net: container:vpn → vpn",
        "pid: container:no-more → no longer exists",
        "link: vpn → vpn",
        f"volumes-from: {cid('old')[:12]} → no longer exists",
    ]


def test_its_network_is_told_beside_joins_of_other_kinds() -> None:
    worker = container("worker", joins_ipc=cid("vpn"), mode="media_default")
    assert told(report(VPN, worker), "worker")["Joins"] == [
        f"ipc: container:{cid('vpn')[:12]} → vpn",
    ]
    assert told(report(VPN, worker), "worker")["Networks"] == [": media_default"]


def test_what_is_wrong_comes_first_with_its_remedy() -> None:
    sections = told(report(VPN, DEP, net={"vpn": 8, "dep": 7}), "dep")
    assert next(iter(sections)) == "Problems"
    assert sections["Problems"] == [
        (
            ": ✗ stale join: runs in net:[7]; vpn has been in net:[8] since its restart"
            " a moment ago"
        ),
        ": → docker restart dep",
    ]


def test_what_could_not_be_read_is_not_shown_as_none() -> None:
    of = report(VPN)
    assert told(of, "vpn")["Namespaces"] == [
        "net: could not be read",
        "pid: could not be read",
        "ipc: could not be read",
    ]
    assert UNREAD.tone is Tone.WARNING
    sections = details_of(line_of(of, "vpn"), of)
    (namespaces,) = (s for s in sections if s.title == "Namespaces")
    assert [entry.value for entry in namespaces.rows] == [(UNREAD,)] * 3


def test_what_does_not_run_has_no_namespaces() -> None:
    assert "Namespaces" not in told(report(container("off", state="exited")), "off")


def read_at(level: NamespacesRead, *namespaces: Namespace) -> Report:
    process = ProcessReading(
        1003, MappingProxyType({n.kind: n for n in namespaces}), ()
    )
    host = HostReading(level, MappingProxyType({VPN.id: process}), "it needs root")
    return Report(replace(snapshot(VPN), host=host))


def test_why_less_was_read_is_said() -> None:
    net = Namespace(NamespaceKind.NET, 22, 99, fingerprint=True)
    of = read_at(NamespacesRead.FINGERPRINT, net)
    assert told(of, "vpn")["Namespaces"] == [
        "net: net:~99",
        "pid: could not be read",
        "ipc: could not be read",
        ": it needs root",
    ]


def test_no_excuse_where_all_was_read() -> None:
    all_kinds = (Namespace(kind, 4, 9) for kind in NamespaceKind)
    of = read_at(NamespacesRead.INODE, *all_kinds)
    assert told(of, "vpn")["Namespaces"] == [
        "net: net:[9]",
        "pid: pid:[9]",
        "ipc: ipc:[9]",
    ]


def test_the_hosts_own_namespace_is_called_that() -> None:
    exporter, other = container("exporter", mode="host"), container("x", mode="host")
    of = report(exporter, other, net={"exporter": 1, "x": 1})
    assert told(of, "exporter")["Namespaces"][0] == "net: net:[1]  the host's"


def test_one_that_could_not_be_inspected() -> None:
    sections = told(report(container("dark", is_inspected=False)), "dark")
    assert sections["Container"][-2] == "inspect: failed: the engine did not answer"
    assert "Shared files" not in sections


def with_files(
    one: Container, *files: tuple[str, ContainerId | None], folder: str = "/c"
) -> Container:
    """Return a container that uses some files."""
    assert one.inspection is not None
    shared = tuple(SharedFile(name, f"{folder}/{name}", whose) for name, whose in files)
    return replace(one, inspection=replace(one.inspection, shared_files=shared))


def test_whose_files_it_uses() -> None:
    dep = with_files(
        DEP,
        ("resolv.conf", cid("vpn")),
        ("hosts", cid("dep")),
        ("hostname", None),
    )
    assert told(report(VPN, dep), "dep")["Shared files"] == [
        "resolv.conf: of vpn",
        "hostname: /c/hostname",
    ]


def test_files_of_one_that_is_gone() -> None:
    dep = with_files(DEP, ("hosts", cid("old")))
    of = report(VPN, dep)
    assert told(of, "dep")["Shared files"] == [
        f"hosts: of {cid('old')[:12]}, which no longer exists"
    ]


HEADINGS = report(
    container("lost", joins=cid("old")),
    container("later", joins=cid("lost")),
    container("exporter", mode="host"),
    container("a", joins="b", state="created"),
    container("b", joins="a", state="created"),
    container("x"),
    container("y"),
    container("alone"),
    container("blog", compose="web/blog"),
    net={"x": 5, "y": 5},
)


def test_a_line_that_is_no_container_explains_itself() -> None:
    rows = [row for top in build_tree(HEADINGS) for row in top.walk()]
    lines = {
        row.kind: written(HEADINGS, row)[""] for row in rows if row.container is None
    }
    of_namespaces = {RowKind.HELD, RowKind.NAMESPACE, RowKind.UNREAD}
    assert lines.keys() == set(RowKind) - {RowKind.CONTAINER} - of_namespaces
    assert {kind: line[-1] for kind, line in lines.items()} == {
        RowKind.GONE: ": members: lost, later",
        RowKind.HOST: ": members: exporter",
        RowKind.LOOP: ": members: a, b",
        RowKind.UNDECLARED: ": members: x, y",
        RowKind.UNSHARED: ": members: blog, alone",
        RowKind.PROJECT: ": members: blog",
    }
    assert all(line[0].endswith((".", "so.")) for line in lines.values())
    assert f": it was: {cid('old')}" in lines[RowKind.GONE]


def test_what_comes_from_outside_is_made_harmless() -> None:
    owner = with_files(
        container(HOSTILE, image=HOSTILE, compose=f"{HOSTILE}/x", mode=HOSTILE),
        ("hosts", cid("dep")),
        ("hostname", None),
        folder=HOSTILE,
    )
    owner = replace(owner, status=HOSTILE)
    dep = with_files(
        container("dep", joins=owner.id, links=(HOSTILE,)), ("hosts", owner.id)
    )
    dark = replace(container("dark", is_inspected=False), inspection_problem=HOSTILE)
    lost = container("lost", joins=f"{HOSTILE}-gone")
    of = report(owner, dep, dark, lost)
    seen = 0
    for line in (row for top in build_tree(of) for row in top.walk()):
        for text in (t for texts in written(of, line).values() for t in texts):
            assert text.isprintable(), text
            seen += HARMLESS in text
    assert seen > 10


def test_harm_stands_out() -> None:
    of = report(container("lost", joins="old"))
    joins = next(s for s in details_of(line_of(of, "lost"), of) if s.title == "Joins")
    assert joins.rows[0].value[-1] == Piece("no longer exists", Tone.ERROR)


def test_what_a_gone_one_was_called() -> None:
    one = Report(
        snapshot(container("dep", joins=cid("vpn")), former_containers={"vpn": "vpn"})
    )
    (row,) = [b for top in build_tree(one) for b in top.walk() if b.container]
    joins = next(s for s in details_of(row, one) if s.title == "Joins")
    assert joins.rows[0].value[-1] == Piece("vpn, no longer exists", Tone.ERROR)


@pytest.mark.parametrize(
    ("joined", "kind", "words"),
    [
        ("joins", NamespaceKind.NET, "its network: while they run they have no networ"),
        ("joins_pid", NamespaceKind.PID, "its pid namespace: they ended with it,"),
        ("joins_ipc", NamespaceKind.IPC, "its ipc namespace: those that run are still"),
        ("joins_uts", NamespaceKind.UTS, "its uts namespace: those that run are still"),
    ],
)
def test_what_became_of_those_that_joined_one_that_is_gone(
    joined: str, kind: NamespaceKind, words: str
) -> None:
    of = report(container("dep", **{joined: "old"}))  # type: ignore[arg-type]  # one of these is given
    (top,) = build_tree(of, kind)
    assert words in written(of, top)[""][0]


@pytest.mark.parametrize("kind", NamespaceKind)
def test_a_fold_says_what_it_is_of(kind: NamespaceKind) -> None:
    of = report(container("a"))
    (top,) = build_tree(of, kind)
    words = "network" if kind is NamespaceKind.NET else f"{kind} namespace"
    sentence = written(of, top)[""][0]
    assert sentence.startswith(f": Each has its own {words}; removing one")


def test_the_uts_namespace_is_told_where_somebody_shares_one() -> None:
    of = report(container("a"), container("b", joins_uts=cid("a")))
    assert [line[:4] for line in told(of, "b")["Namespaces"]] == [
        "net:",
        "pid:",
        "ipc:",
        "uts:",
    ]


def test_who_manages_it_and_which_pod_it_is_in() -> None:
    one = container("one", manager=USER_UNIT, pod=Pod("media", is_infra=False))
    infra = container("infra", pod=Pod("media", is_infra=True))
    of = report(one, infra)

    assert told(of, "one")["Container"][3:5] == [
        "manager: systemd unit qbit.service of the user with id 1000",
        "pod: media",
    ]
    assert (
        "pod: media, of which it is the infra container"
        in (told(of, "infra")["Container"])
    )
