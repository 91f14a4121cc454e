"""The command: measures, and writes a table, a picture and every number."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.extent import FULL, QUICK
from bench.lines import judge
from bench.plot import write_plot
from bench.run import measure, say
from bench.stage import CannotMeasure
from bench.table import write_table

if TYPE_CHECKING:
    from typing import NoReturn

    from bench.measurements import Measurements

RESULTS = Path(__file__).parent / "results"
NAME = "latest"
_SWITCH_S = 0.0005
"""The longest wait of the thread that takes the times for another thread, in
seconds."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="few containers, once, without others: proves only that it works",
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="a folder")
    given = parser.parse_args()
    # What was started is ended on exit, as after ctrl+c.
    signal.signal(signal.SIGTERM, _interrupt)
    sys.setswitchinterval(_SWITCH_S)
    try:
        found = measure(QUICK if given.quick else FULL, is_quick=given.quick)
    except CannotMeasure as reason:
        sys.exit(f"bench: {reason}")
    except KeyboardInterrupt:
        sys.exit(130)
    write(found, given.output)


def write(found: Measurements, folder: Path) -> None:
    """Write the results into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [asdict(line) for line in judge(found)]
    document = {"lines": lines, "measurements": asdict(found)}
    folder.joinpath(f"{NAME}.json").write_text(json.dumps(document, indent=1) + "\n")
    folder.joinpath(f"{NAME}.svg").write_text(write_plot(found))
    folder.joinpath(f"{NAME}.md").write_text(write_table(found))
    say(f"written to {folder / NAME}.md")


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
