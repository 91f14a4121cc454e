"""Write the man pages of all commands: ``python -m scripts.manpages``."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import click
from click_man.core import write_man_pages  # type: ignore[import-untyped]

from nstui.cli.commands import cli

FOLDER = Path(__file__).parents[1] / "docs" / "man"
CHANGELOG = FOLDER.parents[1] / "CHANGELOG.md"


def write_pages(folder: Path) -> None:
    """Write a page for each command into a folder: ``nstui.1``, ``nstui-rm.1``, …."""
    number = version("nstui")
    # The writer reads the commands that there are, and asks for no others.
    cli.list_commands(click.Context(cli))
    write_man_pages(
        "nstui", cli, version=number, target_dir=folder, date=release_date(number)
    )


def release_date(number: str) -> str:
    """Return the date of a version in the changelog, as ``2026-11-27``."""
    heading = f"## [{number}] - "
    lines = CHANGELOG.read_text().splitlines()
    return next(
        line.removeprefix(heading) for line in lines if line.startswith(heading)
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for page in FOLDER.glob("*.1"):
        page.unlink()
    write_pages(FOLDER)
    sys.stdout.write(f"written to {FOLDER}\n")
