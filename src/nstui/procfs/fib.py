"""The IPv4 routing tables, as ``net/route`` and ``net/fib_trie`` have them.

``net/route`` has the interfaces, but the main table only. ``net/fib_trie`` has all
tables, but no interfaces. Until somebody adds a rule, the kernel keeps the main and the
local table as one, and writes it down twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from nstui.procfs.directory import rows
from nstui.procfs.words import NATIVE, from_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.procfs.words import ByteOrder

MAIN = "Main"
LOCAL = "Local"

GATEWAY = 0x2
REJECT = 0x200
"""Flags of a route, see linux/route.h; IPv6 has the same."""

NOWHERE = "*"
"""In the place of an interface, where packets are thrown away."""

_TABLE = re.compile(r"(?:Id )?(\w+):")
_LEAF = re.compile(r" *\|-- ([0-9.]+)")
_ENTRY = re.compile(r" */(\d+) \S+ ([A-Z]+)\b.*")
_FIELDS = 8


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A line of ``net/fib_trie``."""

    table: str
    """`MAIN`, `LOCAL`, or the number of another one."""

    destination: IPv4Network
    kind: str
    """``LOCAL``, ``BROADCAST``, ``UNICAST``, ``BLACKHOLE``, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MainRoute:
    """A line of ``net/route``: a route of the main table.

    Of one that goes through several gateways, the kernel tells only the first.
    """

    interface: str
    destination: IPv4Network
    gateway: str
    """``0.0.0.0`` if there is none of IPv4."""

    flags: int
    metric: int

    @property
    def leads_somewhere(self) -> bool:
        """Whether packets are not thrown away."""
        return self.interface != NOWHERE and not self.flags & REJECT


def table_entries(fib_trie: str) -> Iterator[TableEntry]:
    """Yield what is in all tables, in the order of the text."""
    table, leaf = "", None
    for line in fib_trie.split("\n"):
        if found := _TABLE.fullmatch(line):
            table = found[1]
        elif found := _LEAF.fullmatch(line):
            leaf = found[1]
        elif leaf is not None and (found := _ENTRY.fullmatch(line)):
            yield TableEntry(table, IPv4Network(f"{leaf}/{found[1]}"), found[2])


def main_routes(route: str, order: ByteOrder = NATIVE) -> Iterator[MainRoute]:
    """Yield the routes of the main table, in the order of the text."""
    for fields in rows(route, header=1):
        if len(fields) < _FIELDS:
            continue
        interface, destination, gateway, flags, _, _, metric, mask = fields[:_FIELDS]
        network = f"{from_words(destination, order)}/{from_words(mask, order)}"
        yield MainRoute(
            interface=interface,
            destination=IPv4Network(network),
            gateway=from_words(gateway, order),
            flags=int(flags, 16),
            metric=int(metric),
        )
