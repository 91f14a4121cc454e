"""Completion in the shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.world import World
from tests.support.context_store import add_context, add_host
from tests.unit.cli.answers import no_engine
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui, Stage

SHELLS = ("bash", "zsh", "fish")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell(nstui: Nstui, shell: str) -> None:
    answer = nstui("completion", shell)
    assert (answer.code, answer.err) == (0, "")
    assert f"_NSTUI_COMPLETE={shell}_complete" in answer.out
    if shutil.which(shell) is not None:
        subprocess.run((shell, "-n"), input=answer.out, text=True, check=True)


def test_another_shell(nstui: Nstui) -> None:
    answer = nstui("completion", "powershell")
    assert answer.code == 2
    assert "'powershell'" in answer.complaint
    assert "'fish'" in answer.complaint


def completed(
    nstui: Nstui, monkeypatch: pytest.MonkeyPatch, line: str, shell: str = "bash"
) -> list[str]:
    """Return the lines that a shell is told when tab is pressed after a line."""
    words = line.split(" ")
    word = words[-1] if shell == "fish" else str(len(words) - 1)
    monkeypatch.setenv("_NSTUI_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", word)
    answer = nstui()
    assert (answer.code, answer.err) == (0, "")
    return [line for line in answer.out.splitlines() if line]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("nstui t", ["tree"]),
        ("nstui c", ["check", "completion", "config"]),
        ("nstui --re", ["--read-only"]),
        ("nstui tree --k", ["--kind"]),
        ("nstui tree --kind i", ["ipc"]),
        ("nstui rm --w", ["--with-dependents"]),
        ("nstui completion z", ["zsh"]),
        ("nstui --demo rm v", ["vaultwarden", "vpn"]),
        ("nstui --demo rm -f v", ["vaultwarden", "vpn"]),
        ("nstui --demo rm vpn v", ["vaultwarden"]),
        ("nstui --demo rm nobody", []),
        ("nstui --demo start b", ["backup-nightly"]),
        ("nstui --demo pause v", ["vaultwarden", "vpn"]),
        ("nstui --demo pause backup", []),
        ("nstui --demo unpause v", []),
        ("nstui --demo tree v", []),
        ("nstui kill -s US", ["USR1", "USR2"]),
        ("nstui kill -s sigus", ["SIGUSR1", "SIGUSR2"]),
        ("nstui kill -s QUIET", []),
    ],
)
def test_what_is_offered(
    nstui: Nstui, monkeypatch: pytest.MonkeyPatch, line: str, offered: list[str]
) -> None:
    shown = completed(nstui, monkeypatch, line)
    assert shown == [f"plain,{word}" for word in offered]


@pytest.mark.parametrize(
    ("shell", "lines"),
    [
        ("bash", ["plain,vpn"]),
        ("zsh", ["plain", "vpn", "qmcgaw/gluetun:v3.40"]),
        ("fish", ["plain,vpn\tqmcgaw/gluetun:v3.40"]),
    ],
)
def test_each_shell_is_told_in_its_way(
    nstui: Nstui, monkeypatch: pytest.MonkeyPatch, shell: str, lines: list[str]
) -> None:
    shown = completed(nstui, monkeypatch, "nstui --demo rm vp", shell)
    assert shown == lines


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_shows_whole_descriptions(tmp_path: Path) -> None:
    program = tmp_path / "nstui"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nstui "$@"\n')
    program.chmod(0o755)
    script = "nstui completion fish | source; complete --do-complete 'nstui re'"
    shown = subprocess.run(
        ("fish", "--no-config", "-c", script),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    ).stdout
    assert "List what nstui removed, the newest first." in shown


def test_contexts_are_offered(
    nstui: Nstui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert completed(nstui, monkeypatch, "nstui -c ") == []
    for name in ("near", "far", "$(reboot)"):
        add_host(tmp_path, name, "tcp://10.0.0.1:2375")
    add_context(tmp_path, "broken", "{")
    assert completed(nstui, monkeypatch, "nstui -c ") == ["plain,far", "plain,near"]
    assert completed(nstui, monkeypatch, "nstui -c n") == ["plain,near"]


def test_sets_of_hosts_are_offered_beside_contexts(
    nstui: Nstui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    add_host(tmp_path, "nas", "tcp://10.0.0.1:2375")
    file = tmp_path / "nstui" / "config.toml"
    file.parent.mkdir()
    file.write_text('[hosts]\nnearby = ["nas"]\nhome = ["nas"]\n"a b" = ["nas"]\n')
    shown = completed(nstui, monkeypatch, "nstui -c ")
    assert shown == ["plain,home", "plain,nas", "plain,nearby"]
    assert completed(nstui, monkeypatch, "nstui -c nas -c ne") == ["plain,nearby"]
    # Of several hosts no container can be meant.
    two = "nstui -c nas -H tcp://10.0.0.2:2375 rm v"
    assert completed(nstui, monkeypatch, two) == []


def test_without_an_engine_there_is_nothing_to_offer(
    nstui: Nstui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    line = f"nstui -H {no_engine(tmp_path)} rm v"
    assert completed(nstui, monkeypatch, line) == []
    assert completed(nstui, monkeypatch, "nstui -c no-such-context rm v") == []
    assert completed(nstui, monkeypatch, "nstui -H nonsense rm v") == []


@pytest.mark.parametrize(("shell", "count"), [("bash", 1), ("zsh", 3), ("fish", 1)])
def test_what_comes_from_outside_is_made_harmless(
    nstui: Nstui,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    shell: str,
    count: int,
) -> None:
    world = stage(World())
    world.run(Spec("web", HOSTILE))
    # What is offered stands on the command line as it is.
    for name in (f"web{HOSTILE}", "web;reboot", "web$(reboot)", "web*", "web b"):
        world.run(Spec(name, "image"))
    shown = completed(nstui, monkeypatch, "nstui --demo rm we", shell)
    assert len(shown) == count
    assert all(line.replace("\t", "").isprintable() for line in shown)
    assert "web" in shown[0] + shown[-2 % count]
    assert shell == "bash" or HARMLESS in shown[-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_a_container(tmp_path: Path) -> None:
    program = tmp_path / "nstui"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nstui "$@"\n')
    program.chmod(0o755)
    script = """
        eval "$(nstui completion bash)"
        COMP_WORDS=(nstui --demo rm pros vp)
        COMP_CWORD=4
        _nstui_completion nstui
        echo "${COMPREPLY[@]}"
    """
    shown = subprocess.run(
        ("bash", "--norc", "-c", script),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert (shown.stdout, shown.stderr) == ("vpn\n", "")
