"""Words for every shell, read by the shells themselves."""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nstui.analysis.plans.commands import container_word
from nstui.analysis.text import (
    printable,
    shell_commands,
    shell_line,
    shell_word,
)
from nstui.model.container import ContainerId
from tests.e2e.shells.shells import HOSTILE, LOCALES, SHELLS, UNWRITABLE, shell_command
from tests.support.builders import cid
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from tests.e2e.shells.shells import Desk

SIGNS = " '\"\\$`!#~*?;&|=(){}[]<>%^@+-:,./01an\u00a0é\u0301"
WORDS = st.text(SIGNS, max_size=20) | st.text(max_size=20)

SEVERAL = settings(
    max_examples=60,
    deadline=None,
    # What is called is forgotten once it is returned.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def line_of(*words: str) -> str:
    """Return a line that there must be."""
    line = shell_line(words)
    assert line is not None
    return line


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_sees_the_same_words(desk: Desk, shell: str, locale: str) -> None:
    calls: list[tuple[str, ...]] = [("docker", word) for word in HOSTILE]
    calls += [("docker", f"-e={word}", word, word) for word in HOSTILE]
    calls.append(("docker", *HOSTILE))
    assert desk.paste(shell, [line_of(*call) for call in calls], locale) == calls


@pytest.mark.parametrize("shell", SHELLS)
@SEVERAL
@given(calls=st.lists(st.lists(WORDS, max_size=8), min_size=1, max_size=8))
def test_a_shell_sees_any_words(desk: Desk, shell: str, calls: list[list[str]]) -> None:
    lines = {shell_line(("nstui", *words)): ("nstui", *words) for words in calls}
    known = {line: words for line, words in lines.items() if line is not None}
    assert desk.paste(shell, known) == list(known.values())


@pytest.mark.parametrize("shell", SHELLS)
def test_each_command_of_a_line_is_run(desk: Desk, shell: str) -> None:
    calls = [("docker", "stop", "it's"), ("nstui", "heal", "$(a)"), ("podman", "")]
    line = shell_commands(calls)
    assert line is not None
    assert desk.paste(shell, [line]) == calls


@pytest.mark.parametrize("shell", SHELLS)
def test_every_character_that_has_a_form_is_seen(desk: Desk, shell: str) -> None:
    seen = (chr(code) for code in range(1, 0x30000))
    characters = [one for one in seen if shell_word(one) is not None]
    assert len(characters) > 100_000
    calls = [
        ("docker", *characters[at : at + 1000])
        for at in range(0, len(characters), 1000)
    ]
    assert desk.paste(shell, [line_of(*call) for call in calls]) == calls


def type_in(terminal: Terminal, desk: Desk, line: str) -> None:
    """Type a line, and wait until something was called."""
    before = desk.count()
    terminal.press(*line, "enter")
    terminal.wait_until(lambda _: desk.count() > before, f"shows that it ran {line}")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_that_is_typed_into_sees_the_same_words(desk: Desk, shell: str) -> None:
    command = ("env", "-i", "-C", desk.place, *shell_command(shell), "-i")
    at_end = ("docker", "at the end")
    calls = [("docker", word) for word in HOSTILE if word.isascii()]
    environ = {**desk.environ, "LC_ALL": "C.UTF-8"}
    variables = [f"{key}={value}" for key, value in environ.items()]
    words = (*command[:4], *variables, *command[4:])
    with Terminal(words, columns=200) as terminal:
        for call in (*calls, at_end):
            type_in(terminal, desk, line_of(*call))
    assert desk.calls() == [*calls, at_end]


@pytest.mark.parametrize("word", UNWRITABLE)
def test_there_is_no_form_for_what_is_read_otherwise(word: str) -> None:
    assert shell_word(word) is None
    assert shell_line(("docker", "rm", word)) is None
    assert shell_commands([("docker", "ps"), ("docker", word)]) is None


@given(word=st.text())
def test_whatever_is_written_is_what_is_seen(word: str) -> None:
    written = shell_word(word)
    if written is not None:
        assert printable(word) == word
        assert printable(written) == written


def test_no_control_or_invisible_character_has_a_form() -> None:
    for code in range(sys.maxunicode + 1):
        kind = unicodedata.category(chr(code))
        if kind in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}:
            assert shell_word(chr(code)) is None


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("plain", "plain"),
        ("qmcgaw/gluetun:v3.40@sha256", "qmcgaw/gluetun:v3.40@sha256"),
        ("--restart=no", "--restart=no"),
        ("", "''"),
        ("two words", "'two words'"),
        ("it's", r"'it'\''s'"),
        ("\\", r"\\"),
        ("a\\'b", r"'a'\\\''b'"),
        ("=ls", "'=ls'"),
        ("é$", "'é$'"),
    ],
)
def test_a_word(word: str, line: str) -> None:
    assert shell_word(word) == line


@pytest.mark.parametrize(
    ("name", "id_", "word"),
    [
        ("web", cid("web"), "web"),
        ("a b", cid("web"), "a b"),
        ("-f", cid("web"), cid("web")[:12]),
        ("", cid("web"), cid("web")[:12]),
        ("a\nb", cid("web"), cid("web")[:12]),
        ("a\nb", "--all", None),
        ("a\nb", "$(id)", None),
    ],
)
def test_a_container_is_named_so_that_it_is_no_option(
    name: str, id_: str, word: str | None
) -> None:
    assert container_word(name, ContainerId(id_)) == word
