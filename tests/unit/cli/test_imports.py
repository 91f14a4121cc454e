"""What a command does not need is not imported: that is what its start costs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from nstui.cli.commands import cli
from tests.support.captured import CAPTURED
from tests.support.servers import ScriptedEngine, UnixServer, http_answer
from tests.unit.cli.answers import no_engine

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from nstui.cli.main import run
run(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
"""

SDK = {"docker", "requests", "urllib3"}
UI = {"textual"}
EXTRAS = {"apprise", "prometheus_client"}
TEXT = {"rich"}
ACTING = {
    "nstui.cli.actions",
    "nstui.cli.docker_commands",
    "nstui.cli.guard_command",
    "nstui.cli.watch_command",
}
"""What says how to type the commands that change something, or serve a program."""

LEFT_OUT = {
    *ACTING,
    *("http", "email", "ssl", "html", "decimal", "tempfile"),
    "nstui.analysis.findings.incident_words",
    "nstui.analysis.findings.incidents",
    "nstui.analysis.findings.remedies",
    "nstui.analysis.plans.effects",
    "nstui.analysis.plans.managed",
    "nstui.analysis.plans.order",
    "nstui.analysis.plans.targets",
    "nstui.analysis.succession",
    "nstui.engine.podman",
    "nstui.engine.streams",
    "nstui.model.healing",
    "nstui.model.plan",
    "nstui.ports",
}
"""What a look needs none of where an engine answers and all is well."""

COMMANDS = {
    "nstui",
    "nstui.cli",
    *ACTING,
    "nstui.cli.commands",
    "nstui.cli.exits",
    "nstui.cli.main",
    "nstui.cli.options",
    "nstui.cli.settings",
    "nstui.errors",
    "nstui.analysis",
    "nstui.analysis.signals",
    "nstui.model",
    "nstui.model.frozen",
    "nstui.model.namespace",
}
"""All of nstui that says what can be typed."""


def imported(*arguments: str) -> set[str]:
    """Return the packages that are loaded after a run of nstui."""
    return {name.partition(".")[0] for name in loaded(*arguments)}


def own(*arguments: str) -> set[str]:
    """Return the modules of nstui that are loaded after a run of it."""
    return {n for n in loaded(*arguments) if n.partition(".")[0] == "nstui"}


def loaded(*arguments: str) -> set[str]:
    """Return the modules that are loaded after a run of nstui."""
    ended = subprocess.run(
        (sys.executable, "-c", PROGRAM, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        pytest.param(("--help",), SDK | UI | TEXT, id="--help"),
        pytest.param(("rm", "--help"), SDK | UI | TEXT, id="rm --help"),
        pytest.param(("--version",), SDK | UI | TEXT, id="--version"),
        pytest.param(("--bogus",), SDK | UI | TEXT, id="unknown option"),
        pytest.param(("rm",), SDK | UI | TEXT, id="missing name"),
        pytest.param(("-H", "nonsense", "tree"), SDK | UI | TEXT, id="bad address"),
        pytest.param(("completion", "fish"), SDK | UI | TEXT, id="completion"),
        pytest.param(("--demo", "tree", "--json"), SDK | UI | TEXT, id="tree --json"),
        pytest.param(("--demo", "check", "--json"), SDK | UI | TEXT, id="check --json"),
        pytest.param(("--demo", "rm", "-f", "vpn"), SDK | UI | TEXT, id="rm refused"),
        pytest.param(("--demo", "rm", "-f", "alloy"), SDK | UI | TEXT, id="rm done"),
        pytest.param(("--demo", "tree"), SDK | UI, id="tree"),
        pytest.param(("--demo", "check"), SDK | UI | TEXT, id="check"),
        pytest.param(("--demo",), SDK | UI, id="no command, no terminal"),
    ],
)
def test_what_is_not_needed_is_not_imported(
    arguments: tuple[str, ...], unwanted: set[str]
) -> None:
    found = imported(*arguments)
    assert "click" in found
    assert found & (unwanted | EXTRAS) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--help",), id="--help"),
        pytest.param(("--version",), id="--version"),
        *(
            pytest.param((name, "--help"), id=f"{name} --help")
            for name in cli.list_commands(click.Context(cli))
        ),
        pytest.param(("removed", "show", "--help"), id="removed show --help"),
    ],
)
def test_help_waits_for_the_commands_words_only(arguments: tuple[str, ...]) -> None:
    assert COMMANDS - ACTING <= own(*arguments) <= COMMANDS


@pytest.mark.parametrize("name", ["check", "tree", "explain"])
def test_a_command_that_only_looks_waits_for_no_others_words(name: str) -> None:
    assert own(name, "--help") == COMMANDS - ACTING


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--bogus",), id="unknown option"),
        pytest.param(("bogus",), id="unknown command"),
        pytest.param(("rm",), id="missing name"),
        pytest.param(("kill", "--signal", "BOGUS", "vpn"), id="unknown signal"),
        pytest.param(
            ("heal", "--keep-changes", "--drop-changes"), id="contradicting options"
        ),
    ],
)
def test_what_is_mistyped_is_told_as_soon(arguments: tuple[str, ...]) -> None:
    found = own(*arguments)
    assert found - ACTING == COMMANDS - ACTING | {"nstui.analysis.text"}


def test_help_has_the_first_sentence_of_each_command_whole() -> None:
    program = "from nstui.cli.main import run; run(['--help'])"
    said = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, check=True
    ).stdout
    for sentence in (
        "Print the evidence for what a container shares.",
        "Remove containers, unless others depend on them.",
    ):
        assert sentence in " ".join(said.split())


def test_an_engine_at_a_socket_is_read_without_the_sdk(tmp_path: Path) -> None:
    found = imported("-H", no_engine(tmp_path), "tree", "--json")
    assert found & (SDK | UI | TEXT) == set()


def test_a_check_that_finds_nothing_imports_no_cures(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    empty = ScriptedEngine(
        {
            "/version": http_answer(CAPTURED["version"]),
            "/containers/json": http_answer([]),
        }
    )
    with UnixServer(path, empty) as server:
        found = loaded("-H", server.url, "check")
    assert found >= {"nstui.analysis.findings.findings", "nstui.audit.log"}
    assert found & LEFT_OUT == set()


def test_an_engine_at_a_port_is_read_through_the_sdk() -> None:
    found = imported("-H", "tcp://127.0.0.1:1", "tree", "--json")
    assert found >= SDK
    assert found & (UI | TEXT) == set()


def test_text_needs_rich() -> None:
    assert imported("--demo", "tree") >= TEXT


def test_metrics_need_their_library_alone() -> None:
    found = imported("--demo", "check", "--metrics")
    assert "prometheus_client" in found
    assert found & (SDK | UI | TEXT | {"apprise"}) == set()


def test_docker_waits_for_no_click_after_each_command() -> None:
    program = "import sys, nstui.cli.docker_hook; print(*sys.modules)"
    said = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, check=True
    ).stdout
    found = {name.partition(".")[0] for name in said.split()}
    assert "nstui" in found
    assert found & (SDK | UI | TEXT | EXTRAS | {"click", "psutil"}) == set()
