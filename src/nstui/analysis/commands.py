"""Steps in words, and as the commands that they amount to."""

from __future__ import annotations

import shlex
from itertools import groupby
from typing import TYPE_CHECKING

from nstui.model.plan import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.plan import Step

_WORDS = {Verb.RM: "remove", Verb.WAIT: "wait for"}


def step_words(step: Step) -> str:
    """Return a step in words, such as ``remove vpn``."""
    return f"{_WORDS.get(step.verb, step.verb)} {step.name}"


def command_line(steps: Iterable[Step], program: str = "docker") -> str:
    """Return the commands that steps amount to, to be read or pasted."""
    asked = (step for step in steps if step.verb is not Verb.WAIT)
    return " && ".join(
        shlex.join((program, *arguments, *(step.name for step in together)))
        for arguments, together in groupby(asked, key=_arguments)
    )


def _arguments(step: Step) -> tuple[str, ...]:
    words = [step.verb.value]
    if step.verb is Verb.RM:
        words += ["-f"] if step.force else []
        words += ["-v"] if step.volumes else []
    if step.timeout is not None:
        words += ["-t", str(step.timeout)]
    if step.signal is not None:
        words += ["-s", step.signal]
    return tuple(words)
