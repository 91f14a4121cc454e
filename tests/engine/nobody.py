"""A program: run nstui as the user nobody, with the arguments that follow.

It is started by root, so that what must be done as root can be done before: where the
interpreter is in a folder that only root may enter, as root's own home, it is made
reachable in a mount namespace of this program's own.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

NOBODY = 65534
INSIDE = "--inside"
"""The first argument within the mount namespace."""


def main() -> None:
    """Give up all rights, and become nstui."""
    arguments = sys.argv[1:]
    if arguments[:1] == [INSIDE]:
        arguments = arguments[1:]
        make_reachable()
    elif closed_folders():
        again = ("unshare", "--mount", sys.executable, __file__, INSIDE, *arguments)
        os.execvp("unshare", again)  # noqa: S606 - no shell is wanted
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    os.execv(sys.executable, [sys.executable, "-m", "nstui", *arguments])  # noqa: S606 - no shell is wanted


def needed_folders() -> tuple[Path, ...]:
    """Return where the interpreter, its environment and the project are."""
    places = (sys.base_prefix, sys.prefix, Path(__file__).parents[2])
    return tuple(Path(place).resolve() for place in places)


def closed_folders() -> tuple[Path, ...]:
    """Return the outermost folders on the way there that only their owner may enter."""
    closed: dict[Path, None] = {}
    for place in needed_folders():
        for folder in reversed(place.parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                closed[folder] = None
                break
    return tuple(closed)


def make_reachable() -> None:
    """Put an open folder in the place of each closed one, with what is needed in it."""
    for closed in closed_folders():
        wanted = [place for place in needed_folders() if closed in place.parents]
        kept = {place: tempfile.mkdtemp() for place in wanted}
        for place, aside in kept.items():
            mount("--bind", str(place), aside)
        mount("-t", "tmpfs", "-o", "mode=755", "none", str(closed))
        for place, aside in kept.items():
            place.mkdir(parents=True, exist_ok=True)
            mount("--move", aside, str(place))
            Path(aside).rmdir()


def mount(*words: str) -> None:
    """Mount something in this program's own namespace."""
    subprocess.run(("mount", *words), check=True)


if __name__ == "__main__":
    main()
