"""The guard's systemd units, and the script by which the engine gets rid of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding import unit_texts
from nstui.analysis.guarding.engine_config import PLUGIN, PLUGINS_KEY
from nstui.analysis.guarding.rescue_script import SCRIPT

if TYPE_CHECKING:
    from nstui.analysis.guarding.places import Places

SOCKET_UNIT = "nstui-guard.socket"
SERVICE_UNIT = "nstui-guard.service"
RESCUE_UNIT = "nstui-guard-rescue.service"
CHECK_UNIT = "nstui-guard-check.service"
CHECK_TIMER = "nstui-guard-check.timer"
OPEN_SOCKET = "nstui-guard-open.socket"
OPEN_UNIT = "nstui-guard-open@.service"

STARTED_UNITS = (SOCKET_UNIT, CHECK_TIMER)
"""What is enabled; the others are started by these."""

RUNNING_UNITS = (*STARTED_UNITS, SERVICE_UNIT)
"""What runs while there is a guard."""

STOPPED_UNITS = (CHECK_TIMER, RESCUE_UNIT, OPEN_SOCKET, SOCKET_UNIT, SERVICE_UNIT)
"""What is stopped to end the guard, in this order: its own watchdog comes first."""

UNITS = (
    SOCKET_UNIT,
    SERVICE_UNIT,
    RESCUE_UNIT,
    CHECK_UNIT,
    CHECK_TIMER,
    OPEN_SOCKET,
    OPEN_UNIT,
)

_DOCUMENTATION = "https://github.com/nstui/nstui/blob/main/docs/guard.md"


class Engine(NamedTuple):
    """The engine that the units are for."""

    config_file: str
    pidfile: str
    unit: str
    """Its systemd unit; empty if it has none."""

    program: str
    """The name of its process, as in ``/proc/PID/comm``."""


def unit_files(
    places: Places, engine: Engine, program: tuple[str, ...]
) -> dict[str, str]:
    """Return the text of each file by its path: the units, and the script.

    Args:
        places: The paths of the guard.
        engine: The engine.
        program: The words that run a module, the first one an absolute path.

    """
    texts = {
        SOCKET_UNIT: unit_texts.SOCKET,
        SERVICE_UNIT: unit_texts.SERVICE,
        RESCUE_UNIT: unit_texts.RESCUE,
        CHECK_UNIT: unit_texts.CHECK,
        CHECK_TIMER: unit_texts.TIMER,
        OPEN_SOCKET: unit_texts.OPEN_SOCKET,
        OPEN_UNIT: unit_texts.OPEN,
    }
    words = {
        **{f"@{name}@": _unit_word(path) for name, path in places._asdict().items()},
        "@front@": _unit_command((*program, "nstui.guard")),
        "@documentation@": _DOCUMENTATION,
    }
    files = {
        f"{places.units}/{name}": _filled(text, words) for name, text in texts.items()
    }
    return {places.rescue: _rescue_script(places, engine, program), **files}


def unit_paths(places: Places) -> tuple[str, ...]:
    """Return the paths of all that `unit_files` gives."""
    return (places.rescue, *(f"{places.units}/{name}" for name in UNITS))


def _filled(text: str, words: dict[str, str]) -> str:
    for key, value in words.items():
        text = text.replace(key, value)
    return text


def _unit_command(words: tuple[str, ...]) -> str:
    """Return a command line of a unit; see systemd.service(5)."""
    program, *arguments = map(_unit_word, words)
    # Variables are not looked for in the path of the program.
    return " ".join([program, *(word.replace("$", "$$") for word in arguments)])


def _unit_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if set(escaped) & set(" \t'\";\\") else escaped


def _rescue_script(places: Places, engine: Engine, program: tuple[str, ...]) -> str:
    words = {
        "@plugin_socket@": _shell_word(places.plugin_socket),
        "@nstui@": " ".join(map(_shell_word, (*program, "nstui"))),
        "@config_file@": _shell_word(engine.config_file),
        "@pidfile@": _shell_word(engine.pidfile),
        "@unit@": _shell_word(engine.unit),
        "@engine_program@": _shell_word(engine.program),
        "@plugin@": PLUGIN,
        "@plugins_key@": PLUGINS_KEY,
        "@socket_unit@": SOCKET_UNIT,
        "@service_unit@": SERVICE_UNIT,
        "@check_timer@": CHECK_TIMER,
        "@open_socket@": OPEN_SOCKET,
    }
    return _filled(SCRIPT, words)


def _shell_word(word: str) -> str:
    """Return a word quoted for sh."""
    quoted = word.replace("'", "'\\''")
    return f"'{quoted}'"
