"""What is not broken and may surprise its owner: shares nobody declared, policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.finding import Finding
    from nstui.model.snapshot import Snapshot

OWN = container("own")
DEP = container("dep", joins=cid("own"))


def told(seen: Snapshot) -> list[tuple[str, str, str]]:
    """Return each finding as the container's name, the code and the severity."""
    report = Report(seen)
    return [
        (report.graph.name(f.container), f.code.value, f.severity.value)
        for f in report.findings
    ]


def only(seen: Snapshot) -> Finding:
    """Return the one finding of a host."""
    (finding,) = Report(seen).findings
    return finding


def test_two_in_one_namespace_of_whom_neither_declares_it() -> None:
    seen = snapshot(OWN, container("guest"), net={"own": 7, "guest": 7})
    assert told(seen) == [
        ("guest", "undeclared-share", "notice"),
        ("own", "undeclared-share", "notice"),
    ]
    assert Report(seen).findings[0].message == (
        "shares net:[7] with own, though nothing declares it"
    )


def test_a_guest_in_a_group_shares_with_all_of_it() -> None:
    inodes = {"own": 7, "dep": 7, "guest": 7}
    seen = snapshot(OWN, DEP, container("guest"), net=inodes)
    findings = Report(seen).findings
    assert findings[1].message.startswith("shares net:[7] with dep, own,")


def test_each_kind_is_named() -> None:
    seen = snapshot(
        OWN,
        container("guest"),
        net={"own": 7, "guest": 7},
        ipc={"own": 8, "guest": 8},
    )
    assert Report(seen).findings[0].message == (
        "shares net:[7] with own and ipc:[8] with own, though nothing declares it"
    )


def test_a_declared_group_shares_what_it_declares() -> None:
    far = container("far", joins=cid("dep"))
    assert told(snapshot(OWN, DEP, far, net={"own": 7, "dep": 7, "far": 7})) == []


def test_orphans_of_one_owner_are_together_by_declaration() -> None:
    one, two = (container(n, joins=cid("gone")) for n in ("one", "two"))
    codes = {code for _, code, _ in told(snapshot(one, two, net={"one": 7, "two": 7}))}
    assert codes == {"owner-gone"}


def test_those_left_in_an_old_namespace_are_there_by_declaration() -> None:
    twin = container("twin", joins=cid("own"))
    seen = snapshot(OWN, DEP, twin, net={"own": 8, "dep": 7, "twin": 7})
    assert {code for _, code, _ in told(seen)} == {"stale-join"}


def test_those_left_behind_by_two_owners_that_are_gone_may_have_been_together() -> None:
    # One joined the same container by its id, the other by its name.
    one = container("one", joins=cid("vpn"))
    two = container("two", joins="vpn")
    codes = {code for _, code, _ in told(snapshot(one, two, net={"one": 7, "two": 7}))}
    assert codes == {"owner-gone"}


def test_one_left_behind_may_have_been_with_an_orphan() -> None:
    # Somebody new has the name that it joined.
    heir = container("vpn", id_="f" * 64)
    one, two = container("one", joins="vpn"), container("two", joins=cid("old"))
    seen = snapshot(heir, one, two, net={"one": 7, "two": 7})
    vpn = Namespace(NamespaceKind.NET, 4, 8)
    reading = ProcessReading(1, {NamespaceKind.NET: vpn}, None)
    processes = {**seen.host.processes, heir.id: reading}
    seen = replace(seen, host=replace(seen.host, processes=processes))
    codes = {code for _, code, _ in told(seen)}
    assert codes == {"owner-gone", "stale-join"}


def test_a_guest_of_one_that_is_left_behind_is_there_by_no_declaration() -> None:
    inodes = {"own": 8, "dep": 7, "guest": 7}
    found = told(snapshot(OWN, DEP, container("guest"), net=inodes))
    assert found == [
        ("dep", "stale-join", "error"),
        ("dep", "undeclared-share", "notice"),
        ("guest", "undeclared-share", "notice"),
    ]


