"""The terminal of the tests shows what a program wrote, whoever else writes on it."""

from __future__ import annotations

from tests.support.terminal import Terminal

IN_TWO_PARTS = r"""
stty -echo
printf 'abc\033[31m\033[10;2'
read answer
printf '0Hrest'
read answer
"""
"""Ends what it writes at first in the midst of a sequence: tenth line, column 20."""

HALF_READ = b"\x1b[10;2"


def test_a_scribble_does_not_end_a_sequence_that_is_half_read() -> None:
    with Terminal(("sh", "-c", IN_TWO_PARTS)) as terminal:
        terminal.wait_until(
            lambda _: terminal.written.endswith(b"\x1b[10;2"), "is read"
        )
        terminal.scribble("\x1b[Hsomebody else")
        terminal.press("enter")
        lines = terminal.wait_for("rest").splitlines()
        assert lines[0] == "somebody else"
        assert lines[9] == f"{'':19}rest"
