"""The terminal: what Textual writes reaches it in as few bytes as draw the same."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import ScreenStackError
from textual.drivers.linux_driver import LinuxDriver

from nstui.tui.screen_memory import ScreenMemory, draws
from nstui.tui.sgr import SgrMinimizer

if TYPE_CHECKING:
    from types import FrameType

    from textual.app import App

    from nstui.tui.early import EarlyScreen

ALTERNATE_SCREEN = "\x1b[?1049h"


class HangupSafeFile:
    """A file that ignores errors once its terminal has hung up.

    Otherwise the thread that writes would die, and threads that wait for it would hang.
    """

    def __init__(self, file: TextIO) -> None:
        """Wrap the file to write to."""
        self._file = file

    def write(self, text: str) -> int:
        """Write text, ignoring errors."""
        with suppress(OSError):
            return self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the file, ignoring errors."""
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """Return the file's descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._file.isatty()


class CompactDriver(LinuxDriver):
    """Textual's driver for a terminal, with less output; it survives a hang-up.

    If a screen has been drawn already, it stays until `lift`: what Textual draws before
    its screen is complete is held back.
    """

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
        early: EarlyScreen | None = None,
    ) -> None:
        """Create the driver; see Textual's ``LinuxDriver``.

        `early` is the screen that has been drawn, if there is one.
        """
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._memory = ScreenMemory()
        self._is_unknown = False
        """Whether what the terminal shows is unknown, as after a change of size."""

        self._is_update_begun = False
        """Whether an update has begun that has not drawn anything yet."""

        self._early = early
        self._held: list[str] | None = None
        """What is held back; None if nothing is."""

        # Textual writes from the thread that reads the keyboard, too.
        self._lock = threading.RLock()
        if self._file is not None:
            self._file = HangupSafeFile(self._file)  # type: ignore[assignment]  # as far as it is used

    def start_application_mode(self) -> None:
        """Take over the terminal, about which nothing is known then."""
        self.forget()
        early, self._early = self._early, None
        if early is not None:
            early.hand_over()
            self._is_unknown = False
            self._memory.reduce(early.text, early.size)
            self._held = []
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if early is not None:
            self.attrs_before = early.attributes
        resized = signal.getsignal(signal.SIGWINCH)

        def forget_and_resize(number: int, frame: FrameType | None) -> None:
            self._is_unknown = True
            if callable(resized):
                resized(number, frame)

        signal.signal(signal.SIGWINCH, forget_and_resize)

    def run_input_thread(self) -> None:
        """Read the keyboard; end the app when the terminal has hung up."""
        try:
            super().run_input_thread()
        except OSError:
            self._app.call_later(self._app.run_action, "end")

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self.lift()
        super().stop_application_mode()

    def lift(self) -> None:
        """Show what has been held back, and hold nothing back any more."""
        with self._lock:
            held, self._held = self._held, None
            if held:
                self.write("".join(held))

    def forget(self) -> None:
        """Redraw the screen that is drawn from now on."""
        self._is_unknown = True

    def write(self, data: str) -> None:
        """Write what changes the terminal."""
        with self._lock:
            if self._held is not None and self._hold(self._held, data):
                return
            if data == SYNC_START:
                self._is_update_begun = True
                return
            if data == SYNC_END and self._is_update_begun:
                # Nothing was drawn in between.
                self._is_update_begun = False
                return
            reduced = self._reduce(data)
            if not reduced:
                return
            if self._is_update_begun:
                self._is_update_begun = False
                reduced = SYNC_START + reduced
            super().write(reduced)

    def _hold(self, held: list[str], data: str) -> bool:
        """Hold back what draws; return whether it does."""
        if draws(data):
            held.append(data)
            return True
        # The early screen is on the alternate screen, which must not be cleared.
        return data in {SYNC_START, SYNC_END, ALTERNATE_SCREEN}

    def _reduce(self, data: str) -> str:
        # A signal may arrive at any time, so that the handler only leaves a note.
        if self._is_unknown:
            self._is_unknown = False
            self._memory.forget()
        if not draws(data):
            return self._memory.pass_on(data)
        size = self._size_drawn()
        if size is None:
            self._memory.forget()
            return SgrMinimizer().minimize(data)
        return self._memory.reduce(data, size)

    def _size_drawn(self) -> tuple[int, int] | None:
        """Return the size of the terminal; None while the app draws for another."""
        try:
            terminal = os.get_terminal_size(self.fileno)
            drawn = self._app.screen.outer_size
        except (OSError, ScreenStackError):
            return None
        size = terminal.columns, terminal.lines
        return size if size == (drawn.width, drawn.height) else None
