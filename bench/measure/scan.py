"""Compares the scan of a whole machine with lsns, on the same real processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from bench.measure.spread import Spread, spread
from nstui.model.namespace import NamespaceKind
from nstui.procfs.host import PROC
from nstui.procfs.machine import LocalMachine
from nstui.procfs.scan import scan_processes
from tests.support.busybox_image import static_busybox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.extent import Extent

LSNS = ("lsns", "--type=net", "--json")
_SLEEPERS = """
left=$1
while [ "$left" -gt 0 ]; do sleep 100000 & left=$((left - 1)); done
echo ready
wait
"""
_END_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Scan:
    """Two ways to find every network namespace, with the same processes."""

    processes: int
    nstui_ms: Spread
    """The scan inside a running program."""

    lsns_ms: Spread | None
    """The complete command; None if it is missing."""

    bare_ms: Spread
    """Only a loop of ``os.readlink``: the minimum for Python."""


def measure_scans(extent: Extent) -> list[Scan]:
    """Scan the machine with growing numbers of sleeping processes."""
    scans = []
    for count in extent.sleepers:
        with _sleeping(count):
            scans.append(_scan(extent.repeats))
    return scans


def _scan(repeats: int) -> Scan:
    own, lsns, bare = [], [], []
    here = LocalMachine(PROC)
    has_lsns = shutil.which(LSNS[0]) is not None
    for _ in range(repeats):
        own.append(_ms(lambda: scan_processes(here, (NamespaceKind.NET,))))
        bare.append(_ms(_read_links))
        if has_lsns:
            lsns.append(_ms(_run_lsns))
    count = sum(name.isdecimal() for name in os.listdir(PROC))  # noqa: PTH208 - names only
    return Scan(count, spread(own), spread(lsns) if has_lsns else None, spread(bare))


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _read_links() -> None:
    for name in os.listdir(PROC):  # noqa: PTH208 - thousands of names
        if name.isdecimal():
            try:
                os.readlink(f"/proc/{name}/ns/net")  # noqa: PTH115 - as above
            except OSError:
                continue


def _run_lsns() -> None:
    subprocess.run(LSNS, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def _sleeping(count: int) -> Iterator[None]:
    """Keep processes sleeping in a pid namespace, which end with it."""
    busybox = str(static_busybox())
    command = ["unshare", "--pid", "--fork", "--kill-child", busybox, "sh", "-c"]
    process = subprocess.Popen(
        [*command, _SLEEPERS, "sh", str(count)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    first = None
    try:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            raise ChildProcessError("the sleepers did not start")
        first = psutil.Process(process.pid).children()[0]
        yield
    finally:
        process.kill()
        process.wait()
        if first is not None:
            # The first process of a namespace ends after all others.
            first.wait(_END_LIMIT_S)
