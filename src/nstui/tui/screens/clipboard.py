"""Copies to the clipboard of the terminal that the user sits at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.layout import fit
from nstui.render.text import printable
from nstui.tui.screens.prompts import QuestionScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from nstui.render.entries import Copy


NOTIFIED_LENGTH = 60
"""How many characters of the copied text the notification shows."""

MAX_WIDTH = 100
FRAME = 10
"""The width of a question, and of the frame around its answers, in columns."""


async def copy_one_of(
    app: App[None], choices: Sequence[Copy], lines: Sequence[str] = ()
) -> None:
    """Ask what to copy, copy it, and notify the user.

    Must be awaited in a worker. The text is sent to the terminal as OSC 52, so it
    arrives where the user is, over SSH as well. No terminal confirms it.

    Args:
        app: Shows the question.
        choices: The texts to choose from, the likeliest first.
        lines: Further information, safe to show.

    """
    labels = [printable(choice.label) for choice in choices]
    width = max(len(label) for label in labels)
    room = max(1, min(MAX_WIDTH, app.size.width * 9 // 10) - FRAME - width)
    answers = [
        f"{label:<{width}}  {_shorten(_with_note(choice), room)}"
        for label, choice in zip(labels, choices, strict=True)
    ]
    question = QuestionScreen("Copy", lines, answers)
    chosen = await app.push_screen_wait(question)
    if chosen is None:
        return
    text = choices[chosen].text
    app.copy_to_clipboard(text)
    app.notify(
        f"copied the {labels[chosen]}: {_shorten(text, NOTIFIED_LENGTH)}", markup=False
    )


def _with_note(choice: Copy) -> str:
    return f"{choice.text}  {choice.note}" if choice.note else choice.text


def _shorten(text: str, room: int) -> str:
    """Return the beginning of a text, as one line that is safe to show."""
    first, _, more = text.strip().partition("\n")
    shown = printable(first) + ("…" if more else "")
    return fit(shown, room).rstrip()
