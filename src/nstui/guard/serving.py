"""One front, from its start to its end."""

from __future__ import annotations

import gc
import os
import resource
import shlex
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding.settings import DEFAULTS, read_settings
from nstui.guard.connections import Server
from nstui.guard.decisions import DecisionLog
from nstui.guard.front import Front, Origin
from nstui.guard.looks import Looks
from nstui.guard.loop import READ, Loop, say
from nstui.guard.sharing import share
from nstui.guard.ticket_files import TicketFiles
from nstui.guard.wire import RequestReader, answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from nstui.analysis.guarding.settings import GuardSettings
    from nstui.guard.connections import Reply
    from nstui.guard.setup import Setup
    from nstui.guard.shared_count import SharedCount
    from nstui.guard.sockets import Listeners
    from nstui.guard.wire import Request


LONGEST = 65_536


class LineTooLong(Exception):
    """It is no request of nstui's."""


class LineReader:
    """Takes the bytes of a connection, and gives its lines one after the other."""

    def __init__(self) -> None:
        """Wait for the first line."""
        self._begun = bytearray()

    @property
    def is_within(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._begun)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that end within some bytes, without their ends.

        Raises:
            LineTooLong: One does not end.

        """
        self._begun += data
        *lines, rest = bytes(self._begun).split(b"\n")
        self._begun[:] = rest
        if len(rest) > LONGEST:
            raise LineTooLong("a line is too long")
        yield from lines


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
"""What the supervisor handles."""

BEAT_LIMIT_S = 3.0
"""How long nothing may be heard of the supervisor."""

CHECK_S = 1.0
AGAIN_S = 10.0
"""How long to wait before another supervisor is started in place of one that failed."""

DRAIN_S = 2.0
"""How long those that wait are answered when it is to end."""

IDLE_S = 0.1

NICE = -10
"""How soon a front gets the processor: every client of the engine waits for it."""

TIDY_S = 10.0
"""How often cycles are looked for, which few answers leave behind."""

SHARE_S = 2.0
"""How often it is seen who may use the engine: its socket may be made after ours."""

_STACK_BYTES = 262_144
_MOST_CONNECTIONS = 4096
_SPARE_FILES = 128
_CONTROL_CONNECTIONS = 64


class Start(NamedTuple):
    """What a supervisor hands to a front."""

    number: int
    lost: int
    """See `nstui.guard.front.Origin`."""

    heartbeat: socket.socket
    """Where the supervisor is heard."""

    undecided: SharedCount


def serve(setup: Setup, listeners: Listeners, start: Start) -> int:
    """Answer until a signal ends it; return the exit code."""
    threading.stack_size(_STACK_BYTES)
    loop = Loop()
    _hurry(loop)
    servers = open_front(loop, setup, listeners, start)
    ending = _Ending(loop, servers)
    _handle_signals(lambda: loop.call_from_thread(ending.begin))
    _Bond(loop, setup, listeners, start.heartbeat, ending).watch()
    # Tells the supervisor that it has got as far as this.
    start.heartbeat.send(b"\0")
    loop.run()
    for server in servers:
        server.close()
    loop.close()
    return 0


def _hurry(loop: Loop) -> None:
    """Let answers wait for as little as can be."""
    # Who is not root may not; systemd has done it before.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    # What was there before is not looked at any more, and the rest not amid an answer.
    gc.freeze()
    gc.disable()
    _tidy(loop)


def _tidy(loop: Loop) -> None:
    gc.collect()
    loop.after(TIDY_S, lambda: _tidy(loop))


def _handle_signals(end: Callable[[], object]) -> None:
    """Take the signals that were blocked since the front was forked."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, lambda *_: end())
    # What a terminal sends to both of them is for the supervisor.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def open_front(
    loop: Loop, setup: Setup, listeners: Listeners, start: Start
) -> list[Server]:
    """Have a loop answer at the guard's sockets; return what accepts there."""
    settings, problems = load_settings(setup.settings)
    for problem in problems:
        say(f"{setup.settings} {problem}: the default holds")
    front = Front(
        settings,
        Origin(str(setup.decisions), problems, start.number, start.lost),
        Looks(loop, looker(setup, settings), settings.deadline_s),
        TicketFiles(setup.tickets),
        DecisionLog(setup.decisions),
        start.undecided,
    )
    most = _most_connections()
    servers = [Server(loop, listeners.plugin, RequestReader, front.take, most)]
    if listeners.control is not None:
        most = _CONTROL_CONNECTIONS
        control = Server(loop, listeners.control, LineReader, front.take_line, most)
        servers.append(control)
        _share(loop, setup.control_socket, settings.engine)
    return servers


def _share(loop: Loop, control: Path, engine: str) -> None:
    share(control, engine)
    loop.after(SHARE_S, lambda: _share(loop, control, engine))


