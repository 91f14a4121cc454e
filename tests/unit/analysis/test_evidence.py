"""The evidence that a finding names, beside its code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.model.container import ComposeService
from nstui.model.snapshot import MountedFile
from nstui.render.incidents import message_text
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.finding import Finding
    from nstui.model.snapshot import Snapshot

GONE = cid("vpn")
SHORT = GONE[:12]
DEP = container("dep", joins=GONE)
NET = {"vpn": 8, "dep": 7}
ALL_FILES = ("resolv.conf", "hosts", "hostname")


def first(seen: Snapshot) -> Finding:
    """Return the worst finding of a host."""
    return Report(seen).findings[0]


def files(
    *names: str, of: str | None = "vpn", is_deleted: bool = True
) -> tuple[MountedFile, ...]:
    """Return files of a container as the kernel has them mounted."""
    owner = None if of is None else cid(of)
    return tuple(MountedFile(n, f"/c/{owner}/{n}", is_deleted, owner) for n in names)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "a moment"), (3, "3 min"), (200, "3 h"), (4000, "2 d")],
)
def test_a_stale_join_says_since_when(minutes: int, words: str) -> None:
    seen = snapshot(container("vpn"), DEP, net=NET, minutes=minutes)
    message = "runs in net:[7]; vpn has been in net:[8] since its restart"
    # Two looks have the same message: only people are told an age.
    assert first(seen).message == message
    assert message_text(first(seen), seen.taken_at) == f"{message} {words} ago"


def test_a_stale_join_whose_owners_start_is_unknown_has_no_age() -> None:
    seen = snapshot(container("vpn", started=None), DEP, net=NET)
    assert first(seen).message.endswith("vpn has been in net:[8] since its restart")


def test_an_owner_that_is_younger_than_its_dependent_was_not_restarted() -> None:
    heir = container("vpn", created=5, started=5)
    seen = snapshot(heir, container("dep", joins="vpn"), net=NET, minutes=8)
    words = message_text(first(seen), seen.taken_at)
    assert words.endswith("in net:[8] since its first start 3 min ago")


def test_an_owner_that_is_gone_is_called_what_it_was() -> None:
    seen = snapshot(DEP, former_containers={"vpn": "gluetun"})
    assert first(seen).message == f"joined gluetun ({SHORT}), which no longer exists"


def test_one_who_joined_an_orphan_is_told_its_owners_name_too() -> None:
    far = container("far", joins=cid("dep"))
    seen = snapshot(DEP, far, former_containers={"vpn": "gluetun"})
    assert Report(seen).findings[1].message == (
        f"joined dep, which joined gluetun ({SHORT}), which no longer exists"
    )


@pytest.mark.parametrize(
    ("mounted", "evidence"),
    [
        pytest.param(
            files(*ALL_FILES),
            "; deleted with it: resolv.conf, hosts, hostname",
            id="all",
        ),
        pytest.param(
            files("hosts") + files("resolv.conf", of=None),
            "; deleted with it: hosts",
            id="a file of the user's own, deleted by the user",
        ),
        pytest.param(files("hosts", of="other"), "", id="a file of somebody else"),
        pytest.param(files(*ALL_FILES, is_deleted=False), "", id="there still"),
        pytest.param((), "", id="none is mounted"),
        pytest.param(None, "", id="could not be read"),
    ],
)
def test_an_orphan_says_which_files_went_with_its_owner(
    mounted: tuple[MountedFile, ...] | None, evidence: str
) -> None:
    seen = snapshot(DEP, files={} if mounted is None else {"dep": mounted})
    assert first(seen).message == f"joined {SHORT}, which no longer exists{evidence}"


def test_an_orphan_by_name_says_which_files_went_with_its_owner() -> None:
    dep = container("dep", joins="vpn")
    mounted = files("hosts", of="the one called vpn") + files("hostname", of=None)
    seen = snapshot(dep, files={"dep": mounted})
    assert first(seen).message == (
        "joined vpn, which no longer exists; deleted with it: hosts"
    )


def test_an_orphan_of_ipc_says_nothing_of_files() -> None:
    dep = container("dep", joins_ipc=GONE)
    message = first(snapshot(dep, files={"dep": files("hosts")})).message
    assert message == f"joined {SHORT}, which no longer exists"


def test_an_orphan_that_does_not_run_says_that_it_cannot_start() -> None:
    dep = container("dep", joins=GONE, state="exited", exit_code=137)
    assert first(snapshot(dep)).message.endswith("no longer exists; it cannot start")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("exited", "was killed because it ran out of memory"),
        ("running", "ran out of memory, and a process of it was killed"),
    ],
)
def test_one_that_runs_was_not_killed_itself(state: str, message: str) -> None:
    seen = snapshot(container("web", oom_killed=True, state=state))
    assert first(seen).message == message


CURES = [
    pytest.param(
        {},
        (),
        "choose its new owner, then: nstui heal --onto NEW_OWNER dep",
        id="nobody knows its name",
    ),
    pytest.param(
        {"vpn": "vpn"},
        (),
        "create vpn again, then: nstui heal dep",
        id="nobody has its name",
    ),
    pytest.param(
        {"vpn": "vpn"},
        (replace(container("vpn"), id=cid("the next vpn")),),
        "nstui heal dep",
        id="somebody has taken its place",
    ),
    pytest.param(
        {"vpn": "vpn"},
        (replace(container("vpn", mode="host"), id=cid("the next vpn")),),
        "choose its new owner, then: nstui heal --onto NEW_OWNER dep",
        id="who has its name is in the host's network",
    ),
]


@pytest.mark.parametrize(("former_containers", "others", "remedy"), CURES)
def test_the_remedy_of_an_orphan_is_healing(
    former_containers: dict[str, str], others: tuple[Container, ...], remedy: str
) -> None:
    assert (
        first(snapshot(DEP, *others, former_containers=former_containers)).remedy
        == remedy
    )


def test_who_could_be_meant_is_named_where_healing_would_do_nothing() -> None:
    needing = ComposeService("p", "dep", depends_on=("own", "aux"))
    aux = container("aux", compose="p/aux")
    (finding, *_) = Report(snapshot(replace(DEP, compose=needing), aux)).findings
    assert not finding.is_command
    assert finding.remedy == (
        "ask compose with nstui heal dep, or choose its new owner, perhaps aux, then:"
        " nstui heal --onto NEW_OWNER dep"
    )


def test_the_remedy_of_an_orphan_by_name_restarts_the_whole_way() -> None:
    seen = snapshot(container("dep", joins="vpn"), container("far", joins=cid("dep")))
    assert [finding.remedy for finding in Report(seen).findings] == [
        "create vpn again, then: docker restart dep",
        "create vpn again, then: docker restart dep far",
    ]
