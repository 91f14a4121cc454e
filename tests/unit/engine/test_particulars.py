"""What an inspect says of a container that only its details show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nstui.analysis.secrets import MASK
from nstui.engine.decode import decode_inspection
from nstui.engine.particulars import MOST_CHARACTERS, decode_particulars
from nstui.model.particulars import (
    NO_PARTICULARS,
    Mount,
    Particulars,
    Probe,
    Variable,
)
from tests.support.captured import Json, inspect_of


def test_a_captured_container() -> None:
    inspection = decode_inspection(inspect_of("unhealthy"))
    assert inspection is not None
    found = inspection.particulars
    assert found.command[0] == inspect_of("unhealthy")["Path"]
    assert found.probe is not None
    assert found.probe.exit_code == 1
    assert found.probe.ended_at is not None


def test_a_command_that_shows_no_details() -> None:
    raw = inspect_of("unhealthy")
    whole = decode_inspection(raw)
    assert whole is not None
    assert whole.particulars != NO_PARTICULARS
    without = decode_inspection(raw, has_particulars=False)
    assert without == replace(whole, particulars=NO_PARTICULARS)


def test_an_inspect_that_says_nothing() -> None:
    assert decode_particulars({}) == NO_PARTICULARS


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param(
            {"Path": "app", "Args": ["--password=hunter2", "serve"]},
            Particulars(command=("app", f"--password={MASK}", "serve")),
            id="a command with a secret",
        ),
        pytest.param(
            {"Args": ["serve"]}, NO_PARTICULARS, id="arguments without a program"
        ),
        pytest.param(
            {"Config": {"Env": ["TZ=UTC", "DB_PASSWORD=hunter2", "A=b=c", "ALONE"]}},
            Particulars(
                environment=(
                    Variable("TZ", "UTC"),
                    Variable("DB_PASSWORD", MASK),
                    Variable("A", "b=c"),
                    Variable("ALONE", ""),
                )
            ),
            id="an environment",
        ),
        pytest.param(
            {
                "Mounts": [
                    {
                        "Type": "volume",
                        "Name": "data",
                        "Source": "/var/lib/docker/volumes/data/_data",
                        "Destination": "/data",
                        "RW": True,
                    },
                    {
                        "Type": "bind",
                        "Source": "/srv",
                        "Destination": "/a",
                        "RW": False,
                    },
                    {"Type": "tmpfs", "Source": "", "Destination": "/run", "RW": True},
                    {"Type": "bind", "Source": "/nowhere"},
                ],
                "HostConfig": {"Tmpfs": {"/run": "", "/scratch": "size=1m,ro"}},
            },
            Particulars(
                mounts=(
                    Mount("/srv", "/a", "bind", is_read_only=True),
                    Mount("data", "/data", "volume"),
                    Mount("", "/run", "tmpfs"),
                    Mount("", "/scratch", "tmpfs", is_read_only=True),
                )
            ),
            id="mounts, in the order of their places",
        ),
    ],
)
def test_what_it_says(raw: Json, found: Particulars) -> None:
    assert decode_particulars(raw) == found


@pytest.mark.parametrize("key", ["Health", "Healthcheck"])
def test_the_last_probe(key: str) -> None:
    log = [
        {"Start": "", "End": "2026-11-23T12:00:00Z", "ExitCode": 0, "Output": "old"},
        {
            "End": "2026-11-23T12:00:30Z",
            "ExitCode": 7,
            "Output": "GET http://me:hunter2@x/ failed",
        },
    ]
    found = decode_particulars({"State": {key: {"Log": log}}})
    assert found.probe == Probe(
        datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC),
        7,
        f"GET http://me:{MASK}@x/ failed",
    )


@pytest.mark.parametrize("log", [None, [], [None], "log"])
def test_a_check_without_a_probe(log: object) -> None:
    assert decode_particulars({"State": {"Health": {"Log": log}}}).probe is None


def test_no_text_is_kept_in_any_length() -> None:
    huge = "x" * 9 * MOST_CHARACTERS
    found = decode_particulars(
        {
            "Path": "app",
            "Args": [huge, huge],
            "Config": {"Env": [f"A={huge}"]},
            "State": {"Health": {"Log": [{"Output": f"{huge}end"}]}},
        }
    )
    assert found.command == ("app", "x" * (MOST_CHARACTERS - 3) + "…")
    assert found.environment == (Variable("A", "x" * MOST_CHARACTERS + "…"),)
    assert found.probe is not None
    assert len(found.probe.output) == MOST_CHARACTERS
    assert found.probe.output.endswith("end")


def test_no_secret_is_kept() -> None:
    raw = {
        **inspect_of("owner"),
        "Path": "app",
        "Args": ["--token", "hunter2"],
        "Config": {"Env": ["API_KEY=hunter2", "URL=x://me:hunter2@y"]},
    }
    assert "hunter2" not in repr(decode_inspection(raw))
