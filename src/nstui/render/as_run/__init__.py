"""A container's inspect as the commands that would make an equal container again.

The options are those of ``docker run``, whose client turns them into the fields of a
container as ``cli/command/container/opts.go`` and ``opts/`` of docker/cli say.
"""

from __future__ import annotations

from nstui.render.as_run.command import recreate_commands, run_command
from nstui.render.as_run.unsaid import unsaid

__all__ = ["recreate_commands", "run_command", "unsaid"]
