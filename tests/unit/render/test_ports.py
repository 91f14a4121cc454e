"""Published ports in words."""

from __future__ import annotations

import pytest

from nstui.model.container import PublishedPort
from nstui.render.rows import row_ports_text

V4, V6 = "0.0.0.0", "::"


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        pytest.param((), (), id="none"),
        pytest.param(
            ((80, "tcp", V4, 8080), (80, "tcp", V6, 8080)),
            ("*:8080->80/tcp",),
            id="every address, once",
        ),
        pytest.param(
            ((80, "tcp", V4, 8080),), ("0.0.0.0:8080->80/tcp",), id="IPv4 alone"
        ),
        pytest.param(((80, "tcp", V6, 8080),), ("[::]:8080->80/tcp",), id="IPv6 alone"),
        pytest.param(
            ((80, "tcp", "127.0.0.1", 8080),),
            ("127.0.0.1:8080->80/tcp",),
            id="one address",
        ),
        pytest.param(
            ((53, "tcp", V4, 53), (53, "tcp", V6, 53), (53, "udp", V4, 53)),
            ("*:53->53/tcp", "0.0.0.0:53->53/udp"),
            id="protocols are kept apart",
        ),
        pytest.param(
            ((80, "tcp", V4, 8080), (80, "tcp", V6, 8081)),
            ("0.0.0.0:8080->80/tcp", "[::]:8081->80/tcp"),
            id="ports of the host are kept apart",
        ),
        pytest.param(
            ((80, "tcp", V4, 80), (80, "tcp", V6, 80), (80, "tcp", "10.0.0.1", 80)),
            ("0.0.0.0:80->80/tcp", "[::]:80->80/tcp", "10.0.0.1:80->80/tcp"),
            id="every address and one more",
        ),
    ],
)
def test_port_words(
    ports: tuple[tuple[int, str, str, int], ...], words: tuple[str, ...]
) -> None:
    assert row_ports_text(PublishedPort(*port) for port in ports) == words
