"""Which signals end a container, and which may."""

from __future__ import annotations

import signal
import sys

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.signals import (
    SignalEnd,
    signal_name,
    signal_number,
    what_it_does,
)
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("KILL", 9),
        ("SIGKILL", 9),
        ("sigterm", 15),
        ("hup", 1),
        ("9", 9),
        ("37", 37),
        ("RTMIN", 34),
        ("SIGRTMIN+3", 37),
        ("rtmax-1", 63),
        ("RTMAX", 64),
        ("CLD", 17),
        ("0", None),
        ("32", None),
        ("65", None),
        ("RTMIN-1", None),
        ("RTMIN+16", None),
        ("RTMAX+1", None),
        ("RTMAX-15", None),
        ("-9", None),
        ("\u0669", None),
        ("NONSENSE", None),
        ("", None),
    ],
)
def test_the_numbers_of_signals(text: str, number: int | None) -> None:
    assert signal_number(text) == number


@pytest.mark.skipif(sys.platform != "linux", reason="the numbers are those of Linux")
def test_the_names_are_those_of_linux() -> None:
    for known in signal.Signals:
        if "RT" not in known.name:
            assert signal_number(known.name) == known.value


ENDS, MAY_END, LIVES_ON = SignalEnd


@pytest.mark.parametrize(
    ("sent", "own", "expected"),
    [
        (None, "", ENDS),
        *((name, "", ENDS) for name in ("KILL", "TERM", "INT", "QUIT", "ABRT", "SEGV")),
        *((name, "", MAY_END) for name in ("HUP", "USR1", "USR2", "PIPE", "RTMIN+3")),
        *((name, "", LIVES_ON) for name in ("CONT", "WINCH", "STOP", "CHLD", "URG")),
        ("HUP", "SIGHUP", ENDS),
        ("1", "HUP", ENDS),
        ("HUP", "1", ENDS),
        ("37", "SIGRTMIN+3", ENDS),
        ("WINCH", "WINCH", ENDS),
        ("HUP", "QUIT", MAY_END),
    ],
)
def test_what_a_signal_does(sent: str | None, own: str, expected: SignalEnd) -> None:
    assert what_it_does(sent, own) is expected


OWN = container("own", ports=(8080,))
DEP = container("dep", joins=cid("own"))


@pytest.mark.parametrize(
    ("sent", "harmed", "dark", "notes"),
    [
        (None, ["dep"], 1, 0),
        ("TERM", ["dep"], 1, 0),
        ("HUP", [], 0, 1),
        ("WINCH", [], 0, 0),
    ],
)
def test_what_a_plan_says_of_a_signal(
    sent: str | None, harmed: list[str], dark: int, notes: int
) -> None:
    one = snapshot(OWN, DEP, net={"own": 7, "dep": 7})
    request = Request(action=Action.KILL, targets=(OWN.id,), signal=sent)
    made = make_plan(one, Graph(one.containers, one.host), request)
    assert [effect.name for effect in made.harmed] == harmed
    assert (len(made.dark_ports), len(made.notes)) == (dark, notes)
    assert made.is_permitted is not bool(harmed)
    if notes:
        (note,) = made.notes
        assert note == "HUP may end own, if its program ends on that signal"


@pytest.mark.skipif(sys.platform != "linux", reason="the numbers are those of Linux")
@pytest.mark.parametrize("number", range(-1, 67))
def test_a_number_has_the_name_that_the_kernel_gives_it(number: int) -> None:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = ""
    assert signal_name(number) == name
