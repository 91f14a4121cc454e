"""How a process is called, by the files of a made-up one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from pathlib import Path

CALLED = {
    "words": (b"nc\0-l\0-p\08080\0", "nc -l -p 8080"),
    "a title instead": (b"nginx: worker process\0\0\0\0", "nginx: worker process"),
    "an empty word": (b"sh\0-c\0\0x\0", "sh -c  x"),
    "no last zero": (b"it", "it"),
    "nothing": (b"", "[web:1]"),
    "nothing but zeros": (b"\0\0\0", "[web:1]"),
    "no text": (b"\xff\x1b[2J\0", "\\xff\x1b[2J"),
    "far too long": (b"x" * 9000, "x" * 4096),
}


@pytest.mark.parametrize(("words", "command"), CALLED.values(), ids=CALLED)
def test_how_a_process_is_called(tmp_path: Path, words: bytes, command: str) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/cmdline").write_bytes(words)
    (tmp_path / "7/comm").write_text("web:1\n")
    with machine_at(tmp_path).process(7) as process:
        assert process.command_line() == command
