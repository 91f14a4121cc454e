"""The function ``docker`` in real shells: what goes to nstui, and what to docker."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.text import shell_word
from nstui.cli.shell import shell_function
from tests.e2e.shells.shells import HOSTILE, Desk, shell_command
from tests.support.pty_program import PtyProgram

if TYPE_CHECKING:
    from collections.abc import Iterable

INTERACTIVE = ("bash", "zsh", "fish")
LIMIT_S = 30.0

Call = tuple[str, ...]


class Home:
    """A shell whose function calls a program in place of nstui's Python."""

    def __init__(self, desk: Desk, shell: str, folder: Path) -> None:
        """Put the function into a file, as ``eval`` would get it."""
        self.desk = desk
        self.shell = shell
        text = shell_function(shell)
        program = f"{desk.environ['PATH'].partition(':')[0]}/nstui"
        python = shell_word(sys.executable)
        assert python is not None
        assert python in text
        self.function = folder / "function"
        self.function.write_text(text.replace(python, program))

    def calls(self, *lines: str, interactive: bool = True) -> list[Call]:
        """Run lines in a terminal; return what was called."""
        self.run(lines, interactive=interactive)
        return [as_nstui(call) for call in self.desk.calls()]

    def run(self, lines: Iterable[str], *, interactive: bool = True) -> str:
        """Run lines in a terminal; return what they wrote."""
        source = f"eval (cat {self.function} | string collect)"
        if self.shell != "fish":
            source = f'eval "$(cat {self.function})"'
        text = "\n".join(line.replace("SOURCE", source) for line in lines)
        how = ("-i", "-c") if interactive else ("-c",)
        program = PtyProgram(
            (*shell_command(self.shell), *how, text),
            columns=200,
            lines=50,
            environ={**self.desk.environ, "LC_ALL": "C.UTF-8"},
        )
        written: list[bytes] = []
        program.read_into(written.append)
        try:
            program.wait_for_end(LIMIT_S)
        finally:
            program.end(signal.SIGKILL)
        return b"".join(written).decode(errors="replace")


def as_nstui(call: Call) -> Call:
    """Return a call as what it means, without how Python is called."""
    how = ("nstui", "-P", "-m", "nstui", "as-docker", "--")
    return ("nstui", *call[len(how) :]) if call[: len(how)] == how else call


@pytest.fixture(params=INTERACTIVE)
def home(request: pytest.FixtureRequest, desk: Desk, tmp_path: Path) -> Home:
    """Return each shell in turn."""
    shell_command(request.param)
    return Home(desk, request.param, tmp_path)


GUARDED = (
    "rm vpn",
    "rm -f vpn",
    "remove vpn",
    "stop -t 5 vpn",
    "restart vpn web",
    "kill -s HUP vpn",
    "container rm vpn",
    "container remove vpn",
    "container kill vpn",
    "-H unix:///s rm vpn",
    "--host unix:///s rm vpn",
    "--host=unix:///s rm vpn",
    "-c far container stop vpn",
    "--context far -D --log-level error restart vpn",
    "--config rm rm vpn",
    "rm",
    "rm --help",
)

LEFT = (
    "ps",
    "ps -a rm",
    "run --rm busybox kill",
    "start vpn",
    "compose rm",
    "compose stop",
    "volume rm data",
    "image rm busybox",
    "network rm vpn",
    "container ps",
    "container container rm",
    "container prune",
    "exec web rm x",
    "-H rm",
    "--context kill ps",
    "",
)


def test_what_is_dangerous_goes_through_nstui(home: Home) -> None:
    lines = [f"docker {words}" for words in GUARDED]
    expected = [("nstui", *words.split()) for words in GUARDED]
    assert home.calls("SOURCE", *lines) == expected


def test_everything_else_goes_to_docker(home: Home) -> None:
    lines = [f"docker {words}" for words in LEFT]
    expected = [("docker", *words.split()) for words in LEFT]
    assert home.calls("SOURCE", *lines) == expected


def test_every_word_arrives_as_it_was(home: Home) -> None:
    words = [shell_word(word) for word in HOSTILE]
    lines = [f"docker rm {word}" for word in words]
    lines += [f"docker start {word}" for word in words]
    expected = [("nstui", "rm", word) for word in HOSTILE]
    expected += [("docker", "start", word) for word in HOSTILE]
    assert home.calls("SOURCE", *lines) == expected


