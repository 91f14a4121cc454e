"""The four shells, and programs in place of those that the commands call."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SHELLS = {
    "sh": ("dash",),
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "-f"),
    "fish": ("fish", "--no-config"),
}
"""By the name that users know them by; none reads a configuration of the machine."""

LOCALES = ("C", "C.UTF-8")

_STUB = r"""#!/bin/dash
{ printf '%s\0' "$(($# + 1))" "${0##*/}"
[ $# -eq 0 ] || printf '%s\0' "$@"; } >>"$CALLS"
"""
"""Notes the words that it is called with, which hold no zero byte."""

PROGRAMS = ("docker", "podman", "nstui")

HOSTILE = (
    "'; touch pwned; echo '",
    "\\'; touch pwned; echo \\'",
    "\\\\'; touch pwned; #",
    "\\' '; touch pwned; '",
    '";touch pwned;"',
    "$(touch pwned)",
    "`touch pwned`",
    "(touch pwned)",
    "{touch,pwned}",
    "a;touch pwned",
    "a&touch pwned&",
    "a|touch pwned",
    "a&&touch pwned",
    "a or touch pwned",
    ">pwned",
    "2>pwned",
    "^pwned",
    ">(touch pwned)",
    "=(touch pwned)",
    "<(touch pwned)",
    "=ls",
    "a==ls",
    "A=1",
    "$HOME",
    "~",
    "~root",
    "a:~",
    "%1",
    "%self",
    "*",
    "?ait",
    "[a-z]*",
    "**",
    "bait(e:touch pwned:)",
    "{a,b}",
    "a{1..3}",
    "!!",
    "!-1",
    "a!b",
    "^a^b",
    "#",
    "a#b",
    "@f",
    "+a",
    ":",
    ".",
    "\\",
    "\\\\",
    "a\\",
    "'",
    "''",
    "'\\",
    "\\'",
    '"',
    "it's",
    " ",
    "two words",
    "",
    "\u00a0\u3000",
    "naïve-日本語-😀",
    "e\u0301\u0302",
    "$'a'",
    '$"a"',
    "&&",
    "if",
    "[[",
    ";",
    "\u2019;touch pwned;\u2019",
    "\uff07;touch pwned;",
    "\ufe0f;touch pwned;",
)
"""What can be written for every shell, and what each takes for something else."""

UNWRITABLE = (
    "a\nb",
    "a\rb",
    "a\tb",
    "\x01a'; touch pwned; echo '",
    "\x1b[2J",
    "\x7f",
    "\x9b31m",
    "\u202epwned",
    "\u200b",
    "\u2028",
    "a" + 3 * "\u0301",
    "\ud800",
    "\udcff",
    "\ufdd0",
    "\uf600",
    "\U0010ffff",
)
"""What no form exists for that all of them read alike, or that nobody can see."""


def shell_command(name: str) -> tuple[str, ...]:
    """Return how a shell is called; skip where it is missing, unless CI says not to."""
    if shutil.which(SHELLS[name][0]) is not None:
        return SHELLS[name]
    message = f"there is no {SHELLS[name][0]} here"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


class Desk:
    """A folder to paste commands in, which must not change."""

    def __init__(self, folder: Path) -> None:
        """Lay out the programs, and what a pattern could find."""
        self._calls = folder / "calls"
        self._place = folder / "place"
        self._place.mkdir()
        (self._place / "bait").touch()
        programs = folder / "bin"
        programs.mkdir()
        for name in PROGRAMS:
            (programs / name).write_text(_STUB)
            (programs / name).chmod(0o755)
        self.environ = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(folder),
            "CALLS": str(self._calls),
            "TERM": "dumb",
        }

    def paste(
        self, shell: str, lines: Iterable[str], locale: str = "C.UTF-8"
    ) -> list[tuple[str, ...]]:
        """Run lines in a shell; return what was called, in its words."""
        assert self._run(shell, lines, locale) == b""
        return self.calls()

    def misuse(self, shell: str, sentences: Iterable[str]) -> None:
        """Paste what is no command: all that comes of it are complaints."""
        for sentence in sentences:
            assert self._run(shell, [sentence], "C.UTF-8") != b"", sentence
            assert self.calls() == [], sentence

    def _run(self, shell: str, lines: Iterable[str], locale: str) -> bytes:
        """Return what a shell complains of."""
        done = subprocess.run(
            shell_command(shell),
            input="".join(f"{line}\n" for line in lines).encode(),
            env={**self.environ, "LC_ALL": locale},
            cwd=self._place,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.stdout == b""
        return done.stderr

    def calls(self) -> list[tuple[str, ...]]:
        """Return what has been called; nothing else may have happened."""
        assert [one.name for one in self._place.iterdir()] == ["bait"]
        if not self._calls.exists():
            return []
        words = self._calls.read_bytes().decode().split("\0")[:-1]
        self._calls.unlink()
        found = []
        while words:
            end = 1 + int(words[0])
            found.append(tuple(words[1:end]))
            words = words[end:]
        return found

    def count(self) -> int:
        """Return how much has been noted so far."""
        return self._calls.stat().st_size if self._calls.exists() else 0

    @property
    def place(self) -> str:
        """Return the folder that must not change."""
        return str(self._place)
