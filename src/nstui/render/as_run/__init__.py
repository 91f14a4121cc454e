"""A container's inspect as the commands that would make an equal container again.

The options are those of ``docker run``, whose client turns them into the fields of a
container as ``cli/command/container/opts.go`` and ``opts/`` of docker/cli say.
"""

from __future__ import annotations

from nstui.render.as_run.command import docker_run_words, recreate_commands
from nstui.render.as_run.unsaid import unsaid

__all__ = ["docker_run_words", "recreate_commands", "unsaid"]
