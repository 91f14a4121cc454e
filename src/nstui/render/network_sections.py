"""A container's network from within, in sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.filesize import decimal

from nstui.analysis.groups import uses_host
from nstui.analysis.outsiders import find_outsiders
from nstui.analysis.publishing import publisher
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import ReadProblem
from nstui.render.details import Entry, Section
from nstui.render.interior_text import (
    NO_WAY_OUT,
    NOBODY_LISTENS,
    NOT_KNOWN,
    UNREAD_WORDS,
    addresses_words,
    holder_words,
    route_words,
    served_ports,
    socket_words,
)
from nstui.render.member_text import NOT_LOOKED_FOR, OTHERS_HIDDEN, whose_words
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.analysis.rates import Traffic
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.inside import Interface
    from nstui.model.interior import Interior

_NET = NamespaceKind.NET
_WIDE = 64
"""From here on what comes in and goes out stands on one line."""

_APART = Piece("    ")


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
        return (Section("", (_unread(report, problem),)),)
    sections = (
        Section("Interfaces", tuple(_interfaces(report, interior, rates, width))),
        Section("Ways out", tuple(_ways_out(report, interior))),
        Section("Listening", tuple(_listeners(report, interior))),
        Section("Published ports", tuple(_published(report, container, interior))),
        Section("Entered from outside", tuple(_outsiders(report, container, interior))),
    )
    return tuple(section for section in sections if section.entries)


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
    entries = [Entry("", (name, Piece(number, Tone.MUTED)))]
    entries += [_entry("", words, Tone.WARNING) for words in _apart(report, container)]
    return Section("", tuple(entries))


def problem_words(report: Report, problem: ReadProblem) -> str:
    """Return why something could not be read, and what would make it readable."""
    host = report.snapshot.host
    if host.level is NamespacesRead.DECLARED and host.note is not None:
        return printable(host.note)
    return UNREAD_WORDS[problem]


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


def _entry(label: str, text: str, tone: Tone = Tone.PLAIN) -> Entry:
    return Entry(printable(label), (Piece(printable(text), tone),))


def _unread(report: Report, problem: ReadProblem) -> Entry:
    return _entry("", problem_words(report, problem), Tone.WARNING)


def _only_problem(interior: Interior) -> ReadProblem | None:
    """Return why nothing at all could be read; None if anything could."""
    parts = {interior.interfaces, interior.routes, interior.listeners}
    problem = parts.pop() if len(parts) == 1 else None
    return problem if isinstance(problem, ReadProblem) else None


def _interfaces(
    report: Report, interior: Interior, rates: Mapping[str, Traffic], width: int
) -> Iterator[Entry]:
    found = interior.interfaces
    if isinstance(found, ReadProblem):
        yield _unread(report, found)
        return
    for each in found.interfaces:
        first, *more = _address_texts(each)
        yield Entry(printable(each.name), (_state(each), Piece(f"  {first}")))
        yield from (_entry("", text) for text in more)
        ways = tuple(_traffic(each, rates.get(each.name)))
        if width >= _WIDE:
            ways = (tuple(piece for way in ways for piece in (*way, _APART)),)
        yield from (Entry("", way) for way in ways if way)
    if found.unplaced:
        yield _entry("", f"on one of them: {addresses_words(found.unplaced)}")


def _state(each: Interface) -> Piece:
    if each.is_up is None:
        return Piece("state unknown", Tone.WARNING)
    return Piece("up", Tone.GOOD) if each.is_up else Piece("down", Tone.WARNING)


def _address_texts(each: Interface) -> list[str]:
    found = [addresses_words((address,)) for address in (*each.ipv4, *each.ipv6)]
    return [printable(text) for text in found] or ["no address"]


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


def _ways_out(report: Report, interior: Interior) -> Iterator[Entry]:
    routes = interior.routes
    if isinstance(routes, ReadProblem):
        yield _unread(report, routes)
        return
    ways = [route_words(route) for route in (*routes.ipv4, *routes.ipv6)]
    ways += [f"more in table {table}" for table in routes.other_tables]
    yield from (_entry("", words) for words in ways)
    if not ways:
        yield _entry("", NO_WAY_OUT, Tone.MUTED)


def _listeners(report: Report, interior: Interior) -> Iterator[Entry]:
    found = interior.listeners
    if isinstance(found, ReadProblem):
        yield _unread(report, found)
        return
    for each in found:
        tone = Tone.PLAIN if each.holders else Tone.MUTED
        who = holder_words(report, interior, each)
        yield _entry(socket_words(each.socket), who, tone)
    if not found:
        yield _entry("", NOBODY_LISTENS, Tone.MUTED)


def _published(
    report: Report, container: ContainerId, interior: Interior
) -> Iterator[Entry]:
    owner = publisher(report, container)
    if owner is None:
        return
    for words, who in served_ports(report, owner, interior):
        tone = Tone.PLAIN if who else Tone.WARNING
        yield _entry(words, NOT_KNOWN if who is None else who or NOBODY_LISTENS, tone)


def _outsiders(
    report: Report, container: ContainerId, interior: Interior
) -> Iterator[Entry]:
    found = find_outsiders(report, container, interior)
    if isinstance(found, ReadProblem):
        yield _unread(report, found)
        return
    if found is None:
        yield _entry("", NOT_LOOKED_FOR, Tone.MUTED)
        return
    for each in found:
        command = Piece(printable(each.command), Tone.WARNING)
        whose = Piece(whose_words(report, each), Tone.MUTED)
        yield Entry(str(each.pid), (command, whose))
    if interior.hides_processes:
        yield _entry("", OTHERS_HIDDEN, Tone.MUTED)
