"""What happened between two readings of counters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nstui.analysis.tree.members import Traffic, cpu_percent, cpu_percents, traffic
from nstui.model.network import Interface, Interfaces, ProcessUsage, Usage
from tests.support.builders import NOON


def usage(taken_s: float, cpu_s: float) -> Usage:
    """Return what a container uses."""
    return Usage(taken_s=taken_s, cpu_s=cpu_s, memory=1)


def process(
    pid: int, cpu_s: float, *, taken_s: float, started: int = 0
) -> ProcessUsage:
    """Return what a process uses that was started some minutes after noon."""
    return ProcessUsage(
        pid=pid,
        command="it",
        user="root",
        state="running",
        started_at=NOON + timedelta(minutes=started),
        taken_s=taken_s,
        cpu_s=cpu_s,
        memory=1,
    )


def interfaces(**counters: tuple[int, int]) -> Interfaces:
    """Return interfaces by their names, with the bytes received and sent."""
    return Interfaces(
        tuple(
            Interface(
                name=name, ipv4=(), ipv6=(), is_up=True, received=received, sent=sent
            )
            for name, (received, sent) in counters.items()
        ),
        (),
    )


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (usage(10, 5.0), usage(12, 6.0), 50),
        (usage(10, 5.0), usage(10.5, 6.0), 200),
        (usage(10, 5.0), usage(12, 5.0), 0),
        (usage(10, 5.0), usage(10, 5.0), None),
        (usage(10, 5.0), usage(9, 6.0), None),
        (usage(10, 5.0), usage(12, 0.1), None),
        (None, usage(12, 6.0), None),
    ],
)
def test_the_cpu(before: Usage | None, after: Usage, percent: float | None) -> None:
    assert cpu_percent(before, after) == percent


def test_the_cpu_of_processes() -> None:
    before = (
        process(1, 1.0, taken_s=10),
        process(2, 1.0, taken_s=10),
        process(3, 1.0, taken_s=10),
    )
    after = (
        process(1, 1.5, taken_s=11),
        process(2, 1.5, taken_s=11, started=1),
        process(4, 1.5, taken_s=11),
    )
    assert dict(cpu_percents(before, after)) == {1: 50, 2: None, 4: None}


@pytest.mark.parametrize(
    ("before", "after", "seconds", "rates"),
    [
        ((100, 10), (300, 10), 2, Traffic(100, 0)),
        ((100, 10), (50, 30), 2, Traffic(None, 10)),
        ((100, 10), (100, 5), 2, Traffic(0, None)),
        ((100, 10), (300, 30), 0, Traffic(None, None)),
        ((100, 10), (300, 30), -1, Traffic(None, None)),
    ],
)
def test_traffic(
    before: tuple[int, int], after: tuple[int, int], seconds: float, rates: Traffic
) -> None:
    found = traffic(interfaces(eth0=before), interfaces(eth0=after), seconds)
    assert dict(found) == {"eth0": rates}


def test_interfaces_come_and_go() -> None:
    before, after = interfaces(old=(1, 1), lo=(1, 1)), interfaces(lo=(1, 1), new=(9, 9))
    assert dict(traffic(before, after, 1)) == {
        "lo": Traffic(0, 0),
        "new": Traffic(None, None),
    }
