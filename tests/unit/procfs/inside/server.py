"""A program: open sockets of every kind, say so, and keep them until the input ends.

It prints a line for each: protocol, address, port, inode.
"""

from __future__ import annotations

import os
import socket
import sys

_FOUR, _SIX = socket.AF_INET, socket.AF_INET6

LISTENING = (
    ("tcp", _FOUR, "127.0.0.1"),
    ("tcp", _FOUR, "0.0.0.0"),
    ("tcp6", _SIX, "::1"),
    ("tcp6", _SIX, "::"),
    ("tcp6", _SIX, "::ffff:127.0.0.1"),
    ("udp", _FOUR, "127.0.0.1"),
    ("udp", _FOUR, "0.0.0.0"),
    ("udp6", _SIX, "::1"),
    ("udp6", _SIX, "::"),
)


def main() -> None:
    """Listen, connect to some that listen, and wait."""
    kept = []
    for protocol, family, address in LISTENING:
        is_tcp = protocol.startswith("tcp")
        opened = socket.socket(
            family, socket.SOCK_STREAM if is_tcp else socket.SOCK_DGRAM
        )
        opened.bind((address, 0))
        if is_tcp:
            opened.listen()
        kept.append(opened)
        port, inode = opened.getsockname()[1], os.fstat(opened.fileno()).st_ino
        sys.stdout.write(f"{protocol} {address} {port} {inode}\n")
    kept.append(socket.create_connection(kept[0].getsockname()))
    asking = socket.socket(_FOUR, socket.SOCK_DGRAM)
    asking.connect(("127.0.0.1", 53))
    kept.append(asking)
    sys.stdout.write("\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
