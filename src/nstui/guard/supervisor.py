"""Keeps a front running: holds its sockets, and replaces it when it does not answer.

The supervisor has in memory what a front needs, and forks it from there: whatever has
become of the files since, another front can be started. It has one thread.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from nstui.guard import serving
from nstui.guard.loop import Loop, fault, say
from nstui.guard.pings import PING_S, Pings
from nstui.guard.serving import SIGNALS
from nstui.guard.shared_count import SharedCount
from nstui.guard.sockets import GuardSockets, SocketPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.guard.connections import Server
    from nstui.guard.notify import Notifier
    from nstui.guard.setup import Setup
    from nstui.guard.sockets import Listeners

TICK_S = 0.5
"""How often the front and systemd are told that the supervisor lives."""

PING_EACH_S = 1.0
FIRST_PING_S = 0.02
AGAIN_S = 0.1
MOST_UNPROVEN = 3
"""How many fronts may end one after the other before they answer."""

MOST_ENDED = 20
ENDED_WITHIN_S = 60.0
ENDING_S = 2.5


class _FrontProcess:
    """A front that was forked."""

    def __init__(self, pid: int, heartbeat: socket.socket, count: SharedCount) -> None:
        self.pid = pid
        self.heartbeat = heartbeat
        self.undecided = count
        self.is_proven = False
        """Whether it has answered."""

    def has_begun(self) -> bool:
        """Tell whether it has got as far as to answer."""
        with suppress(OSError):
            return self.is_proven or bool(self.heartbeat.recv(1, socket.MSG_PEEK))
        return False

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def beat(self) -> None:
        with suppress(OSError):
            self.heartbeat.send(b"\0")


class Supervisor:
    """Starts a front, and another when it ends, is stopped or does not answer."""

    def __init__(self, setup: Setup, listeners: Listeners, notifier: Notifier) -> None:
        """Store what a front gets.

        Args:
            setup: The paths of the guard.
            listeners: Its listening sockets.
            notifier: Tells systemd.

        """
        self._setup = setup
        self._sockets = GuardSockets(setup, listeners)
        self._notifier = notifier
        self._loop = Loop()
        self._pings = Pings(
            self._loop, setup.plugin_socket, self._answered, self._unreached
        )
        self._front: _FrontProcess | None = None
        self._former: dict[int, _FrontProcess] = {}
        self._starts = self._unproven = self._lost = 0
        self._ended: deque[float] = deque(maxlen=MOST_ENDED)
        self._is_ending = False
        self._substitute: Server | None = None
        self._rescue: subprocess.Popen[bytes] | None = None
        self._is_gone_told = False
        self._predecessor = setup.predecessor

    def run(self) -> int:
        """Keep a front there until a signal ends it; return the exit code."""
        calls = (self._end, self._end, self._renew, self._see_fronts)
        for number, call in zip(SIGNALS, calls, strict=True):
            signal.signal(number, self._soon(call))
        self._start()
        self._tick()
        self._loop.run()
        return self._close()

    def _soon(self, call: Callable[[], object]) -> Callable[..., None]:
        return lambda *_: self._loop.call_from_thread(call)

    def _start(self) -> None:
        """Fork a front."""
        try:
            count = SharedCount()
            ours, its = socket.socketpair()
        except OSError as error:
            self._note_unproven(error)
            return
        ours.setblocking(False)  # noqa: FBT003 - the only argument it has
        self._starts += 1
        # A signal that comes before the front has handlers of its own waits for them:
        # those of the supervisor would lose it.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            pid = os.fork()
            if not pid:
                ours.close()
                self._be_front(its, count)
        except OSError as error:
            ours.close()
            its.close()
            self._note_unproven(error)
            return
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        its.close()
        self._front = _FrontProcess(pid, ours, count)
        self._lost = 0
        self._pings.ask_after(FIRST_PING_S)

    def _be_front(self, heartbeat: socket.socket, count: SharedCount) -> NoReturn:
        """Answer, as the process that was forked, and end."""
        code = 1
        try:
            self._loop.close()
            origin = serving.Start(self._starts, self._lost, heartbeat, count)
            code = serving.serve(self._setup, self._sockets.listeners, origin)
        except BaseException as error:  # noqa: BLE001 - it must not go on as its supervisor
            say(f"the front ends: {fault(error)}: {error}")
        finally:
            os._exit(code)

    def _see_fronts(self) -> None:
        """Look what has become of the front, and of those that it has replaced."""
        with suppress(ChildProcessError):
            while found := os.waitid(
                os.P_ALL, 0, os.WEXITED | os.WSTOPPED | os.WNOHANG
            ):
                if found.si_code == os.CLD_STOPPED:
                    self._see_stopped(found.si_pid)
                else:
                    self._see_ended(found.si_pid, found.si_code, found.si_status)

    def _see_stopped(self, pid: int) -> None:
        if self._front is not None and pid == self._front.pid:
            say("the front was stopped by a signal: another one is started")
            self._front.signal(signal.SIGKILL)

    def _see_ended(self, pid: int, how: int, status: int) -> None:
        former = self._former.pop(pid, None)
        if former is not None:
            former.heartbeat.close()
            return
        front = self._front
        if front is None or pid != front.pid:
            return
        self._front = None
        has_begun = front.has_begun()
        front.heartbeat.close()
        self._pings.stop()
        if self._is_ending:
            self._loop.end()
            return
        words = f"exit code {status}" if how == os.CLD_EXITED else f"signal {status}"
        say(f"the front has ended with {words}: another one is started")
        self._lost = front.undecided.value
        self._ended.append(time.monotonic())
        if not has_begun:
            self._note_unproven()
        elif self._ends_too_often():
            self._give_up("the front ends again and again")
        else:
            self._start()

    def _ends_too_often(self) -> bool:
        is_full = len(self._ended) == MOST_ENDED
        return is_full and time.monotonic() - self._ended[0] < ENDED_WITHIN_S

    def _note_unproven(self, error: OSError | None = None) -> None:
        """Try again after a front that has ended before it answers, or give up.

        Args:
            error: Why it could not even be started.

        """
        if error is not None:
            say(f"cannot start a front: {error.strerror}")
        self._unproven += 1
        if self._unproven >= MOST_UNPROVEN:
            self._give_up("no front can be started")
        else:
            self._loop.after(AGAIN_S, self._start)

    def _give_up(self, why: str) -> None:
        """Let every call through, and have the engine ask no more."""
        say(f"{why}: every call is let through, and the engine is to ask no more")
        if self._sockets.listeners.are_held:
            # systemd starts it once more, and takes it out of the engine in the end.
            self._loop.end()
            return
        script = self._setup.rescue
        if script.exists():
            with suppress(OSError):
                self._rescue = subprocess.Popen(  # noqa: S603 - the script is nstui's own
                    ("/bin/sh", str(script), "take-out"),
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        else:
            say(f"there is no {script}: take the guard out of the engine by hand")
        plugin = self._sockets.listeners.plugin
        self._substitute = serving.let_through(self._loop, plugin)

    def _answered(self, pid: int | None) -> None:
        """Take the answer to a ping; None if there was none in time."""
        front = self._front
        if front is None:
            return
        if pid is None:
            say(f"the front has not answered for {PING_S:g} s: another one is started")
            front.signal(signal.SIGKILL)
            return
        self._is_gone_told = False
        if pid == front.pid and not front.is_proven:
            front.is_proven = True
            self._unproven = 0
            self._notifier.ready()
            self._end_predecessor()
        self._pings.ask_after(PING_EACH_S if front.is_proven else FIRST_PING_S)

    def _unreached(self) -> None:
        """Ask the front again, which cannot be reached where its socket is not.

        If systemd holds the socket, the check has it made anew; else `_tick` does.
        """
        place = self._sockets.plugin_place()
        if place is SocketPlace.TAKEN:
            self._answered(None)
            return
        if place is SocketPlace.GONE and not self._is_gone_told:
            say(f"nobody can ask: {self._setup.plugin_socket} is gone")
            self._is_gone_told = True
        self._pings.ask_after(PING_S)

    def _end_predecessor(self) -> None:
        """End the front of a supervisor that has gone, now that there is another."""
        if self._predecessor:
            with suppress(ProcessLookupError):
                os.kill(self._predecessor, signal.SIGTERM)
            self._predecessor = 0

    def _tick(self) -> None:
        self._loop.after(TICK_S, self._tick)
        self._notifier.alive()
        for front in (self._front, *self._former.values()):
            if front is not None:
                front.beat()
        if self._sockets.restore():
            self._renew()

    def _renew(self) -> None:
        """Start another front, which reads the settings anew, and end this one."""
        front = self._front
        if front is None or self._is_ending:
            return
        self._former[front.pid] = front
        self._pings.stop()
        self._front = None
        self._start()
        front.signal(signal.SIGTERM)
        self._loop.after(ENDING_S, lambda: self._end_former(front))

    def _end_former(self, front: _FrontProcess) -> None:
        """Kill a front that was replaced, and has not ended."""
        if front.pid in self._former:
            front.signal(signal.SIGKILL)

    def _end(self) -> None:
        """End the front, once it has answered whoever waits."""
        if self._is_ending:
            return
        self._is_ending = True
        self._notifier.ending()
        if self._front is None:
            self._loop.end()
            return
        self._front.signal(signal.SIGTERM)
        self._loop.after(ENDING_S, self._kill)

    def _kill(self) -> None:
        if self._front is not None:
            self._front.signal(signal.SIGKILL)

    def _close(self) -> int:
        """Give up what it holds; return the exit code."""
        for former in self._former.values():
            former.heartbeat.close()
        self._pings.stop()
        if self._substitute is not None:
            self._substitute.close()
        if self._rescue is not None:
            self._rescue.poll()
        self._sockets.close()
        self._loop.close()
        if self._is_ending:
            self._sockets.remove()
        return 0 if self._is_ending else 1
