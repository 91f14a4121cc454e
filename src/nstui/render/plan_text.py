"""A plan in words: the same on the command line and in the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.plans import commands
from nstui.analysis.plans.effects import worst_of_each
from nstui.analysis.signals import SignalEnd, what_it_does
from nstui.model.container import short_id
from nstui.model.step import Action, Verb
from nstui.render.rows import row_ports_text
from nstui.render.text import Piece, Tone, plural, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.plan import Kept, Outsider, Plan
    from nstui.model.step import Effect, Step


_WORDS = {
    Action.RM: ("remove", "Removing"),
    Action.STOP: ("stop", "Stopping"),
    Action.RESTART: ("restart", "Restarting"),
    Action.KILL: ("kill", "Killing"),
    Action.PRUNE: ("prune", "Pruning"),
    Action.HEAL: ("heal", "Healing"),
}
_PAST = {
    Verb.RM: "removed",
    Verb.START: "started",
    Verb.STOP: "stopped",
    Verb.RESTART: "restarted",
    Verb.KILL: "killed",
    Verb.RECREATE: "recreated",
    Verb.COMPOSE: "recreated with compose",
    Verb.MANAGER: "restarted by its manager",
    Verb.CONNECT: "connected",
    Verb.FINISH: "finished recreating",
    Verb.UNDO: "put back",
}
NO_COMMAND = "(no command: a name in it cannot be written for a shell)"
NAMED_TARGETS = 3
"""More targets than these are counted, not named."""


def action_word(action: Action) -> str:
    """Return an action as screens say it, such as ``remove``."""
    return _WORDS[action][0]


def title(plan: Plan) -> str:
    """Return what a plan is about and how much it harms, in one line."""
    word, doing = _WORDS[plan.request.action]
    names = printable(target_names(plan))
    harmed = {effect.container for effect in plan.harmed}
    if harmed:
        return f"{doing} {names} breaks {plural(len(harmed), 'container')}"
    return f"{word.capitalize()} {names}?"


def nothing_line(plan: Plan) -> str:
    """Return that a plan does nothing."""
    if plan.request.action is not Action.HEAL:
        return "nothing to do"
    if plan.unhealed:
        return "nothing can be healed"
    return printable("; ".join(("nothing to heal", *plan.notes)))


def target_names(plan: Plan) -> str:
    """Return the targets by name, or how many they are."""
    if len(plan.targets) > NAMED_TARGETS:
        return plural(len(plan.targets), "container")
    return ", ".join(target.name for target in plan.targets)


def confirmation_phrase(plan: Plan) -> str:
    """Return what must be typed to accept the harm: the name, or how many."""
    if len(plan.targets) == 1:
        return plan.targets[0].name
    return plural(len(plan.targets), "container")


def kept_line(kept: Kept) -> str:
    """Return what a prune leaves alone, and for whom or what."""
    needed = f" for {', '.join(kept.needed_by)}" if kept.needed_by else ""
    managed = f", which is managed by {kept.managed_by}" if kept.managed_by else ""
    return printable(f"keeps {kept.name}{needed}{managed}")


def target_text(plan: Plan) -> str:
    """Return what the targets are, for a last look before they go."""
    return printable("; ".join(f"{t.name}: {t.image}, {t.state}" for t in plan.targets))


def shown_effects(plan: Plan) -> tuple[Effect, ...]:
    """Return what happens to each container, at its worst; one for each."""
    return worst_of_each(plan.effects)


def effect_pieces(effect: Effect) -> tuple[Piece, ...]:
    """Return one line: who, what happens to it, and through whom."""
    through = f" (through {effect.via_name})" if effect.is_indirect else ""
    return (
        Piece(printable(effect.name), Tone.STRONG),
        Piece(
            printable(f": {effect.sentence}"),
            Tone.ERROR if effect.harms else Tone.MUTED,
        ),
        Piece(printable(through), Tone.MUTED),
    )


def effect_line(effect: Effect) -> str:
    """Return one line: who, what happens to it, and through whom."""
    return words_of(effect_pieces(effect))


def dark_ports_line(plan: Plan) -> str | None:
    """Return which published ports lead nowhere afterwards, if any do."""
    if not plan.dark_ports:
        return None
    return f"ports that go dark: {', '.join(row_ports_text(plan.dark_ports))}"


def uncertain_line(plan: Plan) -> str | None:
    """Return whom the engine did not describe, so that they may be dependents too."""
    if not plan.uncertain:
        return None
    names = printable(", ".join(plan.uncertain))
    return f"could not inspect {names}: it may depend on this too"


def wait_lines(plan: Plan) -> Iterator[str]:
    """Yield for whom a plan waits, and what happens if that takes too long."""
    for step in plan.steps:
        if step.verb is Verb.WAIT and step.health is not None:
            now = f" (it is {step.health} now)" if step.health != "healthy" else ""
            yield printable(
                f"waits up to {step.timeout} s for {step.name} to become healthy{now},"
                " then goes on all the same"
            )
        elif step.trial:
            yield printable(
                f"looks for {step.trial} s whether {step.name} runs on; if it does not,"
                " what joined it is left alone"
            )


def sight_lines(plan: Plan) -> tuple[str, ...]:
    """Return what else there is to know: what may happen, and what was not seen."""
    # Without a step the notes are all that there is to say: see `nothing_line`.
    lines = [*(plan.notes if plan.steps else ()), *plan.blind_spots]
    if plan.unplaced:
        names = ", ".join(plan.unplaced)
        lines.append(
            f"what {names} joined is not there under that name or id: it may be in a"
            " namespace that ends"
        )
    return tuple(printable(line) for line in lines)


def outsider_lines(plan: Plan) -> tuple[str, ...]:
    """Return which processes of no container are in a namespace that ends."""
    return tuple(_outsider_line(outsider) for outsider in plan.outsiders or ())


def _outsider_line(outsider: Outsider) -> str:
    command = "a process" if outsider.command is None else outsider.command
    whose = "of no container"
    if outsider.container is not None:
        whose = f"of {short_id(outsider.container)}, a container of another engine"
    kinds = " and ".join(outsider.kinds)
    spaces = "namespace" if len(outsider.kinds) == 1 else "namespaces"
    return printable(
        f"{command} (pid {outsider.pid}), {whose}, is in the {kinds} {spaces} of"
        f" {outsider.owner_name} too"
    )


def outcome_line(plan: Plan) -> str:
    """Return what a plan that was carried out has done, and what is left to do."""
    if not plan.steps:
        return _nothing_done(plan)
    done: dict[str, dict[str, None]] = {}
    for step in plan.steps:
        if step.verb is not Verb.WAIT:
            done.setdefault(_past(step), {})[step.name] = None
    if _PAST[Verb.RM] in done:
        done.pop(_PAST[Verb.STOP], None)
    said = "; ".join(f"{word} {', '.join(names)}" for word, names in done.items())
    if plan.breaks and plan.recovery:
        back = commands_text(plan.recovery, plan.program)
        said += f"; to bring back what depends on it: {back}"
    return printable(said)


def _past(step: Step) -> str:
    """Return what a step has done; most signals end nothing."""
    if step.verb is Verb.MANAGER and commands.manager_action(step) == "stop":
        return "stopped by its manager"
    ends = what_it_does(step.signal) is SignalEnd.ENDS
    return _PAST[step.verb] if ends else f"sent {step.signal} to"


def managed_line(sentence: str) -> str:
    """Return that something else manages a container of a plan."""
    return printable(f"managed elsewhere: {sentence}")


def _nothing_done(plan: Plan) -> str:
    if plan.request.action is not Action.HEAL:
        return "there was nothing to do"
    why = [f"{one.name}: {one.reason}" for one in plan.unhealed]
    return printable("; ".join([nothing_line(plan), *why]))


def commands_text(steps: Iterable[Step], program: str = "docker") -> str:
    """Return the commands that steps amount to, or that they cannot be written."""
    line = commands.command_line(steps, program)
    return NO_COMMAND if line is None else line
