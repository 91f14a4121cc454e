"""What happened, as far as it was read, and the one remedy for all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.findings.incidents import find_incidents
from nstui.analysis.report import Report
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb
from tests.support.builders import NOON, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.finding import Incident
    from nstui.model.snapshot import Snapshot

LO = ("lo",)
SIX = "abcdef"
VPN = container("vpn", started=5)
STOPPED = container("vpn", state="exited")


def deps(names: str = SIX, *, state: str = "running") -> tuple[Container, ...]:
    return tuple(container(name, joins=cid("vpn"), state=state) for name in names)


def only_lo(*names: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names, LO)


def sentence(one: Incident) -> str:
    """Return what an incident says, with its time in minutes after noon."""
    when = "" if one.since is None else f" @{(one.since - NOON).seconds // 60}"
    effect = f": {one.effect}: {', '.join(one.names)}" if one.effect else ""
    return f"{one.cause}: {one.subject} {one.event}{when}{effect}"


def finished(vpn: Container, minutes: int) -> Container:
    assert vpn.inspection is not None
    at = NOON + timedelta(minutes=minutes)
    return replace(vpn, inspection=replace(vpn.inspection, finished_at=at))


STALE = {"vpn": 8, **dict.fromkeys(SIX, 7)}

CASES = [
    pytest.param(
        snapshot(VPN, *deps(), net=STALE, interfaces=only_lo(*SIX)),
        "owner-restarted: vpn was restarted @5: 6 containers still sit in its old"
        " network and have no connection (only lo): a, b, c, d, e, f",
        id="restarted",
    ),
    pytest.param(
        snapshot(VPN, *deps("a"), net=STALE, interfaces=only_lo("a")),
        "owner-restarted: vpn was restarted @5: 1 container still sits in its old"
        " network and has no connection (only lo): a",
        id="restarted, and one container",
    ),
    pytest.param(
        snapshot(VPN, *deps("abc"), net=STALE, interfaces=only_lo("b")),
        "owner-restarted: vpn was restarted @5: 3 containers still sit in its old"
        " network; 1 of them has no connection (only lo): a, b, c",
        id="interfaces read of some only",
    ),
    pytest.param(
        snapshot(VPN, *deps("ab"), net=STALE, interfaces={"a": ("lo", "tun0")}),
        "owner-restarted: vpn was restarted @5: 2 containers still sit in its old"
        " network: a, b",
        id="interfaces that still work, or are not known",
    ),
    pytest.param(
        snapshot(VPN, *deps("ab")),
        "owner-restarted: vpn was restarted @5: 2 containers still sit in its old"
        " network: a, b",
        id="by the order of starts alone",
    ),
    pytest.param(
        snapshot(container("vpn", started=None), *deps("ab"), net=STALE),
        "owner-elsewhere: vpn is in another network: 2 containers that joined it are"
        " not there: a, b",
        id="the start of the owner is not known",
    ),
    pytest.param(
        snapshot(container("vpn"), *deps("a"), net=STALE),
        "owner-elsewhere: vpn is in another network: 1 container that joined it is"
        " not there: a",
        id="the owner was not started later",
    ),
    pytest.param(
        snapshot(
            VPN, container("a", joins="vpn", started=None), net={"vpn": 8, "a": 7}
        ),
        "owner-elsewhere: vpn is in another network: 1 container that joined it is"
        " not there: a",
        id="the start of the dependent is not known",
    ),
    pytest.param(
        snapshot(
            container("vpn", started=5, created=4),
            *(container(name, joins="vpn") for name in "ab"),
            net=STALE,
        ),
        "owner-replaced: vpn was created @4: 2 containers joined an earlier vpn: a, b",
        id="younger than those that joined its name",
    ),
    pytest.param(
        snapshot(
            container("shm", started=5),
            container("w", joins_ipc="shm"),
            ipc={"shm": 2, "w": 1},
        ),
        "owner-restarted: shm was restarted @5: 1 container still sits in its old ipc"
        " namespace: w",
        id="another kind of namespace",
    ),
    pytest.param(
        snapshot(
            container("vpn", started=5),
            container("w", joins_ipc="vpn"),
            *deps("a"),
            net={"vpn": 8, "a": 7},
            ipc={"vpn": 2, "w": 1},
        ),
        "owner-restarted: vpn was restarted @5: 2 containers still sit in its old"
        " namespaces: a, w",
        id="several kinds",
    ),
    pytest.param(
        snapshot(finished(STOPPED, 3), *deps("ab"), interfaces=only_lo("a", "b")),
        "owner-stopped: vpn stopped @3: 2 containers that joined it have no"
        " connection (only lo): a, b",
        id="stopped",
    ),
    pytest.param(
        snapshot(STOPPED, *deps("ab"), *deps("z", state="exited")),
        "owner-stopped: vpn is not running: 2 containers that joined it still run, 1"
        " cannot start until it runs: a, b, z",
        id="stopped, and neither when nor their interfaces are known",
    ),
    pytest.param(
        snapshot(STOPPED, *deps("ab"), interfaces=only_lo("b")),
        "owner-stopped: vpn is not running: 2 containers that joined it still run, 1"
        " without a connection (only lo): a, b",
        id="stopped, and interfaces read of some only",
    ),
    pytest.param(
        snapshot(container("vpn", state="created"), *deps("a")),
        "owner-stopped: vpn is created: 1 container that joined it still runs: a",
        id="another state",
    ),
    pytest.param(
        snapshot(container("vpn", state="removing"), *deps("a")),
        "owner-stopped: vpn is being removed: 1 container that joined it still runs: a",
        id="being removed",
    ),
    pytest.param(
        snapshot(STOPPED, *deps("a", state="exited")),
        "owner-stopped: vpn is not running: 1 container that joined it cannot start"
        " until it runs: a",
        id="all are stopped",
    ),
    pytest.param(
        snapshot(*deps("ab"), interfaces=only_lo("a", "b")),
        f"owner-gone: {cid('vpn')[:12]} no longer exists: 2 containers that joined it"
        " have no connection (only lo): a, b",
        id="gone",
    ),
    pytest.param(
        snapshot(
            *deps("a"),
            container("far", joins=cid("a")),
            former_containers={"vpn": "vpn"},
        ),
        f"owner-gone: vpn ({cid('vpn')[:12]}) no longer exists: 2 containers that"
        " joined it still run: a, far",
        id="gone, and its name is known",
    ),
    pytest.param(
        snapshot(
            container("vpn"),
            *deps("ab"),
            interfaces=only_lo("vpn", "a", "b"),
        ),
        "no-uplink: vpn has no network interface but lo, though it is attached to a"
        " network: 2 containers share its network: a, b",
        id="no interface",
    ),
    pytest.param(
        snapshot(container("vpn"), *deps("a"), interfaces=only_lo("a")),
        "no-uplink: vpn has no connection (only lo): 1 container shares its network: a",
        id="no interface in a dependent, and its owner's were not read",
    ),
    pytest.param(
        replace(
            snapshot(
                container("web", mode="media", networks=()),
                container("api", mode="media", networks=()),
                interfaces=only_lo("web", "api"),
            ),
            networks=frozenset(("bridge",)),
        ),
        "network-gone: network media no longer exists: 2 containers made for it have"
        " no connection (only lo): api, web",
        id="network gone",
    ),
    pytest.param(
        snapshot(
            container("vpn"),
            *(container(n, joins=cid("vpn"), restart="always") for n in "ab"),
        ),
        "restart-mismatch: vpn has the restart policy no: 2 containers that joined it"
        " restart by themselves and cannot start after a reboot: a, b",
        id="restart policy",
    ),
    pytest.param(
        snapshot(container("vpn"), container("a", joins=cid("vpn"), restart="always")),
        "restart-mismatch: vpn has the restart policy no: 1 container that joined it"
        " restarts by itself and cannot start after a reboot: a",
        id="restart policy of one",
    ),
    pytest.param(
        snapshot(container("web", health="unhealthy", oom_killed=True)),
        "own: web its health check fails; ran out of memory, and a process of it"
        " was killed",
        id="its own",
    ),
    pytest.param(
        snapshot(container("job", joins=cid("vpn"), state="exited")),
        f"own: job has finished; it joined {cid('vpn')[:12]}, which no longer exists",
        id="a finished job has nothing to do with others",
    ),
]


@pytest.mark.parametrize(("one", "expected"), CASES)
def test_what_happened_and_to_whom(one: Snapshot, expected: str) -> None:
    (incident,) = Report(one).incidents
    assert sentence(incident) == expected


def test_one_in_the_network_of_another_may_never_have_been_in_the_owners() -> None:
    net = {"vpn": 8, "x": 7, "a": 7}
    first, *_ = Report(snapshot(VPN, container("x"), *deps("a"), net=net)).incidents
    assert sentence(first) == (
        "owner-elsewhere: vpn is in another network: 1 container that joined it is not"
        " there: a"
    )


def cut_off(*steps: Step, begun: int, done: int) -> PlanRecord:
    return PlanRecord(
        id="0a1b2c3d",
        began_at=NOON,
        endpoint="unix:///var/run/docker.sock",
        action=Action.RESTART,
        steps=steps,
        running=frozenset(step.container for step in steps),
        begun=begun,
        done=done,
    )


def test_what_a_cut_off_action_left_behind_is_one_incident() -> None:
    step = Step(verb=Verb.RESTART, container=cid("vpn"), name="vpn")
    record = cut_off(step, begun=1, done=0)
    one = replace(snapshot(STOPPED, *deps("ab")), unfinished=(record,))
    (incident,) = Report(one).incidents
    assert sentence(incident) == (
        "interrupted: vpn nstui restart was cut off after 0 of 1 steps: vpn ran before"
        " and is stopped; not done: restart vpn: 2 containers depend on it: a, b"
    )
    assert incident.owner == cid("vpn")
    assert (incident.remedy, incident.is_command) == ("nstui heal vpn a b", True)


def test_who_joined_what_a_cut_off_replacement_removed_belongs_to_it() -> None:
    step = Step(verb=Verb.RECREATE, container=cid("vpn"), name="vpn", starts=True)
    record = replace(cut_off(step, begun=1, done=0), new=cid("new"))
    half = container("vpn-new-1", id_=cid("new"), state="created", started=None)
    one = replace(snapshot(half, *deps("ab")), unfinished=(record,))
    (incident,) = Report(one).incidents
    assert (incident.cause, incident.code) == ("interrupted", "interrupted")
    assert incident.effect == "2 containers depend on it"
    # Whoever leaves out the finding about the action still sees them together.
    rest = [f for f in incident.findings if f.code != "interrupted"]
    (left,) = find_incidents(one, Report(one).graph, rest)
    assert left.event == "was left behind by a cut-off action"
    assert left.owner == cid("new")
    assert "a b" in left.remedy


def test_a_failing_health_check_may_be_due_to_the_lost_network() -> None:
    sick = container("a", joins=cid("vpn"), health="unhealthy", oom_killed=True)
    alone = container("x", health="unhealthy")
    one = snapshot(VPN, sick, alone, net={"vpn": 8, "a": 7})
    lost, oom, other = Report(one).incidents
    assert [f.code.value for f in lost.perhaps] == ["unhealthy"]
    assert sentence(oom).startswith("own: a ran out of memory")
    assert sentence(other) == "own: x its health check fails"


def test_another_kind_of_namespace_does_not_explain_a_failing_health_check() -> None:
    sick = container("w", joins_ipc="shm", health="unhealthy")
    one = snapshot(container("shm", started=5), sick, ipc={"shm": 2, "w": 1})
    assert [i.code for i in Report(one).incidents] == ["stale-join", "unhealthy"]


def test_the_worst_first_then_what_hits_the_most() -> None:
    one = snapshot(
        VPN,
        *deps("ab"),
        container("amy", health="unhealthy"),
        container("aaa", state="restarting"),
    )
    assert [i.code for i in Report(one).incidents] == [
        "stale-join",
        "unhealthy",
        "restarting",
    ]


def test_each_finding_is_told_once() -> None:
    sick = container("a", joins=cid("vpn"), health="unhealthy", restart="always")
    of = Report(snapshot(VPN, sick, *deps("bc"), net=STALE))
    told = [f for i in of.incidents for f in (*i.findings, *i.perhaps)]
    assert sorted(told, key=of.findings.index) == list(of.findings)


REMEDIES = [
    pytest.param(snapshot(VPN, *deps()), "nstui heal vpn", True, id="stale"),
    pytest.param(
        snapshot(STOPPED, *deps("ab"), *deps("z", state="exited")),
        "nstui heal vpn",
        True,
        id="stopped",
    ),
    pytest.param(
        snapshot(STOPPED, *deps("ab", state="exited")),
        "docker start vpn",
        True,
        id="nothing that should run",
    ),
    pytest.param(
        snapshot(
            VPN,
            *deps("ab"),
            container("r", joins_pid=cid("a")),
            net={"vpn": 8, "a": 7, "b": 7},
        ),
        "nstui heal --with-dependents vpn",
        True,
        id="one that is well would be harmed",
    ),
    pytest.param(
        snapshot(container("vpn", state="dead"), *deps("ab")),
        "create vpn again, which is dead, then: docker start vpn && docker restart a b",
        False,
        id="an owner that cannot be started",
    ),
    pytest.param(
        snapshot(*deps("ab"), former_containers={"vpn": "vpn"}),
        "create vpn again, then: nstui heal a b",
        False,
        id="gone without a successor",
    ),
    pytest.param(
        snapshot(container("vpn", id_=cid("new")), *deps("ab"), former_containers={}),
        "choose its new owner, then: nstui heal --onto NEW_OWNER a b",
        False,
        id="gone, and nothing proves what replaced it",
    ),
    pytest.param(
        snapshot(container("new"), *deps("ab"), former_containers={"vpn": "new"}),
        "nstui heal a b",
        True,
        id="gone, and it is proven what replaced it",
    ),
    pytest.param(
        replace(
            snapshot(
                container("web", mode="media", networks=()),
                container("api", mode="media", networks=()),
                container("dep", joins=cid("web")),
                interfaces=only_lo("web", "api", "dep"),
            ),
            networks=frozenset(("bridge",)),
        ),
        "create the network media again, then: nstui heal api web",
        False,
        id="network gone",
    ),
    pytest.param(
        snapshot(
            container("vpn", networks=()),
            *deps("a"),
            interfaces=only_lo("vpn", "a"),
        ),
        "docker network connect bridge vpn",
        True,
        id="detached",
    ),
    pytest.param(
        snapshot(container("vpn"), *deps("ab"), interfaces=only_lo("vpn", "a", "b")),
        "docker restart vpn a b",
        True,
        id="no interface",
    ),
]


@pytest.mark.parametrize(("one", "remedy", "is_command"), REMEDIES)
def test_one_remedy_for_all(one: Snapshot, remedy: str, is_command: bool) -> None:  # noqa: FBT001
    (incident,) = Report(one).incidents
    assert (incident.remedy, incident.is_command) == (remedy, is_command)


def test_remedies_that_differ_are_put_one_after_the_other() -> None:
    mad = container("b", joins=cid("vpn"), links=("mad",))
    loop = container("mad", state="restarting")
    of = Report(snapshot(VPN, *deps("a"), mad, loop, net=STALE))
    assert of.incidents[0].remedy == (
        "docker restart a; fix mad, which keeps exiting, then: docker restart b"
    )
    assert not of.incidents[0].is_command
