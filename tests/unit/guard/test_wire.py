"""Requests are read in any pieces, and of a long one little is kept."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from nstui.guard.wire import (
    HEAD_BYTES,
    KEPT_BYTES,
    Malformed,
    Request,
    RequestReader,
    answer,
    read_question,
)
from tests.support.guard_client import question

ASK = "/AuthZPlugin.AuthZReq"
BASE64 = "c2VjcmV0"


def _request(body: bytes, *fields: str, path: str = ASK) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    sent = b"".join(b"%x;a=b\r\n%s\r\n" % (len(one), one) for one in pieces)
    head = f"POST {ASK} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + sent + b"0\r\nTrailer: x\r\n\r\n"


def _read(*pieces: bytes) -> list[Request]:
    reader = RequestReader()
    found = [request for piece in pieces for request in reader.feed(piece)]
    assert not reader.is_within
    return found


BODY = question("DELETE", "/containers/vpn", body=BASE64)
KEPT = question("DELETE", "/containers/vpn").replace(
    b'"RequestHeaders"', b'"RequestBody":"","RequestHeaders"'
)


@pytest.mark.parametrize("sent", [_request(BODY), _chunked(BODY, 7)])
def test_a_request_in_two_pieces_is_one_without_its_body(sent: bytes) -> None:
    for cut in range(len(sent) + 1):
        found = _read(sent[:cut], sent[cut:])
        assert found == [Request("POST", ASK, KEPT, keeps_alive=True)]


@pytest.mark.parametrize("sent", [_request(BODY), _chunked(BODY, 1)])
def test_a_request_comes_byte_by_byte(sent: bytes) -> None:
    found = _read(*(sent[at : at + 1] for at in range(len(sent))))
    assert [request.content for request in found] == [KEPT]


def test_requests_follow_each_other() -> None:
    found = _read(_request(BODY) + _request(b"") + _chunked(BODY, 99) + _request(b"{}"))
    assert [one.content for one in found] == [KEPT, b"", KEPT, b"{}"]


def test_a_client_cannot_hide_its_path_in_a_body() -> None:
    uri = '/x?"RequestBody":"'
    found = _read(_request(question("DELETE", uri, body=BASE64)))
    assert found[0].content is not None
    asked = read_question(found[0].content)
    assert asked is not None
    assert (asked.method, asked.uri) == ("DELETE", uri)
    assert BASE64.encode() not in found[0].content


def test_a_body_is_dropped_however_long() -> None:
    reader = RequestReader()
    start = b'{"RequestMethod":"GET","RequestUri":"/","RequestBody":"'
    end = b'","RequestHeaders":{}}'
    length = len(start) + 64 * (1 << 20) + len(end)
    head = f"POST {ASK} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode()
    piece = b"A" * (1 << 20)
    tracemalloc.start()
    try:
        found = list(reader.feed(head + start))
        for _ in range(64):
            found += reader.feed(piece)
        found += reader.feed(end)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert [one.content for one in found] == [start + end]


def test_of_a_question_that_is_too_long_it_is_known_that_it_was() -> None:
    found = _read(_request(b"x" * (KEPT_BYTES + 1)) + _request(b"{}"))
    assert [one.content for one in found] == [None, b"{}"]


def test_of_the_engines_answers_nothing_is_kept() -> None:
    found = _read(_request(b'{"ResponseBody":"x"}', path="/AuthZPlugin.AuthZRes"))
    assert [one.content for one in found] == [b""]


@pytest.mark.parametrize(
    ("fields", "keeps_alive"),
    [
        (["Connection: close"], False),
        (["connection: Close"], False),
        (["Connection: keep-alive"], True),
        ([], True),
    ],
)
def test_a_client_says_whether_it_stays(
    fields: list[str], *, keeps_alive: bool
) -> None:
    assert _read(_request(b"", *fields))[0].keeps_alive is keeps_alive


def test_an_old_client_does_not_stay() -> None:
    assert not _read(b"POST / HTTP/1.0\r\n\r\n")[0].keeps_alive


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"POST /\r\n\r\n",
        b"POST / HTTP/2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n",
        b"x" * (HEAD_BYTES + 1),
        b"POST / HTTP/1.1\r\nX: " + b"x" * HEAD_BYTES + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 40_000,
    ],
)
def test_what_is_no_request_is_told(sent: bytes) -> None:
    with pytest.raises(Malformed):
        _read(sent)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"RequestMethod":"GET"}',
        b'{"RequestMethod":1,"RequestUri":"/"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_question_is_none(content: bytes) -> None:
    assert read_question(content) is None


def test_a_question_without_headers_is_one() -> None:
    asked = read_question(b'{"RequestMethod":"GET","RequestUri":"/"}')
    assert asked is not None
    assert asked.agent == ""


def test_an_answer_says_how_long_it_is() -> None:
    head, _, body = answer({"Msg": "é"}, keeps_alive=False).partition(b"\r\n\r\n")
    assert json.loads(body) == {"Msg": "é"}
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Connection: close" in head
