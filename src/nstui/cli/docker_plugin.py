"""The commands ``nstui docker-plugin``: put nstui into the user's docker command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from nstui.analysis.docker_cli.settings import (
    COMPOSE_VERBS,
    has_hooks,
    hooks_are_on,
    with_hooks,
    without_hooks,
)
from nstui.analysis.text import printable
from nstui.cli.docker_files import MARK, read_config, read_script, remove_file, write
from nstui.cli.exits import ExitCode
from nstui.errors import Unsaved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nstui.cli.docker_files import Config, DockerPlaces

_LIMIT_S = 20
_HOOKS_SINCE = 26
"""The first version of the docker command that has hooks."""

_METADATA = {
    "SchemaVersion": "0.1.0",
    "Vendor": "nstui",
    "Version": "",
    "ShortDescription": "See who shares a namespace, and what an action would break",
    "URL": "https://github.com/nstui/nstui",
}

_SCRIPT = """\
#!/bin/sh
{mark}
# "docker nstui" is nstui, and docker asks it after commands what they have broken.
# docker runs this often, so that it starts Python only for what needs it.
python={python}
if [ "${{1-}}" = docker-cli-plugin-metadata ]; then
    echo '{metadata}'
    exit 0
fi
if [ "${{2-}}" = docker-cli-plugin-hooks ]; then
    case ${{3-}} in
    *'"RootCmd":"compose"'*)
        tr '\\0' '\\n' <"/proc/$PPID/cmdline" 2>/dev/null |
            grep -qxE '{compose}' || exit 0
        ;;
    esac
    "$python" -P -c 'import gc; gc.disable()
from nstui.cli.docker_hook import main; main()' \\
        "$3" "$PPID" 2>/dev/null
    exit 0
fi
if [ ! -x "$python" ]; then
    echo "nstui: there is no $python any more: nstui docker-plugin install" >&2
    exit 1
fi
exec "$python" -P -c 'import gc; gc.disable()
from nstui.cli.docker_entry import main; main()' "$@"
"""


def script_text() -> str:
    """Return the plugin: a script that starts the nstui that is running now."""
    metadata = json.dumps({**_METADATA, "Version": version("nstui")})
    return _SCRIPT.format(
        mark=MARK,
        python=_quoted(sys.executable),
        metadata=metadata,
        compose="|".join(COMPOSE_VERBS),
    )


def install(places: DockerPlaces, *, dry_run: bool) -> int:
    """Put the plugin into docker's folder and its hooks into the configuration.

    If anything fails, everything is as before.

    Raises:
        DecisionMissing: there is a plugin that is not nstui's.
        Unsaved: a file cannot be read or written, or the plugin does not run.

    """
    before = read_script(places.script)
    config, text = read_config(places.config)
    changed = _changed(places.config, config, with_hooks)
    if dry_run:
        click.echo(f"would write {_shown(places.script)}")
        if changed != config:
            click.echo(f"would set in {_shown(places.config)}: {_difference(changed)}")
        return ExitCode.DONE
    write(places.script, script_text(), mode=0o755)
    try:
        _prove(places.script)
        if changed != config:
            write(places.config, _dumped(changed, text), mode=0o600)
    except Unsaved:
        _put_back(places.script, before)
        raise
    click.echo(f"docker nstui: {_shown(places.script)}")
    click.echo(f"hooks: {_hooks_text(places)}")
    return ExitCode.DONE


def uninstall(places: DockerPlaces, *, dry_run: bool) -> int:
    """Remove the plugin and its hooks.

    Raises:
        DecisionMissing: the plugin is not nstui's.
        Unsaved: a file cannot be read or written.

    """
    before = read_script(places.script)
    config, text = read_config(places.config)
    changed = _changed(places.config, config, without_hooks)
    if before is None and changed == config:
        click.echo("docker nstui is not installed", err=True)
        return ExitCode.DONE
    if changed != config:
        if dry_run:
            click.echo(f"would remove nstui's hooks from {_shown(places.config)}")
        else:
            write(places.config, _dumped(changed, text), mode=0o600)
            click.echo(f"removed nstui's hooks from {_shown(places.config)}")
    if before is not None:
        if not dry_run:
            remove_file(places.script)
        word = "would remove" if dry_run else "removed"
        click.echo(f"{word} {_shown(places.script)}")
    return ExitCode.DONE


def status(places: DockerPlaces) -> int:
    """Print whether the plugin is installed and whether docker asks it."""
    before = read_script(places.script)
    if before is None:
        click.echo("docker nstui: not installed")
        return ExitCode.FAILED
    click.echo(f"docker nstui: {_shown(places.script)}")
    if before != script_text():
        click.echo("    of another nstui: nstui docker-plugin install")
    click.echo(f"hooks: {_hooks_text(places)}")
    return ExitCode.DONE


def _hooks_text(places: DockerPlaces) -> str:
    config, _ = read_config(places.config)
    path = _shown(places.config)
    found = docker_version()
    try:
        if not has_hooks(config):
            return f"not in {path}: nstui docker-plugin install"
        if not hooks_are_on(config, os.environ):
            return f'turned off; on with "features": {{"hooks": "true"}} in {path}'
    except ValueError as problem:
        return f"{path} cannot be used: {problem}"
    if found is None:
        return f"{path}; there is no docker command here"
    if found < _HOOKS_SINCE:
        return f"{path}; docker has them from {_HOOKS_SINCE}.0 on, this is {found}"
    return path


def docker_version() -> int | None:
    """Return the first number of the docker command's version; None if unknown."""
    try:
        done = subprocess.run(  # noqa: S603 - found as the user's shell finds it
            [shutil.which("docker") or "docker", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    # Docker version 28.2.2, build e6534b4
    word = done.stdout.removeprefix("Docker version ").partition(".")[0]
    return int(word) if word.isdecimal() else None


def _prove(script: Path) -> None:
    """Run the plugin as docker does.

    Raises:
        Unsaved: it does not answer as it should.

    """
    for words in (("docker-cli-plugin-metadata",), ("nstui", "--version")):
        try:
            subprocess.run(  # noqa: S603 - our own
                [script, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LIMIT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as problem:
            said = getattr(problem, "stderr", None) or str(problem).encode()
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            raise Unsaved(
                f"nothing was changed: {script} does not run: {last}"
            ) from problem


def _changed(path: Path, config: Config, change: Callable[[Config], Config]) -> Config:
    try:
        return change(config)
    except ValueError as problem:
        raise Unsaved(f"nothing was changed: {path}: {problem}") from problem


def _dumped(config: Mapping[str, object], before: str) -> str:
    """Return a configuration as docker writes it."""
    end = "\n" if before.endswith("\n") else ""
    return json.dumps(config, indent="\t", ensure_ascii=False) + end


def _difference(changed: Mapping[str, object]) -> str:
    shown = {key: changed[key] for key in ("plugins", "features")}
    return printable(json.dumps(shown, ensure_ascii=False))


def _put_back(path: Path, before: str | None) -> None:
    """Make the plugin what it was."""
    with suppress(Unsaved):
        if before is None:
            remove_file(path)
        else:
            write(path, before, mode=0o755)


def _quoted(path: str) -> str:
    """Return a path as sh reads it."""
    return "'" + path.replace("'", "'\\''") + "'"


def _shown(path: Path) -> str:
    return printable(str(path))
