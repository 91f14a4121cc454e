"""A container's recipe as the commands that would make an equal container.

The options are those of ``docker run``, whose client turns them into the fields of a
container as ``cli/command/container/opts.go`` and ``opts/`` of docker/cli say.
"""

from __future__ import annotations

from nstui.render.as_run.commands import recreate_commands, unsaid

__all__ = ["recreate_commands", "unsaid"]
