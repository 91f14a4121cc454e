"""Words as a line of a shell."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nstui.render.as_run import shell_line

SHELLS = (("bash", "-c"), ("busybox", "sh", "-c"))
PRINT_EACH = r"printf '%s\0' "

TEXTS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20
) | st.text(" '\"\\$`!\n\t\x1b\x7f\u202e\u009b0n#~*?;&|=", max_size=20)


def taken_apart(shell: tuple[str, ...], line: str) -> tuple[str, ...]:
    """Return the words that a shell makes of a line."""
    ended = subprocess.run(
        (*shell, PRINT_EACH + line), capture_output=True, check=True, timeout=10
    )
    assert ended.stderr == b""
    return tuple(ended.stdout.decode().split("\0")[:-1])


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@settings(max_examples=60, deadline=None)
@given(words=st.lists(TEXTS, min_size=1, max_size=8))
def test_a_shell_sees_the_same_words(shell: tuple[str, ...], words: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"there is no {shell[0]}")
    assert taken_apart(shell, shell_line(words)) == tuple(words)


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(st.text(st.characters(codec="ascii", categories=["L", "P", "S"])))
)
def test_any_shell_sees_words_that_can_be_seen(words: list[str]) -> None:
    assert taken_apart(("sh", "-c"), shell_line(["x", *words])) == ("x", *words)


@given(words=st.lists(st.text()))
def test_nothing_can_act_on_a_terminal(words: list[str]) -> None:
    line = shell_line(words)
    # What unicodedata calls a control, a format, a surrogate or a line's end.
    assert not set(line) & set("\n\r\t\x1b\x7f\x9b\u200b\u202e\u2028\u2029\ud800")


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("plain", "plain"),
        ("", "''"),
        ("two words", "'two words'"),
        ("it's", "'it'\"'\"'s'"),
        ("é$", "'é$'"),
        ("a\nb", r"$'a\nb'"),
        ("it's\t\\", r"$'it\'s\t\\'"),
        ("\x1b1", r"$'\0331'"),
        ("\u202e", r"$'\342\200\256'"),
        ("\udcff", r"$'\355\263\277'"),
    ],
)
def test_a_word(word: str, line: str) -> None:
    assert shell_line([word]) == line
