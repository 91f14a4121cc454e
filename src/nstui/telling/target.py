"""Where metrics go: a page at an address, or a file."""

from __future__ import annotations

import re
from pathlib import Path

from nstui.analysis.text import printable
from nstui.errors import UsageProblem
from nstui.model.frozen import dataclass

LOOPBACK = "127.0.0.1"
FILE_ENDING = ".prom"
"""The ending of the files that node_exporter's textfile collector reads."""

_HIGHEST_PORT = 65_535
_ADDRESS = re.compile(r"(?:\[([^\[\]]+)\]|([^:/\[\]\s]*)):(\d+)")
_PORT = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAddress:
    """The address of a page."""

    host: str
    port: int
    """0 for a port that is free."""

    def __str__(self) -> str:
        """Return it as in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class MetricsFile:
    """A file for node_exporter's textfile collector."""

    path: Path

    def __str__(self) -> str:
        """Return its path, safe to show."""
        return printable(str(self.path))


MetricsTarget = PageAddress | MetricsFile


def parse_target(text: str) -> MetricsTarget:
    """Return where metrics go: ``[ADDR]:PORT``, or the path of a ``.prom`` file.

    Without an address, as in ``:9090``, only this machine can read the page.

    Raises:
        UsageProblem: it is neither.

    """
    shown = printable(text)
    address = _ADDRESS.fullmatch(text)
    if address is not None:
        v6, host, digits = address.groups()
        port = int(digits)
        if not 0 < port <= _HIGHEST_PORT:
            raise UsageProblem(f"'{shown}' has no port between 1 and {_HIGHEST_PORT}")
        return PageAddress(host=v6 or host or LOOPBACK, port=port)
    if _PORT.fullmatch(text):
        raise UsageProblem(f"'{shown}' is no address; did you mean ':{shown}'?")
    if text.endswith(FILE_ENDING) and text != FILE_ENDING and "\0" not in text:
        return MetricsFile(Path(text))
    if "/" in text and ":/" not in text:
        raise UsageProblem(
            f"'{shown}' does not end in {FILE_ENDING}, so node_exporter would not "
            f"read it"
        )
    raise UsageProblem(
        f"'{shown}' is neither ADDR:PORT nor a file that ends in {FILE_ENDING}"
    )
