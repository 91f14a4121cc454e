"""The command ``nstui config``."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

import click

from nstui.analysis.preferences.choices import LastLeft
from nstui.analysis.preferences.example import EXAMPLE
from nstui.cli.config import last_left_file, preferences, read_config
from nstui.cli.exits import ExitCode, complain
from nstui.render.document import dump
from nstui.render.settings import setting_lines, settings_document
from nstui.tui.keymap import TEXTUALS_KEYS, main_keys, usable

if TYPE_CHECKING:
    from nstui.cli.config import ConfigFile
    from nstui.cli.settings import Settings


NOWHERE = "nowhere: you have no home folder"


def print_config(settings: Settings, *, as_json: bool) -> ExitCode:
    """Print the settings that apply, and where each comes from.

    What is wrong with them is said on stderr, and makes the exit code 1.
    """
    kept = last_left_file()
    left = LastLeft() if kept is None else kept.read()
    read = read_config()
    preferred = usable(preferences(settings, read, left))
    if as_json:
        document = settings_document(
            preferred,
            left,
            place=None if read.path is None else str(read.path),
            state=None if kept is None else str(kept.path),
        )
        click.echo(dump(document))
    else:
        state = NOWHERE if kept is None else str(kept.path)
        for line in setting_lines(preferred, left, place=_place(read), state=state):
            click.echo(line)
    for problem in preferred.problems:
        complain(problem)
    return ExitCode.FAILED if preferred.problems else ExitCode.DONE


def _place(read: ConfigFile) -> str:
    if read.path is None:
        return NOWHERE
    if read.choices is not None:
        return str(read.path)
    return f"{read.path} ({'not read' if read.problems else 'does not exist'})"


def print_example() -> None:
    """Print a configuration with every setting, explained."""
    click.echo(EXAMPLE, nl=False)
    click.echo("# All ids, with their keys:")
    for id_, keys in main_keys().items():
        if id_ not in TEXTUALS_KEYS:
            click.echo(f"# {id_} = {dumps(keys.split(','))}")
