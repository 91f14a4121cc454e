"""Opens something on one container: its log, its inspect, a shell in it."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.remedies import command
from nstui.errors import NstuiError
from nstui.render.copies import Copy, address_holder, addresses_in, copies_of
from nstui.render.text import printable
from nstui.tui.background import in_background
from nstui.tui.copying import copy_one_of
from nstui.tui.keys import Opening
from nstui.tui.screens.inspect import InspectScreen
from nstui.tui.screens.logs import LogsScreen
from nstui.tui.screens.processes import ProcessesScreen
from nstui.tui.shell import LEAVE_WORDS, relay, terminal_size

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.screen import Screen

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.ports import Shell
    from nstui.service.connection import Connection
    from nstui.service.watcher import Watcher
    from nstui.tui.screens.container_screen import ContainerScreen

READ_ONLY = "refused: nstui was started with --read-only"
NO_SHELL_IN_DEMO = "the demo has no shell: nothing runs in its containers"
NO_EVIDENCE = (
    "the processes of this engine are not read: they may run on another machine"
)


class Opener:
    """Opens one thing at a time, and has it told of what is seen meanwhile."""

    def __init__(
        self,
        screen: Screen[None],
        connection: Connection,
        watcher: Watcher,
        *,
        is_read_only: bool,
    ) -> None:
        """Take where it is opened from.

        Args:
            screen: Stays beneath it.
            connection: The host.
            watcher: Looks at it; not while a shell has the terminal.
            is_read_only: Whether nothing may be changed, as a shell could.

        """
        self._screen = screen
        self._connection = connection
        self._watcher = watcher
        self._is_read_only = is_read_only
        self._opened: ContainerScreen | None = None
        self._is_busy = False

    def open(self, what: Opening, container: ContainerId, report: Report) -> None:
        """Open something, or say in a line why it cannot be."""
        found = report.graph.containers.get(container)
        if found is None or self._opened is not None or self._is_busy:
            return
        match what:
            case Opening.LOGS:
                self._push(LogsScreen(found, self._connection.engine))
            case Opening.INSPECT:
                program = command(report.snapshot.engine)
                self._push(InspectScreen(found, self._connection.engine, program))
            case Opening.COPY:
                self._work(self._copy(found, report))
            case Opening.SHELL:
                self._open_shell(found)
            case Opening.PROCESSES:
                self._open_processes(found)

    def show(self, report: Report) -> None:
        """Tell what is open of a newer look."""
        if self._opened is not None:
            self._opened.show(report)

    def say(self, words: str) -> None:
        """Show a line about the engine on what is open, which must be safe to show."""
        if self._opened is not None:
            self._opened.say(words)

    def _push(self, opened: ContainerScreen) -> None:
        self._opened = opened
        self._screen.app.push_screen(opened, self._forget)

    def _forget(self, _: None) -> None:
        self._opened = None

    def _refuse(self, words: str) -> None:
        self._screen.notify(printable(words), severity="error", markup=False)

    def _work(self, work: Coroutine[None, None, None]) -> None:
        """Do what takes a while, and nothing else meanwhile."""

        async def work_alone() -> None:
            self._is_busy = True
            try:
                await work
            finally:
                self._is_busy = False

        self._screen.run_worker(work_alone(), group="open")

    def _open_processes(self, container: Container) -> None:
        evidence = self._connection.evidence
        if not container.state.has_process:
            self._refuse(f"{container.name} is {container.state}: nothing runs in it")
        elif evidence is None:
            self._refuse(NO_EVIDENCE)
        else:
            self._push(ProcessesScreen(container, evidence))

    # Copying

    async def _copy(self, container: Container, report: Report) -> None:
        addresses, problem = await self._addresses(container, report)
        found = copies_of(report, container, addresses)
        await copy_one_of(self._screen.app, found, (problem,) if problem else ())

    async def _addresses(
        self, container: Container, report: Report
    ) -> tuple[tuple[Copy, ...], str]:
        """Return the addresses of a container, and why they are not known if so."""
        holder = address_holder(report, container.id)
        if holder is None or not report.graph.containers[holder].state.has_process:
            return (), ""
        whose = "" if holder == container.id else report.graph.name(holder)
        try:
            inspect = await in_background(
                partial(self._connection.engine.inspect, holder)
            )
        except NstuiError as error:
            return (), f"the addresses are not known: {printable(str(error))}"
        return addresses_in(inspect, whose), ""

    # Shells

    def _open_shell(self, container: Container) -> None:
        if self._is_read_only:
            self._refuse(READ_ONLY)
        elif not container.state.has_process:
            name, state = container.name, container.state
            self._refuse(f"{name} is {state}: a shell needs a container that runs")
        elif self._connection.is_demo or self._connection.shells is None:
            self._refuse(NO_SHELL_IN_DEMO)
        else:
            self._work(self._run_shell(container))

    async def _run_shell(self, container: Container) -> None:
        shells = self._connection.shells
        if shells is None or sys.__stdin__ is None or sys.__stderr__ is None:
            return
        size = terminal_size(sys.__stderr__.fileno())
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
            self._watcher.rise()
        if not has_ended:
            words = f"left the shell in {container.name}; what it runs goes on"
            self._screen.notify(printable(words), markup=False)

    def _give_terminal(self, shell: Shell, name: str) -> bool:
        """Let a shell have the terminal; nothing else happens meanwhile.

        Returns:
            Whether the shell has ended; if not, the user left it.

        """
        keyboard, screen = sys.__stdin__, sys.__stderr__
        if keyboard is None or screen is None:
            return False
        self._watcher.rest()
        with self._screen.app.suspend():
            heading = f"shell in {printable(name)}; {LEAVE_WORDS} to leave it\n"
            screen.write(heading)
            screen.flush()
            return relay(shell, keyboard.fileno(), screen.fileno())
