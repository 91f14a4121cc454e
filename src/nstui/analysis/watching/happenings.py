"""What the engine's events tell of: how containers ended, and who is at work.

Whether a container was stopped or died is in the events alone: a ``kill`` with a signal
that ends programs, and then its ``die``, is a request; a ``die`` without one is not.
Podman sends no ``kill`` for a stop, but a ``stop`` beside its ``die``. Exit codes such
as 137 and 143 are hints and prove nothing: the kernel kills for want of memory with
the same signal as ``docker kill``.

Where no events tell, because the container ended before the watch began and the engine
has forgotten, the engine's own conduct does: it starts again what died by itself and
has a policy, and records an error if it cannot. What is down without an error was
therefore stopped by a request, or was not to run again. See `nstui.analysis.findings.
ends`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.exits import is_over, start_error
from nstui.analysis.signals import SignalEnd, what_it_does
from nstui.model.container import ContainerState
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.model.container import Container, ContainerEvent, ContainerId


ANSWER_S = 600.0
"""The longest time in seconds from a signal that ends programs to the end it causes."""

MAY_ANSWER_S = 5.0
"""The same for a signal that only ends programs which do not handle it."""

MISSED_S = 5.0
"""After how many seconds the event of a start counts as missed."""

DEATHS_S = 600.0
"""For how many seconds the deaths of a container are remembered."""

_RESTARTING = frozenset({"always", "unless-stopped", "on-failure"})
_IN_REPLACEMENT = (
    re.compile(r"(.+)-(?:new|old)-[0-9a-f]{12}"),
    re.compile(r"[0-9a-f]{12}_(.+)"),
)
"""Match the names that nstui and compose give while they replace a container."""

_STRUCTURE = frozenset({"create", "rename", "destroy"})


class End(StrEnum):
    """How a container's last run ended."""

    REQUESTED = "requested"
    ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What events have told of one container; all times by the steady clock."""

    name: str
    project: str = ""
    stop_signal: str = ""
    asked_s: float | None = None
    """When it was last sent a signal that ends it, since its last start."""

    is_asked_surely: bool = False
    """Whether that signal ends any program."""

    end: End | None = None
    """How it ended; None while it runs, and if no event has told."""

    ended_s: float | None = None
    deaths: tuple[float, ...] = ()
    """When it died by itself, as far as that is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A container was created, renamed or removed, by another than this watch."""

    action: str
    container: ContainerId
    names: frozenset[str]
    """Its name, and the one before if it was renamed."""

    project: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Happenings:
    """What the events so far have told."""

    lives: Mapping[ContainerId, Life]
    signs: tuple[Sign, ...] = ()


def note_containers(
    known: Happenings, containers: Iterable[Container], now_s: float
) -> Happenings:
    """Take in the containers of a new report, and forget what is too long ago."""
    lives = {}
    for container in containers:
        inspection = container.inspection
        life = known.lives.get(container.id, Life(name=container.name))
        is_up = container.state is ContainerState.RUNNING
        has_run_on = is_up and now_s - (life.ended_s or now_s) >= MISSED_S
        lives[container.id] = replace(
            life,
            name=container.name,
            project="" if container.compose is None else container.compose.project,
            stop_signal="" if inspection is None else inspection.stop_signal,
            # Its start may have had no event, if none arrived for a while.
            end=None if has_run_on else life.end,
            deaths=tuple(at for at in life.deaths if now_s - at < DEATHS_S),
        )
    signs = tuple(one for one in known.signs if now_s - one.at_s < DEATHS_S)
    return Happenings(lives=lives, signs=signs)


def note_event(
    known: Happenings, event: ContainerEvent, at_s: float, own: Collection[str]
) -> Happenings:
    """Take in one event.

    Args:
        known: What the events before it have told.
        event: The event.
        at_s: When it happened.
        own: The names of the containers that plans of this watch act on now.

    """
    life = known.lives.get(event.container, Life(name=event.name))
    signs = known.signs
    if event.action in _STRUCTURE and not _is_own(event, life, own):
        names = frozenset({event.name, life.name} - {""})
        sign = Sign(
            action=event.action,
            container=event.container,
            names=names,
            project=life.project,
            at_s=at_s,
        )
        signs = (*signs, sign)
    changed = _changed(life, event, at_s)
    return Happenings(lives={**known.lives, event.container: changed}, signs=signs)


def _is_own(event: ContainerEvent, life: Life, own: Collection[str]) -> bool:
    """Tell whether a plan of this watch creates, renames or removes a container.

    While it is replaced, its old or new one has a name that is made of its own: with
    something added by nstui, or in front by compose.
    """
    found = {event.name, life.name}
    for name in tuple(found):
        matches = (pattern.fullmatch(name) for pattern in _IN_REPLACEMENT)
        found |= {match[1] for match in matches if match}
    return not found.isdisjoint(own)


def _changed(life: Life, event: ContainerEvent, at_s: float) -> Life:
    match event.action:
        case "start":
            return replace(
                life, asked_s=None, is_asked_surely=False, end=None, ended_s=None
            )
        case "kill":
            return _asked(life, event, at_s)
        case "die":
            return _died(life, at_s)
        case "stop" if life.end is End.ALONE:
            # Podman sends no "kill" for a stop.
            return replace(life, end=End.REQUESTED, deaths=life.deaths[:-1])
        case "rename":
            return replace(life, name=event.name or life.name)
    return life


def _asked(life: Life, event: ContainerEvent, at_s: float) -> Life:
    does = what_it_does(event.signal or None, life.stop_signal)
    if does is SignalEnd.LIVES_ON:
        return life
    return replace(life, asked_s=at_s, is_asked_surely=does is SignalEnd.ENDS)


def _died(life: Life, at_s: float) -> Life:
    limit = ANSWER_S if life.is_asked_surely else MAY_ANSWER_S
    if life.asked_s is not None and at_s - life.asked_s <= limit:
        return replace(life, asked_s=None, end=End.REQUESTED, ended_s=at_s)
    deaths = (*life.deaths, at_s)
    return replace(life, asked_s=None, end=End.ALONE, ended_s=at_s, deaths=deaths)


def may_be_started(known: Happenings, container: Container) -> bool:
    """Tell whether something says that a container which does not run should.

    A refused start does: a policy, a person or a program wanted it to run. So does a
    policy, if it died by itself. What a request has stopped stays stopped, and of what
    ended without anybody telling how, that is assumed.
    """
    if start_error(container):
        return True
    life = known.lives.get(container.id)
    inspection = container.inspection
    if life is None or inspection is None or life.end is not End.ALONE:
        return False
    if inspection.restart_policy == "on-failure" and inspection.exit_code == 0:
        return False
    return inspection.restart_policy in _RESTARTING and not is_over(inspection)


def why_stopped(known: Happenings, container: Container) -> str:
    """Return why a container that does not run is left so, as a sentence."""
    life = known.lives.get(container.id)
    if life is not None and life.end is End.REQUESTED:
        return f"{container.name} was stopped by a request"
    if container.state is ContainerState.CREATED:
        return f"{container.name} was never started"
    return f"{container.name} is not running, and nothing says that it should"


@dataclass(frozen=True, slots=True)
class RelatedContainers:
    """The containers that have to do with an incident: their owners and dependents."""

    members: tuple[Container, ...]
    gone: frozenset[str] = frozenset()
    """The ids and names of containers that they joined and that are gone."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long work is waited for, in seconds."""

    finished_s: float
    """For a further step, after one that is finished as far as can be seen."""

    unfinished_s: float
    """For the end of work that is not finished: it was given up then."""


