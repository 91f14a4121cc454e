"""Real processes in networks of their own, and what iproute2 says of these."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from tests.unit.procfs.inside import server

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTAINER = """\
ip link set lo up
ip link add eth0 type veth peer name eth1
ip link set eth0 up
ip link set eth1 up
ip addr add 172.17.0.2/16 dev eth0
ip addr add 10.9.0.1/24 dev eth1
ip -6 addr add 2001:db8::5/64 dev eth0 nodad
ip -6 addr add fd00::1/128 dev eth1 nodad
ip route add default via 172.17.0.1
ip -6 route add default via 2001:db8::1 dev eth0
"""
"""Two interfaces of an ordinary kind."""

NASTY = "a\x1cb\x1ec\u2028d"
"""A name of what Python takes for line ends and blanks, and the kernel does not."""

_PATIENCE = 60

_INODE = re.compile(r"\bino:(\d+)")
_PID = re.compile(r"\bpid=(\d+)")


class IpAddress(TypedDict):
    """An address as ``ip -j`` tells it."""

    family: str
    local: str
    prefixlen: int


class IpLink(TypedDict):
    """An interface as ``ip -j -s addr`` tells it."""

    ifname: str
    flags: list[str]
    addr_info: list[IpAddress]
    stats64: dict[str, dict[str, int]]


class IpRoute(TypedDict, total=False):
    """A route as ``ip -j route`` tells it."""

    dst: str
    gateway: str
    dev: str
    metric: int


class SsLine(NamedTuple):
    """What ss says of a socket that waits for anybody."""

    protocol: str
    address: str
    port: int
    inode: int
    pids: frozenset[int]


class Networks:
    """Processes that a test starts, each in a network of its own unless told."""

    def __init__(self) -> None:
        self._running: dict[int, subprocess.Popen[str]] = {}

    def start(self, script: str, enter: Sequence[str] = ("unshare", "-n")) -> int:
        """Run a script of a shell to its end, and keep its network; return the pid."""
        return self.serve(["sh", "-ec", f"{script}\necho\nexec sleep 600"], enter)[0]

    def serve(
        self, command: Sequence[str], enter: Sequence[str] = ("unshare", "-n")
    ) -> tuple[int, list[str]]:
        """Start a program; return its pid and what it says before an empty line."""
        process = subprocess.Popen(
            [*enter, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._running[process.pid] = process
        assert process.stdout is not None
        lines = []
        while (line := process.stdout.readline()) != "\n":
            assert line, "the program failed"
            lines.append(line.rstrip("\n"))
        return process.pid, lines

    def kill(self, pid: int) -> None:
        """End a process and leave it a zombie."""
        self._running[pid].kill()
        state = Path(f"/proc/{pid}/stat")
        end = time.monotonic() + _PATIENCE
        while ") Z " not in state.read_text():
            assert time.monotonic() < end, "it did not end"
            time.sleep(0.01)

    def end(self, pid: int) -> None:
        """End a process for good."""
        process = self._running.pop(pid)
        process.kill()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()
        process.wait(_PATIENCE)

    def close(self) -> None:
        """End all that are left."""
        for pid in tuple(self._running):
            self.end(pid)


def serve(networks: Networks) -> tuple[int, set[tuple[str, str, int, int]]]:
    """Start a server; return its pid and what it says of its sockets."""
    program = shlex.join((sys.executable, server.__file__))
    script = f"ip link set lo up\nexec {program}"
    pid, lines = networks.serve(["sh", "-ec", script])
    said = set()
    for protocol, address, port, inode in (line.split() for line in lines):
        said.add((protocol, address, int(port), int(inode)))
    return pid, said


def run_inside(pid: int, *command: str) -> str:
    """Run a program in the network of a process; return its output."""
    inside = ["nsenter", "-n", "-t", f"{pid}", *command]
    done = subprocess.run(
        inside, capture_output=True, text=True, check=True, timeout=_PATIENCE
    )
    return done.stdout


def ip_links(pid: int) -> list[IpLink]:
    """Return the interfaces in the network of a process."""
    found: list[IpLink] = json.loads(run_inside(pid, "ip", "-j", "-s", "addr"))
    return found


def ip_routes(pid: int, family: str) -> list[IpRoute]:
    """Return the default routes in the main table, ``-4`` or ``-6``."""
    text = run_inside(pid, "ip", "-j", family, "route", "show", "default")
    found: list[IpRoute] = json.loads(text or "[]")
    return found


def ss_lines(pid: int) -> set[SsLine]:
    """Return the sockets in the network of a process that wait for anybody."""
    return {_ss_line(line) for line in run_inside(pid, "ss", "-ltnupHe").splitlines()}


def _ss_line(line: str) -> SsLine:
    fields = line.split()
    address, _, port = fields[4].rpartition(":")
    is_six = address.startswith("[") or address == "*"
    inode = _INODE.search(line)
    assert inode is not None
    return SsLine(
        protocol=fields[0] + ("6" if is_six else ""),
        # An asterisk is what takes both families.
        address="::" if address == "*" else address.strip("[]"),
        port=int(port),
        inode=int(inode[1]),
        pids=frozenset(int(pid) for pid in _PID.findall(line)),
    )
