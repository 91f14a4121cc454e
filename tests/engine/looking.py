"""What a report says, in words that tests compare."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.model.finding import Finding
    from nstui.model.namespace import Namespace
    from nstui.service.host import Host

PATIENCE = 60.0
"""Seconds within which a real engine has done and noticed what it was asked for. What
kept exiting has to run for 10 of them."""

NET = NamespaceKind.NET
Wrong = set[tuple[str, str, str]]


def wrong(report: Report) -> Wrong:
    """Return each finding as the container's name, the code and the severity."""
    return {
        (report.graph.name(f.container), f.code.value, f.severity.value)
        for f in report.findings
    }


def errors(code: str, *names: str) -> Wrong:
    """Return what `wrong` says if some containers all have the same error."""
    return {(name, code, "error") for name in names}


def finding_of(report: Report, name: str) -> Finding:
    """Return the one finding of a container."""
    (finding,) = report.findings_by_container[of(report, name).id]
    return finding


def together(report: Report, kind: NamespaceKind = NET) -> set[tuple[str, ...]]:
    """Return the names of each group's members, in its order."""
    return {
        tuple(report.graph.name(member) for member in group.members)
        for group in report.groups(kind)
    }


def of(report: Report, name: str) -> Container:
    """Return the container of a name."""
    return next(c for c in report.snapshot.containers if c.name == name)


def names(report: Report) -> set[str]:
    """Return the names of all containers."""
    return {container.name for container in report.snapshot.containers}


def namespace(report: Report, name: str, kind: NamespaceKind = NET) -> Namespace | None:
    """Return the namespace of a container, by its name."""
    return report.snapshot.namespace(of(report, name).id, kind)


def interfaces(report: Report, name: str) -> tuple[str, ...] | None:
    """Return the interfaces of a container, by its name."""
    return report.snapshot.interfaces(of(report, name).id)


def await_report(connection: Host, holds: Callable[[Report], bool]) -> Report:
    """Look afresh until something holds, or patience is at an end."""
    deadline = time.monotonic() + PATIENCE
    while True:
        report = connection.observer.look_afresh()
        if holds(report) or time.monotonic() > deadline:
            return report
        time.sleep(0.02)
