"""What the master of an ssh connection is asked, byte by byte, as in PROTOCOL.mux."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import pytest

from nstui.ssh import multiplexing
from nstui.ssh.multiplexing import forward
from tests.support.servers import UnixServer, hangs_up, says, silent

if TYPE_CHECKING:
    import socket
    from pathlib import Path

HELLO = b"\0\0\0\x08\0\0\0\x01\0\0\0\x04"
DONE = b"\0\0\0\x08\x80\0\0\x01\0\0\0\x01"


@pytest.fixture
def control(runtime: Path) -> Path:
    """Return where the master listens."""
    return runtime / "master"


def _refusal(kind: int, reason: bytes) -> bytes:
    body = struct.pack(">III", kind, 1, len(reason)) + reason
    return struct.pack(">I", len(body)) + body


def test_the_words_are_those_of_ssh(control: Path) -> None:
    asked: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        connection.sendall(HELLO + DONE)
        while said := connection.recv(1024):
            asked.append(said)

    with UnixServer(control, answer):
        assert forward(str(control), "/run/x/engine", "/run/d:1.sock") == ""
    path, there = b"/run/x/engine", b"/run/d:1.sock"
    wanted = b"\x10\0\0\x06\0\0\0\x01\0\0\0\x01"
    wanted += b"\0\0\0\x0d" + path + b"\xff\xff\xff\xfe"
    wanted += b"\0\0\0\x0d" + there + b"\xff\xff\xff\xfe"
    assert b"".join(asked) == HELLO + struct.pack(">I", len(wanted)) + wanted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_refusal(0x80000003, b"Port forwarding failed"), "Port forwarding failed"),
        (_refusal(0x80000002, b"Permission denied"), "Permission denied"),
        (_refusal(0x80000003, b""), "forwarding was refused"),
        (_refusal(0x80000009, b""), "answer 0x80000009 of ssh"),
    ],
)
def test_what_it_refuses_is_told(control: Path, answer: bytes, words: str) -> None:
    with UnixServer(control, says(HELLO + answer)):
        assert forward(str(control), "/run/x", "/run/y") == words


def test_another_protocol_is_told(control: Path) -> None:
    with UnixServer(control, says(HELLO[:-1] + b"\x05")):
        assert "another version" in forward(str(control), "/run/x", "/run/y")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (HELLO, "has hung up"),
        (HELLO + DONE[:-1], "has hung up"),
        (b"\xff\xff\xff\xff", "4294967295 bytes"),
        (b"\0\0\0\x04\0\0\0\x01", "4 bytes"),
    ],
)
def test_an_answer_that_makes_no_sense(
    control: Path, answer: bytes, words: str
) -> None:
    with (
        UnixServer(control, says(answer)),
        pytest.raises(ConnectionError, match=re.escape(words)),
    ):
        forward(str(control), "/run/x", "/run/y")


def test_one_that_hangs_up(control: Path) -> None:
    with UnixServer(control, hangs_up), pytest.raises(ConnectionError):
        forward(str(control), "/run/x", "/run/y")


def test_one_that_is_silent(control: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplexing, "FORWARD_S", 0.05)
    with UnixServer(control, silent), pytest.raises(TimeoutError):
        forward(str(control), "/run/x", "/run/y")


def test_one_that_is_not_there(control: Path) -> None:
    with pytest.raises(FileNotFoundError):
        forward(str(control), "/run/x", "/run/y")
