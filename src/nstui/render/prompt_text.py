"""The prompts before an action: their words, buttons and hints, and what fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.analysis.plans.effects import worst_of_each
from nstui.model.frozen import dataclass
from nstui.model.step import Action, Verb
from nstui.render.layout import fit
from nstui.render.plan_text import action_word, effect_pieces, target_names
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nstui.model.healing import OwnerChoice
    from nstui.model.plan import Plan
    from nstui.model.step import Effect
    from nstui.render.text import Line


BUTTON_PADDING = 2
"""The columns of a button that its label does not use."""

BUTTON_GAP = 2
AIR = 3
"""The blank lines above and below the content, and below an input, where there is
room."""

BORDER = 2
"""The lines of a prompt's border."""

SHORTEST_NAME = 8
"""A name in a label is not elided to fewer columns than these."""

EASY_LINES = 8
"""Buttons are stacked only if this many lines of the effects stay visible."""

LOW = 12
"""Screens with fewer lines than this do without the hints."""

PULL_ANSWERS = ("The image that is here", "The newest one: pull it first")
"""The answers to `pull_question`, the quicker one first."""

_KEPT = {
    Action.RM: ("Keep ", "", "Keep"),
    Action.PRUNE: ("Keep ", "", "Keep"),
    Action.STOP: ("Keep ", " running", "Keep running"),
    Action.KILL: ("Keep ", " running", "Keep running"),
    Action.PAUSE: ("Keep ", " running", "Keep running"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """What a button does, with the name of its object."""

    before: str
    name: str
    """Safe to show."""

    after: str
    short: str
    """What it is called where the name has no room."""

    def __str__(self) -> str:
        """Return it in full."""
        return f"{self.before}{self.name}{self.after}"

    def within(self, width: int) -> str:
        """Return the most of it that fits into a width."""
        if cell_len(str(self)) <= width:
            return str(self)
        room = width - cell_len(self.before) - cell_len(self.after)
        if room >= SHORTEST_NAME:
            return f"{self.before}{elide(self.name, room)}{self.after}"
        return fit(self.short, width).rstrip() if width > 0 else ""


def elide(name: str, width: int) -> str:
    """Return a name cut in the middle, since names often differ at the end."""
    if cell_len(name) <= width:
        return name
    end = (width - 1) // 2
    tail = name[-end:] if end else ""
    while cell_len(tail) > end:
        tail = tail[1:]
    return f"{fit(name, width - cell_len(tail)).rstrip()}{tail}"


def keep_label(plan: Plan) -> Label:
    """Return the label of the button that changes nothing."""
    kept = _KEPT.get(plan.request.action)
    if kept is not None:
        before, after, short = kept
        return Label(before, _object(plan), after, short)
    them = "it is" if len(plan.targets) == 1 else "they are"
    return Label("Leave ", _object(plan), f" as {them}", "Leave")


def act_label(plan: Plan) -> Label:
    """Return the label of the button that acts on the targets, and harms nobody."""
    verb = action_word(plan.request.action).capitalize()
    if not plan.targets:
        return Label(verb, "", "", verb)
    return Label(f"{verb} ", _object(plan), "", verb)


def together_label(plan: Plan) -> Label:
    """Return the label of the button that acts on the dependents as well."""
    verb = action_word(plan.request.action).capitalize()
    named = {target.id for target in plan.targets}
    count = len({step.container for step in plan.steps} - named)
    whose = "its" if len(named) == 1 else "their"
    dependents = plural(count, "dependent")
    return Label(
        f"{verb} ",
        _object(plan),
        f" and {whose} {dependents}",
        f"{verb} with {count}",
    )


def alone_label(plan: Plan) -> Label:
    """Return the label of the button that acts on the targets alone."""
    verb = action_word(plan.request.action).capitalize()
    it = "it" if len(plan.targets) == 1 else "them"
    return Label(f"{verb} only ", _object(plan), "", f"{verb} only {it}")


def _object(plan: Plan) -> str:
    if len(plan.targets) == 1:
        return printable(plan.targets[0].name)
    return plural(len(plan.targets), "container")


def along_line(plan: Plan) -> str | None:
    """Return which dependents a plan restarts that makes their owner anew, if any."""
    targets = {target.id for target in plan.targets}
    restarted = {
        step.container: step.name
        for step in plan.steps
        if step.verb in {Verb.RESTART, Verb.START} and step.container not in targets
    }
    if not plan.goes_back or not restarted:
        return None
    return printable(f"restarts {', '.join(restarted.values())} after it")


def pull_question(plan: Plan) -> str:
    """Return the question whether images are pulled before containers are recreated."""
    return f"Recreate {printable(target_names(plan))} from which image?"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a prompt is laid out on a screen."""

    labels: tuple[str, ...]
    """The labels of the buttons, as they fit."""

    is_stacked: bool
    """Whether the buttons stand one above the other."""

    is_airy: bool
    """Whether there are blank lines between the parts."""

    content_height: int
    """How many lines of the content are visible."""

    is_scrolled: bool
    """Whether the content is longer; then a line below says how much more there is."""

    has_hints: bool


def arrange(  # noqa: PLR0913 - the sizes of all parts
    labels: Sequence[Label],
    *,
    width: int,
    height: int,
    content: int,
    gaps: int,
    above: int,
    below: int,
    hints: int,
) -> Arrangement:
    """Return how a prompt fits on a screen.

    Args:
        labels: The buttons.
        width: The columns inside the border.
        height: The lines of the screen.
        content: The lines of the content, which scrolls if there is no room for it.
        gaps: How many blank lines separate the parts of the content if there is room.
        above: The lines above the content.
        below: The lines below the content, without the buttons and the hints.
        hints: The lines of the hints.

    """
    has_hints = height >= LOW
    room = height - BORDER - above - below - (hints if has_hints else 0)
    shown, is_stacked = _fit_labels(labels, width, room - min(content + 1, EASY_LINES))
    room -= len(shown) if is_stacked else min(1, len(shown))
    is_airy = content + gaps + AIR <= room
    if is_airy:
        content += gaps
    is_scrolled = content > room
    if is_scrolled:
        room -= 1
    visible = max(1, min(content, room))
    return Arrangement(shown, is_stacked, is_airy, visible, is_scrolled, has_hints)


def _fit_labels(
    labels: Sequence[Label], width: int, lines: int
) -> tuple[tuple[str, ...], bool]:
    """Return the labels, and whether the buttons are stacked.

    Args:
        labels: The labels.
        width: The columns for them.
        lines: How many lines there are for them.

    """
    full = tuple(map(str, labels))
    if _row_width(full) <= width:
        return full, False
    stacked = tuple(label.within(width - BUTTON_PADDING) for label in labels)
    short = tuple(label.short for label in labels)
    if lines >= len(labels) or _row_width(short) > width:
        return stacked, True
    return short, False


def _row_width(labels: Sequence[str]) -> int:
    gaps = BUTTON_GAP * (len(labels) - 1)
    return sum(cell_len(label) + BUTTON_PADDING for label in labels) + gaps


def below_text(above: int, below: int) -> str:
    """Return how many lines of the content are not visible."""
    if below:
        return f"▼ {plural(below, 'more line')} below"
    return f"▲ {plural(above, 'more line')} above" if above else ""


def hint_pieces(hints: Iterable[tuple[str, str]]) -> Line:
    """Return keys and what they do, as one line."""
    pieces: list[Piece] = []
    for key, words in hints:
        pieces += (
            Piece(" · " if pieces else "", Tone.MUTED),
            Piece(key, Tone.STRONG),
            Piece(f" {words}", Tone.MUTED),
        )
    return tuple(pieces)


def effect_lines(effects: Iterable[Effect]) -> Iterator[Line]:
    """Yield each effect once, with the names of all containers that it is on.

    The worst comes first, and what harms before what does not.
    """
    groups: dict[tuple[object, ...], list[Effect]] = {}
    for effect in sorted(worst_of_each(effects), key=lambda one: not one.harms):
        halves = effect.at_once_of_several, effect.next_start_of_several
        groups.setdefault((effect.harms, *halves), []).append(effect)
    for same in groups.values():
        yield _shared_effect(same) if len(same) > 1 else effect_pieces(same[0])


def _shared_effect(effects: list[Effect]) -> Line:
    """Return an effect on several containers: their number, the effect, the names."""
    first = effects[0]
    halves = first.at_once_of_several, first.next_start_of_several
    sentence = printable(" and ".join(filter(None, halves)))
    tone = Tone.ERROR if first.harms else Tone.MUTED
    pieces = [Piece(f"{len(effects)} {sentence}: ", tone)]
    for number, effect in enumerate(effects, start=1):
        through = f" (through {effect.via_name})" if effect.is_indirect else ""
        pieces += (
            Piece(printable(effect.name), Tone.STRONG),
            Piece(printable(through), Tone.MUTED),
            Piece(", " if number < len(effects) else ""),
        )
    return tuple(pieces)


def leave_line(choice: OwnerChoice) -> str:
    """Return the answer that gives the containers no new owner."""
    several = len(choice.needed_by) > 1
    names = ", ".join(choice.needed_by)
    return printable(f"Leave {names} as {'they are' if several else 'it is'}")