@dataclass(frozen=True, slots=True)
class Work:
    """Somebody is at work on a group."""

    reason: str
    until_s: float


def find_work(
    known: Happenings,
    related: RelatedContainers,
    others: Mapping[ContainerId, Container],
    now_s: float,
    patience: Patience,
) -> Work | None:
    """Return what somebody does to a group, the longest; None if nothing.

    Args:
        known: What the events have told.
        related: The group.
        others: All containers, by their ids.
        now_s: The present time.
        patience: How long work is waited for.

    """
    found = [
        *_find_requests(known, related.members, patience),
        *_find_changes(known, related, others, patience),
    ]
    ahead = [work for work in found if work.until_s > now_s]
    return max(ahead, key=lambda work: work.until_s, default=None)


def _find_requests(
    known: Happenings, members: Iterable[Container], patience: Patience
) -> Iterator[Work]:
    for member in members:
        life = known.lives.get(member.id)
        if life is None:
            continue
        if life.asked_s is not None and life.is_asked_surely:
            yield Work(
                f"{member.name} is being stopped", life.asked_s + patience.unfinished_s
            )
        is_stopped = life.end is End.REQUESTED and not member.state.has_process
        if is_stopped and life.ended_s is not None:
            # One that was to be started again is not left so for some work.
            is_wanted = bool(start_error(member))
            more_s = patience.finished_s if is_wanted else patience.unfinished_s
            yield Work(f"{member.name} was just stopped", life.ended_s + more_s)


def _find_changes(
    known: Happenings,
    related: RelatedContainers,
    others: Mapping[ContainerId, Container],
    patience: Patience,
) -> Iterator[Work]:
    members = related.members
    known_as = related.gone.union(*((member.id, member.name) for member in members))
    projects = {member.compose.project for member in members if member.compose}
    for sign in known.signs:
        concerns = not known_as.isdisjoint({sign.container, *sign.names})
        there = others.get(sign.container)
        project = sign.project
        if there is not None and there.compose is not None:
            project = there.compose.project
        if not concerns and project not in projects:
            continue
        name = "a container" if there is None else there.name
        if _is_unfinished(sign, there, others):
            yield Work(
                f"{name} is being replaced or made", sign.at_s + patience.unfinished_s
            )
        else:
            past = {"create": "created", "rename": "renamed", "destroy": "removed"}
            yield Work(
                f"{name} was just {past[sign.action]}", sign.at_s + patience.finished_s
            )


def _is_unfinished(
    sign: Sign, there: Container | None, others: Mapping[ContainerId, Container]
) -> bool:
    """Tell whether what a sign tells of has visibly not come to its end."""
    if there is None:
        return False
    if sign.action == "create":
        return there.state is ContainerState.CREATED and not start_error(there)
    before = sign.names - {there.name}
    taken = any(c.name in before for c in others.values())
    return sign.action == "rename" and (taken or not there.state.has_process)
