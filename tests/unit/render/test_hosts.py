"""Several hosts, as text and as JSON."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.findings.ignoring import Reporting
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import loop, set_health
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.model.container import Health
from nstui.model.host_options import HostOptions
from nstui.model.namespace import NamespacesRead
from nstui.render.hosts import (
    HostLook,
    host_fields,
    hosts_lines,
    short_hosts_text,
    worst_first,
)
from nstui.render.terminal import print_check_lines
from nstui.render.text import words_of
from nstui.service.observer import Observer
from tests.unit.render.paper import HARMLESS, HOSTILE, on_pipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.report import Report


def report_on(
    *happens: Callable[[World], None], level: NamespacesRead = NamespacesRead.INODE
) -> Report:
    world = World()
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    for each in happens:
        each(world)
    return Observer(SimEngine(world), SimHost(world, level)).look()


def restart(world: World) -> None:
    world.restart("vpn")


def sicken(world: World) -> None:
    world.run(Spec("sick", has_health_check=True))
    set_health(world, "sick", Health.UNHEALTHY)


def make_loop(world: World) -> None:
    world.run(Spec("loops"))
    loop(world, "loops")


def look(name: str, *happens: Callable[[World], None]) -> HostLook:
    return HostLook(
        name=name, also=(), options=("-c", name), report=report_on(*happens)
    )


def lost(name: str) -> HostLook:
    return HostLook(
        name=name,
        also=(),
        options=("-c", name),
        report=None,
        problem="did not answer within 10 s",
    )


def text_of(*looks: HostLook) -> list[str]:
    return [words_of(line.pieces) for line in hosts_lines(looks)]


def test_a_host_that_is_well_is_one_line() -> None:
    assert text_of(look("nas")) == [
        "nas: 2 containers, 1 group · verified by the kernel · nothing wrong",
        "1 host · ✓ 1 well",
    ]


def test_what_is_wrong_is_below_the_name_and_healed_there() -> None:
    named = HostOptions.of(("-c", "nas"), "tcp://10.0.0.3:2375")
    broken = HostLook(
        name="nas",
        also=("tcp://10.0.0.3:2375", "store"),
        options=named.words,
        report=replace(report_on(restart), reporting=Reporting(options=named)),
        hint="nstui heal would repair 1 of 1 finding",
    )
    assert text_of(broken) == [
        "nas (also tcp://10.0.0.3:2375, store):",
        (
            "  ✗ error stale-join  vpn was restarted a moment ago: 1 container still"
            " sits in its old network and has no connection (only lo): dep"
        ),
        "      nstui -c nas heal vpn",
        "  2 containers, 1 group · verified by the kernel · ✗ 1 incident",
        "  nstui -c nas heal would repair 1 of 1 finding",
        "1 host · ✗ 1 with incidents",
    ]


def test_the_worst_come_first_and_equals_as_asked() -> None:
    looks = (
        look("well-1"),
        look("loops", make_loop),
        lost("lost-1"),
        look("sick", sicken),
        look("well-2"),
        lost("lost-2"),
        look("broken", restart, make_loop),
    )
    assert [one.name for one in worst_first(looks)] == [
        *("lost-1", "lost-2", "sick", "broken", "loops", "well-1", "well-2")
    ]
    assert text_of(*looks)[-1] == (
        "7 hosts · ✗ 2 not reached · ✗ 2 with incidents · ! 1 with warnings · ✓ 2 well"
    )
    assert text_of(*looks)[:2] == [
        "lost-1: ✗ did not answer within 10 s",
        "lost-2: ✗ did not answer within 10 s",
    ]


@pytest.mark.parametrize(
    ("looks", "line"),
    [
        ((look("a"), look("b")), "2 hosts ok"),
        ((look("a"), lost("b")), "b: not reached · 1 host ok"),
        (
            (look("a", make_loop), look("b", restart, make_loop), look("c")),
            (
                "b: 1 incident, 1 container has no network; 1 warning · a: 1 warning"
                " · 1 host ok"
            ),
        ),
        (
            (
                look("a"),
                HostLook(
                    name="b",
                    also=(),
                    options=("-c", "b"),
                    report=report_on(level=NamespacesRead.DECLARED),
                ),
            ),
            "1 host ok · 1 host: nothing wrong as far as could be read",
        ),
    ],
    ids=["well", "lost", "wrong", "not all could be read"],
)
def test_one_line_for_all(looks: tuple[HostLook, ...], line: str) -> None:
    assert short_hosts_text(looks) == f"nstui: {line}"


def test_the_fields_of_a_host_do_not_depend_on_whether_it_was_reached() -> None:
    well, gone = (host_fields(one, {"x": 1}) for one in (look("a"), lost("b")))
    assert well == {
        "schema": "nstui/1",
        "host": "a",
        "also": [],
        "options": ["-c", "a"],
        "error": None,
        "x": 1,
    }
    assert (well.keys(), gone["error"]) == (gone.keys(), "did not answer within 10 s")


def test_a_name_cannot_send_control_characters() -> None:
    hostile = HostLook(
        name=HOSTILE,
        also=(HOSTILE,),
        options=("-c", HOSTILE),
        report=None,
        problem=HOSTILE,
    )
    first, *_ = text_of(hostile)
    assert first.count(HARMLESS) == 3
    assert HARMLESS in short_hosts_text([hostile])
    drawn = on_pipe(partial(print_check_lines, lines=list(hosts_lines([hostile]))))
    assert all(line.isprintable() for line in drawn.splitlines())
