"""A container's network as seen from inside, in sections and as text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.filesize import decimal

from nstui.analysis.certainty import NOT_YET
from nstui.analysis.checks import find_outsiders
from nstui.analysis.explain import no_process
from nstui.analysis.graph.presence import uses_host
from nstui.analysis.tree.arrangement import row_network
from nstui.analysis.tree.members import is_engine_dns, publications, publisher
from nstui.analysis.tree.tree import RowKind
from nstui.analysis.unread import unread_text
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import ReadProblem
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


NO_LISTENER = "no listener"
NOT_KNOWN = "who listens is not known"
NO_PROCESS = "no process in it"
ENGINE_DNS = "no process (Docker's DNS)"
NEEDS_ROOT = "which process needs root"
NO_ROUTE = "none: no default route"
NOT_LOOKED_FOR = "not looked for: every process of the host is in this network"
OTHERS_HIDDEN = "there may be others: seeing them needs root"
NO_NETWORK = "Go to a container to see its network."

_NET = NamespaceKind.NET
_WIDE = 64
"""From this width on, received and sent traffic are on one line."""

_TRAFFIC_GAP = Piece("    ")

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
    RowKind.UNDECLARED: "None of these is running, so they have no network.",
    RowKind.UNSHARED: ("Each has its own network. Go to one to see what is in it."),
    RowKind.PROJECT: (
        "Each container of the project has its own network. Go to one to see what is in"
        " it."
    ),
}


def network_sections(
    report: Report,
    container: ContainerId,
    interior: Interior,
    rates: Mapping[str, Traffic],
    width: int,
) -> tuple[Section, ...]:
    """Return the sections of a network, without empty ones.

    Args:
        report: The report, with the containers in the network.
        container: The container through which it was read.
        interior: The reading.
        rates: The present traffic of each interface, if known.
        width: The number of terminal columns.

    """
    problem = _only_problem(interior)
    if problem is not None:
        words = problem_text(report, problem)
        return (Section("", (text_row("", words, Tone.WARNING),)),)
    inside = _Inside(report, container, interior, partial(problem_text, report))
    return with_rows(
        Section("Interfaces", tuple(inside.interfaces(rates, width))),
        Section("Routes", tuple(inside.routes())),
        Section("Listening", tuple(inside.listeners())),
        Section("Published ports", tuple(inside.published())),
        Section("Processes from outside", tuple(inside.outsiders())),
    )


def network_lines(
    report: Report, container: ContainerId, interior: Interior
) -> Iterator[Line]:
    """Yield the same parts as text, beginning with the processes from outside.

    Args:
        report: The report, with the containers in the network.
        container: The container through which it was read.
        interior: The reading.

    """
    inside = _Inside(report, container, interior, partial(_unread_words, report))
    yield from titled_lines("processes from outside", _outsider_lines(inside))
    interfaces = Section("interfaces", tuple(inside.interface_summaries()))
    name_width = max((len(row.label) for row in interfaces.rows), default=0)
    yield from section_lines(interfaces, label_width=name_width)
    yield from section_lines(Section("routes", tuple(inside.routes())))
    yield from section_lines(Section("listening", tuple(inside.listeners())))
    yield from section_lines(Section("published", tuple(inside.published())))


def _outsider_lines(inside: _Inside) -> Iterator[Line]:
    """Yield a line for each process that has entered, with a coloured pid."""
    rows = tuple(inside.outsiders())
    for row in rows:
        if row.label:
            command, container = row.value
            yield Piece(row.label, Tone.WARNING), Piece(f"  {command.text}"), container
        else:
            yield tuple(Piece(piece.text, Tone.MUTED) for piece in row.value)
    if not rows:
        yield (Piece("none", Tone.MUTED),)


def network_heading(report: Report, container: ContainerId) -> Section:
    """Return the owner and the number of a network, which needs no reading.

    Args:
        report: The report, with the containers in the network.
        container: The container through which the network is read.

    """
    namespace = report.snapshot.namespace(container, _NET)
    owner = publisher(report, container) or container
    is_host = uses_host(report.graph.containers[owner], _NET)
    words = "the host's own" if is_host else printable(report.graph.name(owner))
    name = Piece(words, Tone.STRONG)
    number = "" if namespace is None else f"  {namespace}"
    rows = [SectionRow("", (name, Piece(number, Tone.MUTED)))]
    rows += [
        text_row("", words, Tone.WARNING)
        for words in _separation_texts(report, container)
    ]
    return Section("", tuple(rows))


def problem_text(report: Report, problem: ReadProblem) -> str:
    """Return why something could not be read, and how it could be."""
    host = report.snapshot.host
    if host.level is NamespacesRead.DECLARED and host.note is not None:
        return printable(host.note)
    return _unread_words(report, problem)


def _unread_words(report: Report, problem: ReadProblem) -> str:
    return unread_text(problem, report.snapshot.host.remedy)


def no_network_text(report: Report, row: TreeRow) -> str | None:
    """Return why a row has no network that could be read; None if it has one."""
    container = row_network(report, row)
    if container is None:
        # In the tree of another kind, a row above others belongs to no network.
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
    """Return why a container has no process to read; None if it has one."""
    if report.snapshot.is_glimpse:
        return NOT_YET
    return no_process(report, container)


def _separation_texts(report: Report, container: ContainerId) -> Iterator[str]:
    """Yield a sentence if a container is not in the network that it joined."""
    owner = report.graph.chain(container, _NET).owner
    if owner is None or owner == container:
        return
    own = report.snapshot.namespace(container, _NET)
    joined = report.snapshot.namespace(owner, _NET)
    if own is not None and joined is not None and own != joined:
        name = printable(report.graph.name(owner))
        yield f"not the network of {name}, which is in {joined}"


def _only_problem(interior: Interior) -> ReadProblem | None:
    """Return why nothing could be read; None if something could."""
    parts = {interior.interfaces, interior.routes, interior.listeners}
    problem = parts.pop() if len(parts) == 1 else None
    return problem if isinstance(problem, ReadProblem) else None


@dataclass(frozen=True, slots=True)
class _Inside:
    """The rows of a network's reading."""

    report: Report
    container: ContainerId
    interior: Interior
    unread: Callable[[ReadProblem], str]
    """Returns why something could not be read."""

    def _unread(self, problem: ReadProblem) -> SectionRow:
        return text_row("", self.unread(problem), Tone.WARNING)

    def interfaces(
        self, rates: Mapping[str, Traffic], width: int
    ) -> Iterator[SectionRow]:
        """Yield each interface: state and addresses, and its traffic below them."""
        found = self.interior.interfaces
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        for interface in found.interfaces:
            first, *more = _address_texts(interface)
            yield SectionRow(
                printable(interface.name), (_state(interface), Piece(f"  {first}"))
            )
            yield from (text_row("", text) for text in more)
            ways = tuple(_traffic(interface, rates.get(interface.name)))
            if width >= _WIDE:
                ways = (tuple(piece for way in ways for piece in (*way, _TRAFFIC_GAP)),)
            yield from (SectionRow("", way) for way in ways if way)
        yield from _unplaced_rows(found.unplaced)

    def interface_summaries(self) -> Iterator[SectionRow]:
        """Yield each interface with the same facts in one row."""
        found = self.interior.interfaces
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        for interface in found.interfaces:
            words = f"{_state(interface).text}  {', '.join(_address_texts(interface))}"
            traffic = f"{decimal(interface.received)} in, {decimal(interface.sent)} out"
            yield text_row(interface.name, f"{words}  {traffic}")
        yield from _unplaced_rows(found.unplaced)

    def routes(self) -> Iterator[SectionRow]:
        """Yield each default route, or that there is none."""
        routes = self.interior.routes
        if isinstance(routes, ReadProblem):
            yield self._unread(routes)
            return
        ways = [_route_text(route) for route in (*routes.ipv4, *routes.ipv6)]
        ways += [f"more in table {table}" for table in routes.other_tables]
        yield from (text_row("", words) for words in ways)
        if not ways:
            yield text_row("", NO_ROUTE, Tone.MUTED)

    def listeners(self) -> Iterator[SectionRow]:
        """Yield each listening socket with its holder, in the order of the ports."""
        found = self.interior.listeners
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        for listener in sorted(found, key=_port_order):
            tone = Tone.PLAIN if listener.processes else Tone.MUTED
            yield text_row(
                _socket_text(listener.socket), self._holder_text(listener), tone
            )
        if not found:
            yield text_row("", NO_LISTENER, Tone.MUTED)

    def published(self) -> Iterator[SectionRow]:
        """Yield each published port of the owner, with the process that serves it."""
        owner = publisher(self.report, self.container)
        if owner is None:
            return
        for publication in publications(self.report, owner, self.interior):
            holder_text = NOT_KNOWN
            if publication.listeners is not None:
                holders = {
                    self._holder_text(listener) for listener in publication.listeners
                }
                holder_text = ", ".join(sorted(holders)) or NO_LISTENER
            tone = Tone.PLAIN if publication.listeners else Tone.WARNING
            yield text_row(
                ", ".join(row_ports_text(publication.ports)), holder_text, tone
            )

    def outsiders(self) -> Iterator[SectionRow]:
        """Yield each process from outside, and whether there may be others."""
        found = find_outsiders(self.report, self.container, self.interior)
        if isinstance(found, ReadProblem):
            yield self._unread(found)
            return
        if found is None:
            yield text_row("", NOT_LOOKED_FOR, Tone.MUTED)
            return
        for process in found:
            command = Piece(printable(process.command), Tone.WARNING)
            container = Piece(_container_text(self.report, process), Tone.MUTED)
            yield SectionRow(str(process.pid), (command, container))
        if self.interior.hides_processes:
            words = f"{OTHERS_HIDDEN}: {self.report.snapshot.host.remedy}"
            yield text_row("", words, Tone.MUTED)

    def _holder_text(self, listener: Listener) -> str:
        """Return the holder of a socket; the text may contain anything."""
        if listener.processes is None:
            return NEEDS_ROOT
        if is_engine_dns(self.report, self.container, listener):
            return ENGINE_DNS
        if not listener.processes:
            return NO_PROCESS
        first = listener.processes[0]
        container = self.interior.owners.get(first.pid)
        container_name = "no container"
        if container is not None:
            is_known = container in self.report.graph.containers
            container_name = (
                self.report.graph.name(container) if is_known else container[:12]
            )
        more = (
            f" and {len(listener.processes) - 1} more"
            if len(listener.processes) > 1
            else ""
        )
        return f"{container_name}: {first.command} ({first.pid}){more}"


