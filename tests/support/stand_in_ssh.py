"""Stands in for ``ssh``: all that nstui asks of it, on this very machine.

A forwarded socket is a symbolic link. What is run over there is read by a shell here.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

SCRIPT = """\
#!/bin/sh
exec {python} -IS {program} {folder} "$@"
"""

_IS_PATH = b"\xff\xff\xff\xfe"
"""In the place of a port: what is before it is the path of a socket."""


class StandInSsh:
    """A folder with a program ``ssh``, and what it is to do.

    Attributes:
        folder: It comes first in ``PATH``.

    """

    HELD_S = 10.0
    """How many seconds a host may be held."""

    def __init__(self, folder: Path) -> None:
        """Put the program into a folder."""
        self.folder = folder
        words = {"python": sys.executable, "program": __file__, "folder": folder}
        quoted = {name: shlex.quote(str(word)) for name, word in words.items()}
        program = folder / "ssh"
        program.write_text(SCRIPT.format(**quoted))
        program.chmod(0o755)

    def fail(self, said: str | None) -> None:
        """Let each login fail with these words; None lets it succeed again."""
        path = self.folder / "fails"
        if said is None:
            path.unlink()
        else:
            path.write_text(said)

    def ask(self, host: str, said: str) -> None:
        """Let a login to a host fail with these words if ssh may not ask anything."""
        self.folder.joinpath(f"asks-{host}").write_text(said)

    def fail_with(self, word: str, said: str) -> None:
        """Let a login fail with these words if this is one of ssh's."""
        self.folder.joinpath(f"fails-{word}").write_text(said)

    def hold(self, host: str) -> None:
        """Let logins to a host take until `go_on`, or `HELD_S`."""
        self.folder.joinpath(f"held-{host}").touch()

    def go_on(self, host: str) -> None:
        """Let logins to a host that is held succeed."""
        self.folder.joinpath(f"held-{host}").unlink()

    def greet_with(self, said: str) -> None:
        """Let each login write something on stderr before it succeeds."""
        self.folder.joinpath("greeting").write_text(said)

    def let_shells_say(self, words: str) -> None:
        """Let each login shell print something before all else."""
        self.folder.joinpath("banner").write_text(words)

    def refuse_shells(self, instead: str | None) -> None:
        """Let each command be another one over there; None lets them be run again."""
        path = self.folder / "no-shell"
        if instead is None:
            path.unlink()
        else:
            path.write_text(instead)

    def refuse_to_forward(self, said: str) -> None:
        """Let no further socket be forwarded."""
        self.folder.joinpath("no-forward").write_text(said)

    @property
    def master(self) -> int:
        """The process that keeps the connection."""
        return int(self.folder.joinpath("master").read_text())

    def kill_master(self) -> None:
        """End the connection without a word."""
        os.kill(self.master, signal.SIGKILL)

    def logins(self) -> int:
        """Return how many logins there have been."""
        return len(self.commands())

    def commands(self) -> list[str]:
        """Return the command line of each login."""
        log = self.folder / "logins"
        return log.read_text().splitlines() if log.exists() else []


def _keep_connection(folder: Path, words: list[str]) -> None:
    with folder.joinpath("logins").open("a") as log:
        log.write(f"{shlex.join(words)}\n")
    failures = [folder / "fails", *(folder / f"fails-{word}" for word in words[:-1])]
    if "BatchMode=yes" in words:
        failures.append(folder / f"asks-{words[-1]}")
    for failure in failures:
        if failure.exists():
            sys.exit(failure.read_text())
    _wait_while(folder / f"held-{words[-1]}")
    greeting = folder / "greeting"
    if greeting.exists():
        sys.stderr.write(greeting.read_text())
        sys.stderr.flush()
    prefix = "ControlPath="
    path = next(word for word in words if word.startswith(prefix))
    for forwarded in Path(path.removeprefix(prefix)).parent.iterdir():
        # What led through the last connection leads nowhere.
        forwarded.unlink()
    folder.joinpath("master").write_text(str(os.getpid()))
    with socket.socket(socket.AF_UNIX) as control:
        # As that of ssh it is there once it can be asked.
        made = f"{path.removeprefix(prefix)}.new"
        control.bind(made)
        control.listen()
        Path(made).rename(path.removeprefix(prefix))
        while True:
            # Whoever hangs up ends nothing else.
            with control.accept()[0] as connection, suppress(OSError, struct.error):
                _forward(folder, connection)


def _forward(folder: Path, connection: socket.socket) -> None:
    """Answer a request to forward a socket; the messages are those of PROTOCOL.mux."""
    asked = connection.makefile("rb")
    connection.sendall(struct.pack(">III", 8, 1, 4))
    _, kind, version, length = struct.unpack(">IIII", asked.read(16))
    body = asked.read(length)
    request, number, way = struct.unpack_from(">III", body)
    local, rest = _string(body[12:])
    remote, rest = _string(rest[4:])
    if (kind, version, request, way, rest) != (1, 4, 0x10000006, 1, _IS_PATH):
        return
    refusal = folder / "no-forward"
    if refusal.exists():
        reason = refusal.read_bytes()
        sizes = 12 + len(reason), 0x80000003, number, len(reason)
        connection.sendall(struct.pack(">IIII", *sizes) + reason)
        return
    if not Path(local).is_symlink():
        Path(local).symlink_to(remote)
    connection.sendall(struct.pack(">III", 8, 0x80000001, number))


def _string(found: bytes) -> tuple[str, bytes]:
    """Return the string that bytes begin with, and the rest."""
    (length,) = struct.unpack_from(">I", found)
    return os.fsdecode(found[4 : 4 + length]), found[4 + length :]


def _wait_while(held: Path) -> None:
    end = time.monotonic() + StandInSsh.HELD_S
    while held.exists() and time.monotonic() < end:
        time.sleep(0.02)


def _run(folder: Path, command: str) -> None:
    refusal = folder / "no-shell"
    if refusal.exists():
        command = refusal.read_text()
    banner = folder / "banner"
    if banner.exists():
        sys.stdout.write(banner.read_text())
        sys.stdout.flush()
    os.execvp("sh", ["sh", "-c", command])  # noqa: S606 - as a login shell does


def main() -> None:
    """Do what ``ssh`` would."""
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    if "-N" in words:
        _keep_connection(folder, words)
    elif "-O" in words:
        # It ends a connection, of which there is none in the background here.
        return
    else:
        _run(folder, words[-1])


if __name__ == "__main__":
    main()
