"""The sentences with which a standing watch begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.model.watch import WatchMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.report import Report
    from nstui.analysis.watching.decisions import WatchOptions


def started_text(report: Report, options: WatchOptions) -> str:
    """Return what is watched, and what will be done, as a sentence."""
    engine = report.snapshot.engine
    count = len(report.snapshot.containers)
    containers = f"{count} container{'' if count == 1 else 's'}"
    broken = len(report.incidents)
    wrong = (
        f"{broken} incident{'' if broken == 1 else 's'}" if broken else "no incident"
    )
    where = f"{engine.name} {engine.version} at {engine.endpoint}"
    return printable(f"watching {where}: {containers}, {wrong}; {_will(options)}")


def _will(options: WatchOptions) -> str:
    if options.is_dry_run:
        return "--dry-run: says what it would heal, and changes nothing"
    if options.is_read_only:
        return "--read-only: tells what is broken, and changes nothing"
    if options.mode is not WatchMode.HEAL:
        return f"mode {options.mode}: heals only what a label or the configuration says"
    settle = f"{options.limits.settle_s:g}"
    return f"heals what has proof, {settle} s after its owner was started"


def scope_text(report: Report, options: WatchOptions) -> Iterator[str]:
    """Yield a sentence for each ``--only`` that fits no container yet.

    A container of that name may still be created, so it is no mistake for certain.
    """
    containers = report.snapshot.containers
    names = {container.name for container in containers}
    labels = {label for container in containers for label in container.labels}
    keys = {key for key, _ in labels}
    written = {f"{key}={value}" for key, value in labels}
    for word in options.only:
        if word not in names | keys | written:
            shown = printable(word)
            yield f"--only {shown}: no container has this name or label at present"
