"""Fewer bytes to the terminal: a style is told only where it changes.

Textual writes every piece of a line with its whole style in front and a reset behind,
which is most of what goes over the wire: colours of 24 bits take twice 16 bytes. What
is written here draws the same.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TextIO

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


_CONTROL = re.compile(r"\x1b\[([0-9;]*)(m|H)")
"""What sets a style (SGR), and what moves the cursor, for which no style matters."""

RESET = "\x1b[0m"
_EXTENDED = {"2": 4, "5": 2}
"""How many numbers follow 38 or 48, by the first of them: RGB, or a palette's."""

_ON_BLANKS = frozenset({"4", "7", "9", "21", "53"})
"""What can be seen of a blank, beside its background: lines, and reversed colours."""

_KNOWN = frozenset({"1", "2", "3", "4", "5", "7", "9", "21", "53"})


class Style(NamedTuple):
    """How text looks; each part as the numbers that set it, empty for the default."""

    foreground: str = ""
    background: str = ""
    marks: frozenset[str] = frozenset()


PLAIN = Style()


class SgrMinimizer:
    """Takes what is to be written, and returns what need be."""

    def __init__(self) -> None:
        self._wanted: Style | None = PLAIN
        """What was told last; None if that is something unknown."""

        self._actual: Style | None = PLAIN
        """What the terminal is at; None as well."""

    def minimize(self, text: str) -> str:
        """Return text that draws the same, and leaves the terminal plain."""
        out: list[str] = []
        end = 0
        for found in _CONTROL.finditer(text):
            if found.start() > end:
                self._write(out, text[end : found.start()])
            end = found.end()
            if found[2] == "H":
                out.append(found[0])
            else:
                self._take(out, found[0], found[1])
        if end < len(text):
            self._write(out, text[end:])
        if self._actual != PLAIN and out:
            out.append(RESET)
            self._actual = PLAIN
        return "".join(out)

    def _take(self, out: list[str], control: str, numbers: str) -> None:
        """Remember a style; it is told when something is written in it."""
        begins_plain = numbers.partition(";")[0] in {"", "0"}
        before = PLAIN if begins_plain else self._wanted
        changed = None if before is None else _changed(before, numbers)
        if changed is None:
            # Nobody knows what it does: it is passed on, and so is what follows.
            if self._wanted is not None:
                out.append(_change(self._actual, self._wanted))
            out.append(control)
            self._actual = None
        self._wanted = changed

    def _write(self, out: list[str], text: str) -> None:
        target, actual = self._wanted, self._actual
        if target is not None:
            if actual is not None and not text.strip(" "):
                target = _enough_for_blanks(actual, target)
            out.append(_change(actual, target))
            self._actual = target
        out.append(text)


@lru_cache(maxsize=4096)
def _changed(before: Style, numbers: str) -> Style | None:
    """Return a style after a control sequence; None if that says anything unknown."""
    style, left = before, (numbers or "0").split(";")
    while left:
        first = left[0]
        taken = 1
        if first in {"0", ""}:
            style = PLAIN
        elif first in {"38", "48"}:
            taken += _EXTENDED.get(left[1] if len(left) > 1 else "", len(left))
            if taken > len(left):
                return None
            style = _coloured(style, ";".join(left[:taken]), is_text=first == "38")
        elif len(first) > 1 and first[:-1] in {"3", "4", "9", "10"} and first[-1] < "8":
            style = _coloured(style, first, is_text=first[:-1] in {"3", "9"})
        elif first in _KNOWN:
            style = style._replace(marks=style.marks | {first})
        else:
            return None
        left = left[taken:]
    return style


def _coloured(style: Style, numbers: str, *, is_text: bool) -> Style:
    if is_text:
        return style._replace(foreground=numbers)
    return style._replace(background=numbers)


def _enough_for_blanks(actual: Style, wanted: Style) -> Style:
    """Return the style nearest to the present one in which blanks look as wanted."""
    if (actual.marks | wanted.marks) & _ON_BLANKS:
        return wanted
    return actual._replace(background=wanted.background)


@lru_cache(maxsize=4096)
def _change(before: Style | None, after: Style) -> str:
    """Return the control sequence that leads from a style to another one."""
    if before == after:
        return ""
    if (
        before is None
        or before.marks - after.marks
        or (before.foreground and not after.foreground)
        or (before.background and not after.background)
    ):
        return f"\x1b[{';'.join(('0', *_told(PLAIN, after)))}m"
    return f"\x1b[{';'.join(_told(before, after))}m"


def _told(before: Style, after: Style) -> list[str]:
    """Return what has to be told beside what is so already."""
    told = sorted(after.marks - before.marks)
    if after.foreground != before.foreground:
        told.append(after.foreground)
    if after.background != before.background:
        told.append(after.background)
    return told


class HangupSafeFile:
    """A file that takes what is written also when its terminal has hung up.

    The thread that writes would die otherwise, and whoever waits for it with it.
    """

    def __init__(self, file: TextIO) -> None:
        """Take the file to write to."""
        self._file = file

    def write(self, text: str) -> int:
        """Write text, unless the terminal is gone."""
        with suppress(OSError):
            return self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass on what was written, unless the terminal is gone."""
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """Return the file's descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._file.isatty()


class CompactDriver(LinuxDriver):
    """Textual's driver for a terminal, with fewer bytes; it survives a hang-up."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Take the app; see Textual's ``LinuxDriver``."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = HangupSafeFile(self._file)  # type: ignore[assignment]  # as far as it is used

    def run_input_thread(self) -> None:
        """Pass on what is typed; end the app when the terminal has hung up."""
        try:
            super().run_input_thread()
        except OSError:
            self._app.call_later(self._app.run_action, "end")

    def write(self, data: str) -> None:
        """Write what draws the same as some data."""
        super().write(self._minimizer.minimize(data))

    @property
    def _minimizer(self) -> SgrMinimizer:
        # What was written before is always plain in the end.
        return SgrMinimizer()
