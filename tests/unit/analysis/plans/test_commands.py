"""Steps as text and as commands, and what is said of a plan that failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.plans.commands import (
    commands_line,
    container_word,
    failed_text,
    failure_text,
    first_failure_text,
    so_far_text,
    step_text,
)
from nstui.model.container import ContainerId
from nstui.model.outcome import Aftermath, Failure, LeftAlone, Outcome
from nstui.model.plan import Plan, Request
from nstui.model.step import Action, Step, Verb
from tests.support.builders import cid

WEB = cid("web")
ID = WEB[:12]
STEP = Step(verb=Verb.STOP, container=WEB, name="web")
CONNECT = replace(STEP, verb=Verb.CONNECT, network="front", aliases=("a", "b"))


@pytest.mark.parametrize(
    ("name", "container", "word"),
    [
        pytest.param("web", WEB, "web", id="its name"),
        pytest.param("", WEB, ID, id="no name"),
        pytest.param("--all", WEB, ID, id="a name like an option"),
        pytest.param("two\nlines", WEB, ID, id="a name that cannot be quoted"),
        pytest.param("", ContainerId("--all"), None, id="an id that is none"),
    ],
)
def test_the_word_for_a_container(
    name: str, container: ContainerId, word: str | None
) -> None:
    assert container_word(name, container) == word


@pytest.mark.parametrize(
    ("step", "line"),
    [
        pytest.param(
            CONNECT,
            "docker network connect --alias a --alias b front web",
            id="attach it to a network",
        ),
        pytest.param(
            replace(STEP, verb=Verb.FINISH, record="f00"),
            "nstui heal web",
            id="finish what was interrupted",
        ),
        pytest.param(
            replace(STEP, verb=Verb.START, record="f00"),
            "nstui heal web",
            id="start what an interrupted plan stopped",
        ),
        pytest.param(replace(STEP, verb=Verb.START), "docker start web", id="start it"),
        pytest.param(
            replace(STEP, verb=Verb.KILL, signal="HUP"),
            "docker kill -s HUP web",
            id="send a signal",
        ),
        pytest.param(
            replace(STEP, verb=Verb.RM, force=True, volumes=True),
            "docker rm -f -v web",
            id="remove it with its volumes",
        ),
        pytest.param(
            replace(STEP, verb=Verb.RECREATE, keeps_layer=True, onto="own"),
            "nstui heal --keep-changes --onto own web",
            id="recreate it onto another owner",
        ),
        pytest.param(
            replace(STEP, verb=Verb.RECREATE, onto="-own"),
            "nstui heal --onto=-own web",
            id="recreate it onto an owner with a name like an option",
        ),
        pytest.param(
            replace(STEP, verb=Verb.RECREATE),
            "nstui heal web",
            id="recreate it onto several owners",
        ),
        pytest.param(
            replace(STEP, timeout=5), "docker stop -t 5 web", id="stop it within 5 s"
        ),
    ],
)
def test_the_command_for_a_step(step: Step, line: str) -> None:
    assert commands_line((step,)) == line


def test_each_container_is_attached_by_a_command_of_its_own() -> None:
    other = replace(CONNECT, container=cid("api"), name="api")
    assert commands_line(
        (replace(CONNECT, aliases=()), replace(other, aliases=()))
    ) == ("docker network connect front web && docker network connect front api")


def test_a_step_that_attaches_says_to_what() -> None:
    assert step_text(CONNECT) == "connect web to front"


@pytest.mark.parametrize(
    ("aftermath", "text"),
    [
        (Aftermath.OUTDATED, "stopped: why"),
        (Aftermath.UNKNOWN, "why; may still happen: stop web"),
        (Aftermath.UNDONE, "why"),
        (Aftermath.NOT_ASKED, "could not stop web: why"),
        (Aftermath.UNCHANGED, "could not stop web: why"),
        (Aftermath.CHANGED, "could not stop web: why"),
    ],
)
def test_a_failure_in_words(aftermath: Aftermath, text: str) -> None:
    assert failed_text(Failure(STEP, "why", aftermath)) == text


def test_the_failure_of_a_pull_names_the_image_itself() -> None:
    step = Step(verb=Verb.PULL, container=cid("web"), name="web", image="app:1")
    reason = "app:1 cannot be pulled: manifest unknown"
    assert failed_text(Failure(step, reason, Aftermath.UNCHANGED)) == reason


COMPOSE = replace(STEP, verb=Verb.COMPOSE, command=("docker", "compose", "up", "web"))
START = Step(verb=Verb.START, container=cid("own"), name="own")
WAIT = replace(START, verb=Verb.WAIT)
RESTART = Step(verb=Verb.RESTART, container=cid("dep"), name="dep")
PLAN = Plan(
    request=Request(action=Action.RESTART, targets=()),
    targets=(),
    effects=(),
    steps=(START, WAIT, RESTART, COMPOSE),
    dark_ports=(),
    uncertain=(),
    objections=(),
)
GO_ON = "to go on, fix that, then: "


def failed(step: Step, aftermath: Aftermath) -> Failure:
    """Return a failure for a reason."""
    return Failure(step, "why", aftermath)


def test_of_many_failures_the_first_is_told() -> None:
    one = Failure(STEP, "why", Aftermath.UNCHANGED)
    first = failed_text(one)
    assert first_failure_text(Outcome()) == ""
    assert first_failure_text(Outcome(failed=(one,))) == first
    several = Outcome(failed=(one, one, one))
    assert first_failure_text(several) == f"{first}; and 2 more failed"


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        pytest.param(
            Outcome(failed=(failed(START, Aftermath.UNCHANGED),)),
            "could not start own: why; nothing was done",
            id="the first step",
        ),
        pytest.param(
            Outcome(failed=(failed(COMPOSE, Aftermath.NOT_ASKED),)),
            "could not recreate web with compose: why; nothing was done",
            id="the engine was not asked",
        ),
        pytest.param(
            Outcome(failed=(failed(COMPOSE, Aftermath.UNCHANGED),)),
            "could not recreate web with compose: why",
            id="several requests, and nobody saw what they did",
        ),
        pytest.param(
            Outcome(failed=(failed(START, Aftermath.CHANGED),)),
            "could not start own: why",
            id="something has changed",
        ),
        pytest.param(
            Outcome(failed=(failed(START, Aftermath.UNKNOWN),)),
            "why; may still happen: start own; nothing else was done",
            id="nobody knows",
        ),
        pytest.param(
            Outcome(done=(START,), failed=(failed(RESTART, Aftermath.UNKNOWN),)),
            "why; may still happen: restart dep; done: start own; not done: wait for"
            " own, recreate web with compose",
            id="nobody knows how to go on either",
        ),
        pytest.param(
            Outcome(done=(START, WAIT), failed=(failed(RESTART, Aftermath.UNCHANGED),)),
            "could not restart dep: why; done: start own, wait for own; not done:"
            f" restart dep, recreate web with compose; {GO_ON}docker restart dep &&"
            " docker compose up web",
            id="a later one",
        ),
        pytest.param(
            Outcome(
                failed=(failed(START, Aftermath.UNCHANGED),),
                left=(
                    LeftAlone(RESTART, "own"),
                    LeftAlone(COMPOSE, "own", "web has ended"),
                ),
            ),
            "could not start own: why; did not restart dep, which needs own; did not"
            " recreate web with compose, which needs own; web has ended; nothing was"
            f" done; {GO_ON}docker start own && docker restart dep && docker compose"
            " up web",
            id="others need it",
        ),
        pytest.param(
            Outcome(
                done=(WAIT, RESTART, COMPOSE),
                failed=(failed(START, Aftermath.UNDONE),),
            ),
            "why; done: wait for own, restart dep, recreate web with compose;"
            f" {GO_ON}docker start own",
            id="a start that did not last is done again",
        ),
        pytest.param(
            Outcome(
                done=(START, WAIT, RESTART),
                failed=(failed(COMPOSE, Aftermath.UNDONE),),
            ),
            "why; done: start own, wait for own, restart dep",
            id="a replacement that did not last is not",
        ),
        pytest.param(
            Outcome(
                failed=(
                    failed(RESTART, Aftermath.UNCHANGED),
                    failed(START, Aftermath.UNCHANGED),
                )
            ),
            "could not restart dep: why; could not start own: why; nothing was done;"
            f" {GO_ON}docker start own && docker restart dep && docker compose up web",
            id="several",
        ),
    ],
)
def test_what_is_said_of_a_plan_that_failed(outcome: Outcome, text: str) -> None:
    assert failure_text(PLAN, outcome) == text


@pytest.mark.parametrize(
    ("done", "text"),
    [
        pytest.param((), "nothing was done", id="nothing"),
        pytest.param(
            (START, WAIT, RESTART),
            "done: start own, wait for own, restart dep;"
            " not done: recreate web with compose",
            id="all but the last",
        ),
        pytest.param(
            PLAN.steps,
            "done: start own, wait for own, restart dep, recreate web with compose",
            id="all",
        ),
    ],
)
def test_how_far_a_plan_has_come(done: tuple[Step, ...], text: str) -> None:
    assert so_far_text(PLAN, Outcome(done=done)) == text
