"""What is known of a whole compose command, of which the engine sees single calls."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from nstui.analysis.guarding.deciding import decide
from nstui.analysis.guarding.question import Call, Question
from nstui.analysis.guarding.requests import Change, read_request
from nstui.analysis.guarding.verdict import Reason, Verdict
from nstui.model.container import ComposeService, Container
from tests.support.builders import cid, container, report

V1 = "docker-compose/1.29.2 docker-py/5.0.3 Linux/6.1"
V2 = "compose/2.40.3-3"
DOCKER = "Docker-Client/28.5.2 (linux)"


def service(
    name: str,
    *,
    joins: str | None = None,
    project: str = "media",
    restarts_with: tuple[str, ...] = (),
    image: str | None = None,
    **how: bool,
) -> Container:
    """Return a container of a service, called like it, with an image of its own."""
    made = ComposeService(
        project,
        name,
        restarts_with=restarts_with,
        is_oneoff=how.get("is_oneoff", False),
    )
    target = cid(joins) if joins else None
    return replace(
        container(name, joins=target, image=image or f"{name}:1"), compose=made
    )


VPN = service("vpn")
WEB = service("web", joins="vpn", restarts_with=("vpn",))
LONE = service("web", joins="vpn")
FAR = service("far", joins="web", restarts_with=("web",))
OTHER = service("other")


def call(line: str, ago: float = 0.0, agent: str = V2) -> Call:
    """Return a call, ``METHOD URI``, in which names stand for full ids."""
    method, _, uri = line.partition(" ")
    for name in ("vpn", "web", "far", "other"):
        uri = uri.replace(f"<{name}>", cid(name))
    return Call(method, f"/v1.47{uri}", agent, ago)


def listed(project: str = "media", ago: float = 0.0) -> Call:
    """Return the list of a project that each command begins with."""
    labels = [
        "com.docker.compose.config-hash",
        f"com.docker.compose.project={project}",
    ]
    filters = json.dumps({"label": dict.fromkeys(labels, True)})
    return call(f"GET /containers/json?all=1&filters={quote(filters)}", ago)


def passing(name: str = "vpn", ago: float = 0.0) -> Call:
    """Return the creation of a new container under a passing name."""
    return call(f"POST /containers/create?name={cid(name)[:12]}_{name}", ago)


def read(image: str, ago: float = 0.0) -> Call:
    """Return a read of an image."""
    return call(f"GET /images/{image}/json", ago)


def decided(
    line: str, *recent: Call, agent: str = V2, hosts: tuple[Container, ...] = ()
) -> Verdict:
    """Return the verdict about a call after, and with, others."""
    asked = call(line, agent=agent)
    change = read_request(asked.method, asked.uri, {"User-Agent": agent})
    assert change is not None
    question = Question(change, recent)
    return decide(report(*(hosts or (VPN, WEB, OTHER))), question)


RESTART = "POST /containers/<vpn>/restart"
STOP = "POST /containers/<vpn>/stop"
REMOVAL = "DELETE /containers/<vpn>?force=1"


@pytest.mark.parametrize(
    ("hosts", "agent", "reason"),
    [
        pytest.param((VPN, WEB), V2, Reason.COMPOSE, id="v2"),
        pytest.param((VPN, WEB, FAR), V2, Reason.COMPOSE, id="a chain"),
        pytest.param((VPN, WEB), V1, Reason.WOULD_BREAK, id="v1"),
        pytest.param((VPN, WEB), DOCKER, Reason.WOULD_BREAK, id="docker restart"),
        pytest.param((VPN, LONE), V2, Reason.WOULD_BREAK, id="by its own depends_on"),
        pytest.param(
            (VPN, WEB, service("far", joins="web")),
            V2,
            Reason.WOULD_BREAK,
            id="the last of a chain is not",
        ),
        pytest.param(
            (VPN, WEB, container("guest", joins="vpn")),
            V2,
            Reason.WOULD_BREAK,
            id="a guest",
        ),
        pytest.param(
            (
                VPN,
                service("web", joins="vpn", project="x", restarts_with=("vpn",)),
            ),
            V2,
            Reason.WOULD_BREAK,
            id="another project",
        ),
        pytest.param(
            (VPN, service("web", joins="vpn", restarts_with=("vpn",), is_oneoff=True)),
            V2,
            Reason.WOULD_BREAK,
            id="of compose run",
        ),
        pytest.param(
            (container("vpn"), WEB), V2, Reason.WOULD_BREAK, id="not compose's"
        ),
        pytest.param(
            (VPN, service("web", joins="vpn", restarts_with=("other",)), OTHER),
            V2,
            Reason.WOULD_BREAK,
            id="after another",
        ),
    ],
)
def test_what_compose_restarts_after_an_owner(
    hosts: tuple[Container, ...], agent: str, reason: Reason
) -> None:
    assert decided(RESTART, agent=agent, hosts=hosts).reason is reason


def test_labels_tell_of_restarts_alone() -> None:
    for line in (STOP, REMOVAL, "POST /containers/<vpn>/kill"):
        assert decided(line).reason is Reason.WOULD_BREAK


def test_it_says_what_is_taken_along() -> None:
    assert decided(RESTART) == Verdict(
        allow=True, reason=Reason.COMPOSE, message="compose takes web along"
    )


WEB_TOO = "POST /containers/<web>/restart"


@pytest.mark.parametrize(
    ("line", "recent", "agent", "reason"),
    [
        (RESTART, [call(WEB_TOO, 0.01, V1)], V1, Reason.COMPOSE),
        (RESTART, [call(WEB_TOO, -0.01, V1)], V1, Reason.COMPOSE),
        (RESTART, [call(WEB_TOO, 1.5, V1)], V1, Reason.WOULD_BREAK),
        (RESTART, [call(WEB_TOO, 0.01, V2)], V1, Reason.WOULD_BREAK),
        (RESTART, [call(WEB_TOO, 0.01, DOCKER)], DOCKER, Reason.WOULD_BREAK),
        (
            RESTART,
            [call("POST /containers/<web>/stop", 0.01, V1)],
            V1,
            Reason.WOULD_BREAK,
        ),
        (
            RESTART,
            [call("POST /containers/<other>/restart", 0.01, V1)],
            V1,
            Reason.WOULD_BREAK,
        ),
        (
            RESTART,
            [call("POST /containers/gone/restart", 0.01, V1)],
            V1,
            Reason.WOULD_BREAK,
        ),
        (
            RESTART,
            [call("POST /containers/prune", 0.01, V1), read("web:1", 0.01)],
            V1,
            Reason.WOULD_BREAK,
        ),
        (
            "POST /containers/<vpn>/kill?signal=SIGKILL",
            [call("POST /containers/<web>/kill?signal=SIGKILL", -0.1)],
            V2,
            Reason.COMPOSE,
        ),
        (STOP, [call("POST /containers/web/stop?t=10", 0.01)], V2, Reason.COMPOSE),
        (REMOVAL, [call("DELETE /containers/<web>", 0.01)], V2, Reason.COMPOSE),
    ],
)
def test_what_is_asked_of_the_dependents_at_the_same_time(
    line: str, recent: list[Call], agent: str, reason: Reason
) -> None:
    found = decided(line, *recent, agent=agent, hosts=(VPN, LONE, OTHER))
    assert found.reason is reason


def test_what_is_of_another_project_is_not_taken_along() -> None:
    """Whoever ends both at the same time runs two commands."""
    hosts = VPN, service("web", joins="vpn", project="x"), OTHER
    found = decided(STOP, call("POST /containers/<web>/stop", 0.01), hosts=hosts)
    assert found.reason is Reason.WOULD_BREAK


WHOLE = (listed(ago=3.0), read("vpn:1", 3.0), read("web:1", 3.0), passing(ago=2.0))


def without(calls: tuple[Call, ...], *words: str) -> tuple[Call, ...]:
    """Return the calls without those that contain one of some words."""
    return tuple(c for c in calls if not any(word in c.uri for word in words))


@pytest.mark.parametrize(
    ("recent", "reason"),
    [
        pytest.param(WHOLE, Reason.COMPOSE, id="up"),
        pytest.param(
            # As compose 2.40 does, and twice.
            (read("web:1", 3.2), listed(ago=3.0), listed(ago=2.9), passing(ago=2.0)),
            Reason.COMPOSE,
            id="images first",
        ),
        pytest.param(without(WHOLE, "web:1"), Reason.WOULD_BREAK, id="up vpn"),
        pytest.param(without(WHOLE, "create"), Reason.WOULD_BREAK, id="no new one"),
        pytest.param(without(WHOLE, "filters"), Reason.WOULD_BREAK, id="no beginning"),
        pytest.param(
            (*without(WHOLE, "filters"), listed("x", 3.0)),
            Reason.WOULD_BREAK,
            id="another project",
        ),
        pytest.param(
            (*without(WHOLE, "create"), passing("web", 2.0)),
            Reason.WOULD_BREAK,
            id="another's new one",
        ),
        pytest.param(
            (*WHOLE, listed(ago=1.0)), Reason.WOULD_BREAK, id="another command began"
        ),
        pytest.param(
            (
                *(c._replace(ago=c.ago + 60) for c in WHOLE),
                *without(WHOLE, "web:1"),
            ),
            Reason.WOULD_BREAK,
            id="the whole one was before",
        ),
        pytest.param(
            tuple(c._replace(ago=c.ago + 200) for c in WHOLE),
            Reason.COMPOSE,
            id="the stop took long",
        ),
        pytest.param(
            tuple(c._replace(user_agent=V1) for c in WHOLE),
            Reason.WOULD_BREAK,
            id="another client",
        ),
        pytest.param(
            tuple(
                c._replace(method="DELETE") if "web:1" in c.uri else c for c in WHOLE
            ),
            Reason.WOULD_BREAK,
            id="no read of an image",
        ),
        pytest.param(
            (
                *without(WHOLE, "filters"),
                call("GET /containers/json?filters=%7B", 3.0),
                call("GET /containers/json?filters=%5B%5D", 3.0),
                call("GET /containers/json?filters=%7B%22label%22%3A3%7D", 3.0),
                call("GET /containers/json?all=1", 3.0),
            ),
            Reason.WOULD_BREAK,
            id="odd filters",
        ),
    ],
)
@pytest.mark.parametrize("line", [STOP, REMOVAL, "DELETE /containers/<vpn>?force=true"])
def test_an_up_that_makes_all_dependents_anew(
    line: str, recent: tuple[Call, ...], reason: Reason
) -> None:
    assert decided(line, *recent).reason is reason


def test_an_up_neither_kills_nor_restarts() -> None:
    for line in ("POST /containers/<vpn>/kill", RESTART):
        hosts = (VPN, LONE, OTHER)
        assert decided(line, *WHOLE, hosts=hosts).reason is Reason.WOULD_BREAK


def test_an_up_of_the_first_compose_leaves_dependents_behind() -> None:
    """It makes nothing anew that only joined an owner."""
    recent = tuple(c._replace(user_agent=V1) for c in WHOLE)
    assert decided(STOP, *recent, agent=V1).reason is Reason.WOULD_BREAK


@pytest.mark.parametrize(
    "hosts",
    [
        pytest.param(
            (VPN, WEB, service("other", image="web:1")), id="another service has it"
        ),
        pytest.param(
            (service("vpn", image="web:1"), WEB, OTHER), id="the owner has it"
        ),
    ],
)
def test_an_image_of_two_services_tells_nothing(hosts: tuple[Container, ...]) -> None:
    assert decided(STOP, *WHOLE, hosts=hosts).reason is Reason.WOULD_BREAK


def test_an_image_of_another_project_does_not_matter() -> None:
    stranger = service("other", image="web:1", project="x")
    hosts = (VPN, WEB, stranger, container("plain", image="web:1"))
    assert decided(STOP, *WHOLE, hosts=hosts).reason is Reason.COMPOSE


def test_an_image_counts_by_the_name_that_it_had() -> None:
    """What was pulled since has taken the name away, and the list shows the id."""
    assert WEB.inspection is not None
    inspection = replace(WEB.inspection, image_name="web:1")
    pulled = replace(WEB, image="sha256:1234", inspection=inspection)
    assert decided(STOP, *WHOLE, hosts=(VPN, pulled, OTHER)).reason is Reason.COMPOSE
    unread = replace(WEB, inspection=None)
    assert decided(STOP, *WHOLE, hosts=(VPN, unread, OTHER)).reason is Reason.COMPOSE


def test_a_prune_is_no_command_of_compose() -> None:
    gone = replace(service("vpn"), state=container("x", state="exited").state)
    line = "POST /containers/prune"
    found = decided(line, call(line, 0.1), hosts=(gone, WEB))
    assert found.reason is Reason.WOULD_BREAK
    two = replace(service("vpn2"), state=gone.state)
    assert decided(line, hosts=(gone, two, WEB)).reason is Reason.WOULD_BREAK


def test_each_change_is_tried_here() -> None:
    assert {*Change} == {"rm", "stop", "kill", "restart", "prune"}
