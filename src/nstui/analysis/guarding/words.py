"""What the client of a denied call is told: one line, in nstui's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.guarding.requests import Change
from nstui.analysis.plans.commands import word_for
from nstui.analysis.plans.effects import worst_of_each
from nstui.analysis.text import printable, shell_line
from nstui.model.plan import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from nstui.model.container import Container
    from nstui.model.plan import Plan
    from nstui.model.step import Effect


MOST_NAMES = 5
"""How many dependents with the same effect are named."""

_DOING = {
    Change.RM: "removing",
    Change.STOP: "stopping",
    Change.KILL: "killing",
    Change.RESTART: "restarting",
    Change.PRUNE: "pruning",
}

_MEANS = {
    Policy.WITH_DEPENDENTS: "acts on them too",
    Policy.BREAK_DEPENDENTS: "accepts that",
}


def denial(
    change: Change,
    plan: Plan,
    owners: Sequence[Container],
    harmed: Iterable[Effect],
    ways: Collection[Policy],
) -> str:
    """Return why a call is denied, and the commands that are the way through.

    Args:
        change: What was asked for.
        plan: nstui's plan for it, without its dependents.
        owners: The containers that it ends.
        harmed: The effects on the running dependents.
        ways: The policies under which nstui does it; none if something else manages
            one of the containers.

    """
    names = named([owner.name for owner in owners])
    effects = "; ".join(_effects(harmed))
    commands = ", or ".join(_commands(change, plan, owners, ways))
    return f"{_DOING[change]} {names} breaks {effects}. Instead: {commands}"


def uncertainty(change: Change, owners: Sequence[Container], why: str) -> str:
    """Return that it could not be told what a call breaks, and why not."""
    names = named([owner.name for owner in owners])
    return f"{_DOING[change]} {names} may break what depends on it: {why}"


def named(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    shown = ", ".join(printable(name) for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _effects(harmed: Iterable[Effect]) -> Iterator[str]:
    """Yield each effect once, with the names of all dependents that it is on."""
    groups: dict[tuple[str, str], list[Effect]] = {}
    for effect in worst_of_each(harmed):
        halves = effect.at_once_of_several, effect.next_start_of_several
        groups.setdefault(halves, []).append(effect)
    for halves, same in groups.items():
        names = named([effect.name for effect in same])
        is_one = len(same) == 1
        words = (same[0].sentence,) if is_one else halves
        yield f"{names} ({printable('; '.join(filter(None, words)))})"


def _commands(
    change: Change,
    plan: Plan,
    owners: Sequence[Container],
    ways: Collection[Policy],
) -> Iterator[str]:
    """Yield nstui's own commands that do what was asked for."""
    request = plan.request
    if change is Change.PRUNE:
        names = [word_for(owner) for owner in owners]
        accept = ["nstui", "rm", f"--{Policy.BREAK_DEPENDENTS.value}", *names]
        yield "nstui prune (leaves alone what others need)"
        yield f"{_line(accept)} ({_MEANS[Policy.BREAK_DEPENDENTS]})"
        return
    if not ways:
        yield from map(printable, (*plan.managed, *plan.objections))
        for owner in owners:
            yield f"{_line(['nstui', 'guard', 'allow', word_for(owner)])} before it"
        return
    words: list[str | None] = ["nstui", request.action.value]
    words += ["-f"] if request.force else []
    words += ["-v"] if request.volumes else []
    if request.timeout is not None and request.timeout >= 0:
        words += ["-t", str(request.timeout)]
    if request.signal is not None:
        words += ["-s", request.signal]
    for policy in ways:
        names = [word_for(owner) for owner in owners]
        line = _line([*words, f"--{policy.value}", *names])
        yield f"{line} ({_MEANS[policy]})"


def _line(words: Iterable[str | None]) -> str:
    return shell_line(words) or "nstui, where it can be selected"
