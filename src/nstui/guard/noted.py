"""What an installation has noted in the settings of the guard, for later commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from nstui.model.json import mapping, text

UNIX = "unix://"


class Noted(NamedTuple):
    """The engine that the guard was installed for; empty where nothing was noted."""

    engine: str = ""
    """The path of its socket."""

    config_file: str = ""
    """Its configuration file, which an engine that does not run does not tell."""


def noted_settings(path: str) -> Noted:
    """Return what the file of the settings says; nothing if it cannot be read."""
    try:
        found = mapping(json.loads(Path(path).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return Noted()
    engine, config_file = text(found, "engine"), text(found, "engine_config")
    # Settings that were not written by an installation name no file.
    if not config_file or not engine.startswith(UNIX):
        return Noted()
    return Noted(engine.removeprefix(UNIX), config_file)
