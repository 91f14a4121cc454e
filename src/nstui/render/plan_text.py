"""A plan as text: the same on the command line and in the prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.analysis.healing.recomposing import method_text
from nstui.analysis.plans import commands
from nstui.analysis.plans.commands import failed_text, go_on_text
from nstui.analysis.plans.effects import worst_of_each
from nstui.analysis.signals import SignalEnd, what_it_does
from nstui.analysis.text import on_host, shell_line, words_on_host
from nstui.model.container import short_id
from nstui.model.host_options import HERE, HostOptions
from nstui.model.step import Action, Verb
from nstui.render.restoration_text import removed_text, restoration_lines
from nstui.render.rows import row_ports_text
from nstui.render.text import Piece, Tone, plural, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.healing import OwnerChoice, Recreation
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Kept, Outsider, Plan
    from nstui.model.step import Effect, Step
    from nstui.render.text import Line


SHOWN_PATHS = 3
"""More paths than these are counted instead of named."""

_WORDS = {
    Action.RM: ("remove", "Removing"),
    Action.STOP: ("stop", "Stopping"),
    Action.RESTART: ("restart", "Restarting"),
    Action.KILL: ("kill", "Killing"),
    Action.PRUNE: ("prune", "Pruning"),
    Action.START: ("start", "Starting"),
    Action.PAUSE: ("pause", "Pausing"),
    Action.UNPAUSE: ("unpause", "Unpausing"),
    Action.HEAL: ("heal", "Healing"),
    Action.RESTORE: ("restore", "Restoring"),
    Action.RECREATE: ("recreate", "Recreating"),
}
_OPTIONS = re.compile(" with --onto|; --compose allows that")
_ALREADY = {
    Action.STOP: "already stopped",
    Action.KILL: "not running",
    Action.PAUSE: "already paused",
    Action.UNPAUSE: "not paused",
}
NO_COMMAND = "(no command: a name in it cannot be written for a shell)"
NAMED_TARGETS = 3
"""More targets than these are counted instead of named."""


def heal_lines(plan: Plan) -> Iterator[tuple[Piece, ...]]:
    """Yield the interruptions, what is recreated or restored, and the unhealed."""
    if plan.restoration is not None:
        yield from restoration_lines(plan.restoration, plan.options)
    for cut_off in plan.interruptions:
        yield (Piece(printable(cut_off.message), Tone.WARNING),)
    for step in plan.steps:
        if step.verb is Verb.PULL:
            yield Piece("pulls "), Piece(printable(step.image), Tone.STRONG)
    composed = {step.container for step in plan.steps if step.verb is Verb.COMPOSE}
    kept = {step.container for step in plan.steps if step.keeps_layer}
    for recreation in plan.recreations:
        how = " with compose" if recreation.container in composed else ""
        yield (
            Piece("recreates "),
            Piece(printable(recreation.name), Tone.STRONG),
            Piece(printable(f"{_from_and_on(recreation)}{how}")),
        )
        for line in (
            *_compose_lines(recreation, is_used=recreation.container in composed),
            *_cost_lines(recreation, is_kept=recreation.container in kept),
        ):
            yield (Piece(f"  {line}", Tone.WARNING),)
    for line in unhealed_lines(plan):
        yield (Piece(line, Tone.WARNING),)


def _from_and_on(recreation: Recreation) -> str:
    """Return the new image and the owner of a recreated container, after its name."""
    image = f" from {recreation.image}" if recreation.image else ""
    owner = f" on {recreation.owner}" if recreation.owner else ""
    names = ", ".join(recreation.variables)
    return f"{image}{owner}{f', with another {names}' if names else ''}"


def without_options(line: Line) -> Line:
    """Return a line without the options of the command line, for the text UI.

    There the user chooses in the prompt what the options would say.
    """
    return tuple(Piece(_OPTIONS.sub("", piece.text), piece.tone) for piece in line)


def unhealed_lines(plan: Plan) -> Iterator[str]:
    """Yield which containers stay broken, and why."""
    for one in plan.unhealed:
        said = f"not healed: {one.name}: {one.reason}"
        yield printable(on_host(said, plan.options))


def losing_text(recreation: Recreation) -> str:
    """Return what a container would lose, with the first few paths."""
    changes = recreation.changes
    if changes is None:
        return printable(
            f"the changes of {recreation.name} outside volumes could not be read"
        )
    shown = ", ".join(changes[:SHOWN_PATHS])
    more = ", …" if len(changes) > SHOWN_PATHS else ""
    count = plural(len(changes), "path")
    return printable(
        f"{recreation.name} wrote {count} outside its volumes: {shown}{more}"
    )


def candidate_lines(choice: OwnerChoice) -> tuple[str, ...]:
    """Return the candidates for an owner, each with the reason for it."""
    reasons = choice.why or ("",) * len(choice.candidates)
    return tuple(
        printable(f"{name}: {why}" if why else name)
        for (_, name), why in zip(choice.candidates, reasons, strict=True)
    )


def choice_title(choice: OwnerChoice) -> str:
    """Return the question which container some others shall join."""
    names = ", ".join(choice.needed_by)
    several = len(choice.needed_by) > 1
    whose = f"The owner {choice.gone_name} of {names}"
    if not several:
        whose = f"{names}'s owner {choice.gone_name}"
    they = "they" if several else "it"
    return printable(f"{whose} is gone. Which container should {they} join?")


def _compose_lines(recreation: Recreation, *, is_used: bool) -> Iterator[str]:
    """Yield what compose changes, or why it is not used; at most one line."""
    changes = recreation.compose_changes
    if recreation.compose_refused:
        yield printable(f"not with compose: {recreation.compose_refused}")
    elif changes and is_used:
        yield printable(f"compose {method_text(changes, 'changes')}")
    elif changes:
        would = method_text(changes)
        yield printable(f"not with compose, which {would}; --compose allows that")


def _cost_lines(recreation: Recreation, *, is_kept: bool) -> Iterator[str]:
    if recreation.left_out:
        yield printable(f"leaves out: {', '.join(recreation.left_out)}")
    if recreation.changes is None or recreation.changes:
        fate = "; committed to an image first" if is_kept else ""
        yield losing_text(recreation) + fate
    if recreation.is_one_way:
        yield "removes itself when it is stopped: it cannot be put back"


def failure_lines(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Yield what failed, what was left alone for that, and what was not begun."""
    for failure in outcome.failed:
        yield printable(on_host(f"failed: {failed_text(failure)}", plan.options))
    for left in outcome.left:
        text = f"left alone: {left.step.name}: it needs {left.needed}"
        yield printable(f"{text}; {left.now}" if left.now else text)
    names = ", ".join(_not_begun(plan, outcome))
    if names:
        yield printable(f"not begun: {names}")


