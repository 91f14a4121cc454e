"""Which calls to the engine are let through, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.deciding import decide
from nstui.analysis.guarding.question import Question
from nstui.analysis.guarding.requests import AskedChange, Change
from nstui.analysis.guarding.verdict import Reason, Verdict
from nstui.analysis.report import Report
from nstui.model.container import Container, Manager, ManagerKind, ManagerProof
from nstui.model.watch import Circuit, WatchReading, WatchStatus
from tests.support.builders import NOON, cid, container, report, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

VPN = container("vpn")
WEB = container("web", joins=cid("vpn"))
FREE = container("free")
STOPPED_VPN = container("vpn", state="exited")
STOPPED_WEB = container("web", joins=cid("vpn"), state="exited")
BOTH = (VPN, WEB, FREE)
FORCED = AskedChange(Change.RM, "vpn", force=True)
POD = Manager(kind=ManagerKind.KUBERNETES, name="ns/pod", proof=ManagerProof.LABELS)


def labelled(one: Container, **labels: str) -> Container:
    """Return a container with labels of its own."""
    own = tuple((f"nstui.{key}", value) for key, value in labels.items())
    return replace(one, steering=own)


def asking(change: str, reference: str | None = "vpn", **how: object) -> AskedChange:
    """Return what a client asks for."""
    return AskedChange(Change(change), reference)._replace(**how)  # type: ignore[arg-type]


def decided(containers: Iterable[Container], asked: AskedChange) -> Verdict:
    """Return the verdict where nothing else is known."""
    return decide(report(*containers), Question(asked))


@pytest.mark.parametrize(
    ("containers", "asked", "reason"),
    [
        pytest.param(BOTH, FORCED, Reason.WOULD_BREAK, id="rm -f"),
        pytest.param(BOTH, asking("stop"), Reason.WOULD_BREAK, id="stop"),
        pytest.param(BOTH, asking("kill"), Reason.WOULD_BREAK, id="kill"),
        pytest.param(BOTH, asking("restart"), Reason.WOULD_BREAK, id="restart"),
        pytest.param(
            BOTH, asking("stop", cid("vpn")), Reason.WOULD_BREAK, id="by its id"
        ),
        pytest.param(
            BOTH, asking("stop", cid("vpn")[:4]), Reason.WOULD_BREAK, id="by a prefix"
        ),
        pytest.param(BOTH, asking("stop", "/vpn"), Reason.WOULD_BREAK, id="slash"),
        pytest.param(
            BOTH,
            asking("stop", signal="HUP"),
            Reason.WOULD_BREAK,
            id="stop by a signal",
        ),
        pytest.param(
            BOTH, asking("kill", signal="TERM"), Reason.WOULD_BREAK, id="TERM"
        ),
        pytest.param(
            BOTH, asking("kill", signal="sigterm"), Reason.WOULD_BREAK, id="sigterm"
        ),
        pytest.param(BOTH, asking("kill", signal="9"), Reason.WOULD_BREAK, id="9"),
        pytest.param(BOTH, asking("kill", signal="odd"), Reason.WOULD_BREAK, id="odd"),
        pytest.param(
            BOTH, asking("kill", signal="SIGHUP"), Reason.BREAKS_NOTHING, id="HUP"
        ),
        pytest.param(
            BOTH, asking("kill", signal="WINCH"), Reason.BREAKS_NOTHING, id="WINCH"
        ),
        pytest.param(
            (VPN, container("web", joins_pid="vpn")),
            asking("kill"),
            Reason.WOULD_BREAK,
            id="pid",
        ),
        pytest.param(
            (VPN, container("web", joins_ipc="vpn")),
            asking("stop"),
            Reason.WOULD_BREAK,
            id="ipc",
        ),
        pytest.param(
            (VPN, container("web", links=("vpn",))),
            asking("stop"),
            Reason.WOULD_BREAK,
            id="link",
        ),
        pytest.param(
            (VPN, container("web", volumes_from=("vpn",))),
            FORCED,
            Reason.BREAKS_NOTHING,
            id="volumes",
        ),
        pytest.param(
            BOTH, asking("stop", "web"), Reason.BREAKS_NOTHING, id="dependent"
        ),
        pytest.param(
            BOTH, asking("stop", "free"), Reason.BREAKS_NOTHING, id="nobody's"
        ),
        pytest.param(
            BOTH, asking("rm", "free", force=True), Reason.BREAKS_NOTHING, id="rm free"
        ),
        pytest.param(BOTH, asking("rm"), Reason.BREAKS_NOTHING, id="refused by itself"),
        pytest.param(BOTH, asking("stop", "gone"), Reason.UNKNOWN, id="unknown"),
        pytest.param(
            BOTH, asking("stop", cid("gone")), Reason.UNKNOWN, id="unknown id"
        ),
        pytest.param(
            (VPN, STOPPED_WEB), FORCED, Reason.BREAKS_NOTHING, id="it is down"
        ),
        pytest.param(
            (STOPPED_VPN, WEB), asking("rm"), Reason.WOULD_BREAK, id="rm of a stopped"
        ),
        pytest.param(
            (STOPPED_VPN, WEB), asking("stop"), Reason.BREAKS_NOTHING, id="stop stopped"
        ),
        pytest.param(
            (STOPPED_VPN, WEB), asking("kill"), Reason.BREAKS_NOTHING, id="kill stopped"
        ),
        pytest.param(
            (STOPPED_VPN, WEB), asking("restart"), Reason.BREAKS_NOTHING, id="start it"
        ),
        pytest.param(
            (STOPPED_VPN, STOPPED_WEB),
            asking("rm"),
            Reason.BREAKS_NOTHING,
            id="all down",
        ),
        pytest.param(
            (VPN, WEB, container("far", joins=cid("web"))),
            asking("stop", "web"),
            Reason.BREAKS_NOTHING,
            id="the one in between holds nothing",
        ),
        pytest.param(
            (container("vpn", state="paused"), WEB),
            asking("stop"),
            Reason.WOULD_BREAK,
            id="paused",
        ),
        pytest.param(
            (container("vpn", state="restarting"), WEB),
            asking("rm"),
            Reason.BREAKS_NOTHING,
            id="about to start",
        ),
        pytest.param(
            (labelled(VPN, guard="off"), WEB), FORCED, Reason.LABEL, id="its label"
        ),
        pytest.param(
            (labelled(VPN, guard=" OFF "), WEB), FORCED, Reason.LABEL, id="loud label"
        ),
        pytest.param(
            (labelled(VPN, guard="on"), WEB), FORCED, Reason.WOULD_BREAK, id="label on"
        ),
        pytest.param(
            (VPN, labelled(WEB, guard="off")),
            FORCED,
            Reason.WOULD_BREAK,
            id="label of the dependent",
        ),
        pytest.param(
            (replace(VPN, labels=(("nstui.guard", "off"),)), WEB),
            FORCED,
            Reason.WOULD_BREAK,
            id="label of its image",
        ),
        pytest.param(
            (container("vpn", manager=POD), container("web", joins="vpn", manager=POD)),
            FORCED,
            Reason.MANAGED,
            id="a pod",
        ),
        pytest.param(
            (
                container("vpn", manager=POD),
                container("web", joins="vpn", manager=replace(POD, name="ns/other")),
            ),
            FORCED,
            Reason.WOULD_BREAK,
            id="two pods",
        ),
        pytest.param(
            (container("vpn", manager=POD), WEB), FORCED, Reason.WOULD_BREAK, id="guest"
        ),
        pytest.param(
            tuple(
                container(one.name, joins=joins, manager=replace(POD, proof=proof))
                for one, joins in ((VPN, None), (WEB, "vpn"))
                for proof in (ManagerProof.NONE,)
            ),
            FORCED,
            Reason.WOULD_BREAK,
            id="labels of an image",
        ),
        pytest.param(
            tuple(
                container(
                    name, joins=joins, manager=replace(POD, kind=ManagerKind.SWARM)
                )
                for name, joins in (("vpn", None), ("web", "vpn"))
            ),
            FORCED,
            Reason.WOULD_BREAK,
            id="tasks of a swarm",
        ),
        pytest.param(
            (STOPPED_VPN, WEB), asking("prune", None), Reason.WOULD_BREAK, id="prune"
        ),
        pytest.param(
            (STOPPED_VPN, STOPPED_WEB),
            asking("prune", None),
            Reason.BREAKS_NOTHING,
            id="prune both",
        ),
        pytest.param(BOTH, asking("prune", None), Reason.BREAKS_NOTHING, id="no prune"),
        pytest.param(
            (labelled(STOPPED_VPN, guard="off"), WEB),
            asking("prune", None),
            Reason.LABEL,
            id="prune a label",
        ),
        pytest.param(
            (labelled(STOPPED_VPN, guard="off"), WEB, container("a", state="dead")),
            asking("prune", None),
            Reason.BREAKS_NOTHING,
            id="prune beside a label",
        ),
        pytest.param(
            (*BOTH, container("x", is_inspected=False)),
            asking("rm", "free", force=True),
            Reason.MAY_BREAK,
            id="unread",
        ),
        pytest.param(
            (*BOTH, container("x", is_inspected=False, state="exited")),
            asking("rm", "free", force=True),
            Reason.BREAKS_NOTHING,
            id="unread and down",
        ),
        pytest.param(
            (STOPPED_VPN, FREE, container("x", is_inspected=False)),
            asking("stop"),
            Reason.BREAKS_NOTHING,
            id="unread and nothing to stop",
        ),
        pytest.param(
            (*BOTH, container("x", is_inspected=False)),
            asking("kill", "free", signal="HUP"),
            Reason.BREAKS_NOTHING,
            id="unread and no end",
        ),
    ],
)
def test_what_is_let_through(
    containers: tuple[Container, ...], asked: AskedChange, reason: Reason
) -> None:
    denied = {Reason.WOULD_BREAK, Reason.MAY_BREAK}
    found = decided(containers, asked)
    assert (found.reason, found.allow) == (reason, reason not in denied)


@pytest.mark.parametrize(
    ("containers", "asked", "message"),
    [
        (
            BOTH,
            FORCED._replace(volumes=True),
            (
                "removing vpn breaks web (loses its network at once; can never"
                " start again, must be recreated). Instead: nstui rm -f -v"
                " --with-dependents vpn (acts on them too), or nstui rm -f -v"
                " --break-dependents vpn (accepts that)"
            ),
        ),
        (
            (VPN, *(container(name, joins="vpn") for name in "abcdefg")),
            asking("restart", timeout=3, signal="INT"),
            (
                "restarting vpn breaks a, b, c, d, e and 2 more (lose their network"
                " at once; must be restarted to rejoin vpn). Instead: nstui restart"
                " -t 3 -s INT --with-dependents vpn (acts on them too), or nstui"
                " restart -t 3 -s INT --break-dependents vpn (accepts that)"
            ),
        ),
        (
            (VPN, WEB, container("aid", joins_pid="vpn")),
            asking("stop", timeout=-1),
            (
                "stopping vpn breaks aid (is killed at once; cannot start again"
                " until vpn runs); web (loses its network at once; cannot start"
                " again until vpn runs). Instead: nstui stop --with-dependents vpn"
                " (acts on them too), or nstui stop --break-dependents vpn (accepts"
                " that)"
            ),
        ),
        (
            (STOPPED_VPN, WEB, container("old", state="exited")),
            asking("prune", None),
            (
                "pruning vpn breaks web (keeps running; can never start again, must"
                " be recreated). Instead: nstui prune (leaves alone what others"
                " need), or nstui rm --break-dependents vpn (accepts that)"
            ),
        ),
    ],
)
def test_what_is_said(
    containers: tuple[Container, ...], asked: AskedChange, message: str
) -> None:
    assert decided(containers, asked).message == message


def test_a_name_that_no_shell_takes_is_not_written_as_a_command() -> None:
    odd = container("v\x1b[2Jn", id_="x")
    found = decided(
        (odd, container("web", joins="v\x1b[2Jn")), asking("stop", odd.name)
    )
    assert found.message.isprintable()
    assert "Instead: nstui, where it can be selected" in found.message


def test_where_nothing_else_is_accepted_one_way_is_left() -> None:
    managed = replace(POD, kind=ManagerKind.SYSTEMD, name="web.service")
    web = container("web", joins="vpn", manager=managed)
    found = decided((VPN, web), asking("restart"))
    assert "Instead: nstui restart --break-dependents vpn" in found.message


def test_what_a_manager_runs_is_left_to_it_or_allowed_in_advance() -> None:
    """Nstui itself would not do it either, whatever it is told about dependents."""
    task = replace(POD, kind=ManagerKind.SWARM, name="site")
    found = decided((container("vpn", manager=task), WEB), FORCED)
    _, _, way = found.message.partition("Instead: ")
    assert way == (
        "vpn is run by swarm service site: use docker service rm site; what joined it"
        " (web) is left without it, or nstui guard allow vpn before it"
    )


def test_what_could_not_be_read_is_named() -> None:
    hosts = (*BOTH, container("x", is_inspected=False))
    asked = asking("restart", "free")
    assert decided(hosts, asked) == Verdict(
        allow=True,
        reason=Reason.MAY_BREAK,
        message="restarting free may break what depends on it: x could not be read",
    )
    question = Question(asked, blind=tuple(Change))
    assert not decide(report(*hosts), question).allow


def test_the_kernel_counts_and_not_the_declaration() -> None:
    """Web was left behind by an earlier restart: nothing more can happen to it."""
    stale = Report(snapshot(VPN, WEB, net={"vpn": 1, "web": 2}))
    assert decide(stale, Question(asking("restart"))).reason is Reason.BREAKS_NOTHING
    guest = Report(snapshot(VPN, FREE, net={"vpn": 1, "free": 1}))
    found = decide(guest, Question(asking("stop")))
    assert found.reason is Reason.WOULD_BREAK
    assert "breaks free" in found.message


STATUS = WatchStatus(
    pid=7,
    endpoint="unix:///var/run/docker.sock",
    started_at=NOON,
    written_at=NOON,
    looked_at=NOON,
    findings={},
)
CIRCUIT = Circuit(
    container=cid("web"), name="web", attempts=3, until=NOON + timedelta(hours=1)
)


def watching(**how: object) -> WatchReading:
    """Return a watch that runs, with a status of its own."""
    return WatchReading(status=replace(STATUS, **how), is_held=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "watch", "containers", "is_healed"),
    [
        pytest.param(asking("restart"), watching(), BOTH, True, id="restart"),
        pytest.param(asking("stop"), watching(), BOTH, False, id="stop"),
        pytest.param(FORCED, watching(), BOTH, False, id="rm"),
        pytest.param(asking("restart"), None, BOTH, False, id="no watch"),
        pytest.param(
            asking("restart"),
            WatchReading(status=STATUS, is_held=False),
            BOTH,
            False,
            id="it has ended",
        ),
        pytest.param(
            asking("restart"),
            WatchReading(status=None, is_held=True),
            BOTH,
            False,
            id="unread",
        ),
        pytest.param(
            asking("restart"), watching(is_dry_run=True), BOTH, False, id="dry run"
        ),
        pytest.param(
            asking("restart"), watching(is_read_only=True), BOTH, False, id="read only"
        ),
        pytest.param(
            asking("restart"), watching(problem="blind"), BOTH, False, id="blind"
        ),
        pytest.param(
            asking("restart"), watching(circuits=(CIRCUIT,)), BOTH, False, id="given up"
        ),
        pytest.param(
            asking("restart"),
            watching(),
            (VPN, labelled(WEB, watch="notify")),
            False,
            id="it only tells of the dependent",
        ),
        pytest.param(
            asking("restart"),
            watching(),
            (labelled(VPN, watch="off"), WEB),
            False,
            id="it does not watch the owner",
        ),
        pytest.param(
            asking("restart"),
            watching(),
            (labelled(VPN, watch="heal"), WEB),
            True,
            id="it is told to",
        ),
        pytest.param(
            asking("restart"),
            watching(),
            (VPN, container("web", joins_pid="vpn")),
            False,
            id="killed",
        ),
        pytest.param(
            asking("restart"),
            watching(),
            (VPN, container("web", joins="vpn", removes_itself=True)),
            True,
            id="it would not be there again",
        ),
    ],
)
def test_a_restart_that_is_healed(
    asked: AskedChange,
    watch: WatchReading | None,
    containers: tuple[Container, ...],
    *,
    is_healed: bool,
) -> None:
    found = decide(report(*containers), Question(asked, heals=True), watch)
    expected = Reason.HEALED if is_healed else Reason.WOULD_BREAK
    assert (found.reason, found.allow) == (expected, is_healed)
    # Nobody has asked for that.
    assert decide(report(*containers), Question(asked), watch).allow is False
