"""What events tell of ends, and of somebody at work."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from nstui.analysis.watching.happenings import (
    End,
    Happenings,
    Patience,
    RelatedContainers,
    find_work,
    may_be_started,
    note_containers,
    note_event,
    why_stopped,
)
from nstui.model.container import Container, ContainerEvent
from tests.support.builders import cid, container

Told = tuple[float, str]
"""When, and the action; a signal after a colon, another container after an ``@``."""

NOTHING = Happenings(lives=MappingProxyType({}))
PATIENCE = Patience(finished_s=3, unfinished_s=60)


def happened(
    *told: Told,
    there: tuple[Container, ...] = (),
    own: frozenset[str] = frozenset(),
) -> Happenings:
    """Return what some events have told, after a first look at containers."""
    known = note_containers(NOTHING, there, 0)
    for at_s, words in told:
        action, _, about = words.partition("@")
        action, _, signal = action.partition(":")
        name, _, before = (about or "web").partition("<")
        event = ContainerEvent(action, cid(before or name), 0, name, signal)
        known = note_event(known, event, at_s, own)
    return known


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (((1, "kill:15"), (2, "die")), End.REQUESTED),
        (((1, "kill:15"), (11, "kill:9"), (12, "die"), (12, "stop")), End.REQUESTED),
        (((1, "kill"), (2, "die")), End.REQUESTED),
        (((1, "kill:SIGKILL"), (2, "die")), End.REQUESTED),
        (((1, "die"),), End.ALONE),
        (((1, "oom"), (1, "die")), End.ALONE),
        (((1, "die"), (1, "stop")), End.REQUESTED),
        (((1, "kill:1"), (2, "die")), End.REQUESTED),
        (((1, "kill:1"), (60, "die")), End.ALONE),
        (((1, "kill:28"), (2, "die")), End.ALONE),
        (((1, "kill:15"), (700, "die")), End.ALONE),
        (((1, "kill:15"), (2, "die"), (3, "start")), None),
        (((1, "kill:15"), (2, "die"), (3, "start"), (4, "die")), End.ALONE),
        (((1, "stop"),), None),
        (((1, "exec_die"),), None),
    ],
    ids=[
        "stopped",
        "stopped after the time to stop",
        "killed, and the engine names no signal",
        "killed by name",
        "died",
        "out of memory",
        "stopped on Podman, which sends no kill",
        "ended by a signal that it did not handle",
        "died long after a signal that it handled",
        "died after a signal that ends nothing",
        "died long after it ignored a request",
        "restarted",
        "died after a restart",
        "a stop of what did not run",
        "another event",
    ],
)
def test_an_end_is_by_request_or_alone(told: tuple[Told, ...], end: End | None) -> None:
    assert happened(*told).lives[cid("web")].end is end


def test_a_stop_signal_of_its_own_is_a_request() -> None:
    there = container("web")
    assert there.inspection is not None
    known = happened((1, "kill:28"), (2, "die"), there=(there,))
    assert known.lives[cid("web")].end is End.ALONE
    life = known.lives[cid("web")]
    assert life.deaths == (2,)


def test_a_start_that_no_event_told_of_is_seen_later() -> None:
    known = happened((1, "kill:15"), (2, "die"))
    running = (container("web"),)
    assert note_containers(known, running, 3).lives[cid("web")].end is End.REQUESTED
    assert note_containers(known, running, 8).lives[cid("web")].end is None
    exited = (container("web", state="exited"),)
    assert note_containers(known, exited, 99).lives[cid("web")].end is End.REQUESTED


def test_what_is_gone_and_what_is_long_ago_is_forgotten() -> None:
    known = happened((1, "die"), (2, "die@db"), (3, "create@db"))
    later = note_containers(known, (container("web"),), 700)
    assert later.lives.keys() == {cid("web")}
    assert later.lives[cid("web")].deaths == ()
    assert later.signs == ()


def test_a_rename_is_followed() -> None:
    known = happened((1, "create"), (2, "rename@new<web"), (3, "rename@<web"))
    assert known.lives[cid("web")].name == "new"
    assert known.signs[1].names == {"web", "new"}


@pytest.mark.parametrize(
    ("it", "told", "may"),
    [
        (container("web", state="exited", restart="always"), (), False),
        (
            container("web", state="exited", start_error="port is taken"),
            ((1, "kill:15"), (2, "die")),
            True,
        ),
        (
            container("web", state="exited", restart="always"),
            ((1, "kill:15"), (2, "die")),
            False,
        ),
        (container("web", state="exited", restart="always"), ((1, "die"),), True),
        (container("web", state="exited", restart="no"), ((1, "die"),), False),
        (
            container("web", state="exited", restart="on-failure", exit_code=1),
            ((1, "die"),),
            True,
        ),
        (
            container("web", state="exited", restart="on-failure"),
            ((1, "die"),),
            False,
        ),
        (
            container(
                "web",
                state="exited",
                restart="on-failure",
                exit_code=1,
                restart_count=3,
                restart_limit=3,
            ),
            ((1, "die"),),
            False,
        ),
        (container("web", state="exited", exit_code=137), (), False),
        (container("web", state="exited", is_inspected=False), ((1, "die"),), False),
        (container("web", state="created", started=None), (), False),
    ],
    ids=[
        "nothing is known: it was stopped before",
        "a start of it was refused",
        "it was stopped",
        "it died, and has a policy",
        "it died, and has none",
        "it failed, which its policy is for",
        "it ended well, which its policy is not for",
        "its policy has tried often enough",
        "an exit code proves nothing",
        "it could not be inspected",
        "it was never started",
    ],
)
def test_what_was_stopped_stays_stopped(
    it: Container, told: tuple[Told, ...], *, may: bool
) -> None:
    assert may_be_started(happened(*told, there=(it,)), it) is may


@pytest.mark.parametrize(
    ("it", "told", "words"),
    [
        (
            container("web", state="exited"),
            ((1, "kill:15"), (2, "die")),
            "web was stopped by a request",
        ),
        (
            container("web", state="exited"),
            (),
            "web is not running, and nothing says that it should",
        ),
        (container("web", state="created"), (), "web was never started"),
    ],
)
def test_why_it_stays_so_is_said(
    it: Container, told: tuple[Told, ...], words: str
) -> None:
    assert why_stopped(happened(*told), it) == words


def work(
    known: Happenings,
    *there: Container,
    now_s: float,
    members: tuple[str, ...] = ("vpn", "web", "old"),
    gone: frozenset[str] = frozenset(),
) -> tuple[str, float] | None:
    """Return who is at work on a group of some containers, and until when."""
    related = RelatedContainers(tuple(c for c in there if c.name in members), gone)
    found = find_work(known, related, {c.id: c for c in there}, now_s, PATIENCE)
    return None if found is None else (found.reason, found.until_s)


VPN, WEB = container("vpn"), container("web", joins="vpn")
OLD_VPN = container("old", id_=cid("vpn"))
NEW_VPN = container("vpn", id_=cid("new"))
IN_PROJECT = container("db", compose="media/db")
OF_PROJECT = container("web", joins="vpn", compose="media/web")


@pytest.mark.parametrize(
    ("told", "there", "now_s", "expected"),
    [
        ((), (VPN, WEB), 1, None),
        (((1, "kill:15@vpn"),), (VPN, WEB), 2, ("vpn is being stopped", 61)),
        (((1, "kill:15@vpn"),), (VPN, WEB), 61, None),
        (((1, "kill:1@vpn"),), (VPN, WEB), 2, None),
        (((1, "kill:15@vpn"), (2, "die@vpn"), (3, "start@vpn")), (VPN, WEB), 3, None),
        (
            ((1, "kill:15"), (2, "die")),
            (VPN, container("web", joins="vpn", state="exited")),
            3,
            ("web was just stopped", 62),
        ),
        (
            ((1, "kill:15"), (2, "die")),
            (VPN, container("web", state="exited", start_error="no such container")),
            3,
            ("web was just stopped", 5),
        ),
        (((1, "die"),), (VPN, container("web", joins="vpn", state="exited")), 3, None),
        (
            ((1, "create@vpn"),),
            (container("vpn", state="created"), WEB),
            5,
            ("vpn is being replaced or made", 61),
        ),
        (
            ((1, "create@vpn"),),
            (container("vpn", state="created", start_error="refused"), WEB),
            2,
            ("vpn was just created", 4),
        ),
        (((1, "create@vpn"),), (VPN, WEB), 2, ("vpn was just created", 4)),
        (((1, "create@vpn"),), (VPN, WEB), 4, None),
        (((1, "create@other"),), (VPN, WEB, container("other")), 2, None),
        (((1, "destroy@vpn"),), (NEW_VPN, WEB), 2, ("a container was just removed", 4)),
        (
            ((1, "create@vpn"), (2, "rename@old<vpn")),
            (OLD_VPN, NEW_VPN, WEB),
            30,
            ("old is being replaced or made", 62),
        ),
        (
            ((1, "create@vpn"), (2, "rename@old<vpn")),
            (OLD_VPN, WEB),
            3,
            ("old was just renamed", 5),
        ),
        (
            ((1, "create@vpn"), (2, "rename@old<vpn")),
            (container("old", id_=cid("vpn"), state="exited"), WEB),
            30,
            ("old is being replaced or made", 62),
        ),
        (
            ((1, "create@db"),),
            (container("db", compose="media/db", state="created"), OF_PROJECT),
            30,
            ("db is being replaced or made", 61),
        ),
        (((1, "create@db"),), (IN_PROJECT, WEB), 2, None),
    ],
    ids=[
        "no work",
        "a stop under way",
        "a stop that was given up",
        "a signal that may end nothing",
        "a restart that is over",
        "a member was stopped",
        "a member was stopped, and its start was refused",
        "a member died",
        "created and not started yet",
        "created, and its start failed",
        "created and started",
        "created and started long enough ago",
        "another container",
        "the old owner was removed",
        "renamed, and another has its name",
        "renamed, and runs on",
        "renamed, and does not run",
        "compose makes another service of the project",
        "compose makes a service of another project",
    ],
)
def test_somebody_at_work_is_seen(
    told: tuple[Told, ...],
    there: tuple[Container, ...],
    now_s: float,
    expected: tuple[str, float] | None,
) -> None:
    assert work(happened(*told), *there, now_s=now_s) == expected


def test_work_on_a_container_that_is_gone_counts_for_who_joined_it() -> None:
    known = happened((1, "destroy@vpn"), there=(VPN,))
    assert work(known, WEB, now_s=2, gone=frozenset({cid("vpn")})) is not None
    assert work(known, WEB, now_s=2) is None


def test_work_of_compose_on_a_service_that_is_gone_is_known_by_its_project() -> None:
    known = happened((1, "destroy@db"), there=(IN_PROJECT, OF_PROJECT))
    assert work(known, OF_PROJECT, now_s=2) is not None


@pytest.mark.parametrize(
    "event",
    [
        "create@web-new-0123456789ab",
        "rename@web-old-0123456789ab<web",
        "destroy@web-old-0123456789ab",
        "create@0123456789ab_web",
        "destroy@web",
    ],
)
def test_what_a_plan_of_the_watch_does_is_no_work_of_others(event: str) -> None:
    assert happened((1, event), own=frozenset({"web"})).signs == ()
    assert happened((1, event), own=frozenset({"db"})).signs
