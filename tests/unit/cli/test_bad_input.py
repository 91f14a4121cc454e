"""What makes no sense ends in one sentence, with nothing changed."""

from __future__ import annotations

import re
import socket
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from nstui.cli.exits import complain
from tests.support.context_store import add_host
from tests.unit.cli.answers import names, no_engine

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.demo.world import World
    from tests.unit.cli.answers import Nstui


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(
            ("-f", "nobody"), "no container is called 'nobody'", id="an unknown name"
        ),
        pytest.param(
            ("-f", "vpm"),
            "no container is called 'vpm'; did you mean vpn?",
            id="a slip",
        ),
        pytest.param(
            ("-f", "redis", "nobody"),
            "no container is called 'nobody'",
            id="one unknown among known",
        ),
        pytest.param(("",), "no container is called ''", id="an empty name"),
        pytest.param(
            ("--", "-x"),
            "no container is called '-x'",
            id="a name that looks like an option",
        ),
        pytest.param(
            ("[bold red]x[/]",), "no container is called '[bold red]x[/]'", id="markup"
        ),
        pytest.param(
            ("x\x1b[2J\n\u202e\x9b",),
            r"no container is called 'x\x1b[2J\n\u202e\x9b'",
            id="escape sequences",
        ),
        pytest.param(
            ("x\udc9b",),
            r"no container is called 'x\udc9b'",
            id="bytes that are no text",
        ),
    ],
)
def test_a_name_that_means_nobody(
    nstui: Nstui, world: World, arguments: tuple[str, ...], sentence: str
) -> None:
    before = names(world)
    answer = nstui("--demo", "rm", *arguments)
    assert (answer.code, answer.complaint) == (1, sentence)
    assert names(world) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ("rm", "-x"), ("No such option", "-x"), id="a name taken for an option"
        ),
        pytest.param(("rm",), ("Missing argument", "NAME..."), id="no name"),
        pytest.param(
            ("rm", "--with-dependents", "--break-dependents", "vpn"),
            ("give either --with-dependents or --break-dependents, not both",),
            id="two policies",
        ),
        pytest.param(
            ("tree", "vpn"), ("unexpected", "vpn"), id="a name where none goes"
        ),
        pytest.param(
            ("tree", "--kind", "mnt"), ("--kind", "'mnt'", "'pid'"), id="unknown kind"
        ),
        pytest.param(
            ("remove", "vpn"), ("No such command", "remove"), id="unknown command"
        ),
        pytest.param(
            ("\x1b[2J\n",), ("No such command", r"\x1b[2J"), id="hostile command"
        ),
        pytest.param(
            ("--interval", "nan", "tree"),
            ("--interval", "nan is not a number of seconds"),
            id="no number",
        ),
        pytest.param(
            ("--interval", "0", "tree"), ("--interval", "0.1<=x<=3600"), id="too often"
        ),
        pytest.param(
            ("--interval", "often", "tree"), ("--interval", "'often'"), id="a word"
        ),
    ],
)
def test_a_command_line_that_makes_no_sense(
    nstui: Nstui, world: World, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    before = names(world)
    answer = nstui("--demo", *arguments)
    assert answer.code == 2
    for word in words:
        assert word in answer.complaint
    assert names(world) == before


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("rm",), "nstui rm"),
        (("rm", "--with-dependents", "--break-dependents", "vpn"), "nstui rm"),
        (("heal", "--keep-changes", "--drop-changes"), "nstui heal"),
        (("removed", "--json", "show", "vpn"), "nstui removed"),
        (("removed", "show"), "nstui removed show"),
        (("remove", "vpn"), "nstui"),
    ],
)
def test_an_error_says_where_the_right_use_is_told(
    nstui: Nstui, world: World, arguments: tuple[str, ...], place: str
) -> None:
    assert names(world)
    assert nstui(*arguments).complaint.endswith(f" (see {place} --help)")


