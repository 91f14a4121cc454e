"""Several hosts on one command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nstui.cli.hosts import one_host
from nstui.cli.settings import Settings
from nstui.cli.wiring import wire_hosts
from nstui.errors import EngineUnreachable
from nstui.model.host_options import HERE
from tests.support.captured import CAPTURED, id_of, inspect_of, row_of
from tests.support.context_store import add_context, add_host
from tests.support.servers import ScriptedEngine, UnixServer, http_answer, silent
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.cli.answers import Nstui

PATIENCE_S = 60.0

SHORTER_S = 4.0
"""A limit that passes before the adapter of the engine gives up by itself."""


def engine_with(*names: str) -> ScriptedEngine:
    """Return an engine with some of the recorded containers."""
    return ScriptedEngine(
        {
            "/version": http_answer(CAPTURED["version"]),
            "/containers/json": http_answer([row_of(name) for name in names]),
            **{f"/{id_of(name)}/json": http_answer(inspect_of(name)) for name in names},
        }
    )


def blocks(out: str) -> list[list[str]]:
    """Return the lines of each host, and the last line."""
    found: list[list[str]] = []
    for line in out.splitlines():
        if line.startswith(" "):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def alone(*arguments: str) -> str:
    """Return what nstui prints, which ends with its connections open."""
    words = (sys.executable, "-m", "nstui", *arguments)
    return subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    ).stdout


class Home:
    """The user's contexts and configuration, and engines behind them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "nstui" / "config.toml"
        self.config.parent.mkdir()
        self.open = ExitStack()

    def add(self, name: str, *containers: str) -> UnixServer:
        """Add a context of an engine that answers."""
        path = self.folder / f"{name}.sock"
        server = self.open.enter_context(UnixServer(path, engine_with(*containers)))
        add_host(self.folder, name, server.url)
        return server

    def add_frozen(self, name: str) -> UnixServer:
        """Add a context of an engine that takes connections and says nothing."""
        path = self.folder / f"{name}.sock"
        server = self.open.enter_context(UnixServer(path, silent))
        add_host(self.folder, name, server.url)
        return server

    def add_dead(self, name: str) -> None:
        """Add a context of an engine that is not there."""
        add_host(self.folder, name, f"unix://{self.folder}/{name}.sock")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Return a home with the contexts ``well``, ``sick`` and ``dead``."""
    for variable in ("DOCKER_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    found = Home(tmp_path)
    with found.open:
        found.add("well")
        found.add("sick", "unhealthy")
        found.add_dead("dead")
        yield found


def summary_with(well: list[str]) -> str:
    """Return how hosts are, of which one is well; where this user may read is said."""
    others = "3 hosts · ✗ 1 not reached · ✗ 1 with incidents"
    is_sure = len(well) == len(("its name", "nothing wrong"))
    return f"{others} · {'✓ 1 well' if is_sure else '? 1 partly read'}"


def test_each_host_under_its_name_the_worst_first(nstui: Nstui, home: Home) -> None:
    answer = nstui("-c", "well", "-c", "sick", "-c", "dead", "check")
    assert (answer.code, answer.err) == (3, "")
    (dead,), (sick, *below), well, (summary,) = blocks(answer.out)
    assert dead.startswith("dead: ✗ ")
    assert f"{home.folder}/dead.sock" in dead
    assert sick == "sick:"
    assert below[0].startswith("  ✗ error unhealthy  ")
    assert below[1].startswith("      docker -c sick ")
    assert below[-1].startswith("  1 container, 0 groups · ")
    assert well[0].startswith("well:")
    assert well[-1].endswith(" · nothing wrong")
    assert summary == summary_with(well)


def test_one_that_is_frozen_does_not_hold_the_others(
    nstui: Nstui, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.ask_hosts.HOST_LIMIT_S", SHORTER_S)
    home.add_frozen("frozen")
    answer = nstui("-c", "sick", "-c", "frozen", "-c", "well", "check")
    assert (answer.code, answer.err) == (3, "")
    frozen, sick, well, (summary,) = blocks(answer.out)
    assert frozen == ["frozen: ✗ did not answer within 4 s"]
    assert (sick[0], sick[1][:20]) == ("sick:", "  ✗ error unhealthy ")
    assert well[-1].endswith(" · nothing wrong")
    assert summary == summary_with(well)


@pytest.mark.parametrize(
    ("contexts", "code", "line"),
    [
        (("well",), 0, "1 host ok"),
        (("well", "sick"), 1, "sick: 1 incident · 1 host ok"),
        (
            ("well", "sick", "dead"),
            3,
            "dead: not reached · sick: 1 incident · 1 host ok",
        ),
    ],
)
@pytest.mark.usefixtures("home")
def test_one_line_for_a_prompt(
    nstui: Nstui, contexts: tuple[str, ...], code: int, line: str, home: Home
) -> None:
    home.config.write_text(f"[hosts]\nall = {list(contexts)}\n")
    # Who is no root cannot read everything, which is not what this is about.
    answer = nstui("-c", "all", "check", "--short")
    assert (answer.code, answer.err) == (code, "")
    told = answer.out.replace(": nothing wrong as far as could be read", " ok")
    assert told == f"nstui: {line}\n"


def test_json_is_a_list_in_the_order_of_the_question(nstui: Nstui, home: Home) -> None:
    answer = nstui("-c", "sick", "-c", "dead", "-c", "well", "check", "--json")
    assert (answer.code, answer.err) == (3, "")
    sick, dead, well = json.loads(answer.out)
    single = json.loads(alone("-c", "sick", "check", "--json"))
    more = {"host", "also", "options", "error"}
    assert sick.keys() == single.keys() | more
    assert {key: sick[key] for key in sick.keys() - more - {"taken_at"}} == {
        key: single[key] for key in single if key != "taken_at"
    }
    assert sick["host"] == "sick"
    assert sick["options"] == ["-c", "sick"]
    assert sick["error"] is None
    assert sick["counts"]["error"] == 1
    assert dead.keys() == {"schema", "host", "also", "options", "error"}
    assert dead["schema"] == "nstui/1"
    assert f"{home.folder}/dead.sock" in dead["error"]
    assert (well["host"], well["findings"]) == ("well", [])


@pytest.mark.usefixtures("home")
def test_metrics_have_the_host_as_a_label(nstui: Nstui) -> None:
    answer = nstui("-c", "sick", "-c", "dead", "-c", "well", "check", "--metrics")
    assert answer.code == 3
    (complaint,) = answer.err.splitlines()
    assert complaint.startswith("nstui: dead: ")
    families = list(text_string_to_metric_families(answer.out))
    assert len({family.name for family in families}) == len(families)
    values = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
    assert values["nstui_engine_up", "sick"] == 1
    assert values["nstui_engine_up", "dead"] == 0
    assert values["nstui_findings", "sick", "unhealthy"] == 1
    assert values["nstui_findings", "unhealthy", "well"] == 0
    assert ("nstui_findings", "dead", "unhealthy") not in values
    assert len([key for key in values if key[0] == "nstui_build_info"]) == 1


def test_the_trees_one_after_the_other(nstui: Nstui, home: Home) -> None:
    asked = ("-c", "sick", "-c", "dead", "-c", "well")
    answer = nstui(*asked, "tree")
    assert (answer.code, answer.err) == (3, "")
    sick, rest = answer.out.split("\n\ndead: ✗ ")
    assert sick == f"sick:\n{alone('-c', 'sick', 'tree')}".removesuffix("\n")
    assert "\n\nwell:\n" in rest
    assert nstui(*asked).out == answer.out
    document = json.loads(nstui(*asked, "tree", "--all", "--json").out)
    assert [one["host"] for one in document] == ["sick", "dead", "well"]
    assert [len(one.get("containers", "none")) for one in document] == [1, 4, 0]
    assert [one.get("namespaces_unread") is None for one in document] == [
        False,
        True,
        False,
    ]
    assert f"{home.folder}/dead.sock" in document[1]["error"]


def test_a_set_and_what_is_wrong_in_it(nstui: Nstui, home: Home) -> None:
    home.config.write_text(
        '[hosts]\nhome = ["well", "gone", "http://x"]\n'
        f'alone = ["unix://{home.folder}/sick.sock"]\n'
    )
    answer = nstui("-c", "home", "check")
    # An address that makes no sense is worse than a context that is gone.
    assert (answer.code, answer.err) == (2, "")
    (gone,), (wrong,), well, _ = blocks(answer.out)
    assert gone == (
        "gone: ✗ the docker context 'gone', named by [hosts] home, does not exist;"
        " docker context ls lists those that do"
    )
    assert wrong.startswith(
        "http://x: ✗ [hosts] home 'http://x' is not an engine address: use "
    )
    assert well[0].startswith("well:")
    # One host in a set is one host for an action; and is printed as of a set.
    url = f"unix://{home.folder}/sick.sock"
    (entry,) = json.loads(nstui("-c", "alone", "check", "--json").out)
    assert (entry["host"], entry["options"]) == (url, ["-H", url])
    assert "health check fails" in alone("-c", "alone", "explain", "unhealthy")


def test_all_contexts(nstui: Nstui, home: Home) -> None:
    add_context(home.folder, "damaged", {"Name": "damaged", "Endpoints": {}})
    answer = nstui("--all-contexts", "check", "--json")
    assert answer.code == 3
    entries = json.loads(answer.out)
    assert [one["host"] for one in entries] == [
        *("default", "damaged", "dead", "sick", "well")
    ]
    assert "names no Docker engine" in entries[1]["error"]
    asked = json.loads(nstui("--all-contexts", "-c", "well", "check", "--json").out)
    assert [one["host"] for one in asked] == [
        *("well", "default", "damaged", "dead", "sick")
    ]


def test_one_engine_with_two_names_is_looked_at_once(nstui: Nstui, home: Home) -> None:
    server = home.add("twin")
    (home.folder / "link").symlink_to(home.folder)
    address = f"unix://{home.folder}/link/twin.sock"
    answer = nstui("-c", "twin", "-H", address, "-H", server.url, "check", "--json")
    (entry,) = json.loads(answer.out)
    assert (entry["host"], entry["also"]) == ("twin", [address, server.url])
    # One for the version, and one for the list.
    assert server.connections == 2
    twin, _ = blocks(nstui("-c", "twin", "-H", server.url, "check").out)
    assert twin[0].startswith(f"twin (also {server.url}):")


@pytest.mark.parametrize(
    ("asked", "code", "complaint"),
    [
        pytest.param(
            ("-c", "well", "-c", "typo"),
            3,
            "the docker context 'typo', named by --context, does not exist; docker"
            " context ls lists those that do, and nstui config the sets of hosts",
            id="an unknown context",
        ),
        pytest.param(
            ("-c", "typo"),
            3,
            "the docker context 'typo', named by --context, does not exist; docker"
            " context ls lists those that do, and nstui config the sets of hosts",
            id="an unknown context alone",
        ),
        pytest.param(
            ("-c", "well", "-H", "nonsense"),
            2,
            "--host 'nonsense' is not an engine address: use unix:///path/of/the/socket"
            ", tcp://host:port or ssh://user@host",
            id="a malformed address",
        ),
        pytest.param(
            ("-c", "sick"),
            2,
            "'sick' is a docker context and a set of [hosts] in the configuration: give"
            " the set another name",
            id="a context and a set",
        ),
    ],
)
def test_what_is_mistyped_ends_the_command(
    nstui: Nstui, home: Home, asked: tuple[str, ...], code: int, complaint: str
) -> None:
    home.config.write_text('[hosts]\nsick = ["well"]\n')
    answer = nstui(*asked, "check")
    assert answer.code == code
    assert (answer.out, answer.err.splitlines()[0]) == ("", f"nstui: {complaint}")


COMMANDS = (
    ("rm", "x"),
    ("stop", "x"),
    ("start", "x"),
    ("restart", "x"),
    ("kill", "x"),
    ("pause", "x"),
    ("unpause", "x"),
    ("prune",),
    ("heal",),
    ("recreate", "x"),
    ("explain", "x"),
    ("removed",),
    ("removed", "show", "x"),
    ("removed", "restore", "x"),
    ("watch",),
    ("watch", "--status"),
    ("check", "--watch"),
    ("guard", "allow", "x"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("asked", ["words", "set"])
def test_every_other_command_wants_exactly_one_host(
    nstui: Nstui, home: Home, command: tuple[str, ...], asked: str
) -> None:
    home.config.write_text('[hosts]\nboth = ["well", "sick"]\n')
    words = ("-c", "well", "-c", "sick") if asked == "words" else ("-c", "both")
    answer = nstui(*words, *command)
    assert answer.code == 2
    named = " ".join(word for word in command if word not in {"x", "--status"})
    assert answer.complaint == (
        f"nstui {named} wants exactly one host, not 2: well, sick"
    )


def test_the_choices_for_a_screen(home: Home) -> None:
    home.config.write_text('[hosts]\nboth = ["well", "gone"]\n')
    well, gone = wire_hosts(Settings(context="both"))
    assert (well.name, gone.name) == ("well", "gone")
    connected = well.connect()
    assert connected.observer.look().snapshot.containers == ()
    connected.engine.close()
    with pytest.raises(EngineUnreachable, match="named by \\[hosts\\] both"):
        gone.connect()
    (one,) = wire_hosts(Settings(context="sick"))
    assert one.name == "sick"
    connected = one.connect()
    assert connected.endpoint == f"unix://{home.folder}/sick.sock"
    connected.engine.close()
    (default,) = wire_hosts(Settings())
    assert default.name == f"unix://{home.folder}/none.sock"
    assert [each.name for each in wire_hosts(Settings(demo=True))] == ["demo"]


@pytest.mark.usefixtures("home")
def test_the_screen_begins_with_the_list_of_them() -> None:
    command = (sys.executable, "-m", "nstui", "-c", "well", "-c", "sick", "-c", "dead")
    with Terminal(command) as terminal:
        terminal.wait_for("3 hosts", "1 incident", "not reached", "nothing wrong")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_an_interrupt_ends_it_at_once(home: Home) -> None:
    server = home.add_frozen("frozen")
    process = subprocess.Popen(
        [sys.executable, "-m", "nstui", "-c", "well", "-c", "frozen", "check"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        until = time.monotonic() + PATIENCE_S
        while not server.connections:
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out, err.strip()) == (130, "", "")


def test_what_is_printed_of_the_one_host_that_was_named_is_for_it(
    home: Home,
) -> None:
    lines = alone("-c", "sick", "check").splitlines()
    assert lines[1].startswith("    docker -c sick ")
    address = f"unix://{home.folder}/sick.sock"
    lines = alone("-H", address, "check").splitlines()
    assert lines[1].startswith(f"    docker -H {address} ")
    (finding,) = json.loads(alone("-c", "sick", "check", "--json"))["findings"]
    assert finding["remedy"].startswith("docker inspect ")


def test_a_set_must_not_have_the_name_of_a_connection_of_podman(
    nstui: Nstui, home: Home
) -> None:
    connections = home.folder / "containers" / "podman-connections.json"
    connections.parent.mkdir()
    stored = {"Connections": {"nas": {"URI": "ssh://ada@nas/run/podman.sock"}}}
    connections.write_text(json.dumps({"Connection": stored}))
    home.config.write_text('[hosts]\nnas = ["well", "sick"]\n')
    answer = nstui("-c", "nas", "check")
    assert answer.code == 2
    assert "'nas' is a connection of Podman and a set of [hosts]" in answer.complaint


def test_a_host_that_a_set_names_alone_has_its_own_options(home: Home) -> None:
    home.config.write_text('[hosts]\nhome = ["sick"]\n')
    _, options = one_host(Settings(context="home"))
    assert options.words == ("-c", "sick")
    assert options.podman == ("--url", f"unix://{home.folder}/sick.sock")


def test_a_connection_of_podman_has_podmans_option_for_it(home: Home) -> None:
    connections = home.folder / "containers" / "podman-connections.json"
    connections.parent.mkdir()
    stored = {"Connections": {"nas": {"URI": "ssh://ada@nas/run/podman.sock"}}}
    connections.write_text(json.dumps({"Connection": stored}))
    _, options = one_host(Settings(context="nas"))
    assert options.podman == ("--connection", "nas")


def test_the_shells_own_host_has_no_options(home: Home) -> None:
    assert one_host(Settings())[0].url == f"unix://{home.folder}/none.sock"
    assert one_host(Settings())[1] == HERE
