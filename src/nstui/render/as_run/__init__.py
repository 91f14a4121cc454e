"""A container's recipe as the commands that create an equal container.

The options are those of ``docker run``. How its client turns them into the fields of a
container is defined in ``cli/command/container/opts.go`` and ``opts/`` of docker/cli.
"""

from __future__ import annotations

from nstui.render.as_run.commands import find_inexpressible, recreate_commands

__all__ = ["find_inexpressible", "recreate_commands"]
