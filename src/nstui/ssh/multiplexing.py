"""Asks the master of an ssh connection to forward a socket.

It is asked as ssh itself asks it for ``ssh -O forward``, by the protocol that OpenSSH
describes in its file PROTOCOL.mux: to start ssh for that takes longer than the rest.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader

FORWARD_S = 5.0
"""Limit in seconds for each word of the master's."""

_HELLO, _OPEN_FORWARD = 1, 0x10000006
_OK, _DENIED, _FAILURE = 0x80000001, 0x80000002, 0x80000003
_VERSION = 4
_REQUEST = 1
_LOCAL = 1
_IS_PATH = 0xFFFFFFFE
"""In the place of a port: the host beside it is the path of a socket."""

_NUMBER_BYTES = 4
_LONGEST_MESSAGE = 65_536


def forward(control: str, local: str, remote: str) -> str:
    """Let a local socket lead to another one over there.

    Whether that one exists, or may be reached, is not known then.

    Args:
        control: The path of the master's socket.
        local: The path of the local one, which the master makes.
        remote: The path over there.

    Returns:
        Why the master does not do so, in its words; empty if it does.

    Raises:
        OSError: nobody answers there, or not in time.

    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as master:
        master.settimeout(FORWARD_S)
        master.connect(control)
        wanted = (_OPEN_FORWARD, _REQUEST, _LOCAL, local, _IS_PATH, remote, _IS_PATH)
        master.sendall(_message(_HELLO, _VERSION) + _message(*wanted))
        with master.makefile("rb") as answers:
            if _read(answers)[:2] != (_HELLO, _VERSION):
                return "the master of ssh speaks another version of its protocol"
            kind, _, said = _read(answers)
    if kind == _OK:
        return ""
    named = kind in {_DENIED, _FAILURE}
    return said or ("forwarding was refused" if named else f"answer {kind:#x} of ssh")


def _message(*words: int | str) -> bytes:
    """Return a message: numbers of 32 bits, and strings after their length."""
    body = b"".join(map(_packed, words))
    return struct.pack(">I", len(body)) + body


def _packed(word: int | str) -> bytes:
    if isinstance(word, int):
        return struct.pack(">I", word)
    encoded = os.fsencode(word)
    return struct.pack(">I", len(encoded)) + encoded


def _read(answers: BufferedReader) -> tuple[int, int, str]:
    """Return two numbers and, if there is one, the string of the next message.

    Raises:
        OSError: there is none, or it makes no sense.

    """
    (length,) = struct.unpack(">I", _exactly(answers, _NUMBER_BYTES))
    if not 2 * _NUMBER_BYTES <= length <= _LONGEST_MESSAGE:
        raise ConnectionError(f"a message of {length} bytes")
    body = _exactly(answers, length)
    kind, number = struct.unpack_from(">II", body)
    # The string is the last of it; before it is its length.
    return kind, number, body[3 * _NUMBER_BYTES :].decode(errors="replace")


def _exactly(answers: BufferedReader, size: int) -> bytes:
    found = answers.read(size)
    if len(found) < size:
        raise ConnectionError("the master of ssh has hung up")
    return found
