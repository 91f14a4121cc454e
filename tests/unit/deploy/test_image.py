"""The Dockerfile, by what it takes from the project; an engine builds it elsewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def argument(name: str) -> str:
    """Return the default of a build argument."""
    found = re.search(rf"^ARG {name}=(.*)$", DOCKERFILE, re.MULTILINE)
    assert found is not None
    return found[1]


def test_it_installs_extras_that_there_are() -> None:
    extras = argument("EXTRAS").split(",")

    assert extras == ["notify", "metrics"]
    assert {*extras} <= PROJECT["optional-dependencies"].keys()


def test_its_base_has_a_python_that_is_new_enough() -> None:
    version = re.fullmatch(r"python:3\.(\d+)-slim", argument("BASE"))

    assert version is not None
    assert PROJECT["requires-python"] == ">=3.11"
    assert int(version[1]) >= 11


def test_it_starts_the_program_by_its_name() -> None:
    # As text, since a form without brackets would run a shell as the first process.
    assert 'ENTRYPOINT ["nstui"]\nCMD ["watch"]\n' in DOCKERFILE
    assert "nstui" in PROJECT["scripts"]
    assert "ENV PATH=/opt/nstui/bin:$PATH" in DOCKERFILE


def test_it_takes_wheels_from_the_context_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE)

    assert copied == ["*.whl /wheels/", "--from=build /opt/nstui /opt/nstui"]


@pytest.mark.parametrize("name", ["compose.yaml", "stack.yaml"])
def test_what_runs_it_writes_only_where_it_keeps_its_records(name: str) -> None:
    service = yaml.safe_load((DEPLOY / name).read_text())["services"]["watch"]

    assert service["command"] == ["watch"]
    assert service["read_only"] is True
    # The engine's socket belongs to root, and another user would have no capability.
    assert "user" not in service
    assert not re.search(r"^USER", DOCKERFILE, re.MULTILINE)
    kept = re.search(r"XDG_STATE_HOME=(\S+)", DOCKERFILE)
    assert kept is not None
    writable = [one for one in service["volumes"] if not one.endswith(":ro")]
    targets = {re.sub(r"^(\$\{[^}]*\}|[^:]*):", "", one) for one in writable}
    assert targets == {"/run/docker.sock", f"{kept[1]}/nstui"}
