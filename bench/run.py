"""Runs all measurements in order."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import describe_machine
from bench.measure.changes import measure_changes
from bench.measure.guard import measure_guard
from bench.measure.hosts import measure_hosts
from bench.measure.idle import measure_idle, measure_nobody
from bench.measure.keys import measure_keys, measure_quits
from bench.measure.memory import measure_flatness, measure_simulated
from bench.measure.prompts import measure_prompts
from bench.measure.real_hosts import measure_real_hosts
from bench.measure.remote import measure_remote
from bench.measure.scale import measure_scale
from bench.measure.scan import LSNS, measure_scans
from bench.measure.ssh import measure_ssh
from bench.measure.startup import LIMIT_S, measure_commands, measure_startups
from bench.measure.storm import measure_simulated_storm, measure_storm
from bench.measure.terminal import Terminal
from bench.measure.watch import WatchSilent, measure_polling, measure_watch
from bench.measurements import Measurements
from bench.stage import NAMES, staged
from bench.subjects import environment, find_field, plain_commands
from tests.support.ssh_server import SshMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.extent import Extent
    from bench.measure.keys import Keys
    from bench.stage import Stage
    from bench.subjects import Field, Subject


def measure(extent: Extent, *, is_quick: bool) -> Measurements:
    """Measure everything, and end whatever was started for it.

    Raises:
        CannotMeasure: The machine cannot run a private engine.

    """
    say("finding who takes part, and starting an engine")
    with _folder() as home, staged(extent) as stage:
        field = find_field(home, with_peers=extent.with_peers)
        say(f"{stage.containers} containers run")
        environ = environment(home, stage.engine.url)
        found = Measurements(
            machine=describe_machine(stage),
            containers=stage.containers,
            is_quick=is_quick,
            missing=dict(field.missing),
        )
        _measure_alone(found, extent, stage)
        _measure_programs(found, extent, stage, field, environ)
        _measure_ssh(found, extent, stage, field, environ)
        _measure_nstui(found, extent, stage, field.subjects[0], environ)
        _measure_watch(found, extent, stage, field.subjects[0], environ)
    say("a guard")
    found.guard = measure_guard(extent)
    return found


def say(words: str) -> None:
    """Print the progress on stderr: a full run takes a quarter of an hour."""
    sys.stderr.write(f"bench: {words}\n")


def _measure_alone(found: Measurements, extent: Extent, stage: Stage) -> None:
    """Run the measurements that need no terminal."""
    say("looks at many containers, among many processes")
    found.scale = measure_scale(stage, extent)
    say("scans of many processes")
    found.scans = measure_scans(extent)
    say("a simulated storm of starts")
    found.simulated_storm = measure_simulated_storm(extent)


def _measure_programs(
    found: Measurements,
    extent: Extent,
    stage: Stage,
    field: Field,
    environ: Mapping[str, str],
) -> None:
    """Run the measurements of nstui and the other programs."""
    say("starts")
    found.startups = measure_startups(field.subjects, environ, NAMES, extent.starts)
    commands = plain_commands()
    if shutil.which(LSNS[0]) is not None:
        commands["lsns"] = LSNS
    else:
        found.missing["lsns"] = "not on PATH"
    found.commands_ms = measure_commands(commands, environ, extent.starts)
    say("the engine by itself")
    found.nobody = measure_nobody(stage, extent)
    for subject in field.subjects:
        name = subject.name
        with _folder() as folder:
            say(f"{name}: idle")
            found.idle[name] = measure_idle(stage, subject, environ, extent, folder)
        say(f"{name}: changes")
        found.changes[name] = measure_changes(stage, subject, environ, extent.changes)
        say(f"{name}: keys")
        found.keys[name] = _keys(subject, environ, extent)


def _measure_nstui(
    found: Measurements,
    extent: Extent,
    stage: Stage,
    subject: Subject,
    environ: Mapping[str, str],
) -> None:
    """Run the measurements of nstui only."""
    say("the help and the prompts")
    found.prompts_bytes = measure_prompts(subject, environ)
    say("its end")
    found.quits_ms = measure_quits(
        partial(_shown, subject, environ, extent), extent.starts
    )
    say("with --slow-link")
    slow = replace(subject, command=(*subject.command, "--slow-link"))
    found.slow_changes = measure_changes(stage, slow, environ, extent.changes)
    found.slow_keys = _keys(slow, environ, extent)
    with _folder() as folder:
        say("a storm of starts")
        found.storm = measure_storm(stage, subject, environ, extent, folder)
    with _folder() as folder:
        say("through ssh")
        try:
            found.remote = measure_remote(subject, environ, extent, folder)
        except SshMissing as reason:
            found.missing["ssh"] = str(reason)
    say("a list of hosts")
    with _folder() as folder:
        found.hosts = measure_hosts(stage, environ, extent, folder)
    with _folder() as folder:
        say("real hosts behind ssh")
        try:
            found.real_hosts = measure_real_hosts(subject, environ, extent, folder)
        except SshMissing as reason:
            found.missing["ssh"] = str(reason)
    say("many simulated containers")
    found.simulated = measure_simulated(environ, extent)
    say("an hour of simulated events")
    found.flatness = measure_flatness(environ, extent)


def _measure_ssh(
    found: Measurements,
    extent: Extent,
    stage: Stage,
    field: Field,
    environ: Mapping[str, str],
) -> None:
    """Run the measurements of an engine behind ssh."""
    say("an engine behind ssh")
    with _folder() as folder:
        try:
            found.far = measure_ssh(stage, field.subjects, environ, extent, folder)
        except SshMissing as reason:
            found.missing["an engine behind ssh"] = str(reason)


def _measure_watch(
    found: Measurements,
    extent: Extent,
    stage: Stage,
    subject: Subject,
    environ: Mapping[str, str],
) -> None:
    """Run the measurements of the standing watch, which restart containers."""
    if extent.with_peers:
        say("docker-autoheal's way of asking")
        if shutil.which("curl") is None:
            found.missing["docker-autoheal's way of asking"] = "no curl on PATH"
        else:
            with _folder() as folder:
                found.polling = measure_polling(stage, environ, extent, folder)
    say("a standing watch")
    with _folder() as folder:
        try:
            found.watch = measure_watch(stage, subject, environ, extent, folder)
        except WatchSilent as reason:
            found.missing["nstui watch"] = str(reason)


def _keys(subject: Subject, environ: Mapping[str, str], extent: Extent) -> Keys:
    with _shown(subject, environ, extent) as terminal:
        return measure_keys(terminal, extent.keys)


def _shown(subject: Subject, environ: Mapping[str, str], extent: Extent) -> Terminal:
    """Start a program; return when it shows the containers."""
    terminal = Terminal(subject.command, {**environ, **subject.environ})
    terminal.wait_until(lambda s: NAMES.search(s.text()) is not None, LIMIT_S)
    terminal.wait_for_silence(extent.quiet_s, LIMIT_S)
    return terminal


@contextmanager
def _folder() -> Iterator[Path]:
    # The path of a socket is limited to 107 bytes.
    with tempfile.TemporaryDirectory(prefix="nstui-bench-") as folder:
        yield Path(folder)
