"""Published ports in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.container import PublishedPort

ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


def port_words(ports: Iterable[PublishedPort]) -> tuple[str, ...]:
    """Return ports as ``docker ps`` writes them, but one word for every address.

    The engine reports a port that is open on every address twice: for IPv4 and IPv6.
    """
    by_port: dict[tuple[int, int, str], list[PublishedPort]] = {}
    for port in ports:
        key = (port.container_port, port.host_port, port.protocol)
        by_port.setdefault(key, []).append(port)
    words: list[str] = []
    for (inside, outside, protocol), same in by_port.items():
        if {port.host_ip for port in same} == ANY_ADDRESS:
            words.append(f"*:{outside}->{inside}/{protocol}")
        else:
            words.extend(str(port) for port in same)
    return tuple(words)
