"""Looks for the guard's front: reads one question, prints one verdict, as JSON."""

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

MOST_CHARACTERS = 4_000_000
"""More than any question of the front has."""


def look(settings: Settings) -> int:
    """Print what the guard is to answer to the call that stdin tells of.

    The engine is only asked for what it has, which the guard answers at once.

    Raises:
        UsageProblem: stdin has no question.

    """
    verdict = answer(settings, sys.stdin.read(MOST_CHARACTERS))
    click.echo(json.dumps(verdict.to_json()))
    return ExitCode.DONE


def answer(settings: Settings, text: str) -> Verdict:
    """Return the verdict about a question of the front.

    Raises:
        UsageProblem: the text is no question.

    """
    question = _read(text)
    try:
        host = wire(settings)
        watch = host.watch if question.heals else None
        report = host.observer.look()
        return decide(report, question, None if watch is None else watch.read())
    except NstuiError as problem:
        return cannot_look(question.asked, str(problem), question.blind)


def _read(text: str) -> Question:
    try:
        question = Question.from_json(json.loads(text))
    except (ValueError, RecursionError):
        question = None
    if question is None:
        raise UsageProblem("stdin has no question of the guard, which asks this itself")
    return question
