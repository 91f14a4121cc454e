"""Made-up processes: a folder that looks like ``/proc``, and ids to name them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ID_LENGTH, ContainerId
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from pathlib import Path

_DEV_HEADER = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
"""


def container_id(digit: str) -> ContainerId:
    """Return the full id that consists of one digit."""
    return ContainerId(digit * ID_LENGTH)


class ProcTree:
    """A folder in the place of ``/proc``; its namespaces are files with a name."""

    def __init__(self, folder: Path) -> None:
        """Begin with the machine's first process, which every user sees."""
        self.root = folder / "proc"
        self._pool = folder / "namespaces"
        self._pool.mkdir()
        self.add(1, "0::/init.scope", net="machine")

    def add(
        self,
        pid: int,
        cgroup: str,
        *,
        net: str,
        interfaces: tuple[str, ...] = ("lo", "eth0"),
    ) -> None:
        """Add a process that is in the network namespace called `net`."""
        process = self.root / str(pid)
        for folder in ("ns", "net"):
            (process / folder).mkdir(parents=True)
        (process / "cgroup").write_text(cgroup + "\n")
        device = self._pool / f"{net}.dev"
        device.write_text(
            _DEV_HEADER + "".join(f"{name:>6}: 0 0 0\n" for name in interfaces)
        )
        (process / "net" / "dev").hardlink_to(device)
        for kind in NamespaceKind:
            name = net if kind is NamespaceKind.NET else f"{pid}.{kind}"
            namespace = self._pool / name
            namespace.touch()
            (process / "ns" / kind).symlink_to(namespace)

    def start(self, pid: int, parent: int, called: str) -> None:
        """Tell whose child a process is, and what the kernel calls its parent."""
        self.path(pid, "status").write_text(f"Name:\tx\nPPid:\t{parent}\n")
        if self.path(parent).exists():
            self.path(parent, "comm").write_text(called + "\n")

    def mount(self, pid: int, source: str, target: str) -> None:
        """Mount a file into a process that has none yet; see mountinfo in proc(5)."""
        line = f"31 20 8:1 {source} {target} rw - ext4 /dev/sda1 rw\n"
        self.path(pid, "mountinfo").write_text(line)

    def refuse(self, pid: int, name: str) -> None:
        """Make a file unreadable to whoever runs the tests, root included."""
        path = self.path(pid, name)
        path.unlink()
        path.symlink_to(path)

    def inode(self, net: str) -> int:
        """Return the inode of the network namespace called `net`."""
        return (self._pool / net).stat().st_ino

    def path(self, pid: int, name: str = "") -> Path:
        """Return where a process, or one of its files, is."""
        return self.root / str(pid) / name
