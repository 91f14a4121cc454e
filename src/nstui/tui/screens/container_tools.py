"""Opens something on one container: log, inspect, processes, a shell, a copy."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
import tty
from collections import deque
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import command
from nstui.errors import NstuiError, ReadOnly
from nstui.ports import TerminalSize
from nstui.render.entries import Copy, address_holder, addresses_in, copies_of
from nstui.render.text import printable
from nstui.tui.keys import Opening
from nstui.tui.poller import in_background
from nstui.tui.screens.export import copy_one_of
from nstui.tui.screens.group_logs import GroupLogsScreen
from nstui.tui.screens.inspect import InspectScreen
from nstui.tui.screens.logs import LogsScreen
from nstui.tui.screens.processes import ProcessesScreen

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.screen import Screen

    from nstui.analysis.report import Report
    from nstui.analysis.tree.log_group import LogGroup
    from nstui.model.container import Container, ContainerId
    from nstui.ports import Shell
    from nstui.service.host import Host
    from nstui.service.watcher import Watcher
    from nstui.tui.screens.container_screen import ContainerScreen


LEAVE_KEY = 0x1D
"""The byte of ctrl+]."""

LEAVE_TIMES = 3
LEAVE_WITHIN_S = 1.0
"""How often it must be typed, and within how many seconds, to leave the shell, as in
machinectl: vim uses a single one."""

LEAVE_WORDS = "ctrl+] three times"

_CHUNK = 65_536
_MAX_PENDING = 1 << 20
"""The keyboard is not read while the shell has this many bytes left to take."""

NO_SHELL_IN_DEMO = "the demo has no shell: nothing runs in its containers"
NO_EVIDENCE = "the processes of this engine are not read"


def _terminal_size(terminal: int) -> TerminalSize:
    """Return the size of a terminal, given by its descriptor."""
    columns, lines = os.get_terminal_size(terminal)
    return TerminalSize(columns, lines)


def relay(shell: Shell, keyboard: int, screen: int) -> bool:
    """Pass on what is typed and what is written, until either side ends.

    Must be called in the main thread, which receives the signal of a resize.

    Args:
        shell: The shell in a container.
        keyboard: The descriptor of the terminal to read from.
        screen: The descriptor of the terminal to write to.

    Returns:
        Whether the shell has ended. If not, the user left it, or a signal asked the
        program to end.

    """
    ends = (signal.SIGTERM, signal.SIGHUP)
    with (
        _raw(keyboard),
        _signal_pipe(signal.SIGWINCH) as resizes,
        _signal_pipe(*ends) as end,
    ):
        return _Relay(shell, keyboard, screen, resizes, end).run()


class _Relay:
    """Passes bytes on in both directions in turn, so that neither side starves."""

    def __init__(
        self, shell: Shell, keyboard: int, screen: int, resizes: int, end: int
    ) -> None:
        self._shell = shell
        self._keyboard = keyboard
        self._screen = screen
        self._resizes = resizes
        self._end = end
        self._pending = b""
        self._leave_times: deque[float] = deque(maxlen=LEAVE_TIMES)

    def run(self) -> bool:
        while True:
            output = self._shell.read()
            if output == b"":
                return True
            if output is not None:
                _write(self._screen, output)
            # There may be more data that select does not see.
            readable = self._wait(None if output is None else 0)
            if self._resizes in readable:
                os.read(self._resizes, _CHUNK)
                self._shell.resize(_terminal_size(self._screen))
            if self._end in readable:
                return False
            if self._keyboard in readable and not self._read_keyboard():
                return False
            if self._pending:
                self._pending = self._pending[self._shell.write(self._pending) :]

    def _wait(self, timeout: float | None) -> list[int]:
        """Wait until something can be passed on; return the readable descriptors."""
        shell = self._shell.fileno()
        readers = [shell, self._resizes, self._end]
        if len(self._pending) < _MAX_PENDING:
            readers.append(self._keyboard)
        readable, _, _ = select.select(
            readers, [shell] if self._pending else [], [], timeout
        )
        return readable

    def _read_keyboard(self) -> bool:
        """Read what was typed; return whether the user stays."""
        try:
            typed = os.read(self._keyboard, _CHUNK)
        except OSError:
            # The terminal has hung up.
            return False
        now = time.monotonic()
        for _ in range(typed.count(LEAVE_KEY)):
            self._leave_times.append(now)
        has_all = len(self._leave_times) == LEAVE_TIMES
        if not typed or (has_all and now - self._leave_times[0] <= LEAVE_WITHIN_S):
            return False
        self._pending += typed
        return True


@contextmanager
def _raw(terminal: int) -> Iterator[None]:
    """Return a context manager that sets a terminal to raw mode and restores it."""
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal, termios.TCSADRAIN)
        yield
    finally:
        # It may have hung up.
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _signal_pipe(*numbers: signal.Signals) -> Iterator[int]:
    """Yield a descriptor that becomes readable when one of some signals arrives.

    The event loop receives the signal as well, once it continues.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def note(*_: object) -> None:
        with suppress(BlockingIOError):
            os.write(writer, b"\0")

    before = {
        number: signal.signal(number, note)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield reader
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


class ContainerTools:
    """Opens one thing at a time, and updates it with every look."""

    def __init__(
        self,
        screen: Screen[None],
        host: Host,
        watcher: Watcher,
        *,
        is_read_only: bool,
    ) -> None:
        """Create the tools.

        Args:
            screen: The screen below.
            host: The host.
            watcher: Looks at the host; paused while a shell has the terminal.
            is_read_only: Whether shells are refused, since they can change things.

        """
        self._screen = screen
        self._host = host
        self._watcher = watcher
        self._is_read_only = is_read_only
        self._opened: ContainerScreen | None = None
        self._is_busy = False

    def open(self, what: Opening, container: ContainerId, report: Report) -> None:
        """Open something on a container, or notify the user why that is impossible."""
        found = report.graph.containers.get(container)
        if found is None or self._opened is not None or self._is_busy:
            return
        match what:
            case Opening.LOGS | Opening.GROUP_LOG:
                self._push(LogsScreen(found, self._host.engine))
            case Opening.INSPECT:
                program = command(report.snapshot.engine)
                self._push(InspectScreen(found, self._host, program))
            case Opening.COPY:
                self._run_exclusively(self._copy(found, report))
            case Opening.SHELL:
                self._open_shell(found)
            case Opening.PROCESSES:
                self._open_processes(found, report.snapshot.host.remedy)

    def open_group_log(self, group: LogGroup, report: Report) -> None:
        """Open the merged log of a group."""
        if self._opened is None and not self._is_busy:
            self._push(GroupLogsScreen(group, report, self._host.engine))

    def show(self, report: Report) -> None:
        """Update the open screen with a newer look."""
        if self._opened is not None:
            self._opened.show(report)

    def say(self, text: str) -> None:
        """Show a line about the engine on the open screen; it must be safe to show."""
        if self._opened is not None:
            self._opened.say(text)

    def _push(self, opened: ContainerScreen) -> None:
        self._opened = opened
        self._screen.app.push_screen(opened, self._forget)

    def _forget(self, _: None) -> None:
        self._opened = None

    def _refuse(self, reason: str) -> None:
        self._screen.notify(printable(reason), severity="error", markup=False)

    def _run_exclusively(self, work: Coroutine[None, None, None]) -> None:
        """Run a coroutine in a worker; nothing else is opened meanwhile."""
        self._is_busy = True

        async def work_alone() -> None:
            try:
                await work
            finally:
                self._is_busy = False

        self._screen.run_worker(work_alone(), group="open")

    def _open_processes(self, container: Container, remedy: str) -> None:
        evidence = self._host.evidence
        if not container.state.has_process:
            self._refuse(f"{container.name} is {container.state}: nothing runs in it")
        elif evidence is None:
            self._refuse(NO_EVIDENCE)
        else:
            self._push(ProcessesScreen(container, evidence, remedy))

    async def _copy(self, container: Container, report: Report) -> None:
        addresses, problem = await self._addresses(container, report)
        found = copies_of(report, container, addresses)
        await copy_one_of(self._screen.app, found, (problem,) if problem else ())

    async def _addresses(
        self, container: Container, report: Report
    ) -> tuple[tuple[Copy, ...], str]:
        """Return the addresses of a container, and a sentence if they are unknown."""
        holder = address_holder(report, container.id)
        if holder is None or not report.graph.containers[holder].state.has_process:
            return (), ""
        owner_name = "" if holder == container.id else report.graph.name(holder)
        try:
            inspect = await in_background(partial(self._host.engine.inspect, holder))
        except NstuiError as error:
            return (), f"the addresses are not known: {printable(str(error))}"
        return addresses_in(inspect, owner_name), ""

    def _open_shell(self, container: Container) -> None:
        if self._is_read_only:
            self._refuse(str(ReadOnly()))
        elif not container.state.has_process:
            name, state = container.name, container.state
            self._refuse(f"{name} is {state}: a shell needs a running container")
        elif self._host.is_demo or self._host.shells is None:
            self._refuse(NO_SHELL_IN_DEMO)
        else:
            self._run_exclusively(self._run_shell(container))

    async def _run_shell(self, container: Container) -> None:
        shells = self._host.shells
        if shells is None or sys.__stdin__ is None or sys.__stderr__ is None:
            return
        size = _terminal_size(sys.__stderr__.fileno())
        try:
            start = partial(shells.open, container.id, size)
            shell = await in_background(start)
        except NstuiError as error:
            self._refuse(f"no shell in {container.name}: {error}")
            return
        try:
            has_ended = self._give_terminal(shell, container.name)
        finally:
            shell.close()
            self._watcher.resume()
        if not has_ended:
            text = f"left the shell in {container.name}; it keeps running"
            self._screen.notify(printable(text), markup=False)

    def _give_terminal(self, shell: Shell, name: str) -> bool:
        """Give the terminal to a shell; nothing else happens meanwhile.

        Returns:
            Whether the shell has ended; if not, the user left it.

        """
        keyboard, screen = sys.__stdin__, sys.__stderr__
        if keyboard is None or screen is None:
            return False
        self._watcher.pause()
        with self._screen.app.suspend():
            heading = f"shell in {printable(name)}; {LEAVE_WORDS} to leave it\n"
            screen.write(heading)
            screen.flush()
            return relay(shell, keyboard.fileno(), screen.fileno())
