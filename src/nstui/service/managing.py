"""Lets what manages a container act, and sees what has come of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.commands import manager_deed
from nstui.analysis.healing import find_broken
from nstui.analysis.order import is_up
from nstui.errors import ContainerVanished, EngineRefused, HalfDone

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.model.manager import Manager
    from nstui.model.plan import Step
    from nstui.ports import Managers
    from nstui.service.observer import Observer

SETTLING_S = 10.0
"""How long it may take to be seen that a manager has done what it was asked for."""

STEADY_S = 1.0
"""How long a container has to run before it is taken for well."""

PAUSE_S = 0.2


class NoManagers:
    """Implements `nstui.ports.Managers` where nobody can be asked."""

    def reaches(
        self,
        manager: Manager,  # noqa: ARG002 - the port's
    ) -> bool:
        """Return that it cannot be asked."""
        return False

    def run(self, command: tuple[str, ...]) -> None:
        """Refuse to run anything.

        Raises:
            EngineRefused: always.

        """
        raise EngineRefused(f"{command[0]} cannot be asked from here")


def have_managed(managers: Managers, observer: Observer, step: Step) -> None:
    """Have a manager stop or restart a container; return when that was seen.

    A manager may make the container anew: then the new one is looked for, by its name
    and by what manages it.

    Raises:
        ContainerVanished: the container is no longer there; nothing was done.
        EngineRefused: the manager refused, and all is as it was before.
        HalfDone: it did what it does, and the container is not as it was asked for.
        EngineUnreachable: it did not end in time, or the engine did not answer.

    """
    old = observer.look_afresh().graph.containers.get(step.container)
    if old is None or old.manager is None:
        raise ContainerVanished(f"{step.name} is no longer there")
    try:
        managers.run(step.command)
    except EngineRefused as refusal:
        now = _what_changed(old, observer.look_afresh())
        if now:
            raise HalfDone(f"{refusal}; {now}") from refusal
        raise
    is_stop = manager_deed(step) == "stop"
    begun = time.monotonic()
    while problem := _what_is_wrong(old, observer, is_stop=is_stop):
        if time.monotonic() - begun >= SETTLING_S:
            raise HalfDone(f"{step.command[0]} has ended well, but {problem}")
        time.sleep(PAUSE_S)


def _what_is_wrong(old: Container, observer: Observer, *, is_stop: bool) -> str:
    """Return what is not as it was asked for; nothing if all is, for a moment."""
    report = observer.look_afresh()
    if is_stop:
        running = [one for one in _same(old, report) if is_up(one)]
        return f"{running[0].name} is {running[0].state}" if running else ""
    problem = _what_is_wrong_with_new(old, report)
    if problem:
        return problem
    time.sleep(STEADY_S)
    return _what_is_wrong_with_new(old, observer.look_afresh())


def _what_is_wrong_with_new(old: Container, report: Report) -> str:
    """Return why nobody runs well in the place of a container; nothing if one does."""
    new = [one for one in _same(old, report) if _has_started(old, one)]
    if not new:
        return f"no {old.name} has been started since"
    broken = find_broken(report.snapshot, report.graph)
    for one in new:
        if one.id not in broken:
            return ""
    findings = report.findings_by_container.get(new[0].id, ())
    return f"{new[0].name} {'; '.join(finding.message for finding in findings)}"


def _same(old: Container, report: Report) -> list[Container]:
    """Return a container itself and those that can be what its manager made of it."""
    return [
        one
        for one in report.snapshot.containers
        if one.id == old.id or one.name == old.name or _is_of(one, old.manager)
    ]


def _is_of(container: Container, manager: Manager | None) -> bool:
    other = container.manager
    if other is None or manager is None:
        return False
    return (other.kind, other.name, other.part, other.uid) == (
        manager.kind,
        manager.name,
        manager.part,
        manager.uid,
    )


def _has_started(old: Container, now: Container) -> bool:
    """Tell whether a container runs by another start than the old one did."""
    return now.state.has_process and (now.id, _started(now)) != (old.id, _started(old))


def _started(container: Container) -> object:
    return None if container.inspection is None else container.inspection.started_at


def _what_changed(old: Container, report: Report) -> str:
    """Return what is not as it was before; nothing if all is."""
    now = report.graph.containers.get(old.id)
    if now is None:
        return f"{old.name} is no longer there"
    if now.state is not old.state:
        return f"{old.name} was {old.state} before and is {now.state} now"
    if _started(now) != _started(old):
        return f"{old.name} has been started anew"
    return ""
