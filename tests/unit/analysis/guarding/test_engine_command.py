"""The command line of dockerd, read."""

from __future__ import annotations

import pytest

from nstui.analysis.guarding.engine_command import (
    conflicting,
    forbids_plugin,
    read_command,
)


@pytest.mark.parametrize(
    ("line", "config", "options"),
    [
        ("dockerd", "/etc/docker/daemon.json", ""),
        (
            "/usr/bin/dockerd -H fd:// --containerd=/run/c.sock",
            "/etc/docker/daemon.json",
            "host containerd",
        ),
        ("dockerd --config-file /x.json", "/x.json", "config-file"),
        ("dockerd --config-file=/x.json -D", "/x.json", "config-file debug"),
        (
            "dockerd -Hfd:// -l=warn --debug",
            "/etc/docker/daemon.json",
            "host log-level debug",
        ),
        ("dockerd --config-file", "/etc/docker/daemon.json", "config-file"),
        ("dockerd - -z stray", "/etc/docker/daemon.json", ""),
        ("dockerd --pidfile=/p -p /q", "/etc/docker/daemon.json", "pidfile"),
    ],
)
def test_what_it_says(line: str, config: str, options: str) -> None:
    command = read_command(line.split())

    assert command.config_file == config
    assert command.options == {*options.split()}
    assert command.is_explicit == ("config-file" in options)


@pytest.mark.parametrize(
    ("line", "pidfile"),
    [
        ("dockerd", "/var/run/docker.pid"),
        ("dockerd --pidfile /p", "/p"),
        ("dockerd -p=/p", "/p"),
        ("dockerd -p/p", "/p"),
    ],
)
def test_where_its_number_is(line: str, pidfile: str) -> None:
    assert read_command(line.split()).pidfile == pidfile


@pytest.mark.parametrize(
    ("line", "keys", "found"),
    [
        ("dockerd -H fd://", ("debug", "hosts"), ("hosts",)),
        ("dockerd --host=fd://", ("hosts",), ("hosts",)),
        (
            "dockerd --insecure-registry=a",
            ("insecure-registries",),
            ("insecure-registries",),
        ),
        ("dockerd --dns 1.1.1.1", ("dns", "debug"), ("dns",)),
        ("dockerd --label a=b", ("labels",), ("labels",)),
        ("dockerd -D", ("hosts", "log-level"), ()),
    ],
)
def test_what_is_in_both_places(
    line: str, keys: tuple[str, ...], found: tuple[str, ...]
) -> None:
    assert conflicting(read_command(line.split()), keys) == found


def test_plugins_on_the_command_line_forbid_those_of_the_file() -> None:
    assert forbids_plugin(read_command(["dockerd", "--authorization-plugin=opa"]))
    assert forbids_plugin(read_command(["dockerd", "--authorization-plugin", "opa"]))
    assert not forbids_plugin(read_command(["dockerd", "-H", "fd://"]))
