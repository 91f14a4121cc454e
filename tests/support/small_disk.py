"""A file system of a few kilobytes, which a test can fill."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_PAGE = 4096


class SmallDisk:
    """A file system that is mounted at a folder, in a context; needs root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"

    def __enter__(self) -> Self:
        """Mount it."""
        self._folder.mkdir(exist_ok=True)
        options = ("-o", "size=64k,mode=755")
        command = ["mount", "-t", "tmpfs", *options, "tmpfs", str(self._folder)]
        subprocess.run(command, check=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Unmount it, whoever still uses it."""
        subprocess.run(["umount", "--lazy", str(self._folder)], check=True)

    def fill(self) -> None:
        """Leave no room on it."""
        descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while True:
                os.write(descriptor, b"\0" * _PAGE)
        except OSError as error:
            if error.strerror != "No space left on device":
                raise
        finally:
            os.close(descriptor)

    def free(self) -> None:
        """Leave room on it again."""
        self._ballast.unlink()
