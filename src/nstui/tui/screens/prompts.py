"""The prompts before an action: what would break, and what must be decided."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from nstui.analysis.plans.plans import with_policy
from nstui.model.frozen import dataclass
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from nstui.render.plan_text import (
    action_word,
    commands_text,
    confirmation_phrase,
    dark_ports_line,
    effect_pieces,
    heal_lines,
    kept_line,
    outsider_lines,
    shown_effects,
    sight_lines,
    target_text,
    title,
    uncertain_line,
    wait_lines,
)
from nstui.render.text import Piece, Tone, plural, printable
from nstui.tui.screens.closing import ClosingModal
from nstui.tui.screens.findings import Options
from nstui.tui.styles import content_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.model.container import ContainerId
    from nstui.service.executor import Executor


FRAME = 6
"""The lines of the border and of the space around the list."""


class Choice(StrEnum):
    """What the user decided."""

    KEEP = "keep"
    """Nothing is changed."""

    ACT = "act"
    """Nobody is harmed."""

    WITH_DEPENDENTS = "with-dependents"
    ANYWAY = "anyway"


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as the prompt shows it."""

    plan: Plan
    """What the action would do to the targets alone."""

    with_dependents: Plan
    anyway: Plan

    def chosen(self, choice: Choice) -> Plan | None:
        """Return the plan of a choice; None if nothing is to be changed."""
        return {
            Choice.ACT: self.plan,
            Choice.WITH_DEPENDENTS: self.with_dependents,
            Choice.ANYWAY: self.anyway,
        }.get(choice)


def make_offer(executor: Executor, request: Request) -> Offer:
    """Read everything afresh and plan an action under each policy.

    Raises:
        ContainerVanished: a target is no longer there.

    """
    plans = executor.plans(
        with_policy(request, policy)
        for policy in (Policy.PROTECT, Policy.WITH_DEPENDENTS, Policy.BREAK_DEPENDENTS)
    )
    return Offer(*plans)


def make_request(
    action: Action, selected: tuple[ContainerId, ...], at_cursor: ContainerId | None
) -> Request | None:
    """Return the request of an action; None if there is nobody to act on.

    Args:
        action: What the key means.
        selected: Those that were selected; they come before the one at the cursor.
        at_cursor: The container under the cursor, if it is on one.

    """
    if action is Action.PRUNE:
        return Request(action=action, targets=())
    if action is Action.HEAL:
        # Without a selection all that is broken is meant.
        return Request(action=action, targets=selected)
    targets = selected or ((at_cursor,) if at_cursor else ())
    if not targets:
        return None
    # What runs is stopped first, gently: the force of rm -f is for who asks for it.
    return Request(action=action, targets=targets, stop_first=action is Action.RM)


