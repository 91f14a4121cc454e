"""What docker runs after another command of it: says in one line what that has broken.

docker calls its plugin with what it tells of the command, as JSON, and waits for the
answer. So this is a program of its own, which needs no click. Nothing of it is seen
unless something is wrong: the plugin hides any error. The contract is that of
``cli-plugins/hooks`` in github.com/docker/cli.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.docker_cli.words import read_command, read_globals
from nstui.analysis.losses import EndedCommand, find_losses, gone_owners
from nstui.cli.docker_options import settings_of
from nstui.cli.running import AtEnd
from nstui.cli.wiring import wire
from nstui.engine.endpoint import UNIX_SCHEME
from nstui.procfs.host import PROC
from nstui.procfs.machine import LocalMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from types import FrameType
    from typing import NoReturn

    from nstui.analysis.report import Report
    from nstui.cli.settings import Settings
    from nstui.model.container import ContainerId
    from nstui.ports import ContainerEngine
    from nstui.service.host import Host

CALLER = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"
"""The variable with the word that docker was called by."""

LIMIT_S = 3.0
"""After so many seconds it gives up, since docker waits for it."""

_END_S = 0.5
"""How long it may take to close a connection."""

_NEXT_STEPS = 0
"""The only type of an answer: lines that docker prints below *What's next:*."""

# What a loss is told by is no detail of a container, and reading these takes time.
_wire = partial(wire, has_particulars=False)


def main() -> None:
    """Print the answer, if there is one, and end the process."""
    signal.signal(signal.SIGALRM, _expire)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S, _END_S)
    endings: list[Callable[[], None]] = []
    connect = partial(_wire, at_end=AtEnd(endings.append))
    request, caller = sys.argv[1:]
    try:
        said = answer(request, int(caller), os.environ, connect)
        os.write(sys.stdout.fileno(), said.encode())
    finally:
        # A connection through ssh would go on without this program.
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        signal.setitimer(signal.ITIMER_REAL, _END_S)
        for end in endings:
            end()
        # Python's cleanup takes as long as its start.
        os._exit(0)


def _expire(_number: int, _frame: FrameType | None) -> NoReturn:
    """End what is under way; the next alarm ends the process."""
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    raise KeyboardInterrupt


def answer(
    request: str,
    caller: int,
    environ: MutableMapping[str, str],
    connect: Callable[[Settings], Host] = _wire,
) -> str:
    """Return the answer as JSON; empty if nothing is wrong.

    Any error may be raised.

    Args:
        request: What docker tells of the command that has ended, as JSON.
        caller: The process of docker: its words name the engine and the containers,
            which the request does not.
        environ: The environment, which gets what only docker's options say.
        connect: Returns the host that settings select.

    """
    has_failed = bool(json.loads(request).get("CommandError"))
    with LocalMachine(PROC).process(caller) as process:
        called, *words = process.arguments()
        age = timedelta(seconds=process.age_s())
    began = datetime.now(UTC) - age
    options = read_globals(words)
    if options is None or called != environ[CALLER]:
        return ""
    # What docker prints below a command is no place for ssh's questions.
    settings = replace(settings_of(options, environ), may_ask=False)
    host = connect(settings)
    report = host.observer.look()
    if not report.all_findings:
        return ""
    report = _as_configured(report)
    ended = EndedCommand(
        command=read_command(options.rest),
        # The time of another machine may be another.
        began=began if host.endpoint.startswith(UNIX_SCHEME) else None,
        has_failed=has_failed,
    )
    losses = find_losses(report, ended, _removals(host.engine, gone_owners(report)))
    if not losses:
        return ""
    from nstui.render.incidents import loss_line  # noqa: PLC0415

    docker = ("docker", *options.words)
    line = loss_line(losses, report.snapshot.taken_at, docker)
    # docker takes the line for a template of Go.
    template = line.replace("{{", "{ {")
    return json.dumps({"Type": _NEXT_STEPS, "Template": template})


def _removals(
    engine: ContainerEngine, gone: tuple[ContainerId, ...]
) -> Mapping[ContainerId, datetime]:
    """Return when containers were removed, as far as the engine still knows."""
    if not gone:
        return {}
    return {
        event.container: datetime.fromtimestamp(event.time_ns / 1e9, UTC)
        for event in engine.past_events(gone)
        if event.action == "destroy"
    }


def _as_configured(report: Report) -> Report:
    """Return a report without the findings that the user ignores."""
    from nstui.audit.folders import user_folder  # noqa: PLC0415

    if not (user_folder("XDG_CONFIG_HOME", ".config") / "config.toml").exists():
        return report
    from nstui.analysis.findings.ignoring import Reporting  # noqa: PLC0415
    from nstui.cli.config import read_config  # noqa: PLC0415

    return replace(report, reporting=Reporting(rules=read_config().rules))
