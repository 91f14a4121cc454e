"""How the words of a docker command line are read."""

from __future__ import annotations

import pytest

from nstui.analysis.docker_cli.words import (
    DockerCommand,
    read_command,
    read_globals,
)

LINES = {
    "rm vpn": DockerCommand(verb="rm", names=("vpn",)),
    "container rm vpn web": DockerCommand(verb="rm", names=("vpn", "web")),
    "remove vpn": DockerCommand(verb="rm", names=("vpn",)),
    "container remove vpn": DockerCommand(verb="rm", names=("vpn",)),
    "rm vpn -f": DockerCommand(verb="rm", names=("vpn",), force=True),
    "rm -fv vpn": DockerCommand(verb="rm", names=("vpn",), force=True, volumes=True),
    "rm --force=true --volumes=F vpn": DockerCommand(
        verb="rm", names=("vpn",), force=True
    ),
    "rm -f=0 vpn": DockerCommand(verb="rm", names=("vpn",)),
    "rm -f --force=false vpn": DockerCommand(verb="rm", names=("vpn",)),
    "rm -f -- -odd": DockerCommand(verb="rm", names=("-odd",), force=True),
    "rm -": DockerCommand(verb="rm", names=("-",)),
    "rm -v=true --link=false vpn": DockerCommand(
        verb="rm", names=("vpn",), volumes=True
    ),
    "stop -t 5 vpn": DockerCommand(verb="stop", names=("vpn",), timeout=5),
    "stop -t5 vpn": DockerCommand(verb="stop", names=("vpn",), timeout=5),
    "stop -t=0 vpn": DockerCommand(verb="stop", names=("vpn",), timeout=0),
    "stop --time 5 vpn": DockerCommand(
        verb="stop", names=("vpn",), timeout=5, is_dated=True
    ),
    "stop --timeout=5 vpn": DockerCommand(verb="stop", names=("vpn",), timeout=5),
    "restart -s sigterm vpn": DockerCommand(
        verb="restart", names=("vpn",), signal="TERM"
    ),
    "kill --signal=9 vpn": DockerCommand(verb="kill", names=("vpn",), signal="9"),
    "kill -sHUP vpn": DockerCommand(verb="kill", names=("vpn",), signal="HUP"),
    "start -ai vpn": DockerCommand(verb="start", names=("vpn",)),
    "start --detach-keys ctrl-x vpn": DockerCommand(verb="start", names=("vpn",)),
    "compose -f x.yml up -d": DockerCommand(verb="compose", names=()),
}


@pytest.mark.parametrize("line", LINES)
def test_a_command(line: str) -> None:
    assert read_command(tuple(line.split())) == LINES[line]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("container", id="only the group"),
        pytest.param("container compose up", id="no command of the group"),
        pytest.param("ps", id="another command"),
        pytest.param("rm", id="no name"),
        pytest.param("rm -f", id="no name but an option"),
        pytest.param("rm --help vpn", id="help"),
        pytest.param("rm -h vpn", id="short help"),
        pytest.param("rm -x vpn", id="unknown option"),
        pytest.param("rm -fx vpn", id="unknown option in a cluster"),
        pytest.param("rm --forc vpn", id="shortened option"),
        pytest.param("rm --force=yes vpn", id="no boolean"),
        pytest.param("rm --link /web/db", id="a link"),
        pytest.param("rm -l /web/db", id="a link, in short"),
        pytest.param("stop vpn -t", id="no value"),
        pytest.param("stop vpn --time", id="no value of a long option"),
        pytest.param("stop -t -1 vpn", id="negative"),
        pytest.param("stop -t soon vpn", id="no number"),
        pytest.param("stop -t ² vpn", id="no ASCII number"),
        pytest.param("stop -t 86401 vpn", id="more than a day"),
        pytest.param("kill -s BOGUS vpn", id="no signal"),
        pytest.param("kill -t 5 vpn", id="an option of another command"),
    ],
)
def test_what_is_left_to_docker(line: str) -> None:
    assert read_command(tuple(line.split())) is None


@pytest.mark.parametrize(
    ("line", "count", "host", "context"),
    [
        ("rm vpn", 0, None, None),
        ("-H unix:///s rm -H vpn", 2, "unix:///s", None),
        ("--host=unix:///s rm vpn", 1, "unix:///s", None),
        ("-Hunix:///s rm vpn", 1, "unix:///s", None),
        ("-c far -D rm vpn", 3, None, "far"),
        ("-Dc far --log-level error rm vpn", 4, None, "far"),
        ("--context far --tlsverify --config /c rm vpn", 5, None, "far"),
        ("-- rm vpn", 1, None, None),
    ],
)
def test_global_options(
    line: str, count: int, host: str | None, context: str | None
) -> None:
    words = tuple(line.split())
    found = read_globals(words)
    assert found is not None
    assert (found.words, found.rest) == (words[:count], words[count:])
    assert (found.host, found.context) == (host, context)


@pytest.mark.parametrize("line", ["--bogus rm vpn", "-H", "--tls=maybe rm vpn", "-x"])
def test_global_options_that_docker_refuses(line: str) -> None:
    assert read_globals(line.split()) is None


def test_only_global_options() -> None:
    found = read_globals(["--version=1"])
    assert found is None
    found = read_globals(["-D"])
    assert found is not None
    assert found.rest == ()
    assert found.values == {"debug": "true"}
