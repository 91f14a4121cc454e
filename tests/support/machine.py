"""Readable ways to write down what holds the namespaces of a machine."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.tree.namespaces import HolderScan
from nstui.model.holders import (
    HolderKind,
    Holders,
    HoldingProcess,
    MountHolder,
    MountScan,
    ProcessHolder,
    ProcessScan,
    Unread,
)
from nstui.model.namespace import Namespace, NamespaceKind
from tests.support.builders import NOON

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId

NET = NamespaceKind.NET
SANDBOX = "/run/docker/netns/0123456789ab"


def net(inode: int) -> Namespace:
    """Return a network namespace on the same device as `builders` puts it."""
    return Namespace(NET, 4, inode)


def process(  # noqa: PLR0913 - one for each thing a test may care about
    inode: int,
    pid: int,
    count: int = 1,
    command: str = "sh",
    *,
    started: int | None = None,
    container: ContainerId | None = None,
) -> ProcessHolder:
    """Return the processes in a namespace, of which the first is told.

    Args:
        inode: The number of the namespace.
        pid: The first process.
        count: How many there are.
        command: What the first one is called.
        started: When it was started, in minutes after noon.
        container: Whose it is.

    """
    at = None if started is None else NOON + timedelta(minutes=started)
    first = (HoldingProcess(pid, command, at, container),)
    return ProcessHolder(namespace=net(inode), count=count, first=first)


def mount(inode: int, path: str, kind: HolderKind = HolderKind.NAMED) -> MountHolder:
    """Return a mount of a namespace."""
    return MountHolder(namespace=net(inode), kind=kind, path=path)


def sandbox(inode: int, path: str = SANDBOX) -> MountHolder:
    """Return a mount of the engine's."""
    return mount(inode, path, HolderKind.ENGINE)


def holders(
    *found: ProcessHolder | MountHolder,
    refused: int = 0,
    leftovers: tuple[str, ...] = (),
    hides_others: bool = False,
) -> Holders:
    """Return what was found on a machine."""
    processes = tuple(one for one in found if isinstance(one, ProcessHolder))
    mounts = tuple(one for one in found if isinstance(one, MountHolder))
    unread = MappingProxyType({NET: Unread(refused=refused)})
    return Holders(
        ProcessScan(holders=processes, unread=unread, hides_others=hides_others),
        MountScan(holders=mounts, leftovers=leftovers),
    )


BLIND = Holders(
    ProcessScan(holders=None, unread=MappingProxyType({}), hides_others=True),
    MountScan(holders=None, leftovers=None),
)
"""A machine that nothing could be read of."""


def scan(report: Report, of: Holders, *kinds: NamespaceKind) -> HolderScan:
    """Return what was found when a report was the newest."""
    return HolderScan(of, kinds or (NET,), report)
