"""The command ``nstui config``, and the example that it prints."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

import click

from nstui.analysis.preferences.choices import LastLeft
from nstui.cli.config import last_left_file, preferences, read_config
from nstui.cli.exits import ExitCode, complain
from nstui.render.document import dump
from nstui.render.settings import setting_lines, settings_document
from nstui.tui.keymap import TEXTUALS_KEYS, main_keys, usable

if TYPE_CHECKING:
    from nstui.cli.config import ConfigFile
    from nstui.cli.settings import Settings


EXAMPLE = """\
# A theme of the palette (ctrl+p, Theme).
theme = "nord"

# findings, name, state, age, cpu or memory
order = "memory"

# Seconds between two looks at the engine while it reports nothing: 0.1 to 3600.
interval = 10

# The columns of the tree beside name, state and finding: any of these.
columns = ["kinds", "image", "compose"]

[check]
# Findings that are known, and neither listed nor failed for: NAME, CODE or NAME:CODE.
# A name may have *, ? and [...].
ignore = ["lab-*", "restart-mismatch", "sonarr:unhealthy"]

# Sets of hosts, for nstui -c home: docker contexts and addresses.
[hosts]
home = ["nas", "pi", "tcp://10.0.0.3:2375"]

# What nstui watch does by itself. Durations: 500ms, 3s, 10m, 1h30m.
[watch]
mode = "heal"               # or "notify", which only tells, or "off"
settle = "3s"               # how long an owner must have run
health = "5m"               # how long its health check may take to pass
budget = "5 in 5m"          # attempts for a container until a person is needed
back-off = "10s to 10m"     # the wait after an attempt, doubled after each
circuit = "1h"              # or until nstui watch --reset NAME
notify = ["ntfy://ntfy.example/nstui"]
metrics = "127.0.0.1:9585"  # or a file for node_exporter
log-format = "text"         # or "json"

# For one container by its name, and what depends on it; like the labels nstui.watch,
# nstui.settle and nstui.stop-timeout.
[watch.names.vpn]
mode = "notify"
settle = "30s"
stop-timeout = "20s"

# Other keys for the main screen, one or several for each.
[keymap]
refresh = "f5"
remove = ["x", "delete"]
"""


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
