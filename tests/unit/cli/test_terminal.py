"""nstui on a real terminal: the questions of ``rm``, and the look of the tree."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from tests.unit.cli.answers import VPN_FAMILY
from tests.unit.cli.keyboard import CTRL_C, CTRL_D, ENTER, STYLE, Keyboard

KEPT = "nothing was changed\n"


@pytest.mark.parametrize(
    ("keys", "code", "removed"),
    [
        pytest.param(ENTER, 4, "", id="enter keeps"),
        pytest.param(CTRL_D, 4, "", id="so does the end of the input"),
        pytest.param(f"yes{ENTER}", 4, "", id="and what was not offered"),
        pytest.param(f"VPN{ENTER}", 4, "", id="and what is only similar"),
        pytest.param(f"vpn{CTRL_D * 2}", 4, "", id="and a name without enter"),
        pytest.param(
            f"dependents{ENTER}",
            0,
            "".join(f"{name}\n" for name in VPN_FAMILY),
            id="dependents too",
        ),
        pytest.param(f"vpn{ENTER}", 0, "vpn\n", id="anyway"),
    ],
)
def test_what_is_answered_about_dependents(keys: str, code: int, removed: str) -> None:
    with Keyboard("--demo", "rm", "-f", "vpn", piped=True) as user:
        user.wait_for("to remove only vpn: ")
        user.type(keys)
        assert user.end() == code
        assert user.piped == removed
        assert user.shown.endswith(KEPT) == (not removed)
        assert "Traceback" not in user.shown


def test_ctrl_c_at_the_question() -> None:
    with Keyboard("--demo", "rm", "-f", "vpn", piped=True) as user:
        user.wait_for("to remove only vpn: ")
        user.type(CTRL_C)
        assert user.end() == 130
        assert user.piped == ""
        assert "Traceback" not in user.shown
        assert user.shown.endswith("^C\n")


def test_the_question_lists_what_would_break_and_what_can_be_done() -> None:
    with Keyboard("--demo", "rm", "-f", "vpn", width=200) as user:
        user.wait_for("to remove only vpn: ")
        user.type(ENTER)
        assert user.end() == 4
    title, *lines, question, ask, said = user.shown.splitlines()
    assert title == "Removing vpn breaks 4 containers"
    assert [re.split(":| \\(", line)[0] for line in lines] == [
        "  prowlarr",
        "  qbittorrent",
        "  sonarr",
        "  qbit-exporter",
        "  tcpdump",
        "ports no longer reachable",
        "can be restored, except changes outside volumes",
        "docker rm -f vpn",
        "vpn and its dependents",
    ]
    assert question == (
        "Press enter to change nothing, type 'dependents' to remove vpn and its"
        " dependents,"
    )
    assert ask.startswith("or type 'vpn' to remove only vpn: ")
    assert said == KEPT.strip()


@pytest.mark.parametrize(
    ("keys", "code", "removed"),
    [
        pytest.param(ENTER, 1, "", id="enter keeps"),
        pytest.param(f"n{ENTER}", 1, "", id="no"),
        pytest.param(f"alloy{ENTER}", 1, "", id="no answer to this question"),
        pytest.param(CTRL_D, 1, "", id="the end of the input keeps"),
        pytest.param(f"y{ENTER}", 0, "alloy\n", id="yes"),
        pytest.param(f"Yes{ENTER}", 0, "alloy\n", id="the word"),
        pytest.param(CTRL_C, 130, "", id="interrupted"),
    ],
)
def test_what_nobody_depends_on_needs_a_yes(keys: str, code: int, removed: str) -> None:
    with Keyboard("--demo", "rm", "-f", "alloy", piped=True) as user:
        user.wait_for("Remove? [y/N]: ")
        user.type(keys)
        assert user.end() == code
        assert user.piped == removed
        assert "Traceback" not in user.shown


@pytest.mark.parametrize(
    ("options", "target", "code"),
    [
        pytest.param(("-f", "-y"), "alloy", 0, id="--yes"),
        pytest.param(("-f", "-y"), "vpn", 4, id="--yes permits no harm"),
        pytest.param(("-f", "--dry-run"), "vpn", 4, id="--dry-run"),
        pytest.param((), "vpn", 1, id="what the engine would refuse anyway"),
        pytest.param((), "redis", 1, id="the same without dependents"),
    ],
)
def test_what_needs_no_question(
    options: tuple[str, ...], target: str, code: int
) -> None:
    with Keyboard("--demo", "rm", *options, target) as user:
        assert user.end() == code
        assert "Press enter" not in user.shown
        assert "Remove? [y/N]" not in user.shown


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_tree_adapts_to_the_terminal(width: int) -> None:
    with Keyboard("--demo", "tree", "--all", width=width) as user:
        assert user.end() == 0
    assert "\x1b[" in user.shown
    shown = STYLE.sub("", user.shown)
    tree, heading, others = shown.partition("net namespaces without a container")
    *rows, empty, _summary = tree.splitlines()
    assert empty == ""
    assert heading
    assert "named lab; 2 processes" in others
    assert width - 25 < max(cell_len(row) for row in rows) <= width


@pytest.mark.parametrize(
    ("command", "words"), [("tree", "✗ stale join"), ("check", "✗ error stale-join")]
)
def test_no_color_gives_plain_text(command: str, words: str) -> None:
    with Keyboard("--demo", command, NO_COLOR="1") as user:
        user.end()
    assert "\x1b" not in user.shown
    assert words in user.shown


def test_a_pipe_gets_plain_text_and_everything() -> None:
    with Keyboard("--demo", "tree", width=40, piped=True) as user:
        assert user.end() == 0
        assert "\x1b" not in user.piped
        assert user.shown == ""


def test_json_is_the_same_on_a_terminal() -> None:
    with Keyboard("--demo", "check", "--json") as user:
        assert user.end() == 1
    assert user.shown.startswith('{\n  "schema": "nstui/1",')
    assert "\x1b" not in user.shown


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_move_its_cursor_gets_the_tree(term: str) -> None:
    with Keyboard("--demo", TERM=term) as user:
        assert user.end() == 0
    assert "vpn" in user.shown
    assert "\x1b[?" not in user.shown, "no screen"
