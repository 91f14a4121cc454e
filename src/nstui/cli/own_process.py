"""What the standing watch knows about its own process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nstui.cli.wiring import proc_folder
from nstui.model.own import OwnProcess
from nstui.procfs.own import read_own_process

if TYPE_CHECKING:
    from nstui.cli.settings import Settings


def find_own_process(settings: Settings) -> OwnProcess:
    """Return what tells in which container nstui runs; of the demo, nothing.

    Args:
        settings: The global options.

    Raises:
        UsageProblem: the environment makes no sense.

    """
    if settings.demo:
        return OwnProcess()
    return read_own_process(proc_folder(os.environ))
