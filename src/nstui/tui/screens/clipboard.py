"""Copying to the clipboard of the terminal that the user sits at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.layout import fit
from nstui.render.text import printable
from nstui.tui.screens.prompts import QuestionScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from nstui.render.entries import Copy


NOTICED = 60
"""How many characters of what was copied are told."""

WIDEST = 100
FRAME = 10
"""The columns of a question, and of what is around its answers."""


async def copy_one_of(
    app: App[None], choices: Sequence[Copy], lines: Sequence[str] = ()
) -> None:
    """Ask what to copy, copy it, and say so. Must be awaited in a worker.

    The text goes to the terminal as OSC 52, so it arrives where the user is, over SSH
    as well. No terminal tells whether it has taken it.

    Args:
        app: Shows the question.
        choices: What there is to copy, the likeliest first.
        lines: What else there is to know, safe to show.

    """
    labels = [printable(choice.label) for choice in choices]
    width = max(len(label) for label in labels)
    room = max(1, min(WIDEST, app.size.width * 9 // 10) - FRAME - width)
    answers = [
        f"{label:<{width}}  {_short(_noted(choice), room)}"
        for label, choice in zip(labels, choices, strict=True)
    ]
    question = QuestionScreen("Copy", lines, answers)
    chosen = await app.push_screen_wait(question)
    if chosen is None:
        return
    text = choices[chosen].text
    app.copy_to_clipboard(text)
    app.notify(f"copied the {labels[chosen]}: {_short(text, NOTICED)}", markup=False)


def _noted(choice: Copy) -> str:
    return f"{choice.text}  {choice.note}" if choice.note else choice.text


def _short(text: str, room: int) -> str:
    """Return the beginning of a text in one line that is safe to show."""
    first, _, more = text.strip().partition("\n")
    shown = printable(first) + ("…" if more else "")
    return fit(shown, room).rstrip()
