"""Addresses as the tables in ``/proc/PID/net`` write them.

Most are 32-bit words in the machine's own byte order, with the digits of one word in
the order of a number: ``0100007F`` is 127.0.0.1 on a little-endian machine. An IPv6
socket has four of them. ``if_inet6`` and ``ipv6_route`` alone write bytes in order.
"""

from __future__ import annotations

import socket
import sys
from typing import Literal

ByteOrder = Literal["little", "big"]

NATIVE: ByteOrder = sys.byteorder
"""That of the machine whose ``/proc`` this is."""

_DIGITS = 8


def from_words(digits: str, order: ByteOrder) -> str:
    """Return an address written as one word, or as four.

    Raises:
        ValueError: it is no such address.

    """
    words = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
    if len(words) not in {1, 4} or len(words[-1]) != _DIGITS:
        raise ValueError(f"no address: {digits!r}")
    return _written(b"".join(int(word, 16).to_bytes(4, order) for word in words))


def from_bytes(digits: str) -> str:
    """Return an IPv6 address written as its bytes.

    Raises:
        ValueError: it is no such address.

    """
    return _written(bytes.fromhex(digits))


def _written(packed: bytes) -> str:
    """Write an address as iproute2 does, on any version of Python."""
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6  # noqa: PLR2004 - the bytes of IPv4
    return socket.inet_ntop(family, packed)
