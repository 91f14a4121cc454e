"""Looks at the host on behalf of the guard's front.

It reads a question per line, and writes a verdict per line, as JSON.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.guarding.deciding import decide
from nstui.analysis.guarding.question import Question
from nstui.analysis.guarding.verdict import cannot_look
from nstui.cli.exits import ExitCode
from nstui.cli.wiring import wire
from nstui.errors import NstuiError, UsageProblem

if TYPE_CHECKING:
    from nstui.analysis.guarding.verdict import Verdict
    from nstui.cli.settings import Settings

MOST_CHARACTERS = 64_000_000
"""More than all questions that wait for one look have."""


def look(settings: Settings) -> int:
    """Print what the guard is to answer to each call that stdin tells of.

    They are decided from one look, by which the engine is only asked for what it has;
    the guard answers that at once.

    Raises:
        UsageProblem: a line of stdin is no question.

    """
    lines = sys.stdin.read(MOST_CHARACTERS).splitlines()
    questions = [_read(line) for line in lines if line.strip()]
    for verdict in _verdicts(settings, questions):
        click.echo(json.dumps(verdict.to_json()))
    return ExitCode.DONE


def _verdicts(settings: Settings, questions: list[Question]) -> list[Verdict]:
    """Return the verdicts on some questions, in their order."""
    try:
        host = wire(settings)
        heals = any(question.heals for question in questions)
        watch = host.watch if heals else None
        report = host.observer.look()
        reading = None if watch is None else watch.read()
        return [decide(report, question, reading) for question in questions]
    except NstuiError as problem:
        return [cannot_look(one.asked, str(problem), one.blind) for one in questions]


def _read(line: str) -> Question:
    try:
        question = Question.from_json(json.loads(line))
    except (ValueError, RecursionError):
        question = None
    if question is None:
        raise UsageProblem("stdin has no question of the guard, which asks this itself")
    return question
