"""A container's network from within, in sections and as text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.filesize import decimal

from nstui.analysis.checks import find_outsiders
from nstui.analysis.explain import no_process
from nstui.analysis.graph.presence import uses_host
from nstui.analysis.tree.arrangement import row_network
from nstui.analysis.tree.members import publications, publisher
from nstui.analysis.tree.tree import RowKind
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import ReadProblem
from nstui.render.findings import NOT_YET
from nstui.render.layout import (
    Section,
    SectionRow,
    section_lines,
    text_row,
    titled_lines,
    with_rows,
)
from nstui.render.rows import row_ports_text
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nstui.analysis.report import Report
    from nstui.analysis.tree.members import Traffic
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId
    from nstui.model.network import (
        Address,
        Interface,
        Interior,
        Listener,
        NetworkProcess,
        Route,
        Socket,
    )
    from nstui.render.text import Line


NOBODY_LISTENS = "nobody listens"
NOT_KNOWN = "who listens is not known"
NO_WAY_OUT = "none: no default route"
NOT_LOOKED_FOR = "not looked for: all of the host is in this network"
OTHERS_HIDDEN = "there may be others: seeing them needs root: run nstui with sudo"
UNREAD_WORDS = {
    ReadProblem.VANISHED: "its process has gone, or is hidden from this user",
    ReadProblem.DENIED: "needs root: run nstui with sudo",
    ReadProblem.NOT_THE_CONTAINER: "its process is not one of this machine",
}
NO_NETWORK = "Go to a container to see its network."

_NET = NamespaceKind.NET
_WIDE = 64
"""From here on what comes in and goes out stands on one line."""

_APART = Piece("    ")

_WITHOUT_NETWORK = {
    RowKind.GONE: (
        "It no longer exists, and has no network. Go to one of those that joined it to"
        " see what is left to them."
    ),
    RowKind.HOST: (
        "This is the network of the machine itself. Go to one of the containers that"
        " use it to see what is in it."
    ),
    RowKind.LOOP: "None of these can start, so they have no network.",
    RowKind.UNDECLARED: "None of these runs, so they have no network.",
    RowKind.UNSHARED: (
        "Each of these has a network of its own. Go to one to see what is in it."
    ),
}


def network_sections(
    report: Report,
    container: ContainerId,
    interior: Interior,
    rates: Mapping[str, Traffic],
    width: int,
) -> tuple[Section, ...]:
    """Return the sections on a network; those that would be empty are left out.

    Args:
        report: Who is in it.
        container: Through whose process it was read.
        interior: What was read.
        rates: What goes through each interface, as far as that is known.
        width: How many terminal columns there are.

    """
    problem = _only_problem(interior)
    if problem is not None:
        words = problem_text(report, problem)
        return (Section("", (text_row("", words, Tone.WARNING),)),)
    inside = _Inside(report, container, interior, partial(problem_text, report))
    return with_rows(
        Section("Interfaces", tuple(inside.interfaces(rates, width))),
        Section("Ways out", tuple(inside.ways_out())),
        Section("Listening", tuple(inside.listeners())),
        Section("Published ports", tuple(inside.published())),
        Section("Entered from outside", tuple(inside.outsiders())),
    )


def network_lines(
    report: Report, container: ContainerId, interior: Interior
) -> Iterator[Line]:
    """Yield the same as text, part by part: first who has entered it.

    Args:
        report: Who is in it.
        container: Through whose process it was read.
        interior: What was read.

    """
    inside = _Inside(report, container, interior, UNREAD_WORDS.__getitem__)
    yield from titled_lines("entered from outside", _outsider_lines(inside))
    interfaces = Section("interfaces", tuple(inside.interface_summaries()))
    name_width = max((len(row.label) for row in interfaces.rows), default=0)
    yield from section_lines(interfaces, label_width=name_width)
    yield from section_lines(Section("ways out", tuple(inside.ways_out())))
    yield from section_lines(Section("listening", tuple(inside.listeners())))
    yield from section_lines(Section("published", tuple(inside.published())))


def _outsider_lines(inside: _Inside) -> Iterator[Line]:
    """Yield each process that has entered, with its pid standing out."""
    rows = tuple(inside.outsiders())
    for row in rows:
        if row.label:
            command, whose = row.value
            yield Piece(row.label, Tone.WARNING), Piece(f"  {command.text}"), whose
        else:
            yield tuple(Piece(piece.text, Tone.MUTED) for piece in row.value)
    if not rows:
        yield (Piece("nobody", Tone.MUTED),)


def network_heading(report: Report, container: ContainerId) -> Section:
    """Return whose network it is, which needs no reading.

    Args:
        report: Who is in it.
        container: Through whose process it is read.

    """
    namespace = report.snapshot.namespace(container, _NET)
    owner = publisher(report, container) or container
    is_host = uses_host(report.graph.containers[owner], _NET)
    words = "the host's own" if is_host else printable(report.graph.name(owner))
    name = Piece(words, Tone.STRONG)
    number = "" if namespace is None else f"  {namespace}"
    rows = [SectionRow("", (name, Piece(number, Tone.MUTED)))]
    rows += [text_row("", words, Tone.WARNING) for words in _apart(report, container)]
    return Section("", tuple(rows))


def problem_text(report: Report, problem: ReadProblem) -> str:
    """Return why something could not be read, and what would make it readable."""
    host = report.snapshot.host
    if host.level is NamespacesRead.DECLARED and host.note is not None:
        return printable(host.note)
    return UNREAD_WORDS[problem]


def no_network_text(report: Report, row: TreeRow) -> str | None:
    """Return why a line has no network that could be read; None if it has one."""
    container = row_network(report, row)
    if container is None:
        # In the tree of another kind a line above others is of no network at all.
        is_net = row.shared is NamespaceKind.NET
        return _WITHOUT_NETWORK.get(row.kind, NO_NETWORK) if is_net else NO_NETWORK
    words = no_process_text(report, container)
    if words == NOT_YET:
        return words
    owner = report.graph.chain(container, NamespaceKind.NET).owner
    if words is None or owner is None or owner == container:
        return words
    return f"{words}; it would join the network of {report.graph.name(owner)}"


def no_process_text(report: Report, container: ContainerId) -> str | None:
    """Return why a container has no process to read of; None if it has one."""
    if report.snapshot.is_glimpse:
        return NOT_YET
    return no_process(report, container)


def _apart(report: Report, container: ContainerId) -> Iterator[str]:
    """Say that a container is not in the network that it joined."""
    owner = report.graph.chain(container, _NET).owner
    if owner is None or owner == container:
        return
    here = report.snapshot.namespace(container, _NET)
    there = report.snapshot.namespace(owner, _NET)
    if here is not None and there is not None and here != there:
        name = printable(report.graph.name(owner))
        yield f"not the network of {name}, which is in {there}"


def _only_problem(interior: Interior) -> ReadProblem | None:
    """Return why nothing at all could be read; None if anything could."""
    parts = {interior.interfaces, interior.routes, interior.listeners}
    problem = parts.pop() if len(parts) == 1 else None
    return problem if isinstance(problem, ReadProblem) else None


@dataclass(frozen=True, slots=True)
class _Inside:
    """What was read of a network, row by row."""

    report: Report
    container: ContainerId
    interior: Interior
    unread: Callable[[ReadProblem], str]
    """Tells why something could not be read."""

    def _unread(self, problem: ReadProblem) -> SectionRow:
        return text_row("", self.unread(problem), Tone.WARNING)

    def interfaces(
        self, rates: Mapping[str, Traffic], width: int
    ) -> Iterator[SectionRow]:
        """Yield each interface: its state, its addresses and its traffic below it."""
        found = self.interior.interfaces
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        for each in found.interfaces:
            first, *more = _address_texts(each)
            yield SectionRow(printable(each.name), (_state(each), Piece(f"  {first}")))
            yield from (text_row("", text) for text in more)
            ways = tuple(_traffic(each, rates.get(each.name)))
            if width >= _WIDE:
                ways = (tuple(piece for way in ways for piece in (*way, _APART)),)
            yield from (SectionRow("", way) for way in ways if way)
        yield from _unplaced(found.unplaced)

    def interface_summaries(self) -> Iterator[SectionRow]:
        """Yield each interface with all of that in one row."""
        found = self.interior.interfaces
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        for each in found.interfaces:
            words = f"{_state(each).text}  {', '.join(_address_texts(each))}"
            traffic = f"{decimal(each.received)} in, {decimal(each.sent)} out"
            yield text_row(each.name, f"{words}  {traffic}")
        yield from _unplaced(found.unplaced)

    def ways_out(self) -> Iterator[SectionRow]:
        """Yield each way out of the network, or that there is none."""
        routes = self.interior.routes
        if isinstance(routes, ReadProblem):
            yield self._unread(routes)
            return
        ways = [_route_text(route) for route in (*routes.ipv4, *routes.ipv6)]
        ways += [f"more in table {table}" for table in routes.other_tables]
        yield from (text_row("", words) for words in ways)
        if not ways:
            yield text_row("", NO_WAY_OUT, Tone.MUTED)

    def listeners(self) -> Iterator[SectionRow]:
        """Yield each socket that waits for anybody, with who holds it."""
        found = self.interior.listeners
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        for each in found:
            tone = Tone.PLAIN if each.holders else Tone.MUTED
            yield text_row(_socket_text(each.socket), self._holder_text(each), tone)
        if not found:
            yield text_row("", NOBODY_LISTENS, Tone.MUTED)

    def published(self) -> Iterator[SectionRow]:
        """Yield each published port of the owner with who serves it inside."""
        owner = publisher(self.report, self.container)
        if owner is None:
            return
        for each in publications(self.report, owner, self.interior):
            who = NOT_KNOWN
            if each.listeners is not None:
                holders = {self._holder_text(one) for one in each.listeners}
                who = ", ".join(sorted(holders)) or NOBODY_LISTENS
            tone = Tone.PLAIN if each.listeners else Tone.WARNING
            yield text_row(", ".join(row_ports_text(each.ports)), who, tone)

    def outsiders(self) -> Iterator[SectionRow]:
        """Yield each process that has entered the network, and who is not seen."""
        found = find_outsiders(self.report, self.container, self.interior)
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        if found is None:
            yield text_row("", NOT_LOOKED_FOR, Tone.MUTED)
            return
        for each in found:
            command = Piece(printable(each.command), Tone.WARNING)
            whose = Piece(_whose_text(self.report, each), Tone.MUTED)
            yield SectionRow(str(each.pid), (command, whose))
        if self.interior.hides_processes:
            yield text_row("", OTHERS_HIDDEN, Tone.MUTED)

    def _holder_text(self, each: Listener) -> str:
        """Return who waits there; it may hold anything."""
        if each.holders is None:
            return "by whom needs root"
        if not each.holders:
            return "by no process in it"
        first = each.holders[0]
        container = self.interior.owners.get(first.pid)
        whose = "no container"
        if container is not None:
            is_known = container in self.report.graph.containers
            whose = self.report.graph.name(container) if is_known else container[:12]
        more = f" and {len(each.holders) - 1} more" if len(each.holders) > 1 else ""
        return f"{whose}: {first.command} ({first.pid}){more}"


def _unplaced(addresses: tuple[Address, ...]) -> Iterator[SectionRow]:
    if addresses:
        words = ", ".join(_address_text(each) for each in addresses)
        yield text_row("", f"on one of them: {words}")


def _state(each: Interface) -> Piece:
    if each.is_up is None:
        return Piece("state unknown", Tone.WARNING)
    return Piece("up", Tone.GOOD) if each.is_up else Piece("down", Tone.WARNING)


def _address_texts(each: Interface) -> list[str]:
    found = [_address_text(address) for address in (*each.ipv4, *each.ipv6)]
    return [printable(text) for text in found] or ["no address"]


def _address_text(address: Address) -> str:
    prefix = "" if address.prefix is None else f"/{address.prefix}"
    # Which interface it is on is not told in so many words.
    return f"{address.text}{prefix}{' (likely)' if address.is_inferred else ''}"


def _traffic(each: Interface, rate: Traffic | None) -> Iterator[tuple[Piece, ...]]:
    """Yield what came in and went out since it was made, and does at present.

    Nothing if nothing ever did.
    """
    if not each.received and not each.sent:
        return
    for total, now, way in (
        (each.received, None if rate is None else rate.received, "in"),
        (each.sent, None if rate is None else rate.sent, "out"),
    ):
        words = Piece(f"{decimal(total)} {way}", Tone.MUTED)
        if now is None:
            yield (words,)
        else:
            tone = Tone.PLAIN if now else Tone.MUTED
            yield (words, Piece(f"  {decimal(round(now))}/s", tone))


def _route_text(route: Route) -> str:
    """Return where a route leads, and how."""
    way = (
        ""
        if route.is_direct
        else f" via {route.gateway or 'a gateway that is not told'}"
    )
    return f"{route.destination}{way} on {route.interface}"


def _socket_text(socket: Socket) -> str:
    """Return where a socket waits, such as ``0.0.0.0:80/tcp``."""
    address = f"[{socket.address}]" if ":" in socket.address else socket.address
    return f"{address}:{socket.port}/{socket.protocol.value.removesuffix('6')}"


def _whose_text(report: Report, process: NetworkProcess) -> str:
    """Return to whom a process belongs, as the end of a sentence."""
    container = process.container
    if container is None:
        return ", no container's"
    if container not in report.graph.containers:
        return f", of {short_id(container)}, which is unknown"
    return printable(f", of {report.graph.name(container)}")
