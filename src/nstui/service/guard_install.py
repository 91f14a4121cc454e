"""Installs the guard and takes it out again, and puts everything back if that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.guarding.engine_config import (
    PLUGIN,
    UnusableConfig,
    may_name_plugin,
    plugins_of,
)
from nstui.analysis.guarding.installation import InstallStep, StepKind
from nstui.analysis.guarding.installing import install_steps, uninstall_steps, way_back
from nstui.analysis.guarding.obstacles import find_obstacles
from nstui.errors import EngineUnreachable, GuardFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nstui.analysis.guarding.installation import MachineFacts, Wanted
    from nstui.ports import GuardedMachine

    Tell = Callable[[InstallStep], object]


def plan_install(facts: MachineFacts, wanted: Wanted) -> tuple[InstallStep, ...]:
    """Return the steps of an installation; empty if everything is there.

    Raises:
        EngineUnreachable: The engine does not answer.
        GuardFailed: Something stands in the way; nothing was changed.

    """
    if facts.is_root and facts.engine.problem:
        raise EngineUnreachable(f"{facts.engine.problem}; nothing was changed")
    obstacles = find_obstacles(facts, wanted)
    if obstacles:
        raise GuardFailed(f"{'; '.join(obstacles)}; nothing was changed")
    return install_steps(facts, wanted)


def plan_uninstall(facts: MachineFacts) -> tuple[InstallStep, ...]:
    """Return the steps that take the guard out; empty if nothing of it is there.

    Raises:
        GuardFailed: Something stands in the way; nothing was changed.

    """
    if not facts.is_root:
        raise GuardFailed("only root can take the guard out; nothing was changed")
    engine = facts.engine
    if engine.pid is None and not engine.problem and facts.is_asked is not False:
        raise GuardFailed(
            "the engine answers and may ask the guard, but its process was not found;"
            " nothing was changed"
        )
    try:
        steps = uninstall_steps(facts)
    except UnusableConfig as problem:
        raise GuardFailed(
            f"{facts.config.path} {problem}, and {_why_needed(facts)}: mend the file,"
            " then run this again; nothing was changed"
        ) from problem
    if steps and facts.config.is_unread:
        raise GuardFailed(
            f"{facts.config.path} {facts.config.problem}, and may name the guard: mend"
            " that, then run this again; nothing was changed"
        )
    for file in (facts.config, *facts.units, facts.settings, facts.kept):
        if file.problem and any(step.path == file.path for step in steps):
            raise GuardFailed(f"{file.path} {file.problem}; nothing was changed")
    return steps


def _why_needed(facts: MachineFacts) -> str:
    """Say why the guard cannot be taken out without the engine's file, as a clause."""
    if may_name_plugin(facts.config.content or b""):
        return "may name the guard"
    if facts.is_asked:
        return "the engine asks the guard until it can read the file"
    return "it is not known whether the engine asks the guard"


def install(
    machine: GuardedMachine,
    facts: MachineFacts,
    steps: Iterable[InstallStep],
    tell: Tell,
) -> None:
    """Carry out the steps of an installation; put everything back if one fails.

    Args:
        machine: The machine.
        facts: What was found when the steps were planned.
        steps: The steps.
        tell: Is told each step before it is begun.

    Raises:
        GuardFailed: A step failed; the message says what was put back.
        KeyboardInterrupt: It was interrupted; everything is as it was.

    """
    begun: list[InstallStep] = []
    try:
        for step in steps:
            begun.append(step)
            tell(step)
            _carry_out(machine, facts, step)
    except GuardFailed as error:
        left = _go_back(machine, facts, begun)
        raise GuardFailed(f"{error}; {left}") from error
    except BaseException:
        _go_back(machine, facts, begun)
        raise


def uninstall(
    machine: GuardedMachine,
    facts: MachineFacts,
    steps: Iterable[InstallStep],
    tell: Tell,
) -> None:
    """Carry out the steps that take the guard out; stop at one that fails.

    The guard is there until the engine was seen to do without it.

    Args:
        machine: The machine.
        facts: What was found when the steps were planned.
        steps: The steps.
        tell: Is told each step before it is begun.

    Raises:
        GuardFailed: A step failed; those before it are done.

    """
    for step in steps:
        tell(step)
        _carry_out(machine, facts, step)
    machine.forget_drafts()
    machine.clear_away()


def _go_back(
    machine: GuardedMachine, facts: MachineFacts, begun: Iterable[InstallStep]
) -> str:
    """Put everything back; say whether that worked, as the end of a sentence."""
    problems = []
    steps = way_back(facts, begun)
    for step in steps:
        try:
            _carry_out(machine, facts, step)
        except GuardFailed as problem:
            problems.append(str(problem))
    machine.forget_drafts()
    if problems:
        return f"and not everything could be put back: {'; '.join(problems)}"
    named = PLUGIN in plugins_of(facts.config.content or b"")
    if named and any(step.path == facts.config.path for step in steps):
        return "the engine asks the guard no more: nstui guard uninstall removes it"
    return "everything is as it was"


def _carry_out(machine: GuardedMachine, facts: MachineFacts, step: InstallStep) -> None:
    match step.kind:
        case StepKind.WRITE:
            machine.write(step.path, step.content)
        case StepKind.REMOVE:
            machine.remove(step.path)
        case StepKind.SYSTEMCTL:
            _systemctl(machine, step)
        case StepKind.RENEW:
            machine.renew()
        case StepKind.FRONT:
            machine.require_front(facts.engine.pid)
        case StepKind.RELOAD:
            machine.reload(step.pid)
        case StepKind.ASKED:
            machine.await_asked()
        case StepKind.UNASKED:
            machine.await_unasked()


def _systemctl(machine: GuardedMachine, step: InstallStep) -> None:
    try:
        machine.systemctl(step.words)
    except GuardFailed:
        if not step.may_fail:
            raise
