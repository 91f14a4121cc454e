"""What is read of real sockets, beside what ss says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.network import HeldSockets
from nstui.model.snapshot import ReadProblem
from nstui.procfs.host import PROC
from nstui.procfs.sockets import listeners, read_held_sockets, read_namespace_sockets
from tests.unit.procfs.inside import server
from tests.unit.procfs.inside.networks import SsLine, serve, ss_lines
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from tests.unit.procfs.inside.networks import Networks


def test_a_network_that_was_just_made_has_none(networks: Networks) -> None:
    with machine_at(PROC).process(networks.start("true")) as process:
        assert read_namespace_sockets(process) == ()


def test_the_listeners_that_ss_shows(networks: Networks) -> None:
    pid, said = serve(networks)
    with machine_at(PROC).process(pid) as process:
        sockets = read_namespace_sockets(process)
        held = read_held_sockets(process, pid)
    assert not isinstance(sockets, ReadProblem)
    assert isinstance(held, HeldSockets)

    found = listeners(sockets, [held])

    rows = [
        SsLine(
            each.socket.protocol,
            each.socket.address,
            each.socket.port,
            each.socket.inode,
            frozenset(holder.pid for holder in each.processes or ()),
        )
        for each in found
    ]
    assert (
        set(rows) == ss_lines(pid) == {SsLine(*row, frozenset({pid})) for row in said}
    )
    assert len(rows) == len(said) == len(server.LISTENING)
    command = (PROC / f"{pid}/comm").read_text().strip()
    assert {each.processes[0].command for each in found if each.processes} == {command}
    # The ends of a connection, and a client of UDP.
    assert sum(not each.is_listening for each in sockets) == 3


def test_what_is_closed_while_it_is_looked_at_does_no_harm(
    networks: Networks,
) -> None:
    # Opens the same few files for ever, and closes them again.
    script = "echo; while :; do : 3</dev/null 4</dev/null 5</dev/null; done"
    pid, _ = networks.serve(["sh", "-c", script])

    with machine_at(PROC).process(pid) as process:
        found = [read_held_sockets(process, pid) for _ in range(2000)]

    assert {isinstance(each, HeldSockets) for each in found} == {True}


def test_a_socket_that_is_held_by_nobody_looked_at(networks: Networks) -> None:
    pid, said = serve(networks)
    other = networks.start("true", enter=("nsenter", "-n", "-t", f"{pid}"))
    with machine_at(PROC).process(other) as process:
        sockets = read_namespace_sockets(process)
        held = read_held_sockets(process, other)
    assert not isinstance(sockets, ReadProblem)

    found = listeners(sockets, [held])

    assert len(found) == len(said)
    assert {each.processes for each in found} == {()}
