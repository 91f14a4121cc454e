"""Namespaces that no container is in, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.tree.namespaces import NO_PAST, find_held, record_namespaces
from nstui.model.holders import HolderKind, HoldingProcess, ProcessHolder
from nstui.render.held_sections import all_held_lines, heading, held_text
from nstui.render.text import words_of
from tests.support.builders import cid, container, report
from tests.support.machine import (
    BLIND,
    NET,
    SANDBOX,
    holders,
    mount,
    net,
    process,
    sandbox,
    scan,
)

if TYPE_CHECKING:
    from nstui.model.holders import Holders

REPORT = report(container("own"), net={"own": 7})


def lines(of: Holders) -> list[str]:
    """Return what is said of namespaces without a container."""
    return [words_of(line) for line in all_held_lines(REPORT, scan(REPORT, of))]


def test_containers_have_a_tree_of_their_own() -> None:
    assert lines(holders(process(7, 40))) == []


def test_what_holds_the_others() -> None:
    of = holders(
        process(7, 40),
        process(5, 1, 213, "systemd"),
        process(8, 2, 41, "dnsmasq"),
        mount(8, "/run/netns/blue"),
        mount(6, "/srv/ns", HolderKind.MOUNT),
        sandbox(9),
    )
    assert lines(of) == [
        "net namespaces without a container",
        f"  net:[9]  no container is left in it; kept by an engine's {SANDBOX}",
        "  net:[5]  the host's own; 213 processes, the first 1 systemd",
        "  net:[8]  named blue; 41 processes, the first 2 dnsmasq",
        "  net:[6]  no process; kept by the mount /srv/ns",
    ]


def test_who_was_in_it() -> None:
    both = report(container("vpn"), container("dep"), net={"vpn": 8, "dep": 8})
    of = scan(REPORT, holders(process(8, 80, started=-5)))
    held = find_held(REPORT, of, record_namespaces(NO_PAST, both, REPORT))
    assert held_text(held[0], REPORT) == (
        "no container is left in it (dep, vpn were); 1 process, the first 80 sh"
    )
    one = report(container("vpn"), net={"vpn": 8})
    held = find_held(REPORT, of, record_namespaces(NO_PAST, one, REPORT))
    assert "(vpn was); 1 process" in held_text(held[0], REPORT)


def test_whose_processes_they_are() -> None:
    other = cid("other")
    first = f"1 process, the first 81 sh; kept by an engine's {SANDBOX}"
    of = holders(
        process(8, 80, container=cid("own")),
        process(9, 81, container=other),
        sandbox(9),
    )
    assert lines(of) == [
        "other net namespaces",
        "  net:[8]  of own; 1 process, the first 80 sh",
        f"  net:[9]  of {other[:12]}, unknown to this engine; {first}",
    ]


def test_of_many_the_first_is_named() -> None:
    first = tuple(
        HoldingProcess(number, "sh", None, cid(name))
        for number, name in enumerate(("own", "a", "b"), start=80)
    )
    many = ProcessHolder(namespace=net(8), count=3, first=first)
    (_, line) = lines(holders(many))
    assert line.startswith(
        f"  net:[8]  of own and of {cid('a')[:12]} and 1 more, unknown to this engine;"
    )


def test_what_could_not_be_looked_at_comes_last() -> None:
    assert lines(BLIND) == [
        "the machine's processes could not be listed",
        "the mounts could not be read",
    ]
    words = [words_of(line) for line in all_held_lines(REPORT, None)]
    assert words == [
        "namespaces without a container can only be read where the engine runs"
    ]


def test_where_nobody_knows_which_are_the_containers() -> None:
    found = find_held(REPORT, scan(REPORT, holders(process(8, 2))))
    assert heading(found[:1], NET) == "net namespaces without a container"
    unknown = [replace(found[0], containers=None)]
    assert heading(unknown, NET) == "net namespaces with or without a container"


def test_a_hostile_command_does_nothing_to_the_terminal() -> None:
    (_, line) = lines(holders(process(8, 2, command="a\x1b[31m")))
    assert line.isprintable()
