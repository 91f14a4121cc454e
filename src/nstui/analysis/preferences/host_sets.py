"""Reads the sets of hosts of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.analysis.hosts import HostSets

HOSTS = "hosts"
"""The table with a list of contexts and addresses for each set."""

RESERVED = "default"
"""The context that always exists, so that no set can have its name."""


def parse_sets(value: object) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """Return the sets, and a sentence about each that makes no sense."""
    if not isinstance(value, Mapping):
        return MappingProxyType({}), (f"{value!r} is not a table of sets",)
    sets: HostSets = {}
    problems = []
    for name, members in value.items():
        problem = _problem(name, members)
        if problem:
            problems.append(f"{name or repr(name)}: {problem}")
        else:
            sets[name] = tuple(dict.fromkeys(members))
    return MappingProxyType(sets), tuple(problems)


def _problem(name: str, members: object) -> str:
    """Return what is wrong with a set, as the end of a sentence; empty if nothing."""
    if not name:
        return "a set needs a name"
    if name == RESERVED:
        return "this is the name of a docker context, which always exists"
    if not isinstance(members, list):
        return f"{members!r} is not a list of contexts and addresses"
    if not members:
        return "it names no host"
    for member in members:
        if not (isinstance(member, str) and member):
            return f"{member!r} is neither a context nor an address"
    return ""
