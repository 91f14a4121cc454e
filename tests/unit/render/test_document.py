"""The JSON documents, key by key: scripts rely on them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.report import Report, follow_findings
from nstui.analysis.tree.namespaces import NOT_HERE
from nstui.model.container import Pod
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading
from nstui.render.document import (
    SHOWN_KINDS,
    change_document,
    check_document,
    dump,
    dump_line,
    held_document,
    host_document,
)
from tests.support.builders import NOON, cid, container, report, snapshot
from tests.support.machine import SANDBOX, holders, process, sandbox, scan
from tests.support.managers import CLAIMED_UNIT, SWARM, USER_UNIT
from tests.unit.render.paper import HOSTILE

if TYPE_CHECKING:
    from nstui.model.holders import Holders

NET = (NamespaceKind.NET,)
VPN = container(
    "vpn", image="gluetun:3", compose="media/vpn", health="healthy", ports=(8080,)
)
DEP = container("dep", joins=cid("vpn"), joins_ipc="gone", links=("vpn",))


def test_a_host() -> None:
    of = report(VPN, DEP, net={"vpn": 4026532184, "dep": 4026532184})
    assert host_document(of) == {
        "schema": "nstui/1",
        "taken_at": "2026-11-23T12:00:00Z",
        "namespaces_read": "inode",
        "namespaces_note": None,
        "engine": {
            "endpoint": "unix:///var/run/docker.sock",
            "context": "default",
            "name": "Docker",
            "version": "28.5.2",
        },
        "containers": [
            {
                "id": cid("dep"),
                "name": "dep",
                "image": "busybox:1",
                "state": "running",
                "status": "Up 3 hours",
                "health": None,
                "pid": 1003,
                "compose": None,
                "manager": None,
                "pod": None,
                "network_mode": f"container:{cid('vpn')}",
                "ports": [],
                "namespaces": {"net": "net:[4026532184]", "pid": None, "ipc": None},
                "joins": [
                    {"kind": "net", "reference": cid("vpn"), "target": cid("vpn")},
                    {"kind": "ipc", "reference": "gone", "target": None},
                ],
                "dependents": [],
                "inspection_problem": None,
            },
            {
                "id": cid("vpn"),
                "name": "vpn",
                "image": "gluetun:3",
                "state": "running",
                "status": "Up 3 hours",
                "health": "healthy",
                "pid": 1003,
                "compose": {"project": "media", "service": "vpn"},
                "manager": None,
                "pod": None,
                "network_mode": "bridge",
                "ports": ["0.0.0.0:8080->8080/tcp"],
                "namespaces": {"net": "net:[4026532184]", "pid": None, "ipc": None},
                "joins": [],
                "dependents": [cid("dep")],
                "inspection_problem": None,
            },
        ],
        "groups": [
            {
                "kind": "net",
                "bond": "owner",
                "namespace": "net:[4026532184]",
                "owner": cid("vpn"),
                "gone_reference": None,
                "members": [cid("vpn"), cid("dep")],
            }
        ],
        "findings": [
            {
                "code": "owner-gone",
                "severity": "error",
                "container": cid("dep"),
                "name": "dep",
                "message": "joined gone, which no longer exists",
                "since": None,
                "remedy": "create gone again, then: docker restart dep",
            }
        ],
        "incidents": [
            {
                "cause": "owner-gone",
                "severity": "error",
                "owner": None,
                "since": None,
                "containers": [cid("dep")],
                "findings": [0],
                "perhaps": [],
                "message": "gone no longer exists: 1 container that joined it still"
                " runs: dep",
                "remedy": "create gone again, then: docker restart dep",
                "is_command": False,
            }
        ],
        "ignored": [],
    }


def test_what_is_wrong_on_a_host() -> None:
    of = report(VPN, DEP)
    whole = host_document(of)
    assert check_document(of) == {
        "schema": "nstui/1",
        "taken_at": "2026-11-23T12:00:00Z",
        "namespaces_read": "declared",
        "namespaces_note": None,
        "engine": whole["engine"],
        "counts": {"error": 1, "warning": 0, "notice": 0},
        "not_inspected": [],
        "findings": whole["findings"],
        "incidents": whole["incidents"],
        "ignored": [],
    }


def test_an_incident_has_the_time_itself_so_that_two_looks_are_equal() -> None:
    vpn = container("vpn", started=5)
    dep = container("dep", joins=cid("vpn"), health="unhealthy")
    looks = [
        snapshot(vpn, dep, net={"vpn": 8, "dep": 7}, minutes=minutes)
        for minutes in (6, 600)
    ]
    first, second = (check_document(Report(look)) for look in looks)
    assert first["incidents"] == second["incidents"]
    assert first["findings"] == second["findings"]
    assert first["incidents"] == [
        {
            "cause": "owner-restarted",
            "severity": "error",
            "owner": cid("vpn"),
            "since": "2026-11-23T12:05:00Z",
            "containers": [cid("dep")],
            "findings": [0],
            "perhaps": [1],
            "message": "vpn was restarted at 2026-11-23T12:05:00Z: 1 container still"
            " sits in its old network: dep; unhealthy, perhaps for that reason: dep",
            "remedy": "nstui heal vpn",
            "is_command": True,
        }
    ]


def test_a_host_that_could_not_all_be_looked_at() -> None:
    dark = container("dark", is_inspected=False)
    host = HostReading(NamespacesRead.DECLARED, note="it needs root")
    document = check_document(Report(replace(snapshot(VPN, dark), host=host)))
    assert document["namespaces_note"] == "it needs root"
    assert document["counts"] == {"error": 0, "warning": 1, "notice": 0}
    assert document["not_inspected"] == [
        {
            "container": cid("dark"),
            "name": "dark",
            "problem": "the engine did not answer",
        }
    ]


def test_what_appears_and_goes_is_a_document_on_one_line() -> None:
    broken, well = report(VPN, DEP), report(VPN)
    (finding,) = json.loads(dump(check_document(broken)))["findings"]
    first = follow_findings(None, well)
    second = follow_findings(first, broken)
    third = follow_findings(second, well)
    for log, change in ((second, "appeared"), (third, "gone")):
        (one,) = log.changes
        line = dump_line(change_document(one, NOON + timedelta(minutes=1)))
        assert line.isprintable()
        assert json.loads(line) == {
            "schema": "nstui/1",
            "at": "2026-11-23T12:01:00Z",
            "change": change,
            "since": "2026-11-23T12:00:00Z",
            "finding": finding,
        }


def test_dependents_of_dependents_are_listed_the_nearest_first() -> None:
    far = container("a-far", joins=cid("dep"))
    document = json.loads(dump(host_document(report(VPN, DEP, far))))
    dependents = {c["name"]: c["dependents"] for c in document["containers"]}
    assert dependents == {
        "vpn": [cid("dep"), cid("a-far")],
        "dep": [cid("a-far")],
        "a-far": [],
    }


def reading(*namespaces: Namespace, level: NamespacesRead) -> Report:
    """Return a report on one container whose namespaces were read so far."""
    process = ProcessReading(
        1003, MappingProxyType({n.kind: n for n in namespaces}), ()
    )
    host = HostReading(level, MappingProxyType({VPN.id: process}), "it needs root")
    return Report(replace(snapshot(VPN), host=host))


def namespaces_of(of: Report) -> object:
    return json.loads(dump(host_document(of)))["containers"][0]["namespaces"]


def test_a_namespace_that_was_not_read_is_null() -> None:
    of = reading(level=NamespacesRead.DECLARED)
    assert namespaces_of(of) == {"net": None, "pid": None, "ipc": None}
    document = host_document(of)
    assert document["namespaces_read"] == "declared"
    assert document["namespaces_note"] == "it needs root"


def test_a_fingerprint_is_not_taken_for_the_inode() -> None:
    net = Namespace(NamespaceKind.NET, 22, 4026593624, fingerprint=True)
    of = reading(net, level=NamespacesRead.FINGERPRINT)
    assert namespaces_of(of) == {"net": "net:~4026593624", "pid": None, "ipc": None}
    assert host_document(of)["namespaces_read"] == "fingerprint"


def test_the_host_name_is_listed_only_where_it_was_read() -> None:
    uts = Namespace(NamespaceKind.UTS, 4, 9)
    of = reading(uts, level=NamespacesRead.INODE)
    assert namespaces_of(of) == {
        "net": None,
        "pid": None,
        "ipc": None,
        "uts": "uts:[9]",
    }


def test_the_groups_of_each_kind_that_is_asked_for() -> None:
    of = report(VPN, container("w", joins_ipc=cid("vpn")), container("h", mode="host"))

    def groups(*kinds: NamespaceKind) -> list[tuple[str, str, str | None]]:
        document = json.loads(dump(host_document(of, kinds)))
        return [(g["kind"], g["bond"], g["owner"]) for g in document["groups"]]

    assert groups(*NET) == [("net", "host", None)]
    assert groups(NamespaceKind.IPC) == [("ipc", "owner", cid("vpn"))]
    assert groups(*SHOWN_KINDS) == [*groups(*NET), *groups(NamespaceKind.IPC)]
    assert groups() == []


def test_the_members_of_one_that_is_gone() -> None:
    of = report(container("dep", joins="old"))
    assert host_document(of)["groups"] == [
        {
            "kind": "net",
            "bond": "gone",
            "namespace": None,
            "owner": None,
            "gone_reference": "old",
            "members": [cid("dep")],
        }
    ]


def test_one_that_could_not_be_inspected() -> None:
    document = host_document(report(container("dark", is_inspected=False)))
    (dark,) = json.loads(dump(document))["containers"]
    assert dark["inspection_problem"] == "the engine did not answer"
    assert (dark["pid"], dark["health"]) == (None, None)


def test_time_is_utc_wherever_it_was_taken() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    of = Report(replace(snapshot(), taken_at=east))
    assert host_document(of)["taken_at"] == "2026-11-23T12:00:00Z"


def test_nothing_special_is_written_as_it_is() -> None:
    outside = f"{HOSTILE}\ud800\x00\u2028日本語"
    one = container(
        outside, id_="a" * 64, image=outside, compose=f"{outside}/{outside}"
    )
    document = host_document(report(one, container("dep", joins=outside)))
    text = dump(document)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert json.loads(text) == document


def test_every_namespace_of_a_machine() -> None:
    of = report(container("own"), net={"own": 7})
    found = holders(process(7, 40), process(8, 80, started=-5), sandbox(9))
    own, stray, left = namespaces(of, found)
    assert (own["containers"], own["processes"], own["left"]) == (
        [cid("own")],
        1,
        False,
    )
    assert stray == {
        "namespace": "net:[8]",
        "kind": "net",
        "containers": [],
        "processes": 1,
        "pid": 80,
        "command": "sh",
        "first": [
            {
                "pid": 80,
                "command": "sh",
                "started_at": "2026-11-23T11:55:00Z",
                "container": None,
            }
        ],
        "mounts": [],
        "left": False,
    }
    assert (left["pid"], left["processes"], left["left"]) == (None, 0, True)
    assert left["mounts"] == [{"kind": "engine", "path": SANDBOX}]


def test_what_nobody_could_tell_of_a_namespace() -> None:
    of = report(container("own"), net={"own": 7})
    (_, left) = namespaces(of, holders(sandbox(9), process(7, 40), refused=1))
    assert (left["processes"], left["left"]) == (None, False)
    document = held_document(of, scan(of, holders(refused=1)))
    assert document["namespaces_unread"] == [
        "1 process could not be read: needs root (in a container: SYS_PTRACE)"
    ]
    assert held_document(of, None) == {
        "namespaces": None,
        "namespaces_unread": [NOT_HERE],
    }


def namespaces(of: Report, found: Holders) -> list[dict[str, object]]:
    """Return what a document says of each namespace."""
    document = json.loads(dump(held_document(of, scan(of, found))))
    listed: list[dict[str, object]] = document["namespaces"]
    return listed


def test_who_manages_a_container() -> None:
    of = report(
        container("quadlet", manager=USER_UNIT),
        container("task", manager=SWARM),
        container("claim", manager=CLAIMED_UNIT),
        container("infra", pod=Pod("media", is_infra=True)),
    )

    found = host_document(of)["containers"]

    assert isinstance(found, list)
    told = {one["name"]: (one["manager"], one["pod"]) for one in found}
    unit = {"kind": "systemd", "name": "qbit.service", "user": True, "proven": True}
    assert told == {
        "quadlet": (unit, None),
        "claim": (unit | {"user": False, "proven": False}, None),
        "task": (
            {"kind": "swarm", "name": "web", "user": False, "proven": True},
            None,
        ),
        "infra": (None, {"name": "media", "infra": True}),
    }
