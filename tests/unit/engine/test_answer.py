"""A response that arrives at once is read as one that does not."""

from __future__ import annotations

import itertools
import socket

import pytest

from nstui.engine.answer import SHORT_BYTES, Answer, BadAnswer, Head, short_answer

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 2\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"

USUAL = (
    OK + LENGTH + b"\r\n[]",
    OK + b"Server: x\r\nCONTENT-LENGTH:  2 \r\n\r\n[]",
    OK + LENGTH + b"Connection: close\r\n\r\n[]",
    OK + LENGTH + b"Content-Length: 9\r\n\r\n[]",
    OK + b"Content-Encoding: identity\r\n" + LENGTH + b"\r\n[]",
    OK + b"a: b\r\n" * 99 + LENGTH + b"\r\n[]",
    OK + b"Content-Length: 0\r\n\r\n",
    OK + CHUNKED + b"\r\n2\r\n[]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\n002\r\n[]\r\n0\r\n\r\n",
    OK + CHUNKED + LENGTH + b"\r\n2\r\n[]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\nA\r\n[ 12, 13 ]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\nf\r\n[\r\n0\r\n\r\n, 1234]\r\n0\r\n\r\n",
)
"""Responses that are read at once."""

UNUSUAL = (
    b"",
    b"\r\n\r\n",
    OK,
    OK + b"\r\n",
    OK + b"\r\n[]",
    OK + LENGTH + b"\r\n[] ",
    OK + LENGTH + b"\n[]\r\n\r\n",
    OK + b"a: b\n" + LENGTH + b"\r\n[]",
    OK + b"a: b\n\n[]\r\n" + LENGTH + b"\r\n[]",
    OK + b" \r\n" + LENGTH + b"\r\n[]",
    OK + b"Content-Length: -2\r\n\r\n[]",
    OK + b"Content-Length: many\r\n\r\n[]",
    OK + b"a: b\r\n" * 101 + LENGTH + b"\r\n[]",
    OK + b"Content-Encoding: gzip\r\n" + LENGTH + b"\r\n[]",
    b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n[]",
    b"HTTP/1.0 200 OK\r\n" + LENGTH + b"\r\n[]",
    b"HTTP/1.1 100 Continue\r\n" + LENGTH + b"\r\n[]",
    b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\n[]",
    b"HTTP/1.1 307 Elsewhere\r\n" + LENGTH + b"\r\n[]",
    b"HTTP/1.1 404 Not Found\r\n" + LENGTH + b"\r\n[]",
    b"HTTP/1.1 2000 OK\r\n" + LENGTH + b"\r\n[]",
    OK + CHUNKED + b"\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\n2;a=b\r\n[]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\n2\r\n[]\r\n0\r\na: b\r\n\r\n",
    OK + CHUNKED + b"\r\n2\r\n[]\r\n0\r\n\r\n ",
    OK + CHUNKED + b"\r\n+2\r\n[]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\n-7\r\n[]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\n0x2\r\n[]\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\n0\r\n\r\n",
    OK + CHUNKED + b"\r\n" + b"0" * SHORT_BYTES + b"2\r\n[]\r\n0\r\n\r\n",
)
"""Those that only `Answer` can judge, among them all that are wrong."""


def carefully(response: bytes, max_bytes: int = 1_000_000) -> tuple[bytes, Head]:
    """Return what `Answer` makes of a response that has been read already."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.shutdown(socket.SHUT_WR)
        answer = Answer(ours, response)
        try:
            return answer.read_all(max_bytes), answer.head
        finally:
            answer.close()


@pytest.mark.parametrize("response", USUAL, ids=itertools.count())
def test_a_usual_response_is_read_at_once(response: bytes) -> None:
    found = short_answer(response)
    assert found is not None
    assert found == carefully(response)


@pytest.mark.parametrize("response", UNUSUAL, ids=itertools.count())
def test_any_other_is_left_to_the_careful_way(response: bytes) -> None:
    assert short_answer(response) is None


@pytest.mark.parametrize("response", USUAL, ids=itertools.count())
def test_part_of_a_response_is_none(response: bytes) -> None:
    assert not [n for n in range(len(response)) if short_answer(response[:n])]


@pytest.mark.parametrize("response", USUAL, ids=itertools.count())
@pytest.mark.parametrize("received", [1, 15, 20, 60])
def test_what_was_received_comes_before_the_rest(
    response: bytes, received: int
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.sendall(response[received:])
        answer = Answer(ours, response[:received])
        assert answer.read_all(1_000_000) == carefully(response)[0]
        answer.close()


def test_what_was_received_counts_for_the_limit() -> None:
    body = b"[" + b" " * 50_000 + b"]"
    response = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
    found, head = carefully(response, len(response))
    assert (found, head.is_reusable) == (body, True)
    with pytest.raises(BadAnswer, match="more than 0 MB"):
        carefully(response, len(body))
