"""The guard's answers, and how they get from the looker to the front."""

from __future__ import annotations

import json

import pytest

from nstui.analysis.guarding.question import Call, Question, is_compose, is_remembered
from nstui.analysis.guarding.requests import AskedChange, Change
from nstui.analysis.guarding.tickets import Ticket
from nstui.analysis.guarding.verdict import (
    HARMLESS,
    Reason,
    Verdict,
    by_ticket,
    cannot_look,
)

BLIND = (
    "nstui could not look at what would break (it took too long); nothing was changed;"
    " `nstui guard status` tells more"
)
DENIED = Verdict(allow=False, reason=Reason.WOULD_BREAK, message="stopping vpn breaks")
QUESTION = Question(
    AskedChange(
        Change.STOP, "vpn", signal="TERM", timeout=3, user_agent="compose/2.40.3"
    ),
    recent=(Call("GET", "/images/bb:1/json", "compose/2.40.3", 0.5),),
    heals=True,
    blind=(Change.RM,),
)


@pytest.mark.parametrize("verdict", [HARMLESS, DENIED])
def test_a_verdict_arrives_as_it_was_sent(verdict: Verdict) -> None:
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        DENIED.to_json() | {"allow": 0},
        DENIED.to_json() | {"message": None},
        DENIED.to_json() | {"reason": "because"},
        DENIED.to_json() | {"reason": ["harmless"]},
    ],
)
def test_what_is_no_verdict(value: object) -> None:
    assert Verdict.from_json(value) is None


def test_a_ticket_gives_its_reason() -> None:
    ticket = Ticket("a" * 64, "vpn", (Change.STOP,), 10.0, why="an update")
    assert by_ticket(ticket) == Verdict(
        allow=True, reason=Reason.TICKET, message="an update"
    )


@pytest.mark.parametrize(
    ("asked", "allow", "words"),
    [
        (
            AskedChange(Change.RM, "vpn"),
            False,
            f"rm of vpn: {BLIND}",
        ),
        (
            AskedChange(Change.PRUNE, None),
            False,
            f"prune: {BLIND}",
        ),
        (AskedChange(Change.STOP, "vpn"), True, "it took too long"),
    ],
)
def test_where_it_could_not_look(
    asked: AskedChange, *, allow: bool, words: str
) -> None:
    found = cannot_look(asked, "it took too long", (Change.RM, Change.PRUNE))
    assert found == Verdict(allow=allow, reason=Reason.CANNOT_LOOK, message=words)


def test_what_it_could_not_look_at_is_shown_and_cannot_control_a_terminal() -> None:
    found = cannot_look(AskedChange(Change.RM, "v\x1b[2Jn"), "no\nanswer", (Change.RM,))
    assert found.message.isprintable()


@pytest.mark.parametrize(
    "question", [QUESTION, Question(AskedChange(Change.PRUNE, None))]
)
def test_a_question_arrives_as_it_was_sent(question: Question) -> None:
    assert Question.from_json(json.loads(json.dumps(question.to_json()))) == question


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        *(
            {k: v for k, v in QUESTION.to_json().items() if k != key}
            for key in ("asked", "recent", "heals", "blind")
        ),
        QUESTION.to_json() | {"asked": None},
        QUESTION.to_json() | {"asked": {"change": "explode", "reference": "vpn"}},
        QUESTION.to_json() | {"asked": {"change": "rm"}},
        QUESTION.to_json() | {"asked": {"change": "rm", "reference": 3}},
        QUESTION.to_json() | {"asked": {"change": "stop", "reference": None}},
        QUESTION.to_json() | {"asked": {"change": "rm", "reference": "v", "more": 1}},
        QUESTION.to_json()
        | {"asked": {"change": "rm", "reference": "v", "timeout": "soon"}},
        QUESTION.to_json() | {"recent": [{"method": "GET"}]},
        QUESTION.to_json() | {"recent": [3]},
        QUESTION.to_json() | {"recent": 3},
        QUESTION.to_json() | {"blind": ["explode"]},
    ],
)
def test_what_is_no_question(value: object) -> None:
    assert Question.from_json(value) is None


@pytest.mark.parametrize(
    ("agent", "is_one"),
    [
        ("compose/2.40.3-3", True),
        ("compose/2.26.1-4", True),
        ("docker-compose/1.29.2 docker-py/5.0.3 Linux/6.1", True),
        ("Docker-Client/28.5.2 (linux)", False),
        ("podman-compose/1", False),
        ("", False),
    ],
)
def test_who_is_compose(agent: str, *, is_one: bool) -> None:
    assert is_compose(agent) is is_one


LISTED = (
    "/v1.47/containers/json?all=1&filters=%7B%22label%22%3A%7B%22com.docker.compose"
    ".config-hash%22%3Atrue%7D%7D"
)


@pytest.mark.parametrize(
    ("method", "uri", "agent", "is_kept"),
    [
        ("POST", "/v1.47/containers/vpn/stop?t=1", "compose/2", True),
        ("POST", "/containers/vpn/restart", "compose/2", True),
        ("POST", "/containers/vpn/kill", "compose/2", True),
        ("POST", "/v1.47/containers/create?name=a_vpn", "compose/2", True),
        ("DELETE", "/v1.47/containers/vpn", "compose/2", True),
        ("GET", "/v1.47/images/bb:1/json", "compose/2", True),
        ("GET", LISTED, "compose/2", True),
        ("GET", "/v1.47/containers/json?all=1", "compose/2", False),
        ("GET", "/v1.47/containers/vpn/json", "compose/2", False),
        ("POST", "/v1.47/containers/vpn/start", "compose/2", False),
        ("POST", "/v1.47/images/create?fromImage=bb", "compose/2", False),
        ("DELETE", "/v1.47/networks/net", "compose/2", False),
        ("POST", "/v1.47/containers/vpn/stop", "Docker-Client/28.5.2 (linux)", False),
    ],
)
def test_what_the_front_remembers(
    method: str, uri: str, agent: str, *, is_kept: bool
) -> None:
    assert is_remembered(method, uri, agent) is is_kept
