"""What a person on call is told of, when, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.notices import next_message, take_event, take_status
from nstui.analysis.watching.outbox import NoticeLimits, put_back
from nstui.analysis.watching.stories import NoticeState
from nstui.model.finding import Severity
from nstui.model.watch import Hold, WatchedIncident, WatchEventKind
from tests.support.told import FOUND, HEALED, OVER, told, watch_status

if TYPE_CHECKING:
    from nstui.analysis.watching.outbox import Message
    from nstui.model.watch import WatchEvent

K = WatchEventKind
LIMITS = NoticeLimits()

LEFT = told(
    K.LEFT,
    message="nothing proves the owner",
    hold=Hold.NO_PROOF,
    command="nstui heal x",
)
FAILED = told(K.FAILED, message="sonarr could not be restarted")
OPEN = told(
    K.CIRCUIT_OPEN,
    message="5 attempts have failed",
    hold=Hold.CIRCUIT,
    names=("radarr",),
    command="nstui watch --reset radarr",
)
CLOSED = told(K.CIRCUIT_CLOSED, key="", subject="", names=("radarr",))
HEALING = told(K.HEALING)
LOST = told(K.ENGINE_LOST, key="", subject="", names=(), message="no engine answers")
BACK = told(K.ENGINE_BACK, key="", subject="", names=(), message="the engine answers")

Script = list["WatchEvent | float"]


def waiting(hold: Hold) -> WatchEvent:
    return told(K.WAITING, hold=hold, message=f"it waits: {hold.value}")


def play(script: Script, limits: NoticeLimits = LIMITS) -> list[Message]:
    """Return what is sent, with a number for each pause in seconds."""
    state, clock = NoticeState(), 1000.0
    sent: list[Message] = []
    for step in script:
        until = clock
        if isinstance(step, int | float):
            until = clock + step
        else:
            state = take_event(state, step, clock, limits)
        while True:
            state, message, wait = next_message(state, clock, limits)
            if message is not None:
                sent.append(message)
            elif wait is None or clock + wait > until:
                break
            else:
                # Less would be asked for again and again.
                clock += max(wait, 0.001)
        clock = max(clock, until)
    return sent


@pytest.mark.parametrize(
    ("script", "titles"),
    [
        pytest.param([FOUND, HEALING, 5, HEALED, OVER, 60], ["Healed: vpn"], id="soon"),
        pytest.param([FOUND, 5, OVER, 600], [], id="over by itself, soon"),
        pytest.param(
            [FOUND, 90, HEALED, OVER, 60],
            ["Still broken: vpn", "Healed: vpn"],
            id="late",
        ),
        pytest.param(
            [FOUND, 90, OVER, 60],
            ["Still broken: vpn", "Over: vpn"],
            id="over by another, late",
        ),
        pytest.param(
            [FOUND, LEFT, 60, OVER, 60], ["Needs you: vpn", "Over: vpn"], id="left"
        ),
        pytest.param([LEFT, OVER, 600], [], id="left, and over at once"),
        pytest.param([FOUND, LEFT, LEFT, 60, LEFT, 60], ["Needs you: vpn"], id="once"),
        pytest.param(
            [FOUND, FAILED, 10, FAILED, 20, FAILED, 40, OPEN, 600, HEALED, OVER, 9],
            ["Not healed: vpn", "Needs you: vpn", "Healed: vpn"],
            id="failed until the circuit opens",
        ),
        pytest.param(
            [FOUND, FAILED, 1, HEALED, 60], ["Healed: vpn"], id="failed, then healed"
        ),
        pytest.param(
            [OPEN, 60, told(K.LEFT, hold=Hold.CIRCUIT), 60],
            ["Needs you: vpn"],
            id="an open circuit is told once",
        ),
        pytest.param(
            [OPEN, 60, CLOSED, 60, OPEN, 60],
            ["Needs you: vpn", "Needs you: vpn"],
            id="a circuit that opens again",
        ),
        pytest.param(
            [FOUND, FAILED, 60, CLOSED, 60],
            ["Not healed: vpn"],
            id="one that was not open",
        ),
        pytest.param(
            [OPEN, 60, told(K.CIRCUIT_CLOSED, key="", names=("other",)), OPEN, 60],
            ["Needs you: vpn"],
            id="the circuit of another",
        ),
        *(
            pytest.param(
                [FOUND, waiting(hold), 600, OVER, 9], [], id=f"on purpose: {hold.value}"
            )
            for hold in (Hold.STOPPED, Hold.PAUSED, Hold.AT_WORK)
        ),
        *(
            pytest.param(
                [FOUND, waiting(hold), 930],
                ["Still broken: vpn"],
                id=f"on purpose, and forgotten: {hold.value}",
            )
            for hold in (Hold.STOPPED, Hold.PAUSED, Hold.AT_WORK)
        ),
        *(
            pytest.param(
                [FOUND, waiting(hold), 9999], [], id=f"never told: {hold.value}"
            )
            for hold in (Hold.OTHER_WATCH, Hold.OUT_OF_SCOPE)
        ),
        pytest.param(
            [FOUND, told(K.LEFT, hold=Hold.AT_WORK), 60],
            ["Needs you: vpn"],
            id="somebody is at work for too long",
        ),
        *(
            pytest.param(
                [FOUND, waiting(hold), 600],
                ["Still broken: vpn"],
                id=f"waits: {hold.value}",
            )
            for hold in (Hold.SETTLING, Hold.HEALTH, Hold.BACK_OFF)
        ),
        pytest.param(
            [FOUND, waiting(Hold.AT_WORK), 600, waiting(Hold.SETTLING), 90],
            ["Still broken: vpn"],
            id="somebody was at work, and has left it broken",
        ),
        pytest.param(
            [told(K.LEFT, hold=Hold.STOPPED), 600, OVER, 9],
            [],
            id="left as it was stopped",
        ),
        pytest.param([LOST, 30, BACK, 600], [], id="an engine that restarts"),
        pytest.param(
            [LOST, 90, BACK, 60],
            ["Still broken: the engine", "Over: the engine"],
            id="an engine that is away",
        ),
        pytest.param(
            [
                told(K.FOUND, severity=Severity.NOTICE),
                90,
                told(K.LEFT, severity=None),
                told(K.FAILED, severity=None),
                told(K.HEALED, severity=None),
                90,
            ],
            [],
            id="a notice is not worth it",
        ),
        pytest.param(
            [told(K.FOUND, severity=Severity.NOTICE), LEFT, 90],
            ["Needs you: vpn"],
            id="a notice that becomes an error",
        ),
        pytest.param(
            [told(K.FOUND, severity=Severity.WARNING), 90],
            ["Still broken: vpn"],
            id="a warning is",
        ),
        pytest.param(
            [
                told(K.STARTED),
                told(K.STOPPED),
                told(K.CONFIG_READ),
                told(K.PROBLEM),
                told(K.EVENTS_LOST),
                told(K.EVENTS_BACK),
                600,
            ],
            [],
            id="what concerns the watch itself is in its log",
        ),
        pytest.param(
            [FOUND, told(K.HEALED, is_dry_run=True), 9, HEALING, 600, OVER, 9],
            ["Still broken: vpn", "Over: vpn"],
            id="a dry run",
        ),
        pytest.param(
            [
                told(K.HEALED, is_dry_run=True),
                9,
                told(K.HEALED, is_dry_run=True),
                600,
            ],
            ["Still broken: vpn"],
            id="a dry run is told once",
        ),
        pytest.param(
            [told(K.HEALED, is_dry_run=True, severity=Severity.NOTICE), 9],
            [],
            id="a dry run about a notice",
        ),
        pytest.param(
            [FOUND, HEALED, 60, FOUND, HEALED, 60],
            ["Healed: vpn", "Healed: vpn"],
            id="the same again",
        ),
        pytest.param(
            [FOUND, told(K.FOUND, key="b", subject="b"), LEFT, HEALED, 90],
            ["Healed: vpn", "Still broken: b"],
            id="two at once",
        ),
    ],
)
def test_what_is_told(script: Script, titles: list[str]) -> None:
    assert [message.title for message in play(script)] == titles


def body(script: Script) -> list[str]:
    return play(script)[-1].body.splitlines()


def test_what_needs_a_person_says_why_and_what_heals_it() -> None:
    assert body([FOUND, LEFT, 9]) == [
        "vpn was restarted: 2 containers have no network",
        "nothing proves the owner",
        "Containers: sonarr, radarr",
        "To heal it: nstui heal x",
    ]


def test_an_open_circuit_says_how_it_is_closed() -> None:
    assert body([OPEN, 9])[-1] == "When it is repaired: nstui watch --reset radarr"


def test_who_it_hit_is_who_was_hit_at_first() -> None:
    healed = told(K.HEALED, message="healed radarr", names=("radarr",))
    assert "Containers: sonarr, radarr" in body([FOUND, healed, 9])
    assert "Containers: radarr" in body([healed, 9])


def test_what_is_over_says_once_what_it_was() -> None:
    over = told(K.OVER, message="over: vpn was restarted: 2 containers have no network")
    assert body([FOUND, 90, over, 9]) == [
        "vpn was restarted: 2 containers have no network",
        "Containers: sonarr, radarr",
    ]


def test_what_lasts_says_what_it_waits_for() -> None:
    assert body([FOUND, waiting(Hold.HEALTH), 90]) == [
        "vpn was restarted: 2 containers have no network",
        "it waits: health",
        "Containers: sonarr, radarr",
    ]


@pytest.mark.parametrize(
    ("waited", "words"),
    [(4.25, ["It took 4.2 s."]), (300.0, ["It took 5 min."]), (None, [])],
)
def test_what_is_healed_says_what_it_was_and_how_long_it_took(
    waited: float | None, words: list[str]
) -> None:
    healed = told(K.HEALED, message="2 containers were restarted", waited_s=waited)
    assert body([FOUND, healed, 9]) == [
        "vpn was restarted: 2 containers have no network",
        "2 containers were restarted",
        "Containers: sonarr, radarr",
        *words,
    ]


def test_a_dry_run_says_so_and_what_it_would_do() -> None:
    would = told(K.HEALED, is_dry_run=True, message="it would be", steps=("docker x",))
    assert body([FOUND, would, 9])[1:] == [
        "it would be",
        "This is a dry run.",
        "would run: docker x",
    ]


def test_many_names_are_counted() -> None:
    left = told(K.LEFT, names=tuple(f"c{number}" for number in range(14)), subject="")
    message = play([left, 9])[0]
    assert message.title.endswith("c8, c9, and 4 more")
    assert "Containers: c0, c1" in message.body


def test_nothing_hostile_gets_through() -> None:
    evil = "x\x1b[2J\n\u202e"
    left = told(K.LEFT, message=evil, subject=evil, names=(evil,))
    message = play([left, 9])[0]
    assert message.title.isprintable()
    assert all(line.isprintable() for line in message.body.splitlines())


def test_many_at_once_are_one_message() -> None:
    several = [told(K.LEFT, key=f"{n}", subject=f"c{n}") for n in range(30)]
    sent = play([*several, told(K.HEALED, key="b", subject="b"), 9])
    assert [message.title for message in sent] == ["31 messages, 30 of them need you"]
    lines = sent[0].body.splitlines()
    assert lines[0] == "and 11 before these:"
    assert lines[1:3] == ["- Needs you: c11", "- Needs you: c12"]
    assert lines[-2:] == ["- Healed: b", "A check says what is wrong now."]


def test_a_flood_is_limited_and_nothing_of_it_is_lost() -> None:
    flood: Script = []
    for number in range(100):
        flood += [told(K.HEALED, key=f"{number}", subject=f"c{number}"), 3.0]
    sent = play([*flood, 120])
    assert [message.title for message in sent[:10]] == [
        f"Healed: c{number}" for number in range(10)
    ]
    # 420 seconds, in each minute of which one more may be sent.
    assert len(sent) <= 10 + 7
    assert sum(len(message.notices) for message in sent) == 100


def test_the_allowance_comes_back() -> None:
    several = [told(K.HEALED, key=f"{n}", subject=f"c{n}") for n in range(4)]
    day: Script = [*several, 3600.0]
    sent = play([*(day * 24), 9])
    assert len(sent) == 4 * 24


def test_what_could_not_be_sent_is_sent_later_unless_it_says_nothing_more() -> None:
    state = take_event(NoticeState(), LEFT, 0.0)
    state, message, _ = next_message(state, 5.0)
    assert message is not None
    state = state.with_outbox(put_back(state.outbox, message))
    again, same, _ = next_message(state, 60.0)
    assert same == message
    assert again.outbox.pending == ()
    over, nothing, wait = next_message(take_event(state, OVER, 30.0), 60.0)
    assert (nothing, wait, over.outbox.pending) == (None, None, ())


def test_what_waits_is_bounded_and_what_was_dropped_is_said() -> None:
    limits = NoticeLimits(most=10)
    state = NoticeState()
    for number in range(25):
        one = told(K.LEFT, key=f"{number}", subject=f"c{number}")
        state = take_event(state, one, 0.0, limits)
    assert len(state.outbox.pending) == 10
    _, message, _ = next_message(state, 60.0, limits)
    assert message is not None
    assert message.body.startswith("15 older ones were dropped\n- Needs you: c15\n")
    back = put_back(state.outbox, message, limits)
    assert (len(back.pending), back.dropped) == (10, 25)


def test_at_the_end_nothing_waits_for_more() -> None:
    state = take_event(NoticeState(), LEFT, 0.0)
    _, message, wait = next_message(state, 0.0)
    assert (message, wait) == (None, 2.0)
    _, message, _ = next_message(state, 0.0, is_last=True)
    assert message is not None


def test_what_is_known_of_incidents_is_bounded() -> None:
    state = NoticeState()
    for number in range(1200):
        found = told(K.FOUND, key=f"{number}")
        state = take_event(state, found, 0.0)
    assert len(state.stories) == 1000


def test_an_incident_that_is_out_of_scope_is_not_told_and_others_are() -> None:
    state = take_event(NoticeState(), FOUND, 0.0, LIMITS)
    for hold in (Hold.BACK_OFF, Hold.OUT_OF_SCOPE, Hold.OUT_OF_SCOPE):
        incident = WatchedIncident(
            key=FOUND.key,
            message="",
            severity=Severity.ERROR,
            names=(),
            since=None,
            hold=hold,
            reason="",
        )
        state = take_status(state, watch_status(incidents=(incident,)))
        is_due = state.stories[0].due_s is not None
        assert is_due is (hold is Hold.BACK_OFF)


def test_what_belongs_to_no_incident_is_known_by_its_container() -> None:
    alone = told(K.FAILED, key="", subject="vpn", message="it could not be restarted")
    state = take_event(NoticeState(), alone, 0.0, LIMITS)
    assert [story.key for story in state.stories] == ["container vpn"]
