"""Which hosts a command line asks for, and in which order they are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import UsageProblem
from nstui.model.finding import Severity
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

    from nstui.analysis.report import Report


CONTEXT = "-c"
ADDRESS = "-H"
"""The options that name a host by a docker context, and by the engine's address."""

HostSets = dict[str, tuple[str, ...]]
"""The sets of the configuration: contexts and addresses, by the name of the set."""

NOT_REACHED = -1
"""The rank of a host that could not be looked at; see `host_rank`."""

WELL = len(Severity)
"""The rank of a host without an incident."""


@dataclass(frozen=True, slots=True)
class AskedHost:
    """A host, as it was asked for."""

    option: str
    """`CONTEXT` or `ADDRESS`."""

    value: str
    origin: str = ""
    """What names it, in words; empty for the command line itself."""

    @property
    def options(self) -> tuple[str, str]:
        """The words of a command line that select this host alone."""
        return self.option, self.value


def ask_for(
    words: Iterable[tuple[str, str]],
    sets: Mapping[str, Sequence[str]],
    contexts: Sequence[str],
    *,
    connections: Collection[str] = (),
    with_all: bool = False,
) -> tuple[AskedHost, ...]:
    """Return the hosts that a command line asks for, each word once, in its order.

    Args:
        words: Pairs of `CONTEXT` or `ADDRESS` and its value, as typed.
        sets: The sets of the configuration.
        contexts: All docker contexts, in the order in which they are asked.
        connections: The connections of Podman, which are named like contexts.
        with_all: Whether all of these are asked for, too.

    Raises:
        UsageProblem: a name is that of a context, or connection, and of a set.

    """
    kinds = dict.fromkeys(connections, "connection of Podman")
    kinds |= dict.fromkeys(contexts, "docker context")
    found: dict[tuple[str, str], AskedHost] = {}
    for option, value in words:
        for asked in _of_word(option, value, sets, kinds):
            found.setdefault(asked.options, asked)
    for name in contexts if with_all else ():
        asked = AskedHost(CONTEXT, name, "--all-contexts")
        found.setdefault(asked.options, asked)
    return tuple(found.values())


def _of_word(
    option: str,
    value: str,
    sets: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str],
) -> tuple[AskedHost, ...]:
    if option != CONTEXT or value not in sets:
        return (AskedHost(option, value),)
    if value in kinds:
        raise UsageProblem(
            f"{value!r} is a {kinds[value]} and a set of [hosts] in the configuration:"
            " give the set another name"
        )
    origin = f"[hosts] {value}"
    return tuple(
        AskedHost(ADDRESS if "://" in member else CONTEXT, member, origin)
        for member in sets[value]
    )


def group_equal(keys: Iterable[Hashable]) -> tuple[tuple[int, ...], ...]:
    """Return the positions of equal keys together, in the order of the first ones.

    A key that is None equals no other.
    """
    places: dict[Hashable, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault((place,) if key is None else (key, None), []).append(place)
    return tuple(map(tuple, places.values()))


def host_rank(report: Report | None) -> int:
    """Return how urgent a host is; the lowest first.

    A host that could not be looked at comes first, since anything may be wrong there.

    Args:
        report: What is known of it; None if it could not be looked at.

    """
    if report is None:
        return NOT_REACHED
    ranks = [incident.severity.rank for incident in report.incidents]
    return min(ranks, default=WELL)
