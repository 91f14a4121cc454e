"""Who knows docker's flags need not learn others."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import click
import pytest

from nstui.cli.commands import cli
from tests.unit.cli.answers import names

if TYPE_CHECKING:
    from nstui.demo.world import World
    from tests.unit.cli.answers import Nstui

VERBS = ("rm", "stop", "restart", "kill", "start", "pause", "unpause")

NOT_OURS = {
    "start": {"-a", "--attach", "-i", "--interactive", "--detach-keys", "--checkpoint",
              "--checkpoint-dir"},
}  # fmt: skip
"""Flags that attach a terminal, or need an experimental engine."""

_FLAGS = re.compile(r"^ +(?:(-\w), )?(--[\w-]+)", re.MULTILINE)


def flags_of_docker(verb: str) -> set[str]:
    """Return the flags that the docker command tells of."""
    shown = subprocess.run(
        ("docker", verb, "--help"), capture_output=True, text=True, check=True
    ).stdout
    return {flag for match in _FLAGS.findall(shown) for flag in match if flag}


@pytest.mark.skipif(shutil.which("docker") is None, reason="needs the docker command")
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_takes_the_flags_of_docker(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    options = [p for p in command.params if isinstance(p, click.Option)]
    ours = {flag for option in options for flag in option.opts}
    assert flags_of_docker(verb) - NOT_OURS.get(verb, set()) <= ours | {"--help"}


@pytest.mark.parametrize("flag", ["-t", "--time", "--timeout"])
def test_docker_has_called_the_time_to_stop_by_two_names(
    nstui: Nstui, world: World, flag: str
) -> None:
    assert names(world)
    answer = nstui("--demo", "stop", "--dry-run", flag, "3", "redis")
    assert answer.out.splitlines()[-1] == "docker stop -t 3 redis"


@pytest.mark.parametrize("verb", ["stop", "restart"])
@pytest.mark.parametrize("signal", ["INT", "sigint"])
def test_a_container_is_stopped_by_another_signal(
    nstui: Nstui, world: World, verb: str, signal: str
) -> None:
    assert names(world)
    answer = nstui("--demo", verb, "--dry-run", "-s", signal, "redis")
    assert answer.out.splitlines()[-1] == f"docker {verb} -s INT redis"
    wrong = nstui("--demo", verb, "-s", "NONSENSE", "redis")
    assert "there is no signal 'NONSENSE'" in wrong.complaint


@pytest.mark.parametrize("flag", ["-l", "--link"])
def test_links_are_left_to_docker(nstui: Nstui, flag: str) -> None:
    answer = nstui("--demo", "rm", flag, "web/db")
    assert answer.code == 2
    assert answer.complaint.startswith("nstui removes no links: use docker rm --link")
