"""Steps as text and as commands, and sentences about failed steps."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from nstui.analysis.text import (
    on_host,
    shell_commands,
    shell_line,
    shell_word,
    words_on_host,
)
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.host_options import HERE
from nstui.model.outcome import Aftermath
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.host_options import HostOptions
    from nstui.model.outcome import Failure, LeftAlone, Outcome
    from nstui.model.plan import Plan
    from nstui.model.snapshot import EngineInfo
    from nstui.model.step import Step

    Words = Sequence[str | None]
    """The words of a command; a word that cannot be quoted for every shell is None."""


_ID = r"[0-9a-f]{12,64}"

PROGRAM = "podman"
"""The command line program of Podman."""

UNWRITABLE = "its name cannot be written for a shell: select it in nstui and act there"

_WORDS = {
    Verb.RM: "remove",
    Verb.WAIT: "wait for",
    Verb.FINISH: "finish recreating",
    Verb.UNDO: "put back",
}

_OWN_COMMAND = frozenset({Verb.COMPOSE, Verb.MANAGER})
"""The steps that run another program's command, which names the container itself."""

_UNMERGED = _OWN_COMMAND | {Verb.CONNECT, Verb.RESTORE}
"""The steps that cannot be merged with others into one command."""

_SINGLE = frozenset(
    {
        *(Verb.START, Verb.STOP, Verb.RESTART, Verb.KILL, Verb.RM, Verb.CONNECT),
        *(Verb.PAUSE, Verb.UNPAUSE),
    }
)
"""The steps of a single request, which may change nothing when it fails."""

_STARTING = frozenset({Verb.START, Verb.RESTART})

PAST = {
    Verb.RM: "removed",
    Verb.START: "started",
    Verb.STOP: "stopped",
    Verb.RESTART: "restarted",
    Verb.KILL: "killed",
    Verb.PAUSE: "paused",
    Verb.UNPAUSE: "unpaused",
    Verb.RECREATE: "recreated",
    Verb.RESTORE: "restored",
    Verb.PULL: "pulled the image of",
    Verb.COMPOSE: "recreated with compose",
    Verb.MANAGER: "restarted by its manager",
    Verb.CONNECT: "connected",
    Verb.FINISH: "finished recreating",
    Verb.UNDO: "put back",
}
"""What was done to a container, by the step that did it."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about a finding."""

    text: str
    is_command: bool = False
    """Whether the text is a command that can be pasted."""


def commands(*several: Words) -> Remedy:
    """Return a remedy that consists of commands."""
    line = shell_commands(several)
    return Remedy(UNWRITABLE) if line is None else Remedy(line, is_command=True)


def after(task: str, *several: Words) -> Remedy:
    """Return a remedy of commands to run after the user has done something else."""
    return Remedy(f"{task}, then: {shell_commands(several) or UNWRITABLE}")


def container_word(name: str, container: ContainerId) -> str | None:
    """Return the word that names a container in a command.

    This is its name, or its id if the name cannot be quoted or looks like an option;
    None if the id cannot be quoted either.
    """
    if name and not name.startswith("-") and shell_word(name) is not None:
        return name
    return short_id(container) if re.fullmatch(_ID, container) else None


def word_for(container: Container) -> str | None:
    """Return the word that names a container in a command."""
    return container_word(container.name, container.id)


def words_for(graph: Graph, containers: Iterable[ContainerId]) -> Words:
    """Return the words that name containers in a command."""
    return [word_for(graph.containers[container]) for container in containers]


def quoted_name(reference: str) -> str:
    """Return a name for use in a sentence, quoted in case the sentence is pasted."""
    return shell_word(reference) or "what it joined"


def command(engine: EngineInfo) -> str:
    """Return an engine's command line program."""
    return PROGRAM if engine.is_podman else "docker"


def connect_words(
    program: str, network: str, aliases: Iterable[str], container: str | None
) -> tuple[str | None, ...]:
    """Return the words of the command that attaches a container to a network."""
    names = (word for alias in aliases for word in ("--alias", alias))
    return (program, "network", "connect", *names, network, container)


def step_text(step: Step) -> str:
    """Return a step as text, such as ``remove vpn``."""
    if step.verb is Verb.COMPOSE:
        return f"recreate {step.name} with compose"
    if step.verb is Verb.PULL:
        return f"pull {step.image}"
    if step.verb is Verb.RECREATE and step.image:
        return f"recreate {step.name} from {step.image}"
    if step.is_old:
        return f"remove the old {step.name}"
    if step.verb is Verb.MANAGER:
        return f"{manager_action(step)} {step.name} with {step.command[0]}"
    to = f" to {step.network}" if step.verb is Verb.CONNECT else ""
    return f"{_WORDS.get(step.verb, step.verb)} {step.name}{to}"


def commands_line(
    steps: Iterable[Step], program: str = "docker", options: HostOptions = HERE
) -> str | None:
    """Return the commands for some steps as one line to read or paste.

    Returns None if one of the words cannot be quoted for a shell.

    Args:
        steps: The steps.
        program: The engine's command line program.
        options: The options that select the host.

    """
    asked = (step for step in steps if step.verb is not Verb.WAIT)
    return shell_commands(
        (*words_on_host(words, options), *_names(together))
        for words, together in groupby(asked, key=lambda step: _words(step, program))
    )


def _names(steps: Iterable[Step]) -> tuple[str | None, ...]:
    """Return the container words that follow the words common to some steps."""
    return tuple(
        container_word(step.name, step.container)
        for step in steps
        # The name of an old one is that of the new one by now.
        if step.verb not in _UNMERGED and not step.is_old
    )


