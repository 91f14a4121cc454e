"""``docker nstui`` within the test: the words of docker's own command line."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

import pytest

from nstui.cli import docker_entry
from tests.unit.cli.answers import Answer, no_engine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui


@pytest.fixture
def called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Nstui:
    """Return what calls nstui as docker does."""

    def end(code: int) -> NoReturn:
        raise SystemExit(code)

    # That ends a process without Python's cleanup, and so would the tests.
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "")
    monkeypatch.setenv("DOCKER_TLS", "")

    def call(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["-c", *words])
        code: object = 0
        try:
            docker_entry.main()
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        assert isinstance(code, int)
        return Answer(code, out, err)

    return call


def test_the_engine_is_that_of_docker(called: Nstui, tmp_path: Path) -> None:
    nowhere = no_engine(tmp_path)
    for words in (
        ("-H", nowhere),
        (f"--host={nowhere}", "-D"),
        ("-l", "info", "-H", nowhere),
    ):
        done = called(*words, "nstui", "tree")
        assert done.code == 3
        assert f"{tmp_path}/none.sock does not exist" in done.err
    done = called("--context", "far", "nstui", "tree")
    assert done.code == 3
    assert "'far', named by --context, does not exist" in done.err


def test_the_folder_of_docker(
    called: Nstui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", "/before")
    assert called("--config", str(tmp_path), "nstui", "--demo", "tree").code == 0
    assert os.environ["DOCKER_CONFIG"] == str(tmp_path)
    assert called("--tlsverify", "--tls=false", "nstui", "--demo", "tree").code == 0
    assert (os.environ["DOCKER_TLS_VERIFY"], os.environ["DOCKER_TLS"]) == ("1", "")


def test_what_it_cannot_be_told(called: Nstui) -> None:
    done = called("--tlskey", "key.pem", "nstui", "tree")
    assert done.code == 2
    assert done.complaint.startswith("nstui does not know --tlskey: ")
    done = called("--bogus", "nstui")
    assert done.code == 2
    assert done.complaint == "these options of docker are not known: --bogus nstui"


def test_help_and_usage_name_the_command_of_docker(called: Nstui) -> None:
    for words in (("help", "nstui", "rm"), ("nstui", "rm", "--help")):
        done = called(*words)
        assert done.code == 0
        assert done.out.startswith("Usage: docker nstui rm ")
    done = called("nstui", "rm")
    assert done.code == 2
    assert done.complaint.endswith("(see docker nstui rm --help)")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("__completeNoDesc", "nstui", "tr"), "tree\n:4\n"),
        (
            ("__complete", "nstui", "tr"),
            "tree\tPrint who shares a namespace, as a tree.\n:4\n",
        ),
        (("__completeNoDesc", "nstui", "--demo", "rm", "vp"), "vpn\n:4\n"),
        (("__completeNoDesc", "nstui", "rm", "--bogus", "x"), ":4\n"),
    ],
)
def test_completion(called: Nstui, words: tuple[str, ...], offered: str) -> None:
    assert called(*words) == Answer(0, offered, "")


@pytest.mark.parametrize("is_abstract", [True, False])
def test_a_socket_that_docker_closes_ends_it(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    is_abstract: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    name = f"{tmp_path}/s"
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"\0{name}" if is_abstract else name)
            listener.listen()
            monkeypatch.setenv(docker_entry.SOCKET, f"@{name}" if is_abstract else name)
            docker_entry.end_with_docker()
            assert docker_entry.SOCKET not in os.environ
            other, _ = listener.accept()
            assert received == []
            other.close()
            while not received:
                signal.pause()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_socket_that_is_gone_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(docker_entry.SOCKET, str(tmp_path / "none"))
    docker_entry.end_with_docker()
