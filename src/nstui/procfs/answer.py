"""What the shell of another machine has answered, taken apart.

An answer is never misread: what is cut off, too long or damaged is refused as a whole,
and a line that is not understood is left out, so that what it told is unknown.
"""

from __future__ import annotations

import errno
import os
import re
import zlib
from typing import TYPE_CHECKING

from nstui.procfs.process import pids_among

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from nstui.procfs.script import Marks

_MOST_BYTES = 1 << 28
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_ERRORS = {
    "No such file or directory": errno.ENOENT,
    "No such file": errno.ENOENT,
    "No such process": errno.ESRCH,
    "No such device or address": errno.ENXIO,
    # Busybox has lost the reason by then; in /proc it is that the process has ended.
    "Input/output error": errno.ESRCH,
    "Permission denied": errno.EACCES,
    "Operation not permitted": errno.EPERM,
}
"""What the programs write, in the C locale, in the place of an error's number."""

_NEVER_EMPTY = ("/cgroup", "/net/dev", "/status", "/stat")
"""Of a process that has just ended, some programs read an empty file."""

_FD = re.compile(r"^l\S+ +\d+ +\d+ +\d+ +\d+ +\S+ +\S+ +\S+ (\d+) -> (.*)$")
"""A link as ls lists it."""

_GREP_FILES = (
    "net/dev|status|cpu.stat|cpuacct.usage|memory.current|memory.stat|"
    "memory.usage_in_bytes"
)


_TAKEN_WITH_ERRORS = frozenset("FGLJ")
"""The sections that are followed by one with a program's errors."""


class Unusable(Exception):
    """The shell's answer cannot be used; the message is a sentence's end."""


class Fetched:
    """What is known of a machine; instead of a value there may be an error's number.

    A path is relative to the root of ``/proc``, unless it is absolute.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.files: dict[str, tuple[bytes, int] | int] = {}
        """The content of each file, and how many bytes were read at most."""

        self.stats: dict[str, tuple[int, int] | int] = {}
        """The device and the inode that each path leads to."""

        self.links: dict[str, str | int] = {}
        self.descriptors: dict[str, list[str] | int] = {}
        """The targets of the links in each folder of open files."""

        self.names: dict[str, dict[str, bool] | int] = {}
        """The names in each folder, and whether each is a symbolic link."""

        self.called: dict[str, list[int]] = {}
        """The processes with some command names, which are joined by blanks."""

        self.pids: list[int] | None = None
        self.about: dict[str, str] = {}
        """Facts about the machine and the reader: uid, hz, btime, up."""

        self.reused: set[str] = set()
        """The pids that are another process's than before."""

        self.is_missing = False
        """Whether there is no ``/proc`` where it should be."""

        self._cgroups: dict[str, bytes] = {}

    def take(self, answer: bytes, marks: Marks) -> None:
        """Take in an answer to a script with these marks.

        Raises:
            Unusable: it is none, or not all of it.

        """
        sections = list(_sections(answer, marks))
        following = [*(content for _, content in sections[1:]), b""]
        for (name, content), errors in zip(sections, following, strict=True):
            kind, _, about = name.partition(" ")
            if kind in _TAKEN_WITH_ERRORS:
                self._take_output(kind, about, content, errors, marks)
            else:
                self._take_told(kind, about, content, marks)

    def _take_output(
        self, kind: str, about: str, content: bytes, errors: bytes, marks: Marks
    ) -> None:
        """Take what a program wrote, the errors of which are the next section."""
        if kind == "F":
            self._take_files(content, int(about), marks)
            _take_errors(self.files, errors, marks)
        elif kind == "G":
            self._take_lines(content, marks)
            _take_errors(self.files, errors, marks)
        elif kind == "L":
            self._take_listing(content, marks)
            _take_errors(self.descriptors, errors, marks)
        else:
            target = os.fsdecode(content)
            self.links[about] = target or _number(_text(errors))

    def _take_told(self, kind: str, about: str, content: bytes, marks: Marks) -> None:
        """Take what needs no section for errors."""
        words = content.decode("ascii", "replace").split()
        if kind == "S":
            self._take_stats(content, marks)
        elif kind == "N":
            self._take_folder(about, content)
        elif kind == "P":
            self.pids = pids_among(words)
        elif kind == "D":
            self.called[about] = pids_among(each.partition("/")[0] for each in words)
        elif kind == "A":
            lines = (line.partition(" ") for line in _text(content).split("\n"))
            self.about |= {key: value for key, _, value in lines}
        elif kind == "X":
            before, _, after = content.partition(b"\0")
            self._check(_first_lines(before))
            self._check(_first_lines(after))
        elif kind == "C":
            self._check(_first_lines(content))
        elif kind == "none":
            self.is_missing = True

    def _check(self, now: dict[str, bytes]) -> None:
        """Note which processes are in another cgroup than before."""
        for pid, line in now.items():
            if self._cgroups.setdefault(pid, line) != line:
                self.reused.add(pid)

    def _take_files(self, content: bytes, limit: int, marks: Marks) -> None:
        """Take what head wrote: each file after a header of its own."""
        detour = re.escape(marks.detour.encode())
        header = re.compile(rb"(?:\A|\n)==> (/?)" + detour + rb"([^\n]*) <==\n")
        parts = header.split(content)
        for root, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            path = os.fsdecode(root + name)
            is_gone = not text and path.endswith(_NEVER_EMPTY)
            self.files[path] = errno.ESRCH if is_gone else (text, limit)
            pid, _, rest = path.partition("/")
            if rest == "cgroup" and text:
                self._check({pid: text.partition(b"\n")[0].strip(b" \t")})

    def _take_lines(self, content: bytes, marks: Marks) -> None:
        """Take what grep wrote: each line with its file."""
        line = re.compile(
            rf"(/?){re.escape(marks.detour)}((?:.*/)?(?:{_GREP_FILES})):(.*)"
        )
        found: dict[str, list[str]] = {}
        for match in map(line.fullmatch, _text(content).split("\n")):
            if match is not None:
                found.setdefault(match[1] + match[2], []).append(f"{match[3]}\n")
        for path, lines in found.items():
            self.files[path] = os.fsencode("".join(lines)), _MOST_BYTES

    def _take_stats(self, content: bytes, marks: Marks) -> None:
        detour = re.escape(marks.detour)
        line = re.compile(rf"(\d+) (\d+) (/?){detour}(.*)")
        found: dict[str, set[tuple[int, int]]] = {}
        for match in map(line.fullmatch, _text(content).split("\n")):
            if match is not None:
                path = match[3] + match[4]
                found.setdefault(path, set()).add((int(match[1]), int(match[2])))
        if "." not in found:
            raise Unusable("its stat cannot tell which file a path leads to (stat -c)")
        # A name with a line feed may look like another one.
        self.stats |= {
            path: each.pop() for path, each in found.items() if len(each) == 1
        }
        _take_errors(self.stats, content, marks)

    def _take_listing(self, content: bytes, marks: Marks) -> None:
        """Take what ls wrote: the links in each folder after a header of its own."""
        header = re.compile(rf"(/?){re.escape(marks.detour)}(.*):")
        links: list[str] = []
        for line in _text(content).split("\n"):
            if found := header.fullmatch(line):
                links = []
                self.descriptors[found[1] + found[2]] = links
            elif found := _FD.fullmatch(line):
                links.append(found[2])

    def _take_folder(self, path: str, content: bytes) -> None:
        *names, end = content.split(b"\0")
        if end != b"read":
            self.names[path] = errno.EACCES
            return
        self.names[path] = {
            os.fsdecode(name[1:]): name.startswith(b"l") for name in names
        }


