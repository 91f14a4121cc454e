"""Where metrics go, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nstui.errors import UsageProblem
from nstui.telling.target import MetricsFile, PageAddress, parse_target


@pytest.mark.parametrize(
    ("text", "host", "port", "shown"),
    [
        (":9090", "127.0.0.1", 9090, "127.0.0.1:9090"),
        ("0.0.0.0:1", "0.0.0.0", 1, "0.0.0.0:1"),
        ("localhost:65535", "localhost", 65535, "localhost:65535"),
        ("[::1]:9090", "::1", 9090, "[::1]:9090"),
        ("nas.lan:9090", "nas.lan", 9090, "nas.lan:9090"),
    ],
)
def test_an_address(text: str, host: str, port: int, shown: str) -> None:
    target = parse_target(text)
    assert target == PageAddress(host=host, port=port)
    assert str(target) == shown


@pytest.mark.parametrize("text", ["/var/lib/nstui.prom", "nstui.prom", "./a:1.prom"])
def test_a_file(text: str) -> None:
    assert parse_target(text) == MetricsFile(Path(text))


def test_a_hostile_path_is_shown_safely() -> None:
    assert str(parse_target("/\x1b[2J.prom")) == r"/\x1b[2J.prom"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "'' is neither ADDR:PORT nor a file that ends in .prom"),
        ("9090", "'9090' is no address; did you mean ':9090'?"),
        (":0", "':0' has no port between 1 and 65535"),
        (":65536", "':65536' has no port between 1 and 65535"),
        (":http", "':http' is neither ADDR:PORT nor a file that ends in .prom"),
        ("::1:9090", "'::1:9090' is neither ADDR:PORT nor a file that ends in .prom"),
        (
            "http://127.0.0.1:9090",
            (
                "'http://127.0.0.1:9090' is neither ADDR:PORT nor a file that ends in "
                ".prom"
            ),
        ),
        (
            "/tmp/metrics.txt",  # noqa: S108 - nothing is written there
            (
                "'/tmp/metrics.txt' does not end in .prom, so node_exporter would not "
                "read it"
            ),
        ),
        (".prom", "'.prom' is neither ADDR:PORT nor a file that ends in .prom"),
        (
            "x\x1b[2J",
            r"'x\x1b[2J' is neither ADDR:PORT nor a file that ends in .prom",
        ),
        ("\0.prom", r"'\x00.prom' is neither ADDR:PORT nor a file that ends in .prom"),
    ],
)
def test_what_makes_no_sense(text: str, problem: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        parse_target(text)
    assert str(raised.value) == problem
