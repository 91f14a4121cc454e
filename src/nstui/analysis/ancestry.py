"""What is remembered of a container for the time when it no longer exists."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from nstui.model.container import ComposeService, ContainerId, short_id
from nstui.model.interruption import name_before
from nstui.model.snapshot import Ancestor, AncestorSource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from nstui.model.container import Container

MOST_EARLIER = 3
"""So many of the names that a container had before its last one are remembered."""

_IN_PASSING = re.compile(r".+-new-(?P<new>[0-9a-f]{12})|(?P<made>[0-9a-f]{12})_.+")
"""What nstui, and compose, call a new container until it has the old one's name."""


def as_seen(container: Container, there: Collection[ContainerId]) -> Ancestor | None:
    """Return what to remember of a container; None while it takes another's place.

    Args:
        container: The container.
        there: All that exist with it.

    """
    name = _own_name(container.name, container.id)
    replaced = _replaced_by(name)
    if replaced and any(one.startswith(replaced) for one in there):
        return None
    made = container.compose
    is_kept = made is not None and not made.is_oneoff
    service = ComposeService(made.project, made.service) if made and is_kept else None
    return Ancestor(container.id, name, service)


def newer(old: Ancestor | None, new: Ancestor) -> Ancestor:
    """Return what is known of a container now that it was seen once more.

    A label never changes, but cannot always be told from one of the image: what was
    proven once holds.
    """
    if old is None:
        return new
    if old.name == new.name:
        return replace(
            new,
            compose=new.compose or old.compose,
            earlier=_distinct((*new.earlier, *old.earlier), new.name),
            renamed_at=new.renamed_at or old.renamed_at,
        )
    return replace(
        new,
        compose=new.compose or old.compose,
        earlier=_distinct((old.name, *old.earlier), new.name),
    )


def from_past(
    names: Iterable[tuple[ContainerId, str, datetime]],
) -> Mapping[ContainerId, Ancestor]:
    """Return what is known of containers by what they were called when, in that order.

    Their labels are not used: those of an event may be the image's.
    """
    seen: dict[ContainerId, list[tuple[str, datetime]]] = {}
    for container, name, moment in names:
        if name:
            called = _own_name(name, container), moment
            seen.setdefault(container, []).append(called)
    found = {}
    for container, everything in seen.items():
        lasting = [one for one in everything if not _replaced_by(one[0])] or everything
        last = lasting[-1][0]
        earlier = _distinct((name for name, _ in reversed(lasting)), last)
        found[container] = Ancestor(
            container,
            last,
            None,
            AncestorSource.EVENTS,
            earlier,
            _since(lasting, last) if earlier else None,
        )
    return found


def _since(called: list[tuple[str, datetime]], last: str) -> datetime:
    """Return when a container began to have its last name without an end."""
    moments = takewhile(lambda one: one[0] == last, reversed(called))
    return min(moment for _, moment in moments)


def with_past(known: Ancestor | None, past: Ancestor) -> Ancestor:
    """Return what is known of one that is gone, by a record and by its last events.

    An engine forgets the oldest events first, so that the last name is its last.
    """
    if known is None:
        return past
    earlier = _distinct((*past.earlier, known.name, *known.earlier), past.name)
    if past.name == known.name:
        return replace(known, earlier=earlier, renamed_at=past.renamed_at)
    return replace(past, compose=known.compose, earlier=earlier)


def _own_name(name: str, container: ContainerId) -> str:
    """Return the name of a container without what is put to it when it is replaced.

    Compose v1 puts the beginning of its id before it, nstui behind it.
    """
    return name_before(name, container).removeprefix(f"{short_id(container)}_")


def _replaced_by(name: str) -> str:
    """Return the short id of the one whose place is to be taken, by a passing name."""
    match = _IN_PASSING.fullmatch(name)
    return "" if match is None else match["new"] or match["made"]


def _distinct(names: Iterable[str], last: str) -> tuple[str, ...]:
    kept = dict.fromkeys(name for name in names if name != last)
    return tuple(kept)[:MOST_EARLIER]