def load_settings(file: Path) -> tuple[GuardSettings, tuple[str, ...]]:
    """Return the settings in a file; the defaults if there is none."""
    try:
        return read_settings(file.read_bytes())
    except FileNotFoundError:
        return DEFAULTS, ()
    except OSError as error:
        return DEFAULTS, (f"cannot be read: {error.strerror}",)


def looker(setup: Setup, settings: GuardSettings) -> tuple[str, ...]:
    """Return the command that looks at an engine."""
    if setup.looker:
        return tuple(shlex.split(setup.looker))
    nstui = (sys.executable, "-P", "-m", "nstui")
    return (*nstui, "-H", settings.engine, "guard", "look")


def let_through(loop: Loop, listener: socket.socket) -> Server:
    """Answer every question with yes, whatever it is, as long as a loop runs.

    Returns:
        What accepts the connections.

    """

    def take(request: Request, reply: Reply) -> None:
        activates = request.path == "/Plugin.Activate"
        content = {"Implements": ["authz"]} if activates else {"Allow": True}
        data = answer(content, keeps_alive=request.keeps_alive)
        reply.send(data, keeps_alive=request.keeps_alive)

    return Server(loop, listener, RequestReader, take, _most_connections())


def _most_connections() -> int:
    """Return how many connections there may be; as many files as may be are opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    most = _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - _SPARE_FILES
    return max(1, min(most, _MOST_CONNECTIONS))


class _Ending:
    """Ends a front without breaking off what is under way."""

    def __init__(self, loop: Loop, servers: Sequence[Server]) -> None:
        self._loop = loop
        self._servers = servers
        self.has_begun = False
        self._until = 0.0

    def begin(self) -> None:
        """Accept nobody any more; end when nobody waits."""
        if not self.has_begun:
            self.has_begun = True
            self._until = time.monotonic() + DRAIN_S
            for server in self._servers:
                server.stop()
            self._loop.after(IDLE_S, self._look)

    def _look(self) -> None:
        is_quiet = all(server.is_quiet for server in self._servers)
        if is_quiet or time.monotonic() > self._until:
            self._loop.end()
        else:
            self._loop.after(IDLE_S, self._look)


class _Bond:
    """Notices that the supervisor has gone, and starts another one.

    While systemd holds the socket, the supervisor is for systemd to replace.
    """

    def __init__(
        self,
        loop: Loop,
        setup: Setup,
        listeners: Listeners,
        heartbeat: socket.socket,
        ending: _Ending,
    ) -> None:
        self._loop = loop
        self._setup = setup
        self._listeners = listeners
        self._heartbeat = heartbeat
        self._ending = ending
        self._supervisor = os.getppid()
        self._heard = time.monotonic()

    def watch(self) -> None:
        """Begin to listen to it."""
        self._heartbeat.setblocking(False)  # noqa: FBT003 - the only argument it has
        self._loop.watch(self._heartbeat, READ, self._hear)
        if not self._listeners.are_held:
            self._loop.after(CHECK_S, self._check)

    def _hear(self) -> None:
        try:
            is_alive = bool(self._heartbeat.recv(4096))
        except BlockingIOError:
            return
        except OSError:
            is_alive = False
        if is_alive:
            self._heard = time.monotonic()
            return
        self._loop.forget(self._heartbeat)
        self._supervisor = 0
        if not self._listeners.are_held:
            self._replace()

    def _check(self) -> None:
        """Kill a supervisor that is not heard any more: it would replace nobody."""
        if not self._supervisor:
            return
        self._loop.after(CHECK_S, self._check)
        is_ours = os.getppid() == self._supervisor
        if is_ours and time.monotonic() - self._heard > BEAT_LIMIT_S:
            say(f"nothing was heard of the supervisor for {BEAT_LIMIT_S:g} s")
            with suppress(OSError):
                os.kill(self._supervisor, signal.SIGKILL)

    def _replace(self) -> None:
        """Start another supervisor, which ends this front once it has its own."""
        if self._ending.has_begun:
            return
        say("the supervisor has gone: another one is started")
        both = (self._listeners.plugin, self._listeners.control)
        descriptors = tuple(one.fileno() for one in both if one is not None)
        setup = self._setup._replace(
            descriptors=descriptors, predecessor=os.getpid(), listens=False
        )
        command = (sys.executable, "-P", "-m", "nstui.guard", *setup.to_arguments())
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is nstui's own
                command, stdin=subprocess.DEVNULL, pass_fds=descriptors
            )
        except OSError as error:
            say(f"that failed: {error.strerror}")
            self._loop.after(AGAIN_S, self._replace)
        else:
            self._loop.after(AGAIN_S, lambda: self._see(process))

    def _see(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            self._loop.after(AGAIN_S, lambda: self._see(process))
        else:
            self._replace()
