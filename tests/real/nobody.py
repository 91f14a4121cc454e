"""A program: run nstui as the user nobody, with the arguments that follow.

It is started by root, so that what must be done as root can be done before.
"""

from __future__ import annotations

import os
import sys

NOBODY = 65534


def main() -> None:
    """Give up all rights, and become nstui."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    os.execv(sys.executable, [sys.executable, "-m", "nstui", *sys.argv[1:]])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
