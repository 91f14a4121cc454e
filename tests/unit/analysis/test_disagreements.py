"""Where the runtime and the mounts contradict the engine."""

from __future__ import annotations

import pytest

from nstui.analysis.explain import find_disagreements
from nstui.model.holders import Evidence, RuntimeJoin
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import MountedFile
from tests.support.builders import cid, container, report

NET = NamespaceKind.NET
GRAPH = report(
    container("vpn"),
    container("dep", joins=cid("vpn")),
    container("far", joins=cid("dep")),
    container("orphan", joins=cid("gone")),
    container("stopped", state="exited"),
    container("left", joins=cid("stopped")),
    container("alone"),
).graph
VPN_PID = GRAPH.containers[cid("vpn")].pid


def told(
    pid: int | None = 1, of: str | None = "vpn", *, is_there: bool = True
) -> tuple[RuntimeJoin, ...]:
    """Return what a runtime was told to join: the network of some process."""
    path = f"/proc/{pid}/ns/net" if pid else "/run/netns/one"
    whose = None if of is None else cid(of)
    return (
        RuntimeJoin(kind=NET, path=path, pid=pid, is_there=is_there, container=whose),
    )


def files(*owners: str | None) -> tuple[MountedFile, ...]:
    """Return mounted files, each of some container."""
    names = ("resolv.conf", "hosts", "hostname")
    return tuple(
        MountedFile(name, "/c", False, None if owner is None else cid(owner))  # noqa: FBT003 - in the order of the model
        for name, owner in zip(names, owners, strict=False)
    )


def found(
    name: str,
    joins: tuple[RuntimeJoin, ...] | None = None,
    mounted: tuple[MountedFile, ...] | None = None,
) -> tuple[str, ...]:
    evidence = Evidence(
        config=None,
        joins=joins,
        joins_problem=None,
        files=mounted,
        files_problem=None,
    )
    return find_disagreements(GRAPH, cid(name), evidence)


@pytest.mark.parametrize(
    ("name", "joins"),
    [
        pytest.param("dep", told(), id="as declared"),
        pytest.param("far", told(of="dep"), id="through another"),
        pytest.param("alone", (), id="a new one"),
        pytest.param("alone", told(None, None), id="a name that leads to no process"),
        pytest.param("dep", told(of=None), id="whose it is could not be read"),
        pytest.param("dep", None, id="unread"),
        pytest.param("orphan", told(is_there=False, of=None), id="nothing to join"),
        pytest.param("left", told(is_there=False, of=None), id="nobody to join"),
    ],
)
def test_what_agrees_or_is_not_known_is_not_mentioned(
    name: str, joins: tuple[RuntimeJoin, ...] | None
) -> None:
    assert found(name, joins) == ()


@pytest.mark.parametrize(
    ("name", "joins", "sentence"),
    [
        pytest.param(
            "dep",
            told(40, None, is_there=False),
            "the runtime was told to join the net namespace of process 40, which has"
            f" ended; vpn is process {VPN_PID}",
            id="ended",
        ),
        pytest.param(
            "dep",
            told(40, "alone"),
            "the runtime was told to join the net namespace of process 40, which is"
            f" alone's; vpn is process {VPN_PID}",
            id="another one's",
        ),
        pytest.param(
            "dep",
            (),
            "the runtime created a new net namespace; the engine declares that"
            " it joined vpn",
            id="a new one",
        ),
        pytest.param(
            "alone",
            told(of="unknown"),
            "the runtime was told to join the net namespace of"
            f" {cid('unknown')[:12]}, which the engine does not declare",
            id="undeclared",
        ),
    ],
)
def test_the_runtime_was_told_otherwise(
    name: str, joins: tuple[RuntimeJoin, ...], sentence: str
) -> None:
    assert found(name, joins) == (sentence,)


@pytest.mark.parametrize(
    ("name", "mounted", "sentences"),
    [
        pytest.param("dep", files("vpn", "vpn", None), (), id="its owner's"),
        pytest.param("alone", files("alone", "alone", "alone"), (), id="its own"),
        pytest.param("orphan", files("gone"), (), id="there is a finding for that"),
        pytest.param(
            "dep",
            files("old", "old", "vpn"),
            (
                (
                    "its resolv.conf, hosts came from"
                    f" {cid('old')[:12]}; its network is that of vpn"
                ),
            ),
            id="another one's",
        ),
    ],
)
def test_the_files_of_others(
    name: str, mounted: tuple[MountedFile, ...], sentences: tuple[str, ...]
) -> None:
    assert found(name, mounted=mounted) == sentences


def test_nothing_is_said_of_one_that_does_not_run() -> None:
    assert find_disagreements(GRAPH, cid("stopped"), None) == ()
