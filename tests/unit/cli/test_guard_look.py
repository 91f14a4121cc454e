"""What looks for the guard's front: questions on stdin, verdicts on stdout."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.question import Question
from nstui.analysis.guarding.requests import AskedChange, Change
from nstui.analysis.guarding.verdict import Reason, Verdict
from nstui.demo.containers import Spec
from nstui.demo.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.answers import Nstui, Stage

    Ask = Callable[[str], None]

REMOVAL = Question(AskedChange(Change.RM, "own", force=True))
STOP = Question(AskedChange(Change.STOP, "dep"))


@pytest.fixture(autouse=True)
def own(stage: Stage) -> World:
    """Put an owner and its dependent behind ``--demo``."""
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    return world


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what puts a text on stdin."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def _line(question: Question) -> str:
    return json.dumps(question.to_json()) + "\n"


def test_a_verdict_for_each_question_in_their_order(nstui: Nstui, ask: Ask) -> None:
    ask(_line(REMOVAL) + "\n" + _line(STOP))
    answer = nstui("--demo", "guard", "look")
    assert (answer.code, answer.err) == (0, "")
    first, second = (Verdict.from_json(json.loads(x)) for x in answer.out.splitlines())
    assert first is not None
    assert (first.allow, first.reason) == (False, Reason.WOULD_BREAK)
    assert first.message.startswith("removing own breaks dep")
    assert second == Verdict(allow=True, reason=Reason.BREAKS_NOTHING)


def test_nothing_is_done(nstui: Nstui, ask: Ask, own: World) -> None:
    ask(_line(STOP))
    assert nstui("--demo", "guard", "look").code == 0
    assert own.records.get("dep").state.has_process


def test_whether_a_watch_heals_is_only_read_where_it_matters(
    nstui: Nstui, ask: Ask
) -> None:
    ask(_line(Question(AskedChange(Change.RESTART, "own"), heals=True)))
    answer = nstui("--demo", "guard", "look")
    assert '"would-break"' in answer.out


@pytest.mark.parametrize("question", [REMOVAL, STOP])
def test_an_engine_that_does_not_answer(
    nstui: Nstui, ask: Ask, question: Question
) -> None:
    ask(_line(question))
    answer = nstui("-H", "unix:///nonexistent/docker.sock", "guard", "look")
    found = Verdict.from_json(json.loads(answer.out))
    assert (answer.code, answer.err) == (0, "")
    assert found is not None
    assert found.reason is Reason.CANNOT_LOOK
    assert found.allow is (question is STOP)
    assert "nonexistent" in found.message


@pytest.mark.parametrize("text", ["x\n", "{}\n", "[" * 9999, _line(STOP) + "null\n"])
def test_what_is_no_question(nstui: Nstui, ask: Ask, text: str) -> None:
    ask(text)
    answer = nstui("--demo", "guard", "look")
    assert answer.code == 2
    assert answer.err == (
        "nstui: stdin has no question of the guard, which asks this itself\n"
    )
    assert not answer.out


def test_it_is_not_listed(nstui: Nstui) -> None:
    assert "look" not in nstui("guard", "--help").out