def help_line(plan: Plan, outcome: Outcome) -> str:
    """Return what carries out the remaining steps; empty if that would not help."""
    return printable(go_on_text(plan, outcome))


def healed_names(plan: Plan, outcome: Outcome) -> tuple[str, ...]:
    """Return the names of the targets whose steps were done."""
    done = {step.container for step in outcome.done}
    done -= {failure.step.container for failure in outcome.failed}
    return tuple(target.name for target in plan.targets if target.id in done)


def result_lines(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Yield the complete result of a plan of which something failed."""
    healed = healed_names(plan, outcome)
    if healed:
        yield printable(f"healed: {', '.join(healed)}")
    yield from failure_lines(plan, outcome)
    yield from unhealed_lines(plan)
    for line in (*outcome.remarks, help_line(plan, outcome)):
        if line:
            yield printable(line)


def _not_begun(plan: Plan, outcome: Outcome) -> Iterator[str]:
    known = {step.container for step in outcome.done}
    known |= {failure.step.container for failure in outcome.failed}
    known |= {left.step.container for left in outcome.left}
    for step in plan.steps:
        if step.container not in known and step.verb is not Verb.WAIT:
            yield step.name


def action_word(action: Action) -> str:
    """Return an action as the screens name it, such as ``remove``."""
    return _WORDS[action][0]


def title(plan: Plan) -> str:
    """Return what a plan does and how much it harms, in one line."""
    word, doing = _WORDS[plan.request.action]
    names = printable(target_names(plan))
    harmed = {effect.container for effect in plan.harmed}
    if harmed:
        return f"{doing} {names} breaks {plural(len(harmed), 'container')}"
    return f"{word.capitalize()} {names}?"


def nothing_line(plan: Plan) -> str:
    """Return that a plan does nothing."""
    if plan.request.action is not Action.HEAL:
        return _already_text(plan) or "nothing to do"
    if plan.unhealed:
        return "nothing can be healed"
    return printable("; ".join(("nothing to heal", *plan.notes)))


def _already_text(plan: Plan) -> str:
    """Return the state that all targets are in already; empty if none is known."""
    words = _ALREADY.get(plan.request.action)
    if plan.request.action is Action.START:
        states = {target.state for target in plan.targets}
        words = f"already {states.pop()}" if len(states) == 1 else "already running"
    return printable(f"{words}: {target_names(plan)}") if words else ""


def target_names(plan: Plan) -> str:
    """Return the names of the targets, or their number."""
    if len(plan.targets) > NAMED_TARGETS:
        return plural(len(plan.targets), "container")
    return ", ".join(target.name for target in plan.targets)


def confirmation_phrase(plan: Plan) -> str:
    """Return what must be typed to accept the harm: the name, or the number."""
    if len(plan.targets) == 1:
        return plan.targets[0].name
    return plural(len(plan.targets), "container")


def kept_line(kept: Kept) -> str:
    """Return what a prune keeps, and for which reason."""
    needed = f" for {', '.join(kept.needed_by)}" if kept.needed_by else ""
    managed = f", which is managed by {kept.managed_by}" if kept.managed_by else ""
    return printable(f"keeps {kept.name}{needed}{managed}")


def target_text(plan: Plan) -> str:
    """Return the targets with their images and states."""
    if plan.restoration is not None:
        return removed_text(plan.restoration)
    return printable("; ".join(f"{t.name}: {t.image}, {t.state}" for t in plan.targets))


def shown_effects(plan: Plan) -> tuple[Effect, ...]:
    """Return the worst effect on each container."""
    return worst_of_each(plan.effects)


def effect_pieces(effect: Effect) -> tuple[Piece, ...]:
    """Return one line: the container, the effect on it, and through which other one."""
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
    """Return the same line without tones."""
    return words_of(effect_pieces(effect))


def dark_ports_line(plan: Plan) -> str | None:
    """Return the published ports that will lead nowhere, or None."""
    if not plan.dark_ports:
        return None
    return f"ports no longer reachable: {', '.join(row_ports_text(plan.dark_ports))}"


def uncertain_line(plan: Plan) -> str | None:
    """Return which containers could not be inspected, and so may be dependents."""
    if not plan.uncertain:
        return None
    names = printable(", ".join(plan.uncertain))
    they = "it" if len(plan.uncertain) == 1 else "they"
    return f"could not inspect {names}: {they} may depend on this too"


def wait_lines(plan: Plan) -> Iterator[str]:
    """Yield what a plan waits for, and what happens if that takes too long."""
    for step in plan.steps:
        if step.is_required:
            yield printable(
                f"puts everything back if {step.name} is not well within"
                f" {step.timeout} s"
            )
        elif step.verb is Verb.WAIT and step.health is not None:
            now = f" (it is {step.health} now)" if step.health != "healthy" else ""
            yield printable(
                f"waits up to {step.timeout} s for {step.name} to become healthy{now},"
                " then goes on"
            )
        elif step.trial:
            yield printable(
                f"looks for {step.trial} s whether {step.name} keeps running; if not,"
                " what joined it is left alone"
            )


def note_lines(plan: Plan) -> tuple[str, ...]:
    """Return further notes: what may happen, and what could not be read."""
    # Without a step, `nothing_line` shows the notes.
    lines = [*(plan.notes if plan.steps else ()), *plan.blind_spots]
    if plan.unplaced:
        names = ", ".join(plan.unplaced)
        lines.append(
            f"no container has the name or id that {names} joined: it may be in a"
            " namespace that ends"
        )
    return tuple(printable(line) for line in lines)


def way_back_line(plan: Plan) -> str | None:
    """Return what can be restored after a removal; None if nothing is removed."""
    removals = [
        step
        for step in plan.steps
        if step.verb is Verb.RM and not step.record and not step.is_old
    ]
    if not removals:
        return None
    anonymous = any(step.volumes for step in removals)
    what = "anonymous volumes and changes" if anonymous else "changes"
    return f"can be restored, except {what} outside volumes"


def outsider_lines(plan: Plan) -> tuple[str, ...]:
    """Return the processes from outside in namespaces that end."""
    return tuple(_outsider_line(outsider) for outsider in plan.outsiders or ())


def _outsider_line(outsider: Outsider) -> str:
    command = "a process" if outsider.command is None else outsider.command
    container = "of no container"
    if outsider.container is not None:
        container = f"of {short_id(outsider.container)}, a container of another engine"
    kinds = " and ".join(outsider.kinds)
    spaces = "namespace" if len(outsider.kinds) == 1 else "namespaces"
    return printable(
        f"{command} (pid {outsider.pid}), {container}, is in the {kinds} {spaces} of"
        f" {outsider.owner_name} too"
    )


def outcome_line(plan: Plan) -> str:
    """Return what a plan has done, and what remains to be done."""
    if not plan.steps:
        return _nothing_done(plan)
    done: dict[str, dict[str, None]] = {}
    for step in plan.steps:
        if step.verb not in {Verb.WAIT, Verb.PULL} and not step.is_old:
            done.setdefault(_past_text(step), {})[step.name] = None
    if commands.PAST[Verb.RM] in done:
        done.pop(commands.PAST[Verb.STOP], None)
    text = "; ".join(f"{word} {', '.join(names)}" for word, names in done.items())
    if plan.breaks and plan.recovery:
        back = recovery_command(plan)
        text += f"; to bring back what depends on it: {back}"
    if plan.restoration is not None and plan.restoration.left_behind:
        text += f"; H heals {', '.join(plan.restoration.left_behind)}, which joined it"
    removed = {
        step.container
        for step in plan.steps
        if step.verb is Verb.RM and not step.is_old
    }
    if removed:
        text += f"; U brings {'it' if len(removed) == 1 else 'them'} back"
    return printable(text)


def _past_text(step: Step) -> str:
    """Return what a step has done; most signals do not end a container."""
    if step.verb is Verb.MANAGER and commands.manager_action(step) == "stop":
        return "stopped by its manager"
    ends = what_it_does(step.signal) is SignalEnd.ENDS
    return commands.PAST[step.verb] if ends else f"sent {step.signal} to"


def managed_lines(plan: Plan) -> Iterator[str]:
    """Yield which containers of a plan are managed elsewhere, and what to do."""
    for sentence in plan.managed:
        yield printable(on_host(f"managed elsewhere: {sentence}", plan.options))


def objection_lines(plan: Plan) -> Iterator[str]:
    """Yield why the engine would refuse a plan, and what to do."""
    for sentence in plan.objections:
        yield printable(on_host(f"not possible: {sentence}", plan.options))


def impossible_text(plan: Plan) -> str:
    """Return why a plan cannot be carried out, as one line; empty if it can."""
    said = "; ".join((*plan.managed, *plan.objections))
    return printable(on_host(said, plan.options))


def _nothing_done(plan: Plan) -> str:
    if plan.request.action is not Action.HEAL:
        return nothing_done_line(plan)
    reasons = [f"{unhealed.name}: {unhealed.reason}" for unhealed in plan.unhealed]
    said = "; ".join([nothing_line(plan), *reasons])
    return printable(on_host(said, plan.options))


def nothing_done_line(plan: Plan) -> str:
    """Return why an action had nothing to do, such as ``already stopped``."""
    if plan.request.action is Action.PRUNE:
        return "nothing to prune"
    return _already_text(plan) or "nothing to do"


def plan_command(plan: Plan) -> str:
    """Return the commands of a plan, or nstui's own one for the whole of it."""
    if not plan.command:
        return commands_text(plan.steps, plan.program, plan.options)
    return shell_line(words_on_host(plan.command, plan.options)) or NO_COMMAND


def recovery_command(plan: Plan) -> str:
    """Return the commands that bring back what a plan harms."""
    return commands_text(plan.recovery, plan.program, plan.options)


def commands_text(
    steps: Iterable[Step], program: str = "docker", options: HostOptions = HERE
) -> str:
    """Return the commands of steps, or that they cannot be written."""
    line = commands.commands_line(steps, program, options)
    return NO_COMMAND if line is None else line
