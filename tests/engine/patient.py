"""nstui as a program that waits ten minutes for an engine's answer.

An engine is frozen for shorter than that in any test: what goes on meanwhile has waited
for no answer, however slow the machine is.
"""

from __future__ import annotations

from nstui.cli.main import main
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.shells import DockerShells

if __name__ == "__main__":
    for initial in (DockerEngine.__init__, DockerShells.__init__):
        defaults = initial.__kwdefaults__
        assert defaults is not None
        assert "timeout" in defaults
        defaults["timeout"] = 600.0
    main()