def _take_errors(
    memory: MutableMapping[str, tuple[bytes, int] | int]
    | MutableMapping[str, tuple[int, int] | int]
    | MutableMapping[str, list[str] | int],
    errors: bytes,
    marks: Marks,
) -> None:
    """Take the errors of a program, one line for each path."""
    detour = re.escape(marks.detour)
    line = re.compile(rf".*?(/?){detour}([^']*?)(?:'.*)?: ([^:]*)")
    for match in map(line.fullmatch, _text(errors).split("\n")):
        if match is not None:
            memory[match[1] + match[2]] = _number(match[3])


def _sections(answer: bytes, marks: Marks) -> Iterator[tuple[str, bytes]]:
    """Yield the sections of an answer with their names.

    Raises:
        Unusable: it is none, or not all of it.

    """
    if answer.startswith(_GZIP):
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        try:
            answer = unpacker.decompress(answer, _MOST_BYTES)
        except zlib.error:
            raise Unusable("its answer is damaged") from None
        if unpacker.unconsumed_tail:
            raise Unusable("its answer is too long")
        if not unpacker.eof:
            raise Unusable("its answer is cut off")
    mark = f"\n{marks.word} ".encode()
    # What a shell prints of its own accord comes before the first section.
    _, *parts = answer.split(mark)
    if not parts or not parts[0].startswith(b"begin\n"):
        raise Unusable("its shell does not run a script for POSIX sh")
    if parts[-1] != b"end\n":
        raise Unusable("its answer is cut off")
    for part in parts[1:-1]:
        name, _, content = part.partition(b"\n")
        yield name.decode(errors="replace"), content


def _text(content: bytes) -> str:
    return os.fsdecode(content)


def _first_lines(content: bytes) -> dict[str, bytes]:
    """Return the first line of the ``cgroup`` file of each process, by pid."""
    lines = (line.partition(b" ") for line in content.split(b"\n") if line)
    return {pid.decode("ascii", "replace"): first for pid, _, first in lines}


def _number(said: str) -> int:
    """Return the number of the error that a program writes."""
    return _ERRORS.get(said.rpartition(": ")[2].strip("\n"), errno.EIO)