def test_a_share_told_by_fingerprint_is_a_share() -> None:
    seen = snapshot(OWN, container("guest"), net={"own": 7, "guest": 7})
    told_so = Namespace(NamespaceKind.NET, 22, 61447, fingerprint=True)
    reading = ProcessReading(1, {NamespaceKind.NET: told_so}, None)
    processes = dict.fromkeys(seen.host.processes, reading)
    host = HostReading(NamespacesRead.FINGERPRINT, processes)
    assert Report(replace(seen, host=host)).findings[0].message == (
        "shares net:~61447 with own, though nothing declares it"
    )


def test_those_whose_namespaces_could_not_be_read_share_nothing_that_is_known() -> None:
    assert told(snapshot(OWN, container("guest"), net={"own": 7})) == []


def test_the_remedy_is_to_look_at_the_evidence() -> None:
    seen = snapshot(OWN, container("guest"), ipc={"own": 7, "guest": 7})
    remedies = [f.remedy for f in Report(seen).findings]
    assert remedies == ["nstui explain guest", "nstui explain own"]


def test_the_hosts_namespace_is_declared() -> None:
    one, two = (container(n, mode="host") for n in ("one", "two"))
    assert told(snapshot(one, two, net={"one": 1, "two": 1})) == []


def test_nothing_breaks_for_a_guest_of_the_host() -> None:
    # Nobody owns the host's namespace: whoever is in it with others depends on none.
    one = container("one", mode="host")
    assert told(snapshot(one, container("guest"), net={"one": 1, "guest": 1})) == []


RANKS = ("no", "on-failure", "unless-stopped", "always")


@pytest.mark.parametrize("mine", RANKS)
@pytest.mark.parametrize("theirs", RANKS)
def test_one_that_restarts_by_itself_needs_an_owner_that_does(
    mine: str, theirs: str
) -> None:
    own = container("own", restart=theirs)
    dep = container("dep", joins=cid("own"), restart=mine)
    found = told(snapshot(own, dep))
    lasting = {"unless-stopped", "always"}
    is_wrong = (mine in lasting and theirs not in lasting) or (
        mine == "on-failure" and theirs == "no"
    )
    assert found == ([("dep", "restart-mismatch", "notice")] if is_wrong else [])


@pytest.mark.parametrize("kind", ["joins", "joins_pid", "joins_ipc"])
def test_every_kind_of_join_needs_its_owner(kind: str) -> None:
    joins = {kind: cid("own")}
    dep = container("dep", restart="always", **joins)  # type: ignore[arg-type] # one of three
    finding = only(snapshot(OWN, dep))
    assert finding.message == (
        "restarts always, but own, which it joined, does not:"
        " after a reboot it cannot start"
    )
    assert finding.remedy == "docker update --restart always own"


def test_an_owner_that_removes_itself_cannot_be_given_a_policy() -> None:
    own = container("own", removes_itself=True)
    dep = container("dep", joins=cid("own"), restart="always")
    assert only(snapshot(own, dep)).remedy == "docker update --restart no dep"


def test_all_that_a_container_joined_are_given_its_policy_at_once() -> None:
    one, two = container("one", restart="on-failure"), container("two")
    dep = container("dep", joins=one.id, joins_pid=two.id, restart="always")
    finding = only(snapshot(one, two, dep))
    assert finding.message == (
        "restarts always, but one, which it joined, restarts only after a failure and"
        " two, which it joined, does not: after a reboot it cannot start"
    )
    assert finding.remedy == "docker update --restart always one two"
    fleeting = container("two", removes_itself=True)
    remedy = only(snapshot(one, fleeting, dep)).remedy
    assert remedy == "docker update --restart no dep"


def test_the_policy_of_one_that_could_not_be_inspected_is_unknown() -> None:
    own = container("own", is_inspected=False)
    dep = container("dep", joins=cid("own"), restart="always")
    assert told(snapshot(own, dep)) == [("own", "unreadable", "warning")]


def test_what_a_container_joined_through_another_is_the_others_concern() -> None:
    dep = container("dep", joins=cid("own"), restart="always")
    far = container("far", joins=cid("dep"), restart="always")
    assert told(snapshot(OWN, dep, far)) == [("dep", "restart-mismatch", "notice")]


def test_the_policy_of_one_that_is_gone_does_not_matter() -> None:
    dep = container("dep", joins=cid("gone"), restart="always")
    assert {code for _, code, _ in told(snapshot(dep))} == {"owner-gone"}