class ActionScreen(ClosingModal[Choice]):
    """Shows an offer and returns a choice; it can do nothing itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "keep", "Keep", id="act.keep"),
        Binding("left", "app.focus_previous", "Previous", show=False),
        Binding("right", "app.focus_next", "Next", show=False),
        Binding("up,k", "scroll_effects(-1)", "Up", show=False),
        Binding("down,j", "scroll_effects(1)", "Down", show=False),
        Binding("pageup", "scroll_effects(-8)", "Up", show=False),
        Binding("pagedown", "scroll_effects(8)", "Down", show=False),
    ]
    AUTO_FOCUS = "#keep"

    def __init__(self, offer: Offer, notice: str | None = None) -> None:
        """Take what to show.

        Args:
            offer: The plans to choose from.
            notice: Why the prompt is shown once more, if it is.

        """
        super().__init__()
        self._offer = offer
        self._notice = notice

    def compose(self) -> ComposeResult:
        """Lay the prompt out: what, whom it harms, how, and what can be done."""
        plan = self._offer.plan
        with Vertical(id="prompt", classes="-harmful" if self._is_blocked else ""):
            yield Static(title(plan), id="prompt-title", markup=False)
            if self._notice:
                yield Static(printable(self._notice), id="notice", markup=False)
            with VerticalScroll(id="effects", can_focus=False):
                yield Static(content_lines(self._lines()), markup=False)
            yield Static(content_lines(self._commands()), id="commands", markup=False)
            if self._is_blocked and self._offer.anyway.is_possible:
                yield Input(
                    placeholder=f"type {self._phrase} to {self._verb} anyway",
                    id="name",
                    select_on_focus=False,
                )
            with Horizontal(id="choices"):
                yield from self._buttons()

    @property
    def _is_blocked(self) -> bool:
        return not self._offer.plan.is_permitted

    @property
    def _acted_on(self) -> Plan:
        """What is carried out, unless the harm is accepted."""
        return self._offer.with_dependents if self._is_blocked else self._offer.plan

    @property
    def _verb(self) -> str:
        return action_word(self._offer.plan.request.action)

    @property
    def _phrase(self) -> str:
        """What must be typed to accept the harm."""
        return printable(confirmation_phrase(self._offer.plan))

    def _lines(self) -> Iterator[tuple[Piece, ...]]:
        plan = self._offer.plan
        yield (Piece(target_text(plan), Tone.MUTED),)
        for line in (dark_ports_line(plan), uncertain_line(plan), *sight_lines(plan)):
            if line is not None:
                yield (Piece(line, Tone.WARNING),)
        for kept in plan.kept:
            yield (Piece(kept_line(kept), Tone.MUTED),)
        for effect in shown_effects(plan):
            yield effect_pieces(effect)
        for line in outsider_lines(plan):
            yield (Piece(line, Tone.WARNING),)
        yield from heal_lines(plan)
        # What is restarted alone has nobody to wait for.
        for line in wait_lines(self._acted_on):
            yield (Piece(line, Tone.MUTED),)
        if plan.recovery:
            recovery = commands_text(plan.recovery, plan.program)
            yield (Piece("to bring them back: ", Tone.MUTED), Piece(recovery))

    def _commands(self) -> Iterator[tuple[Piece, ...]]:
        alone = Piece(self._line_of(self._offer.anyway), Tone.NOTICE)
        if not self._is_blocked:
            yield (alone,)
            return
        yield (Piece("anyway: ", Tone.MUTED), alone)
        if self._offer.with_dependents.is_permitted:
            together = self._line_of(self._offer.with_dependents)
            yield (Piece("dependents too: ", Tone.MUTED), Piece(together, Tone.NOTICE))

    def _line_of(self, plan: Plan) -> str:
        if not plan.is_possible:
            return printable("; ".join((*plan.managed, *plan.objections)))
        return commands_text(plan.steps, plan.program)

    def _buttons(self) -> Iterator[Button]:
        verb = self._verb.capitalize()
        yield Button("Keep", id=Choice.KEEP, variant="primary", compact=True)
        if not self._is_blocked:
            yield Button(verb, id=Choice.ACT, variant="error", compact=True)
            return
        # To act on them too may save nobody, as one that could not start again.
        if self._offer.with_dependents.is_permitted:
            yield self._button_for_all(verb)
        yield Button(
            f"{verb} anyway",
            id=Choice.ANYWAY,
            variant="error",
            compact=True,
            disabled=True,
        )

    def _button_for_all(self, verb: str) -> Button:
        more = {s.container for s in self._offer.with_dependents.steps}
        count = len(more - {target.id for target in self._offer.plan.targets})
        return Button(
            f"{verb} {plural(count, 'dependent')} too",
            id=Choice.WITH_DEPENDENTS,
            variant="warning",
            compact=True,
            disabled=not self._offer.with_dependents.is_possible,
        )

    def on_resize(self) -> None:
        """Let the list scroll rather than push the choices off the screen."""
        room = self.size.height - sum(
            widget.outer_size.height + widget.styles.margin.height
            for widget in self.query("#prompt > *").exclude("#effects")
        )
        self.query_one("#effects").styles.max_height = max(3, room - FRAME)

    def action_keep(self) -> None:
        """Change nothing."""
        self.dismiss(Choice.KEEP)

    def action_scroll_effects(self, lines: int) -> None:
        """Scroll the list of effects."""
        self.query_one("#effects").scroll_relative(y=lines, animate=False)

    @on(Input.Changed, "#name")
    def _permit_when_named(self, event: Input.Changed) -> None:
        self.query_one("#anyway", Button).disabled = event.value != self._phrase

    @on(Input.Submitted, "#name")
    def _act_when_named(self, event: Input.Submitted) -> None:
        if event.value == self._phrase:
            self.dismiss(Choice.ANYWAY)

    @on(Button.Pressed)
    def _choose(self, event: Button.Pressed) -> None:
        self.dismiss(Choice(event.button.id or Choice.KEEP))


class QuestionScreen(ClosingModal[int | None]):
    """Shows a question; returns the number of the answer, or None for no answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="question.leave"),
    ]
    AUTO_FOCUS = "#answers"

    def __init__(
        self, title: str, lines: Sequence[str], answers: Sequence[str]
    ) -> None:
        """Take what to ask; all of it must be safe to show.

        Args:
            title: The question.
            lines: What there is to know.
            answers: What can be answered; the first is under the cursor.

        """
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Lay the question out above its answers."""
        with Vertical(id="prompt"):
            yield Static(self._title, id="prompt-title", markup=False)
            if self._lines:
                lines = "\n".join(self._lines)
                yield Static(lines, id="question-lines", markup=False)
            yield Options(
                *(Option(Content(answer)) for answer in self._answers), id="answers"
            )

    @on(OptionList.OptionSelected)
    def _answer(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
