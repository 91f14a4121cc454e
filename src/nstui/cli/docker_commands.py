"""The commands that put nstui into the docker command, and into the shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from nstui.cli.options import SHELLS

if TYPE_CHECKING:
    from nstui.cli.settings import Settings

_dry_run = click.option(
    "--dry-run", is_flag=True, help="Print what would be done, and change nothing."
)


@click.group("docker-plugin")
def plugin() -> None:
    """Make nstui a command of docker.

    "docker nstui" is nstui then, on the engine that docker uses, and docker asks it
    after commands what they have broken.
    """


@plugin.command()
@_dry_run
def install(*, dry_run: bool) -> int:
    """Put docker-nstui into your docker folder, and its hooks into config.json.

    The folder is DOCKER_CONFIG, or ~/.docker. Another docker-nstui there is kept, and
    nothing is done. Hooks need docker 26 or newer, and are turned on unless you have
    turned them off.
    """
    from nstui.cli import docker_files, docker_plugin  # noqa: PLC0415

    places = docker_files.find_places(os.environ)
    return docker_plugin.install(places, dry_run=dry_run)


@plugin.command()
@_dry_run
def uninstall(*, dry_run: bool) -> int:
    """Remove docker-nstui and its hooks again."""
    from nstui.cli import docker_files, docker_plugin  # noqa: PLC0415

    places = docker_files.find_places(os.environ)
    return docker_plugin.uninstall(places, dry_run=dry_run)


@plugin.command()
def status() -> int:
    """Print whether it is installed, and whether docker asks it.

    The exit code is 1 if it is not installed.
    """
    from nstui.cli import docker_files, docker_plugin  # noqa: PLC0415

    return docker_plugin.status(docker_files.find_places(os.environ))


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def shell(shell: str) -> None:
    """Print a function "docker" for a shell.

    For bash: eval "$(nstui shell bash)". In a terminal, "docker rm", "stop", "restart"
    and "kill" then do what they always do, unless they would break other containers:
    nstui says so first, and asks. Scripts, pipes and "command docker" stay as they are.
    """
    from nstui.cli.shell import shell_function  # noqa: PLC0415

    click.echo(shell_function(shell), nl=False)


@click.command("as-docker", hidden=True)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def as_docker(settings: Settings, words: tuple[str, ...]) -> int:
    """Run a docker command, unless it would break others; the shells call it."""
    from nstui.cli.shell import run_as_docker  # noqa: PLC0415

    return run_as_docker(settings, words)
