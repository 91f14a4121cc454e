"""The prompts before an action: what would break, and what must be decided."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import Button, Input

from nstui.analysis.plans.permission import Harm, harm_of, removes_others
from nstui.analysis.plans.plans import with_policy
from nstui.model.frozen import dataclass
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from nstui.render.offer_text import command_lines, name_question, offer_lines
from nstui.render.plan_text import confirmation_phrase, title
from nstui.render.prompt_text import act_label, alone_label, keep_label, together_label
from nstui.render.text import printable
from nstui.tui.screens.closing import GuardedModal
from nstui.tui.screens.questions import QuestionScreen
from nstui.tui.styles import content_lines
from nstui.tui.widgets.key_order import KeyHandover, TypedInput, focus_at_once
from nstui.tui.widgets.prompt_box import PromptBox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Key, Resize
    from textual.geometry import Size
    from textual.widgets.button import ButtonVariant

    from nstui.model.container import ContainerId
    from nstui.render.prompt_text import Label
    from nstui.service.executor import Executor


__all__ = [
    "ActionScreen",
    "Choice",
    "Offer",
    "QuestionScreen",
    "make_offer",
    "make_request",
]

VARIANTS: dict[Harm, ButtonVariant] = {
    Harm.NONE: "success",
    Harm.OUTAGE: "warning",
    Harm.LOSS: "error",
}
"""The looks of the buttons: they depend on the harm and not on the action."""


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
    BACK = "back"
    """Return to the question before the prompt."""


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

    @property
    def shown(self) -> Mapping[Choice, Plan]:
        """The choices that change something, the least harmful first."""
        if self.plan.is_permitted:
            return {Choice.ACT: self.plan}
        found = {Choice.ANYWAY: self.anyway}
        # Acting on the dependents too may not help, if one could not start again.
        if self.with_dependents.is_permitted:
            return {Choice.WITH_DEPENDENTS: self.with_dependents, **found}
        return found

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices that neither the engine nor a manager prevents."""
        return tuple(c for c, plan in self.shown.items() if plan.is_possible)

    @property
    def default(self) -> Plan:
        """The plan that is carried out unless the user accepts the harm."""
        return self.plan if self.plan.is_permitted else self.with_dependents

    def asks_name(self, choice: Choice) -> bool:
        """Tell whether a name must be typed: to break others, and to remove them."""
        plan = self.shown[choice]
        return choice is Choice.ANYWAY or removes_others(plan)

    @property
    def asking(self) -> tuple[Choice, ...]:
        """The choices for which a name must be typed."""
        return tuple(c for c in self.choices if self.asks_name(c))

    @property
    def accepted(self) -> Choice | None:
        """What ``y`` chooses: the least harmful way; None if a name must be typed."""
        return next((c for c in self.choices if not self.asks_name(c)), None)

    @property
    def y_asks_name(self) -> bool:
        """Whether ``y`` leads to the input of the name."""
        return self.accepted is None and bool(self.asking)

    @property
    def heals_a_part(self) -> bool:
        """Whether it heals less than everything that is broken."""
        request = self.plan.request
        return request.action is Action.HEAL and bool(request.targets)

    def can_choose(self, choice: Choice, *, is_named: bool) -> bool:
        """Tell whether a choice can be made, before or after the name was typed."""
        is_allowed = is_named or not self.asks_name(choice)
        return choice in self.choices and is_allowed


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


class ChoiceButton(Button, KeyHandover):
    """A button that passes on the name that is typed right after ``y``."""

    def on_key(self, event: Key) -> None:
        """Give the focus to the input of the name, with the keys typed since."""
        screen = self.screen
        asks = isinstance(screen, ActionScreen) and screen.offer.y_asks_name
        if not self.keeps(event) and event.key == "y" and asks:
            self.hand_over(event, partial(focus_at_once, screen.query_one("#name")))


