"""The words of a prompt, and how it fits on a screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action, Step, Verb
from nstui.render.prompt_text import (
    Label,
    act_label,
    alone_label,
    along_line,
    arrange,
    below_text,
    effect_lines,
    elide,
    keep_label,
    pull_question,
    together_label,
)
from nstui.render.text import Tone, words_of
from tests.support.builders import cid, container, snapshot

DEPENDENTS = (
    container("a", joins=cid("vpn")),
    container("b", joins=cid("vpn")),
    container("far", joins=cid("b")),
    container("backup", volumes_from=("vpn",)),
    container("mirror", volumes_from=("vpn",)),
)


def plan(
    action: Action = Action.RM,
    *names: str,
    policy: Policy = Policy.PROTECT,
) -> Plan:
    made = snapshot(container("vpn"), container("loner"), *DEPENDENTS)
    targets = tuple(cid(name) for name in names or ("vpn",))
    request = Request(action=action, targets=targets, policy=policy, stop_first=True)
    return make_plan(made, Graph(made.containers), request)


def test_each_effect_is_said_once_and_what_harms_comes_first() -> None:
    lines = list(effect_lines(plan().effects))
    assert [words_of(line) for line in lines] == [
        (
            "3 lose their network at once and can never start again:"
            " a, b, far (through b)"
        ),
        "2 use volumes of vpn, which stay; nothing changes for them: backup, mirror",
    ]
    assert [line[0].tone for line in lines] == [Tone.ERROR, Tone.MUTED]


def test_one_container_is_the_subject_of_its_effect() -> None:
    made = snapshot(container("vpn"), DEPENDENTS[0])
    request = Request(action=Action.STOP, targets=(cid("vpn"),))
    effects = make_plan(made, Graph(made.containers), request).effects
    assert [words_of(line) for line in effect_lines(effects)] == [
        "a: loses its network at once; cannot start again until vpn runs"
    ]


@pytest.mark.parametrize(
    ("made", "keep", "act"),
    [
        (plan(Action.RM, "loner"), "Keep loner", "Remove loner"),
        (plan(Action.STOP, "loner"), "Keep loner running", "Stop loner"),
        (plan(Action.RESTART, "loner"), "Leave loner as it is", "Restart loner"),
        (
            plan(Action.RESTART, "loner", "a"),
            "Leave 2 containers as they are",
            "Restart 2 containers",
        ),
    ],
)
def test_buttons_name_their_object(made: Plan, keep: str, act: str) -> None:
    assert (str(keep_label(made)), str(act_label(made))) == (keep, act)


def test_buttons_about_dependents_say_how_many() -> None:
    too = plan(Action.RESTART, policy=Policy.WITH_DEPENDENTS)
    assert str(together_label(too)) == "Restart vpn and its 3 dependents"
    assert together_label(too).short == "Restart with 3"
    assert str(alone_label(plan(Action.STOP))) == "Stop only vpn"


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (40, "Remove only a-very-long-name-of-mine"),
        (30, "Remove only a-very-lo…-of-mine"),
        (15, "Remove only it"),
        (9, "Remove o…"),
        (0, ""),
    ],
)
def test_a_label_is_elided_within_the_name(width: int, text: str) -> None:
    label = Label("Remove only ", "a-very-long-name-of-mine", "", "Remove only it")
    assert label.within(width) == text


def test_a_wide_name_is_elided_by_its_columns() -> None:
    assert elide("日本語コンテナ", 7) == "日本…ナ"


LABELS = [
    Label("Keep ", "vpn", "", "Keep"),
    Label("Remove ", "vpn", " and its 6 dependents", "Remove with 6"),
    Label("Remove only ", "vpn", "", "Remove only it"),
]


@pytest.mark.parametrize(
    ("width", "height", "content", "stacked", "airy", "visible", "scrolled", "hints"),
    [
        pytest.param(96, 40, 8, False, True, 9, False, True, id="large"),
        pytest.param(76, 24, 30, False, False, 17, True, True, id="80x24"),
        pytest.param(56, 20, 10, True, False, 10, False, True, id="60x20"),
        pytest.param(56, 20, 30, True, False, 11, True, True, id="60x20, long"),
        pytest.param(56, 14, 30, False, False, 7, True, True, id="low"),
        pytest.param(36, 14, 30, True, False, 5, True, True, id="low and narrow"),
        pytest.param(56, 9, 30, False, False, 3, True, False, id="too low for hints"),
        pytest.param(20, 3, 30, True, False, 1, True, False, id="tiny"),
    ],
)
def test_a_prompt_fits(  # noqa: PLR0913, PLR0917 - a column each
    width: int,
    height: int,
    content: int,
    stacked: bool,  # noqa: FBT001
    airy: bool,  # noqa: FBT001
    visible: int,
    scrolled: bool,  # noqa: FBT001
    hints: bool,  # noqa: FBT001
) -> None:
    found = arrange(
        LABELS,
        width=width,
        height=height,
        content=content,
        gaps=1,
        above=1,
        below=1,
        hints=1,
    )
    assert (found.is_stacked, found.is_airy, found.content_height) == (
        stacked,
        airy,
        visible,
    )
    assert (found.is_scrolled, found.has_hints) == (scrolled, hints)


@pytest.mark.parametrize(
    ("above", "below", "text"),
    [
        (0, 12, "▼ 12 more lines below"),
        (3, 1, "▼ 1 more line below"),
        (3, 0, "▲ 3 more lines above"),
        (0, 0, ""),
    ],
)
def test_what_is_not_visible_is_counted(above: int, below: int, text: str) -> None:
    assert below_text(above, below) == text


def test_what_is_restarted_after_a_new_owner_is_said() -> None:
    def steps(*names: str) -> tuple[Step, ...]:
        return tuple(
            Step(verb=Verb.RESTART, container=cid(name), name=name) for name in names
        )

    restart = replace(plan(Action.RESTART), steps=steps("vpn", "a", "b\n"))
    assert along_line(restart) is None
    request = replace(restart.request, action=Action.RECREATE)
    made = replace(restart, request=request)
    assert along_line(made) == r"restarts a, b\n after it"
    assert along_line(replace(made, steps=steps("vpn"))) is None
    assert pull_question(made) == "Recreate vpn from which image?"
