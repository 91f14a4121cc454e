"""A process that treats its plugins as an engine does, started within moments.

This file is the program, too. Of what an engine's daemon does it does what is about
plugins.
"""

from __future__ import annotations

import http.client
import json
import signal
import socket
import socketserver
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_BEGIN = (
    "mkdir -p /run/docker && mount -t tmpfs tmpfs /run/docker &&"
    ' mkdir /run/docker/plugins && mount --bind "$0" /run/docker/plugins && exec "$@"'
)


class StandInEngine:
    """An engine in a mount namespace of its own; needs root.

    Attributes:
        url: Its address.
        config_file: What it reads at SIGHUP.
        plugins: The folder where it looks for plugins.

    """

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder / 'engine.sock'}"
        self.config_file = folder / "daemon.json"
        self.plugins = folder / "plugins"
        self.plugins.mkdir()
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        """Start it; return once it answers."""
        words = (f"--config-file={self.config_file}", f"--host={self.url}")
        self._process = subprocess.Popen(
            [
                *("unshare", "--mount", "sh", "-c", _BEGIN, str(self.plugins)),
                *(sys.executable, "-P", __file__, *words),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if said != "ready\n":
            self.end()
            raise AssertionError(f"the engine did not start: {said!r}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self.end()

    def end(self) -> None:
        """End it, as by SIGKILL; its socket stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


PLUGINS = Path("/run/docker/plugins")
VERSION = {"Version": "1.0", "Components": [{"Name": "Engine"}]}


def option(name: str) -> str:
    """Return the value of an option of the command line."""
    return next(word for word in sys.argv if word.startswith(f"--{name}=")).split("=")[
        1
    ]


def named() -> list[str]:
    """Return the plugins of the configuration file; none if there is no file."""
    try:
        document = json.loads(Path(option("config-file")).read_text() or "{}")
    except (FileNotFoundError, ValueError):
        return []
    found: list[str] = document.get("authorization-plugins") or []
    return found


class Plugin(http.client.HTTPConnection):
    """A connection to a plugin."""

    def connect(self) -> None:
        """Connect to its socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(str(PLUGINS / f"{self.host}.sock"))


def allows(plugin: str, method: str, uri: str) -> bool:
    """Ask a plugin."""
    question = {"RequestMethod": method, "RequestUri": uri, "RequestHeaders": {}}
    connection = Plugin(plugin)
    connection.request("POST", "/AuthZPlugin.AuthZReq", json.dumps(question))
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer["Allow"] is True


class Handler(BaseHTTPRequestHandler):
    """Answers a client, once every plugin has allowed that."""

    asked: tuple[str, ...] = ()
    """The plugins that it asks, in their order."""

    def do_GET(self) -> None:
        """Answer."""
        allowed = all(allows(one, "GET", self.path) for one in type(self).asked)
        body = json.dumps(VERSION).encode()
        self.send_response(200 if allowed else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Return a name: a unix socket has no address."""
        return "client"


def main() -> None:
    """Listen until a signal ends it; SIGHUP reads the file again."""
    Path("/proc/self/comm").write_text("dockerd")

    def read_again(*_: object) -> None:
        Handler.asked = tuple(named())

    signal.signal(signal.SIGHUP, read_again)
    read_again()
    path = option("host").removeprefix("unix://")
    with socketserver.ThreadingUnixStreamServer(path, Handler) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