class ActionScreen(GuardedModal[Choice]):
    """Shows an offer and returns a choice; it carries nothing out itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="act.back"),
        Binding("n", "keep", "Keep", id="act.keep"),
        Binding("y", "accept", "Act", id="act.accept"),
        Binding("H", "everything", "Heal everything", id="act.everything"),
        Binding("left", "app.focus_previous", "Previous", show=False),
        Binding("right", "app.focus_next", "Next", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("k", "scroll_effects(-1)", "Up", show=False),
        Binding("j", "scroll_effects(1)", "Down", show=False),
        Binding("pageup", "scroll_effects(-8)", "Up", show=False),
        Binding("pagedown", "scroll_effects(8)", "Down", show=False),
    ]
    AUTO_FOCUS = "#keep"

    def __init__(
        self, offer: Offer, notice: str | None = None, *, can_go_back: bool = False
    ) -> None:
        """Show this offer.

        Args:
            offer: The plans to choose from.
            notice: Why the prompt is shown again; None if it is shown first.
            can_go_back: Whether escape returns to a question before this prompt.

        """
        super().__init__()
        self.offer = offer
        self._notice = notice
        self._can_go_back = can_go_back
        self._labels = {
            Choice.KEEP: keep_label(offer.plan),
            Choice.ACT: act_label(offer.plan),
            Choice.WITH_DEPENDENTS: together_label(offer.with_dependents),
            Choice.ANYWAY: alone_label(offer.plan),
        }

    def compose(self) -> ComposeResult:
        """Yield the frame with the effects, the commands and the choices."""
        offer = self.offer
        yield PromptBox(
            title(offer.plan),
            notice=printable(self._notice or ""),
            texts=[
                (
                    "effects-text",
                    content_lines(offer_lines(offer.plan, offer.default)),
                ),
                (
                    "commands",
                    content_lines(
                        command_lines(offer.plan, offer.with_dependents, offer.anyway)
                    ),
                ),
            ],
            asks=self._name_input() if offer.asking else None,
            buttons=list(self._buttons()),
            classes="-harmful" if harm_of(offer.plan) is Harm.LOSS else "",
        )

    def on_mount(self) -> None:
        """Fit the prompt to the screen."""
        self._fit(self.app.size)

    def on_resize(self, event: Resize) -> None:
        """Fit the prompt to another size."""
        self._fit(event.size)

    def on_screen_resume(self) -> None:
        """Fit the prompt to the size that the screen has by now."""
        self._fit(self.app.size)

    def _fit(self, size: Size) -> None:
        for box in self.query(PromptBox):
            asks = int(bool(self.offer.asking))
            # Whether there is something to scroll is known only afterwards.
            for _ in range(2):
                box.fit(size, list(self._hints(box)), asks_height=asks)

    @property
    def _phrase(self) -> str:
        """What must be typed to accept the harm."""
        return printable(confirmation_phrase(self.offer.plan))

    def _name_input(self) -> Input:
        is_only = self.offer.accepted is not None
        words = name_question(self.offer.plan, is_only=is_only)
        return TypedInput(placeholder=words, id="name", select_on_focus=False)

    def _buttons(self) -> Iterator[tuple[Button, Label]]:
        yield _button(Choice.KEEP, "primary"), self._labels[Choice.KEEP]
        for choice, plan in self.offer.shown.items():
            button = _button(choice, VARIANTS[harm_of(plan)])
            button.disabled = not self.offer.can_choose(choice, is_named=False)
            yield button, self._labels[choice]

    def _hints(self, box: PromptBox) -> Iterator[tuple[str, str]]:
        if self.offer.accepted is not None:
            yield "y", self._labels[self.offer.accepted].short.lower()
        elif self.offer.asking:
            yield "y", "type the name"
        keep = self._labels[Choice.KEEP].short.lower()
        yield ("n" if self._can_go_back else "n/esc"), keep
        if self._can_go_back:
            yield "esc", "back"
        if self.offer.heals_a_part:
            yield "H", "heal everything"
        yield ("↑↓" if box.is_stacked else "←→"), "choose"
        yield "enter", "press"
        if box.is_scrolled:
            yield ("pgdn" if box.is_stacked else "↑↓"), "scroll"

    def action_keep(self) -> None:
        """Change nothing."""
        self.dismiss(Choice.KEEP)

    def action_everything(self) -> None:
        """Ask about healing everything, if this heals only a part."""
        if self.offer.heals_a_part:
            self.dismiss(Choice.EVERYTHING)

    def action_leave(self) -> None:
        """Return to the question before this prompt; without one, change nothing."""
        self.dismiss(Choice.BACK if self._can_go_back else Choice.KEEP)

    def action_accept(self) -> None:
        """Choose the least harmful way to act, or ask for the name."""
        if self.offer.accepted is not None:
            self.dismiss(self.offer.accepted)
        elif self.offer.asking:
            focus_at_once(self.query_one("#name"))

    def action_move(self, by: int) -> None:
        """Go to the next button if they are stacked, else scroll the text."""
        if not self.query_one(PromptBox).is_stacked:
            self.action_scroll_effects(by)
        elif by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_scroll_effects(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one(PromptBox).scroll_text(lines)

    @on(Input.Changed, "#name")
    def _permit_when_named(self, event: Input.Changed) -> None:
        is_named = event.value == self._phrase
        for choice in self.offer.choices:
            can = self.offer.can_choose(choice, is_named=is_named)
            self.query_one(f"#{choice}", Button).disabled = not can

    @on(Input.Submitted, "#name")
    def _act_when_named(self, event: Input.Submitted) -> None:
        """Act if the name permits one choice; else go to the one that was asked for."""
        if event.value != self._phrase:
            return
        if len(self.offer.asking) == 1:
            self.dismiss(self.offer.asking[0])
        else:
            self.query_one(f"#{Choice.ANYWAY}").focus()

    @on(Button.Pressed)
    def _choose(self, event: Button.Pressed) -> None:
        self.dismiss(Choice(event.button.id or Choice.KEEP))


def _button(choice: Choice, variant: ButtonVariant) -> Button:
    return ChoiceButton("", id=choice, variant=variant, compact=True)
