"""What happens when nobody reads the output, or it cannot be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from tests.unit.cli.answers import VPN_FAMILY, names

if TYPE_CHECKING:
    from nstui.demo.world import World

NSTUI = (sys.executable, "-m", "nstui")

BUFFERED, UNBUFFERED = (
    {**os.environ, "PYTHONUNBUFFERED": value} for value in ("", "1")
)
"""Environments: whether what is printed is kept until it is flushed."""


def unread(*command: str, environment: dict[str, str] = BUFFERED) -> tuple[int, str]:
    """Run a program whose stdout nobody reads; return its exit code and stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=environment,
    )
    os.close(writer)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("command", ["check", "tree"])
def test_what_an_encoding_lacks_is_escaped(command: str) -> None:
    ended = subprocess.run(
        (*NSTUI, "--demo", command),
        capture_output=True,
        check=False,
        env={**BUFFERED, "PYTHONIOENCODING": "ascii"},
    )
    assert ended.stdout.isascii()
    assert b"\\u2717" in ended.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--demo",),
        ("--demo", "tree"),
        ("--demo", "tree", "--json"),
        ("--demo", "check"),
        ("--demo", "check", "--watch"),
        ("--demo", "check", "--watch", "--json"),
        ("--demo", "rm", "-f", "--json", "alloy"),
        ("--help",),
        ("completion", "fish"),
    ],
)
@pytest.mark.parametrize(
    "environment",
    [pytest.param(BUFFERED, id="buffered"), pytest.param(UNBUFFERED, id="unbuffered")],
)
def test_a_closed_pipe_ends_it_quietly(
    arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    assert unread(*NSTUI, *arguments, environment=environment) == (1, "")


def test_so_does_one_whose_completion_nobody_reads() -> None:
    asked = {"_NSTUI_COMPLETE": "bash_complete", "COMP_WORDS": "nstui t"}
    environment = {**BUFFERED, **asked, "COMP_CWORD": "1"}
    assert unread(*NSTUI, environment=environment) == (1, "")


def test_what_is_left_for_the_last_flush_fails_quietly_too() -> None:
    program = (
        "import sys; sys.stdout.write('not flushed');"
        "from nstui.cli.main import run; sys.exit(run(['--demo', 'rm', 'nobody']))"
    )
    ended = unread(sys.executable, "-c", program)
    assert ended == (1, "nstui: no container is called 'nobody'\n")


def test_nobody_reads_what_is_wrong() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        (*NSTUI, "--demo", "rm", "-f", "vpn"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=writer,
        check=False,
    )
    os.close(writer)
    assert (ended.returncode, ended.stdout) == (1, b"")


def test_the_first_line_is_enough() -> None:
    shown = subprocess.run(
        ("sh", "-c", '"$0" -m nstui --demo tree --all | head -1', sys.executable),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.count("\n") == 1
    assert shown.stdout.endswith("(no longer exists)\n")
    assert shown.stderr == ""


def test_a_removal_is_not_left_half_done_because_nobody_reads_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(world)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        code = run(("--demo", "rm", "-f", "--with-dependents", "vpn"))
    assert code == 1
    assert before - names(world) == set(VPN_FAMILY)


def test_the_streams_are_left_as_they_were(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(world)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        run(("--demo", "tree", "--json"))
        assert sys.stdout is nobody


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("tree",), ("tree", "--json")])
def test_a_full_disk_is_reported(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            (*NSTUI, "--demo", *arguments),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr == "nstui: [Errno 28] No space left on device\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param('"$0" -m nstui --demo tree <&-', 0, id="stdin"),
        pytest.param('"$0" -m nstui --demo <&-', 0, id="stdin, no command"),
        pytest.param('"$0" -m nstui --demo rm -f vpn <&-', 4, id="stdin, rm"),
        pytest.param('"$0" -m nstui --demo tree >&-', 0, id="stdout"),
        pytest.param('"$0" -m nstui --demo rm nobody 2>&-', 1, id="stderr"),
        pytest.param('"$0" -m nstui --demo check <&- >&- 2>&-', 1, id="all"),
    ],
)
def test_streams_that_the_shell_has_closed(command: str, code: int) -> None:
    ended = subprocess.run(
        ("sh", "-c", command, sys.executable),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr


def test_a_terminal_without_unicode_still_shows_it() -> None:
    shown = subprocess.run(
        (*NSTUI, "--demo", "tree"),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert rb"\u2514\u2500 \u2298 pihole" in shown.stdout
    assert shown.stderr == b""


def test_the_installed_program_is_the_same() -> None:
    program = Path(sys.executable).with_name("nstui")
    if shutil.which(str(program)) is None:
        pytest.skip("nstui is not installed beside this Python")
    shown = subprocess.run((program, "--version"), capture_output=True, check=True)
    assert shown.stdout.startswith(b"nstui ")