def test_scripts_and_pipes_are_left_alone(home: Home) -> None:
    docker = ("docker", "rm", "vpn")
    lines = (
        "SOURCE",
        "command docker rm vpn",
        "docker rm vpn | cat",
        "echo y | docker rm vpn",
        "docker rm vpn </dev/null",
        "docker rm vpn >/dev/null",
    )
    assert home.calls(*lines) == [docker] * 5
    inner = "(docker rm vpn)" if home.shell == "fish" else "$(docker rm vpn)"
    assert home.calls("SOURCE", f"echo {inner}") == [docker]
    assert home.calls("SOURCE", "docker rm vpn", interactive=False) == [docker]
    # Another shell, such as that of a script, knows nothing of the function.
    assert home.calls("SOURCE", "sh -c 'docker rm vpn'") == [docker]


def test_aliases_stay(home: Home) -> None:
    level: Call = ("--log-level", "error")
    aliases = ["alias d=docker", f"alias docker='docker {' '.join(level)}'"]
    if home.shell == "fish":
        # There an alias is a function too, and of two with one name the later counts.
        del aliases[1]
        level = ()
    # zsh reads all lines before it runs one.
    lines = [f"eval '{line}'" for line in ("d rm vpn", "docker rm vpn", "docker ps")]
    assert home.calls(*aliases, "SOURCE", *lines) == [
        *[("nstui", *level, "rm", "vpn")] * 2,
        ("docker", *level, "ps"),
    ]


COMPLETION = {
    "bash": (
        "_own() { COMPREPLY=(vpn); }; complete -F _own docker",
        "complete -p docker",
        "complete -F _own docker",
    ),
    "zsh": (
        "autoload -Uz compinit && compinit -D -u; _own() { :; }; compdef _own docker",
        "print found:$_comps[docker]",
        "found:_own",
    ),
    "fish": (
        "complete -c docker -f -a 'vpn'",
        "complete -C 'docker '",
        "vpn",
    ),
}


def test_completion_stays(home: Home) -> None:
    before, shown, expected = COMPLETION[home.shell]
    written = home.run((before, "SOURCE", shown))
    assert expected in written.splitlines()
    assert home.desk.calls() == []


def test_the_exit_code_is_that_of_what_was_run(home: Home, tmp_path: Path) -> None:
    programs = Path(home.desk.environ["PATH"].partition(":")[0])
    for name, code in (("nstui", 4), ("docker", 9)):
        (programs / name).write_text(f"#!/bin/sh\nexit {code}\n")
    status = "$status" if home.shell == "fish" else "$?"
    written = home.run(
        (
            "SOURCE",
            "docker rm vpn",
            f"echo rm:{status}",
            "docker ps",
            f"echo ps:{status}",
        )
    )
    assert {"rm:4", "ps:9"} <= {*written.splitlines()}
    assert tmp_path.is_dir()


def test_where_nstui_has_been_removed_docker_goes_on(home: Home) -> None:
    text = home.function.read_text()
    program = f"{home.desk.environ['PATH'].partition(':')[0]}/nstui"
    home.function.write_text(text.replace(program, "/nowhere/python"))
    assert home.calls("SOURCE", "docker rm vpn") == [("docker", "rm", "vpn")]


def test_strict_shells_and_no_other_names(home: Home) -> None:
    strict = {"bash": "set -eu", "zsh": "setopt err_exit no_unset ksh_arrays"}
    names = {"bash": "compgen -v", "zsh": "print -l ${(k)parameters}"}
    show = names.get(home.shell, "set --names")
    lines = (strict.get(home.shell, "true"), "SOURCE", "docker -H x rm vpn", show)
    written = home.run(lines)
    assert not {"word", "is_value", "is_container"} & {*written.split()}
    assert [as_nstui(call) for call in home.desk.calls()] == [
        ("nstui", "-H", "x", "rm", "vpn")
    ]


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_shell_reads_it_without_a_complaint(shell: str) -> None:
    done = subprocess.run(
        (*shell_command(shell), "-n"),
        input=shell_function(shell),
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
