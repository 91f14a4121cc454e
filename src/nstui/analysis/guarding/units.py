"""The guard's systemd units, and the script by which the engine gets rid of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding import unit_texts
from nstui.analysis.guarding.engine_config import PLUGIN, PLUGINS_KEY

if TYPE_CHECKING:
    from nstui.analysis.guarding.places import Places


SCRIPT = r"""#!/bin/sh
# Written by "nstui guard install", removed by "nstui guard uninstall".
#
# Needs no Python: that may be what is broken. By hand, if the engine answers nobody:
#     sudo sh /etc/nstui/guard-rescue.sh take-out
#
# take-out     the engine asks the guard no more: out of its configuration file, which
#              the engine then reads again
# let-through  answers one call of the engine, on stdin and stdout: it may go on
# check        fails if the guard does not answer, not even after a restart; asks three
#              times, since nstui may just be replaced by another version
set -u
export LC_ALL=C

CONFIG=@config_file@
PIDFILE=@pidfile@
SOCKET=@plugin_socket@
UNIT=@unit@
PROGRAM=@engine_program@

say() { # loudly: in the journal, and on every terminal
    echo "<1>$1" >&2
    if command -v wall >/dev/null; then
        echo "nstui guard: $1" | wall 2>/dev/null || :
    fi
}

let_through() {
    length=0
    answer='{"Allow":true}'
    end=$(printf '\r')
    while IFS= read -r line; do
        case $line in
        *' /Plugin.Activate '*) answer='{"Implements":["authz"]}' ;;
        [Cc]ontent-[Ll]ength:*)
            length=${line#*:}
            length=${length%"$end"}
            length=${length# }
            ;;
        "$end" | '') break ;;
        esac
    done
    case $length in '' | *[!0-9]*) length=0 ;; esac
    # An answer before the whole question was read would be lost.
    [ "$length" -eq 0 ] || head -c "$length" >/dev/null
    printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
    printf 'Connection: close\r\nContent-Length: %d\r\n\r\n%s' "${#answer}" "$answer"
}

is_named() {
    [ -e "$CONFIG" ] &&
        tr -d ' \t\r\n' <"$CONFIG" | grep -q '"@plugins_key@":\[[^]]*"@plugin@"'
}

take_out_of_file() {
    draft=$CONFIG.nstui-draft
    list='"@plugins_key@"[[:space:]]*:[[:space:]]*\['
    # The draft gets the owner and the mode of the file.
    cp -p "$CONFIG" "$draft" || return 1
    if sed -zE \
        -e "s/($list[^]]*[^],[:space:]])[[:space:]]*,[[:space:]]*\"@plugin@\"/\1/" \
        -e "s/($list[[:space:]]*)\"@plugin@\"[[:space:]]*,?[[:space:]]*/\1/" \
        "$CONFIG" >"$draft" && mv -f "$draft" "$CONFIG"; then
        return 0
    fi
    rm -f "$draft"
    return 1
}

engine_pid() {
    main=0
    if [ -n "$UNIT" ] && command -v systemctl >/dev/null; then
        main=$(systemctl show --property=MainPID --value "$UNIT" 2>/dev/null)
    fi
    for pid in "$(cat "$PIDFILE" 2>/dev/null)" "$main"; do
        case $pid in '' | 0 | 1 | *[!0-9]*) continue ;; esac
        if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$PROGRAM" ]; then
            echo "$pid"
            return 0
        fi
    done
    return 1
}

check() {
    for _ in 1 2 3; do
        @nstui@ guard check && return 0
        sleep 5
    done
    return 1
}

await_start() { # an engine that only just starts would end of the signal
    [ -n "$UNIT" ] && command -v systemctl >/dev/null || return 0
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ "$(systemctl is-active "$UNIT")" = activating ] || return 0
        sleep 2
    done
}

systemctl_quietly() {
    command -v systemctl >/dev/null || return 0
    systemctl "$@" >/dev/null 2>&1
}

bring_back() { # where all that is missing is the socket's file
    [ -S "$SOCKET" ] && return 1
    command -v systemctl >/dev/null || return 1
    systemctl_quietly reset-failed @socket_unit@ @service_unit@
    systemctl_quietly restart @socket_unit@ @service_unit@ || return 1
    echo "<4>nstui guard: its socket had been removed, and is there again" >&2
}

take_out() {
    bring_back && return 0
    if is_named; then
        say 'the guard cannot be brought back, so it is taken out of the engine:
docker rm, stop, restart and kill are NOT guarded any more; see
journalctl -u "nstui-guard*", and then: nstui guard install'
    else
        say "the guard has ended, and $CONFIG does not name it any more: the engine
reads it again"
    fi
    # The calls that wait for the guard are let through at once.
    systemctl_quietly kill --signal=SIGKILL @service_unit@
    systemctl_quietly stop @check_timer@ @socket_unit@ @service_unit@
    systemctl_quietly reset-failed @socket_unit@ @service_unit@
    systemctl_quietly start @open_socket@
    if is_named && ! take_out_of_file; then
        say "and that failed: take \"@plugin@\" out of $CONFIG by hand, then send
SIGHUP to the engine; until then every call to it is let through"
        return 1
    fi
    await_start
    # Whoever waits is let through before: an engine that takes a plugin out answers the
    # calls that are under way with nothing (moby, pkg/authorization/middleware.go).
    sleep 2
    if pid=$(engine_pid) && kill -HUP "$pid"; then
        # A call that was under way asks again for up to 45 s.
        sleep 60
        systemctl_quietly stop @open_socket@
        return 0
    fi
    if [ -n "$UNIT" ] && systemctl_quietly is-failed "$UNIT"; then
        say "the engine could not start without the guard, and is started now"
        systemctl reset-failed "$UNIT"
        systemctl start --no-block "$UNIT"
    else
        say "the engine was not found: if it runs, send it SIGHUP"
    fi
    systemctl_quietly stop @open_socket@
}

case ${1-} in
take-out) take_out ;;
let-through) let_through ;;
check) check ;;
*)
    echo "usage: $0 take-out|let-through|check" >&2
    exit 2
    ;;
esac
"""


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