def _port_order(listener: Listener) -> tuple[int, str, str]:
    socket = listener.socket
    return socket.port, socket.protocol.removesuffix("6"), socket.address


def _unplaced_rows(addresses: tuple[Address, ...]) -> Iterator[SectionRow]:
    if addresses:
        words = ", ".join(_address_text(address) for address in addresses)
        yield text_row("", f"on one of them: {words}")


def _state(interface: Interface) -> Piece:
    if interface.is_up is None:
        return Piece("state unknown", Tone.WARNING)
    return Piece("up", Tone.GOOD) if interface.is_up else Piece("down", Tone.WARNING)


def _address_texts(interface: Interface) -> list[str]:
    found = [_address_text(address) for address in (*interface.ipv4, *interface.ipv6)]
    return [printable(text) for text in found] or ["no address"]


def _address_text(address: Address) -> str:
    prefix = "" if address.prefix is None else f"/{address.prefix}"
    # An inferred address is on this interface in all likelihood only.
    return f"{address.text}{prefix}{' (likely)' if address.is_inferred else ''}"


def _traffic(interface: Interface, rate: Traffic | None) -> Iterator[tuple[Piece, ...]]:
    """Yield the total traffic of an interface and its present rate, in and out.

    It yields nothing if there was no traffic.
    """
    if not interface.received and not interface.sent:
        return
    for total, now, way in (
        (interface.received, None if rate is None else rate.received, "in"),
        (interface.sent, None if rate is None else rate.sent, "out"),
    ):
        words = Piece(f"{decimal(total)} {way}", Tone.MUTED)
        if now is None:
            yield (words,)
        else:
            tone = Tone.PLAIN if now else Tone.MUTED
            yield (words, Piece(f"  {decimal(round(now))}/s", tone))


def _route_text(route: Route) -> str:
    """Return the destination of a route, its gateway and its interface."""
    way = (
        ""
        if route.is_direct
        else f" via {route.gateway or 'a gateway that is not told'}"
    )
    return f"{route.destination}{way} on {route.interface}"


def _socket_text(socket: Socket) -> str:
    """Return the address of a socket, such as ``0.0.0.0:80/tcp``."""
    address = f"[{socket.address}]" if ":" in socket.address else socket.address
    return f"{address}:{socket.port}/{socket.protocol.value.removesuffix('6')}"


def _container_text(report: Report, process: NetworkProcess) -> str:
    """Return the container of a process, as the end of a sentence."""
    container = process.container
    if container is None:
        return ", no container's"
    if container not in report.graph.containers:
        return f", of {short_id(container)}, which is unknown"
    return printable(f", of {report.graph.name(container)}")
