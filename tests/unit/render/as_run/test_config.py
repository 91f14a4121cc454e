"""What is said of the fields that an image can have too."""

from __future__ import annotations

import shlex

import pytest

from tests.unit.render.as_run.inspects import Cases, inspect, only_command, said

CONFIG: Cases = {
    "hostname": ({"Hostname": "h.example"}, "--hostname h.example"),
    "domain": ({"Domainname": "example"}, "--domainname example"),
    "user": ({"User": "1:2"}, "--user 1:2"),
    "folder": ({"WorkingDir": "/srv"}, "--workdir /srv"),
    "variables": ({"Env": ["A=b c", "B="]}, "-e 'A=b c' -e B="),
    "labels": ({"Labels": {"a": "b", "c": ""}}, "--label a=b --label c="),
    "exposed": (
        {"ExposedPorts": {"80/tcp": {}, "53/udp": {}}},
        "--expose 80 --expose 53/udp",
    ),
    "terminal": ({"Tty": True, "OpenStdin": True, "AttachStdin": True}, "-i -t"),
    "signal": ({"StopSignal": "SIGINT"}, "--stop-signal SIGINT"),
    "no timeout": ({"StopTimeout": None}, ""),
    "no time": ({"StopTimeout": 0}, "--stop-timeout 0"),
    "no check": ({"Healthcheck": {"Test": ["NONE"]}}, "--no-healthcheck"),
    "check": (
        {
            "Healthcheck": {
                "Test": ["CMD-SHELL", "curl -f x"],
                "Interval": 90 * 10**9,
                "Timeout": 1_500_000_000,
                "StartPeriod": 2 * 3600 * 10**9,
                "StartInterval": 1,
                "Retries": 3,
            }
        },
        (
            "--health-cmd 'curl -f x' --health-interval 90s --health-timeout 1500ms"
            " --health-start-period 2h --health-start-interval 1ns --health-retries 3"
        ),
    ),
    "check without a shell": (
        {"Healthcheck": {"Test": ["CMD", "test", "a b"]}},
        "--health-cmd 'test '\"'\"'a b'\"'\"''",
    ),
    "inherited check": (
        {"Healthcheck": {"Test": [], "Interval": 60 * 10**9}},
        "--health-interval 1m",
    ),
    "mac": ({"MacAddress": "02:00:00:00:00:01"}, "--mac-address 02:00:00:00:00:01"),
}


@pytest.mark.parametrize(("config", "words"), CONFIG.values(), ids=CONFIG)
def test_config(config: dict[str, object], words: str) -> None:
    assert said(inspect(config)) == words


@pytest.mark.parametrize(
    ("entrypoint", "command", "words"),
    [
        (["run"], ["a", "b"], "--entrypoint run web:1 a b"),
        (["run", "-x", ""], ["a"], "--entrypoint run web:1 -x '' a"),
        (["run"], None, "--entrypoint run web:1"),
        (None, ["a"], "--entrypoint '' web:1 a"),
        ([], ["-a"], "--entrypoint '' web:1 -a"),
        ([""], ["a"], "--entrypoint '' web:1 a"),
    ],
)
def test_what_runs(entrypoint: object, command: object, words: str) -> None:
    found = inspect({"Entrypoint": entrypoint, "Cmd": command})
    assert shlex.join(only_command(found)) == f"docker run -d --name web {words}"


@pytest.mark.parametrize(
    ("environment", "before", "after"),
    [
        (["A=1", "B", "C"], "env -u B -u C ", "-e A=1 -e B -e C"),
        # Without it the client would ask another engine.
        (["DOCKER_HOST", "B"], "env -u B ", "-e DOCKER_HOST -e B"),
        (["DOCKER_HOST"], "", "-e DOCKER_HOST"),
        ([""], "", "-e ''"),
    ],
)
def test_a_variable_that_is_unset_takes_no_value_from_whoever_pastes(
    environment: list[str], before: str, after: str
) -> None:
    line = shlex.join(only_command(inspect({"Env": environment})))
    assert line == (
        f"{before}docker run -d --name web {after} --entrypoint run web:1 sleep 1000"
    )
