"""The interfaces of a network namespace, by ``net/dev`` and what is said elsewhere.

``net/igmp`` tells who is in the group of all hosts, which an interface is while it is
switched on, and only then. What cannot be known without netlink: the hardware address,
the MTU, whether there is a link, and some of what `nstui.procfs.addresses` tells of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.inside import Interface, Interfaces
from nstui.procfs.addresses import addresses4, addresses6
from nstui.procfs.directory import read_if_there, read_text
from nstui.procfs.process import problem_of
from nstui.procfs.words import NATIVE, from_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.model.inside import Address
    from nstui.model.snapshot import ReadProblem
    from nstui.procfs.addresses import Found
    from nstui.procfs.words import ByteOrder

_ALL_HOSTS = "224.0.0.1"
_HEADER = 2
_RECEIVED, _SENT, _FIELDS = 0, 8, 16


def read_interfaces(directory: int) -> Interfaces | ReadProblem:
    """Read the interfaces of a process's network; never raises."""
    try:
        igmp = read_if_there(directory, "net/igmp")
        return join_interfaces(
            dev=read_text(directory, "net/dev"),
            up=None if igmp is None else interfaces_up(igmp),
            ipv4=addresses4(
                read_text(directory, "net/fib_trie"), read_text(directory, "net/route")
            ),
            ipv6=addresses6(read_if_there(directory, "net/if_inet6") or ""),
        )
    except OSError as error:
        return problem_of(error)


def join_interfaces(
    *,
    dev: str,
    up: frozenset[str] | None,
    ipv4: Collection[Found],
    ipv6: Collection[Found],
) -> Interfaces:
    """Put together what the files say.

    Args:
        dev: the text of ``net/dev``.
        up: the interfaces that are up; None if that is not known.
        ipv4: each address with its interface, if known.
        ipv6: the same.

    """
    counters = dict(_counters(dev))
    return Interfaces(
        interfaces=tuple(
            Interface(
                name=name,
                ipv4=_on(name, ipv4),
                ipv6=_on(name, ipv6),
                is_up=None if up is None else name in up,
                received=received,
                sent=sent,
            )
            for name, (received, sent) in counters.items()
        ),
        # An interface may have gone, or come, between two reads.
        unplaced=tuple(
            address for name, address in (*ipv4, *ipv6) if name not in counters
        ),
    )


def interfaces_up(igmp: str, order: ByteOrder = NATIVE) -> frozenset[str]:
    """Return the interfaces that are up, by the text of ``net/igmp``."""
    found, name = set(), ""
    for line in igmp.split("\n")[1:]:
        if not line.startswith("\t"):
            name = line.partition("\t")[2].partition(":")[0].strip(" ")
            continue
        group = line.strip("\t").partition(" ")[0]
        if from_words(group, order) == _ALL_HOSTS:
            found.add(name)
    return frozenset(found)


def _counters(dev: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each interface with the bytes it has received and sent."""
    for line in dev.split("\n")[_HEADER:]:
        name, _, numbers = line.partition(":")
        fields = numbers.split()
        if len(fields) >= _FIELDS:
            yield name.strip(" "), (int(fields[_RECEIVED]), int(fields[_SENT]))


def _on(name: str, addresses: Collection[Found]) -> tuple[Address, ...]:
    return tuple(address for interface, address in addresses if interface == name)
