"""nstui with a list of hosts, one for each socket in a folder.

It is what ``nstui -H … -H …`` runs.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.cli.app import run_hosts
from nstui.cli.settings import Settings
from nstui.cli.wiring import wire
from nstui.service.host_choice import HostChoice

if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the text UI on every host."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="+")
    given = parser.parse_args()
    choices = tuple(
        HostChoice(name, partial(wire, Settings(host=f"unix://{given.folder / name}")))
        for name in given.names
    )
    raise SystemExit(run_hosts(choices, Settings()))


if __name__ == "__main__":
    main()
