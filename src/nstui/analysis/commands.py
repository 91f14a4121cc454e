"""Steps in words, and as the commands that they amount to."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from nstui.analysis.shell import container_word, shell_commands
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.plan import Step

_WORDS = {
    Verb.RM: "remove",
    Verb.WAIT: "wait for",
    Verb.FINISH: "finish recreating",
    Verb.UNDO: "put back",
}

_OWN_COMMAND = frozenset({Verb.COMPOSE, Verb.MANAGER})
"""The steps that are a command of somebody else's, which names the container."""


_WHOLE = _OWN_COMMAND | {Verb.CONNECT}
"""The steps of which each is a command of its own."""


def connect_words(
    program: str, network: str, aliases: Iterable[str], container: str | None
) -> tuple[str | None, ...]:
    """Return the words of the command that attaches a container to a network."""
    names = (word for alias in aliases for word in ("--alias", alias))
    return (program, "network", "connect", *names, network, container)


def step_words(step: Step) -> str:
    """Return a step in words, such as ``remove vpn``."""
    if step.verb is Verb.COMPOSE:
        return f"recreate {step.name} with compose"
    if step.verb is Verb.MANAGER:
        return f"{manager_deed(step)} {step.name} with {step.command[0]}"
    to = f" to {step.network}" if step.verb is Verb.CONNECT else ""
    return f"{_WORDS.get(step.verb, step.verb)} {step.name}{to}"


def command_line(steps: Iterable[Step], program: str = "docker") -> str | None:
    """Return the commands that steps amount to, to be read or pasted.

    None if a shell cannot be told one of their words.
    """
    asked = (step for step in steps if step.verb is not Verb.WAIT)
    return shell_commands(
        (*words, *_names(together))
        for words, together in groupby(asked, key=lambda step: _words(step, program))
    )


def _names(steps: Iterable[Step]) -> tuple[str | None, ...]:
    """Return what follows the words that steps have in common."""
    return tuple(
        container_word(step.name, step.container)
        for step in steps
        if step.verb not in _WHOLE
    )


def manager_deed(step: Step) -> str:
    """Return what a step has a manager do: ``stop`` or ``restart``."""
    return "stop" if step.command[-2:-1] == ("stop",) else "restart"


def _words(step: Step, program: str) -> tuple[str | None, ...]:
    if step.verb in _OWN_COMMAND:
        return step.command
    if step.verb is Verb.CONNECT:
        name = container_word(step.name, step.container)
        return connect_words(program, step.network, step.aliases, name)
    if step.record:
        return ("nstui", "heal")
    if step.verb is Verb.RECREATE:
        keep = ("--keep-changes",) if step.keeps_layer else ()
        # In one word, for a name that begins as an option does.
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
