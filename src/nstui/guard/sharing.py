"""Opens the guard's own socket to those that may use the engine's.

They can take the guard out of the engine, so that it hides nothing from them; what
each may ask there is for `nstui.guard.front` to say.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNIX = "unix://"
_USE = 0o666
"""What a user of a socket needs of its mode."""

_PASS = 0o011
"""What others need of the mode of the folder that it is in."""


def share(control: Path, engine: str) -> None:
    """Give the guard's own socket the group and the mode of the engine's.

    Nothing is changed while either of them is missing.

    Args:
        control: The guard's own socket, in a folder of the guard's.
        engine: The address of the engine.

    """
    # Both may be made anew at any moment, by systemd among others.
    with suppress(OSError):
        wanted = os.stat(engine.removeprefix(UNIX))  # noqa: PTH116 - its mode and group
        found = control.lstat()
        if not (stat.S_ISSOCK(wanted.st_mode) and stat.S_ISSOCK(found.st_mode)):
            return
        mode = wanted.st_mode & _USE | found.st_mode & 0o600
        if found.st_gid != wanted.st_gid:
            # Its mode is for the new group alone.
            control.chmod(found.st_mode & 0o600)
            os.chown(control, -1, wanted.st_gid)
        if found.st_mode & 0o777 != mode or found.st_gid != wanted.st_gid:
            control.chmod(mode)
        folder = control.parent.stat().st_mode
        if mode & 0o066 and folder & _PASS != _PASS:
            control.parent.chmod(folder & 0o7777 | _PASS)
