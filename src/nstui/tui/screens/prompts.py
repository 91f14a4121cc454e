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
    """What the user has decided."""

    KEEP = "keep"
    """Change nothing."""

    ACT = "act"
    """Act, since no container is harmed."""

    WITH_DEPENDENTS = "with-dependents"
    ANYWAY = "anyway"
    EVERYTHING = "everything"
    """Ask again, about healing everything instead of a part."""


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
    """Look at the host, and plan an action under each policy.

    Raises:
        ContainerVanished: A target no longer exists.

    """
    plans = executor.plans(
        with_policy(request, policy)
        for policy in (Policy.PROTECT, Policy.WITH_DEPENDENTS, Policy.BREAK_DEPENDENTS)
    )
    return Offer(*plans)


def make_request(
    action: Action, selected: tuple[ContainerId, ...], at_cursor: ContainerId | None
) -> Request | None:
    """Return the request of an action; None if there is no container to act on.

    Args:
        action: The action of the key.
        selected: The selected containers; if there are any, the cursor is ignored.
        at_cursor: The container under the cursor, if there is one.

    """
    if action is Action.PRUNE:
        return Request(action=action, targets=())
    if action is Action.HEAL:
        # Without a selection, everything that is broken is healed.
        return Request(action=action, targets=selected)
    targets = selected or ((at_cursor,) if at_cursor else ())
    if not targets:
        return None
    # A running container is stopped gently first; rm -f must be asked for explicitly.
    return Request(action=action, targets=targets, stop_first=action is Action.RM)


class ActionScreen(ClosingModal[Choice]):
    """Shows an offer and returns a choice; it carries nothing out itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "keep", "Keep", id="act.keep"),
        Binding("H", "everything", "Heal everything", id="act.everything"),
        Binding("left", "app.focus_previous", "Previous", show=False),
        Binding("right", "app.focus_next", "Next", show=False),
        Binding("up,k", "scroll_effects(-1)", "Up", show=False),
        Binding("down,j", "scroll_effects(1)", "Down", show=False),
        Binding("pageup", "scroll_effects(-8)", "Up", show=False),
        Binding("pagedown", "scroll_effects(8)", "Down", show=False),
    ]
    AUTO_FOCUS = "#keep"

    def __init__(self, offer: Offer, notice: str | None = None) -> None:
        """Show this offer.

        Args:
            offer: The plans to choose from.
            notice: Why the prompt is shown again; None if it is shown first.

        """
        super().__init__()
        self._offer = offer
        self._notice = notice

    def compose(self) -> ComposeResult:
        """Yield the title, the effects, the commands and the choices."""
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
    def _heals_a_part(self) -> bool:
        request = self._offer.plan.request
        return request.action is Action.HEAL and bool(request.targets)

    @property
    def _is_blocked(self) -> bool:
        return not self._offer.plan.is_permitted

    @property
    def _default_plan(self) -> Plan:
        """The plan that is carried out unless the user accepts the harm."""
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
        # A container that is restarted alone is not waited for.
        for line in wait_lines(self._default_plan):
            yield (Piece(line, Tone.MUTED),)
        if self._heals_a_part:
            yield (Piece("H: heal everything that is broken", Tone.MUTED),)
        if plan.recovery:
            recovery = commands_text(plan.recovery, plan.program)
            yield (Piece("to bring them back: ", Tone.MUTED), Piece(recovery))

    def _commands(self) -> Iterator[tuple[Piece, ...]]:
        alone = Piece(self._commands_text(self._offer.anyway), Tone.NOTICE)
        if not self._is_blocked:
            yield (alone,)
            return
        yield (Piece("anyway: ", Tone.MUTED), alone)
        if self._offer.with_dependents.is_permitted:
            together = self._commands_text(self._offer.with_dependents)
            yield (Piece("dependents too: ", Tone.MUTED), Piece(together, Tone.NOTICE))

    def _commands_text(self, plan: Plan) -> str:
        if not plan.is_possible:
            return printable("; ".join((*plan.managed, *plan.objections)))
        return commands_text(plan.steps, plan.program)

    def _buttons(self) -> Iterator[Button]:
        verb = self._verb.capitalize()
        yield Button("Keep", id=Choice.KEEP, variant="primary", compact=True)
        if not self._is_blocked:
            yield Button(verb, id=Choice.ACT, variant="error", compact=True)
            return
        # Acting on the dependents too may not help, if one could not start again.
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
        containers = {s.container for s in self._offer.with_dependents.steps}
        count = len(containers - {target.id for target in self._offer.plan.targets})
        return Button(
            f"{verb} {plural(count, 'dependent')} too",
            id=Choice.WITH_DEPENDENTS,
            variant="warning",
            compact=True,
            disabled=not self._offer.with_dependents.is_possible,
        )

    def on_resize(self) -> None:
        """Make the list scroll instead of pushing the choices off the screen."""
        room = self.size.height - sum(
            widget.outer_size.height + widget.styles.margin.height
            for widget in self.query("#prompt > *").exclude("#effects")
        )
        self.query_one("#effects").styles.max_height = max(3, room - FRAME)

    def action_keep(self) -> None:
        """Change nothing."""
        self.dismiss(Choice.KEEP)

    def action_everything(self) -> None:
        """Ask about healing everything, if this heals only a part."""
        if self._heals_a_part:
            self.dismiss(Choice.EVERYTHING)

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
    """Shows a question; returns the index of the answer, or None for no answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="question.leave"),
    ]
    AUTO_FOCUS = "#answers"

    def __init__(
        self, title: str, lines: Sequence[str], answers: Sequence[str]
    ) -> None:
        """Create the screen; all texts must be safe to show.

        Args:
            title: The question.
            lines: Further information.
            answers: The possible answers; the first is under the cursor.

        """
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Yield the question, and the answers below it."""
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
        """Close without an answer."""
        self.dismiss(None)