def manager_action(step: Step) -> str:
    """Return what a step tells a manager to do: ``stop`` or ``restart``."""
    return "stop" if step.command[-2:-1] == ("stop",) else "restart"


def _words(step: Step, program: str) -> tuple[str | None, ...]:
    if step.verb in _OWN_COMMAND:
        return step.command
    if step.verb is Verb.CONNECT:
        name = container_word(step.name, step.container)
        return connect_words(program, step.network, step.aliases, name)
    if step.record or step.is_old:
        return ("nstui", "heal")
    if step.verb is Verb.RESTORE:
        return ("nstui", "removed", "restore", short_id(step.container))
    if step.verb is Verb.RECREATE:
        keep = ("--keep-changes",) if step.keeps_layer else ()
        # As one word, for a name that begins like an option.
        is_odd = step.onto.startswith("-")
        onto = (f"--onto={step.onto}",) if is_odd else ("--onto", step.onto)
        return ("nstui", "heal", *keep, *(onto if step.onto else ()))
    words = [program, step.verb.value]
    if step.verb is Verb.RM:
        words += ["-f"] if step.force else []
        words += ["-v"] if step.volumes else []
    if step.timeout is not None:
        words += ["-t", str(step.timeout)]
    if step.signal is not None:
        words += ["-s", step.signal]
    return tuple(words)


def failure_text(plan: Plan, outcome: Outcome) -> str:
    """Return what failed, the state afterwards, and the command to go on with."""
    said = [what_failed_text(plan, outcome)]
    if outcome.done or outcome.left or len(outcome.failed) > 1:
        said.append(go_on_text(plan, outcome))
    return "; ".join(words for words in said if words)


def what_failed_text(plan: Plan, outcome: Outcome) -> str:
    """Return which step failed, and the state afterwards as far as it was seen."""
    said = [failed_text(failure) for failure in outcome.failed]
    said += [left_alone_text(one) for one in outcome.left]
    said.append(_before(plan, outcome))
    return on_host("; ".join(words for words in said if words), plan.options)


def first_failure_text(outcome: Outcome) -> str:
    """Return the first failure, and how many there are besides; empty without one."""
    if not outcome.failed:
        return ""
    first, *others = outcome.failed
    more = f"; and {len(others)} more failed" if others else ""
    return f"{failed_text(first)}{more}"


def failed_text(failure: Failure) -> str:
    """Return one failure as a sentence."""
    step = step_text(failure.step)
    match failure.aftermath:
        case Aftermath.OUTDATED:
            return f"stopped: {failure.reason}"
        case Aftermath.UNKNOWN:
            return f"{failure.reason}; may still happen: {step}"
        case Aftermath.UNDONE:
            return failure.reason
        case _ if failure.step.verb is Verb.PULL:
            # It names the image itself, as `PullFailed` does.
            return failure.reason
        case _:
            return f"could not {step}: {failure.reason}"


def left_alone_text(left: LeftAlone) -> str:
    """Return a sentence about a step that was skipped because of a failure."""
    said = f"did not {step_text(left.step)}, which needs {left.needed}"
    return f"{said}; {left.now}" if left.now else said


def go_on_text(plan: Plan, outcome: Outcome) -> str:
    """Return the command for the remaining steps; empty if it is not known."""
    if _is_unknown(outcome):
        return ""
    if plan.command and not any(failure.step.is_old for failure in outcome.failed):
        again = shell_line(plan.command) or UNWRITABLE
        return on_host(f"to try again, fix that, then: {again}", plan.options)
    left = commands_line(_to_be_done(plan, outcome), plan.program)
    return on_host(f"to go on, fix that, then: {left}", plan.options) if left else ""


def so_far_text(plan: Plan, outcome: Outcome) -> str:
    """Return which steps were taken and which were not."""
    if not outcome.done:
        return "nothing was done"
    said = f"done: {_list(outcome.done)}"
    left = _left_of(plan, outcome)
    return f"{said}; not done: {_list(left)}" if left else said


def _before(plan: Plan, outcome: Outcome) -> str:
    """Return what was done before or in addition to the failed step."""
    if outcome.done:
        return so_far_text(plan, outcome)
    if _is_unknown(outcome):
        return "nothing else was done"
    untouched = {Aftermath.NOT_ASKED, Aftermath.OUTDATED, Aftermath.UNCHANGED}
    is_seen = all(
        failure.aftermath in untouched
        and (failure.step.verb in _SINGLE or failure.aftermath is Aftermath.NOT_ASKED)
        for failure in outcome.failed
    )
    return "nothing was done" if is_seen else ""


def _is_unknown(outcome: Outcome) -> bool:
    return any(one.aftermath is Aftermath.UNKNOWN for one in outcome.failed)


def _left_of(plan: Plan, outcome: Outcome) -> tuple[Step, ...]:
    """Return the steps that were not taken, without those that may have been."""
    gone = {Aftermath.UNKNOWN, Aftermath.UNDONE}
    taken = [*outcome.done, *(f.step for f in outcome.failed if f.aftermath in gone)]
    return tuple(step for step in plan.steps if step not in taken)


def _to_be_done(plan: Plan, outcome: Outcome) -> tuple[Step, ...]:
    """Return the remaining steps, with the starts that did not last.

    A container that needs one that ended again cannot be started without it.
    """
    left = {*_left_of(plan, outcome)}
    left |= {
        one.step
        for one in outcome.failed
        if one.aftermath is Aftermath.UNDONE and one.step.verb in _STARTING
    }
    return tuple(step for step in plan.steps if step in left)


def _list(steps: Iterable[Step]) -> str:
    return ", ".join(step_text(step) for step in steps)