def test_an_ambiguous_prefix_names_whom_it_could_mean(
    nstui: Nstui, world: World
) -> None:
    by_digit = groupby(sorted(world.records, key=lambda r: r.id), lambda r: r.id[0])
    alike = {digit: sorted(r.name for r in found) for digit, found in by_digit}
    digit, several = next((d, found) for d, found in alike.items() if len(found) == 2)
    before = names(world)
    answer = nstui("--demo", "rm", "-f", digit)
    assert answer.code == 1
    assert answer.complaint == (
        f"'{digit}' could be any of 2 containers: {several[0]}, {several[1]}"
    )
    assert names(world) == before


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("one sentence", "one sentence"),
        ("the engine said:\n  no\r\n\tnever\n", "the engine said: no never"),
        ("[red]x[/]\x1b[2J\x9b\u2028", r"[red]x[/]\x1b[2J\x9b"),
    ],
)
def test_a_complaint_is_one_line(
    capsys: pytest.CaptureFixture[str], message: str, line: str
) -> None:
    complain(message)
    assert capsys.readouterr() == ("", f"nstui: {line}\n")


HINT = "nstui --demo shows it on a simulated host"


def sentence(nstui: Nstui, *arguments: str) -> str:
    """Return why nobody could be asked; what can be seen instead comes after it."""
    answer = nstui(*arguments)
    said, hint = answer.err.splitlines()
    assert (answer.code, answer.out, hint) == (3, "", HINT)
    return said


@pytest.mark.parametrize("command", [(), ("tree", "--json"), ("check",), ("rm", "x")])
def test_no_engine(nstui: Nstui, tmp_path: Path, command: tuple[str, ...]) -> None:
    url = no_engine(tmp_path)
    assert sentence(nstui, "-H", url, *command) == (
        f"nstui: no Docker engine is listening: {url} does not exist; is it running?"
        " Start it, or name another with --host or --context"
    )


def test_a_service_is_not_told_of_the_demo(
    nstui: Nstui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")

    answer = nstui("-H", no_engine(tmp_path), "check")

    assert answer.code == 3
    assert "no Docker engine is listening" in answer.complaint


def test_an_engine_that_has_stopped(nstui: Nstui, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as once:
        once.bind(str(tmp_path / "d.sock"))
    url = f"unix://{tmp_path}/d.sock"
    assert sentence(nstui, "-H", url, "tree") == (
        f"nstui: no Docker engine is listening: {url} refused the connection;"
        " is it running?"
    )


def test_an_unknown_context_is_never_the_local_engine(
    nstui: Nstui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    add_host(tmp_path, "nas", no_engine(tmp_path))
    mistyped = nstui("-c", "nass", "rm", "-f", "vpn")
    assert (mistyped.code, mistyped.out) == (3, "")
    assert "'nass', named by --context, does not exist" in mistyped.complaint
    monkeypatch.setenv("DOCKER_CONTEXT", "nass")
    assert "'nass', named by DOCKER_CONTEXT, does not" in nstui("tree").complaint
    assert "(docker context 'nas') does not exist" in (
        sentence(nstui, "-c", "nas", "tree")
    )


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("-H", "somewhere"), 2, "--host 'somewhere' is not an engine address"),
        (("-H", "unix://d.sock"), 2, "use unix:///path/of/the/socket"),
        (("-H", "tcp://h:1", "-H", "tcp://"), 2, "--host 'tcp://' is not an engine"),
        (("-H", "ssh://-oProxyCommand=x"), 2, "use ssh://user@host"),
        (("-H", "ssh://me:secret@nas"), 2, "'ssh://me:…@nas' is not an engine address"),
        (("-H", "x\x1b[2J"), 2, r"--host 'x\x1b[2J' is not an engine address"),
    ],
)
def test_an_address_that_makes_no_sense(
    nstui: Nstui, arguments: tuple[str, ...], code: int, part: str
) -> None:
    answer = nstui(*arguments, "tree")
    assert answer.code == code
    assert part in answer.complaint


@pytest.mark.parametrize(
    "command",
    [("watch",), ("watch", "--status"), ("guard", "status"), ("guard", "install")],
)
def test_what_belongs_on_the_host_itself(
    nstui: Nstui, command: tuple[str, ...]
) -> None:
    answer = nstui("-H", "ssh://nas", *command)

    assert answer.code == 2
    assert re.search("run (it|this) on the host itself", answer.complaint)
